// SPDX-License-Identifier: ISC
// What is found out when plans are played beside their models: test_compare TIMBREL_TORCH FIXTURES

#include "check.h"
#include "engine/model/compare.h"
#include "engine/model/native/native.h"
#include "engine/model/remote/remote.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_SAMPLES 8192u

static const char* program;
static const char* fixtures;

/// `plan`: where its plan is to be written, 0 for nowhere.
static TimbrelBackend* open_model(const char* name, int plan, TimbrelError* error) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", fixtures, name);
    *error = (TimbrelError){0};
    const TimbrelRemoteConfig config = {
        .program = program, .seed = plan ? 0 : 1, .plan_file = plan, .lanes = 2};
    return timbrel_remote_open(&config, path, MAX_SAMPLES, NULL, error);
}

/// Compares the plan of one model with another.
static TimbrelStatus compare(const char* planned, const char* played, TimbrelError* error) {
    TimbrelStatus status = TIMBREL_NO_BACKEND;
    const int plan = memfd_create("plan", MFD_CLOEXEC);
    TimbrelBackend* from = open_model(planned, plan, error);
    TimbrelBackend* model = open_model(played, 0, error);
    const TimbrelNativeConfig config = {.max_samples = MAX_SAMPLES, .lanes = 2};
    if (from && model && !timbrel_remote_compile(from, "0", TIMBREL_WEIGHTS_BEST, NULL, error)) {
        TimbrelBackend* native = timbrel_native_open(&config, plan, planned, error);
        if (native) {
            status = timbrel_compare(model, native, played, NULL, error);
            native->ops->close(native);
        }
    }
    if (from) {
        from->ops->close(from);
    }
    if (model) {
        model->ops->close(model);
    }
    (void)close(plan);
    return status;
}

/// A plan that sounds otherwise than the model is found out, and no other.
static int test_compare(void) {
    static const struct {
        const char *planned, *played, *where; // where NULL: alike
    } pairs[] = {{"small.ts", "small.ts", NULL},
                 {"in_buffer.ts", "in_buffer.ts", NULL},
                 {"noisy.ts", "noisy.ts", NULL},
                 {"rave_v2.ts", "rave_v2.ts", NULL},
                 {"small.ts", "in_queue.ts", "in noise"},
                 {"small.ts", "in_text.ts", "in noise"},
                 {"small.ts", "in_buffer.ts", "in noise"},
                 {"small.ts", "noisy.ts", "with its randomness on"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        TimbrelError error;
        const TimbrelStatus status = compare(pairs[i].planned, pairs[i].played, &error);
        const bool right =
            pairs[i].where ? status == TIMBREL_BAD_MODEL && strstr(error.message, pairs[i].where)
                           : status == TIMBREL_OK;
        if (!right) {
            (void)fprintf(stderr, "the plan of %s as %s: status %d, %s\n", pairs[i].planned,
                          pairs[i].played, (int)status, error.message);
        }
        CHECK(right);
    }
    return 0;
}

int main(int count, char** arguments) {
    CHECK(count == 3);
    program = arguments[1];
    fixtures = arguments[2];
    return test_compare();
}
