// SPDX-License-Identifier: ISC
// The native back end: calls of several of the plan's own lengths, two lanes, amounts of noise.
#include "engine/model/native/native.h"
#include "plans.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { frames = 4, samples = frames * PLANS_RATIO };

/// out = in x normal amount + 7, in steps that take each other's memory.
static void* make_plan(size_t* size) {
    const uint32_t port[] = {1, PLANS_RATIO};
    const uint32_t wide[] = {1, 128};
    TimbrelBuilder builder = {0};
    TimbrelPlanMethod* const method = &builder.methods[2];
    method->in = plans_temporary(&builder, 2, port);
    method->amounts[0] = plans_temporary(&builder, 0, NULL);
    method->amounts[1] = plans_temporary(&builder, 0, NULL);
    method->out = plans_temporary(&builder, 2, port);
    method->count = 3;
    TimbrelView amount = method->in;
    amount.space = method->amounts[0].space;
    amount.stride[0] = amount.stride[1] = 0;
    const TimbrelView scaled = plans_temporary(&builder, 2, port);
    const TimbrelView sevens = plans_temporary(&builder, 2, wide);
    TimbrelView some = sevens;
    some.size[1] = PLANS_RATIO;
    const TimbrelPlanStep steps[] = {
        {.kind = TIMBREL_PLAN_COMBINE,
         .function = TIMBREL_COMBINE_MULTIPLY,
         .out = scaled,
         .in = {method->in, amount}},
        {.kind = TIMBREL_PLAN_MAP,
         .function = TIMBREL_MAP_FILL,
         .numbers = {7.0f},
         .out = sevens,
         .in = {sevens}},
        {.kind = TIMBREL_PLAN_COMBINE,
         .function = TIMBREL_COMBINE_ADD,
         .numbers = {1.0f},
         .out = method->out,
         .in = {scaled, some}},
    };
    for (uint32_t i = 0; i < 3; ++i) {
        timbrel_builder_step(&builder, &steps[i]);
    }
    const TimbrelModelInfo info = plans_info(true);
    return plans_bytes(&builder, &info, true, size);
}

static TimbrelBackend* open_bytes(const void* bytes, size_t size, TimbrelError* error) {
    const TimbrelNativeConfig config = {.max_samples = samples, .dual = true};
    const int file = memfd_create("plan", MFD_CLOEXEC);
    TimbrelBackend* backend = NULL;
    if (file >= 0 && write(file, bytes, size) == (ssize_t)size) {
        backend = timbrel_native_open(&config, file, "x.timbrel", error);
    }
    (void)close(file);
    return backend;
}

static int check_calls(const void* bytes, size_t size) {
    TimbrelError error = {0};
    TimbrelBackend* const backend = open_bytes(bytes, size, &error);
    CHECK(backend && backend->max_frames == frames);
    for (uint32_t batch = 1; batch <= 2; ++batch) {
        for (uint32_t i = 0; i < batch * samples; ++i) {
            backend->audio_in[i] = (float)i;
        }
        const TimbrelCall call = {
            .step = TIMBREL_STEP_FORWARD, .batch = batch, .frames = frames, .normal_amount = 0.5f};
        CHECK(!backend->ops->call(backend, &call, &error));
        for (uint32_t i = 0; i < batch * samples; ++i) {
            CHECK(backend->audio_out[i] == 0.5f * (float)i + 7.0f);
        }
    }
    TimbrelCall wrong = {.step = TIMBREL_STEP_FORWARD, .batch = 3, .frames = 1};
    CHECK(backend->ops->call(backend, &wrong, &error) == TIMBREL_BAD_ARGUMENT);
    wrong = (TimbrelCall){.step = TIMBREL_STEP_ENCODE, .batch = 1, .frames = 1};
    CHECK(backend->ops->call(backend, &wrong, &error) == TIMBREL_BAD_ARGUMENT);
    wrong = (TimbrelCall){.step = TIMBREL_STEP_FORWARD, .batch = 1, .frames = frames + 1};
    CHECK(backend->ops->call(backend, &wrong, &error) == TIMBREL_BAD_ARGUMENT);
    backend->ops->close(backend);
    return 0;
}

/// Damaged anywhere or cut off, it is refused with a sentence.
static int check_damage(char* bytes, size_t size) {
    TimbrelError error = {0};
    for (size_t at = 0; at < size; at += at < sizeof(TimbrelPlanHeader) ? 1 : 97) {
        bytes[at] ^= 0x10;
        CHECK(!open_bytes(bytes, size, &error));
        CHECK(error.status == TIMBREL_BAD_MODEL && strstr(error.message, "x.timbrel"));
        bytes[at] ^= 0x10;
    }
    for (size_t left = 1; left < size; left += 211) {
        CHECK(!open_bytes(bytes, left, &error));
        CHECK(error.status == TIMBREL_BAD_MODEL);
    }
    CHECK(!open_bytes(bytes, 0, &error));
    TimbrelBackend* const backend = open_bytes(bytes, size, &error);
    CHECK(backend);
    backend->ops->close(backend);
    return 0;
}

/// A plan of one convolution of `across` weights, one row and one column, and of `others` steps.
static char* make_convolution(uint32_t across, uint32_t others, size_t* size) {
    const uint32_t port[] = {1, PLANS_RATIO};
    TimbrelBuilder builder = {0};
    TimbrelPlanMethod* const method = &builder.methods[2];
    method->in = plans_temporary(&builder, 2, port);
    method->amounts[0] = method->amounts[1] = plans_temporary(&builder, 0, NULL);
    method->out = plans_temporary(&builder, 2, port);
    method->count = 1 + others;
    float* const weights = calloc(across, sizeof *weights);
    if (!weights) {
        return NULL;
    }
    const TimbrelPlanStep step = {
        .kind = TIMBREL_PLAN_CONVOLVE,
        .weights = timbrel_builder_weights(&builder, weights, across, true),
        .out = {.space = method->out.space, .dims = 4, .size = {1, 1, 1, 1}},
        .in = {{.space = method->in.space, .dims = 5, .size = {1, 1, across, 1, 1}}},
    };
    free(weights);
    timbrel_builder_step(&builder, &step);
    const TimbrelPlanStep other = {
        .kind = TIMBREL_PLAN_MAP, .out = method->out, .in = {method->in}};
    for (uint32_t i = 0; i < others; ++i) {
        timbrel_builder_step(&builder, &other);
    }
    const TimbrelModelInfo info = plans_info(true);
    return plans_bytes(&builder, &info, true, size);
}

static bool passes(char* bytes, size_t size) {
    ((TimbrelPlanHeader*)(void*)bytes)->checksum = plans_checksum(bytes, size);
    TimbrelPlanFile plan;
    return !timbrel_plan_check(&plan, bytes, size);
}

/// A small file must not ask for more time or memory than there is: here by many convolutions of
/// the same weights, in as many columns of one and the same float.
static int check_greed(uint32_t across, uint32_t columns, bool modest) {
    enum { others = 5000 };
    size_t size = 0;
    char* const bytes = make_convolution(across, others, &size);
    CHECK(bytes);
    TimbrelPlanHeader* const header = (TimbrelPlanHeader*)(void*)bytes;
    TimbrelPlanStep* const steps = (TimbrelPlanStep*)(void*)(bytes + header->steps);
    steps->out.size[3] = steps->in[0].size[4] = columns;
    CHECK(passes(bytes, size));
    for (uint32_t i = 1; i <= others; ++i) {
        steps[i] = steps[0];
    }
    CHECK(passes(bytes, size) == modest);
    header->step_count = header->methods[2].count = 1;
    CHECK(passes(bytes, size));
    header->arena_count = 1 << 27;
    CHECK(!passes(bytes, size));
    free(bytes);
    return 0;
}

int main(void) {
    size_t size = 0;
    char* const bytes = make_plan(&size);
    CHECK(bytes);
    const int failed = check_calls(bytes, size) | check_damage(bytes, size) |
                       check_greed(1 << 10, 1, true) | check_greed(1 << 14, 1, false) |
                       check_greed(1 << 10, 1 << 17, false);
    free(bytes);
    return failed;
}
