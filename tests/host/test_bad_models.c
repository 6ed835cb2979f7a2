// SPDX-License-Identifier: ISC
/// A model that cannot be loaded, or that fails while it plays, or whose process is killed: the
/// host goes on, the dry sound passes, the user is told, no process stays, and another model plays
/// at once. Usage: test_bad_models BUNDLE FIXTURES

#include "codec.h"
#include "processes.h"
#include "rtguard.h"
#include "sound.h"
#include "tests/check.h"

#include <jansson.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { block = 256, frames = 24000 };

static const char* fixtures;

static Instance* new_instance(Host* host) {
    const InstanceConfig config = {.rate = 48000, .max_block = block};
    return instance_new(host, MONO_URI, &config);
}

/// Whether the dry sound passes, aligned to the reported latency, and no model's: of a codec that
/// plays on the bias would be heard.
static bool passes_dry(Instance* instance) {
    float* in = sound_new(frames);
    float* out = sound_new(frames);
    instance_freewheel(instance, false);
    instance_set(instance, "bias_1", 1);
    sound_run(instance, (const float* const*)&in, (float* const*)&out, frames,
              (Cut){.frames = block}, NULL, NULL); // fades end
    sound_noise(in, frames, 0.5f, 3);
    sound_run(instance, (const float* const*)&in, (float* const*)&out, frames,
              (Cut){.frames = block}, NULL, NULL);
    const uint32_t latency = (uint32_t)instance_get(instance, "latency");
    const bool same = codec_is_delayed(in, out, frames, latency);
    instance_set(instance, "bias_1", 0);
    free(in);
    free(out);
    return same;
}

/// Whether the codec loads, and is heard.
static bool plays_codec(Instance* instance) {
    if (!instance_load(instance, fixture_path(fixtures, "codec"))) {
        return false;
    }
    float* in = sound_new(frames);
    float* out = sound_new(frames);
    instance_set(instance, "bias_1", 1);
    sound_settle(instance, block);
    sound_run(instance, (const float* const*)&in, (float* const*)&out, frames,
              (Cut){.frames = block}, NULL, NULL);
    instance_set(instance, "bias_1", 0);
    instance_freewheel(instance, false);
    const bool heard = sound_level(out, frames) > 0.01;
    free(in);
    free(out);
    return heard;
}

/// After a failure.
static int check_failed(Instance* instance, const char* name) {
    CHECK(instance_await(instance, STATUS_URI, "failed"));
    (void)fprintf(stderr, "%s: %s\n", name, instance_told(instance, MESSAGE_URI));
    const char* message = instance_told(instance, MESSAGE_URI);
    CHECK(strlen(message) > 20);
    CHECK(!strchr(message, '\n'));
    CHECK(message[strlen(message) - 1] == '.');
    CHECK(passes_dry(instance));
    return 0;
}

/// Loud sound until the model is done with, or for some seconds: on a busy machine a hop may come
/// too late, and the model never hears it.
static void run_loud(Instance* instance) {
    const struct timespec pause = {.tv_nsec = 1000000};
    for (uint32_t i = 0; i < 4000 && !strcmp(instance_told(instance, STATUS_URI), "ready"); ++i) {
        for (uint32_t k = 0; k < block; ++k) {
            instance_in(instance, 0)[k] = k % 2 ? 0.95f : -0.95f;
        }
        instance_run(instance, block);
        (void)nanosleep(&pause, NULL);
    }
}

/// `fails` says when: see tests/fixtures/make.py.
static int test_fixture(Instance* instance, const char* name, const char* fails) {
    const char* path = fixture_path(fixtures, name);
    instance_send_path(instance, MODEL_URI, ""); // else the model before would play on
    CHECK(instance_await(instance, STATUS_URI, "none"));
    instance_forget(instance, STATUS_URI);
    const bool loaded = instance_load(instance, path);
    const bool loud = !strcmp(fails, "loud");
    CHECK(loaded || !loud);
    // What fails in a call may be found out before or after it is said to be ready.
    if (loaded) {
        run_loud(instance);
    }
    if (strcmp(fails, "uncertain") != 0) {
        CHECK(!check_failed(instance, name));
    }
    CHECK(plays_codec(instance));
    CHECK(processes_await_children(1));
    return 0;
}

/// A file that cannot be loaded leaves the model that plays.
static int test_plays_on(Host* host) {
    Instance* instance = new_instance(host);
    CHECK(plays_codec(instance));
    CHECK(!instance_load(instance, fixture_path(fixtures, "text")));
    instance_set(instance, "bias_1", 1);
    sound_settle(instance, block);
    CHECK(sound_level(instance_out(instance, 0), block) > 0.01);
    instance_free(instance);
    return 0;
}

/// Those that wait for a time limit are asked for first, in instances of their own, so that they do
/// so at the same time.
static bool is_slow(const char* name) {
    return !strncmp(name, "hangs", 5);
}

enum { slow_most = 8 };

typedef struct {
    const char* name;
    Instance* instance;
    bool loud;
} Slow;

static size_t begin_slow(Host* host, json_t* facts, Slow* slow) {
    size_t count = 0;
    const char* name = NULL;
    json_t* fact = NULL;
    json_object_foreach(facts, name, fact) {
        if (!is_slow(name) || count == slow_most) {
            continue;
        }
        slow[count].name = name;
        slow[count].instance = new_instance(host);
        slow[count].loud = !strcmp(json_string_value(json_object_get(fact, "fails")), "loud");
        instance_send_path(slow[count].instance, MODEL_URI, fixture_path(fixtures, name));
        instance_run(slow[count].instance, block);
        ++count;
    }
    return count;
}

static int end_slow(Slow* slow, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (slow[i].loud) {
            CHECK(instance_await(slow[i].instance, STATUS_URI, "ready"));
            run_loud(slow[i].instance);
        }
    }
    for (size_t i = 0; i < count; ++i) {
        CHECK(instance_await(slow[i].instance, STATUS_URI, "failed"));
        CHECK(passes_dry(slow[i].instance));
        (void)fprintf(stderr, "%s: %s\n", slow[i].name,
                      instance_told(slow[i].instance, MESSAGE_URI));
    }
    for (size_t i = 0; i < count; ++i) {
        CHECK(plays_codec(slow[i].instance));
        instance_free(slow[i].instance);
    }
    CHECK(processes_await_children(0));
    return 0;
}

static int test_fixtures(Host* host, json_t* facts) {
    Slow slow[slow_most];
    const char* name = NULL;
    json_t* fact = NULL;
    Instance* instance = new_instance(host);
    size_t tested = 0;
    json_object_foreach(facts, name, fact) {
        if (json_is_true(json_object_get(fact, "good")) || is_slow(name)) {
            continue;
        }
        CHECK(!test_fixture(instance, name, json_string_value(json_object_get(fact, "fails"))));
        ++tested;
    }
    instance_free(instance);
    CHECK(tested > 20);
    CHECK(processes_await_children(0));
    return end_slow(slow, begin_slow(host, facts, slow));
}

/// One block of a sine, the next of which goes on where it ends.
static void run_sine(Instance* instance, uint64_t* time, float* out) {
    sound_sine(instance_in(instance, 0), *time, block, 440, 48000, 0.5);
    instance_run(instance, block);
    memcpy(out, instance_out(instance, 0), block * sizeof(float));
    *time += block;
}

static int test_killed(Host* host) {
    const struct timespec pause = {.tv_nsec = 4000000};
    enum { blocks = 400 };
    float* out = sound_new(blocks * block);
    uint64_t time = 0;
    pid_t child = 0;
    Instance* instance = new_instance(host);
    CHECK(instance_load(instance, fixture_path(fixtures, "attributes")));
    instance_send_float(instance, "urn:timbrel:attribute:gain", 1.5f);
    CHECK(instance_await(instance, "urn:timbrel:attribute:gain", "1.5"));
    CHECK(processes_children(&child, 1) == 1);
    for (size_t i = 0; i < blocks; ++i) {
        if (i == blocks / 2) {
            CHECK(!kill(child, SIGKILL));
        }
        run_sine(instance, &time, out + i * block);
        (void)nanosleep(&pause, NULL);
    }
    // A sine at 1.5 times the level rises by no more than this from one sample to the next.
    uint32_t where = 0;
    const double steepest = sound_steepest(out, blocks * block, &where);
    const double natural = 1.5 * 0.5 * 2.0 * 3.14159265 * 440.0 / 48000.0;
    (void)fprintf(stderr, "killed: steepest step %.4f at %u, of the sine %.4f\n", steepest, where,
                  natural);
    CHECK(steepest < 1.5 * natural);
    CHECK(sound_level(out + (size_t)(blocks - 20) * block, 20 * block) > 0.3);
    CHECK(!check_failed(instance, "killed"));
    CHECK(kill(child, 0) == -1); // no zombie either
    CHECK(plays_codec(instance));
    instance_free(instance);
    CHECK(processes_await_children(0));
    free(out);
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    fixtures = argv[2];
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/fixtures.json", fixtures);
    json_t* facts = json_load_file(path, 0, NULL);
    CHECK(facts);
    Host* host = host_open(argv[1]);
    CHECK(!test_killed(host));
    CHECK(!test_plays_on(host));
    CHECK(!test_fixtures(host, facts));
    CHECK(rtguard_violations() == 0);
    host_close(host);
    json_decref(facts);
    return 0;
}
