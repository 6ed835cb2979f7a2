// SPDX-License-Identifier: ISC
/// Hosts that run faster than real time without saying so, in a thread that is not real-time, are
/// made to wait for the model: their sound is that of a free-wheeling host, from the first sample
/// on. Nobody else is. Usage: test_pace BUNDLE FIXTURES

#include "rtguard.h"
#include "sound.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { rate = 48000, block = 512, length = 2 * rate };

typedef struct {
    Host* host;
    const char* model;
    const float* in;
} Test;

static Instance* open_model(const Test* test) {
    const InstanceConfig config = {.rate = rate, .max_block = block};
    Instance* instance = instance_new(test->host, MONO_URI, &config);
    if (!instance_load(instance, test->model)) {
        instance_free(instance);
        return NULL;
    }
    // The end of the dry sound while it was loaded is not to be heard.
    sound_settle(instance, block);
    instance_set(instance, "late", 1);
    instance_reset(instance);
    return instance;
}

/// The whole sound, a block each `pause` ns. Gives back how many hops were late.
static float play(Instance* instance, const float* in, float* out, uint32_t frames, long pause) {
    struct timespec due;
    (void)clock_gettime(CLOCK_MONOTONIC, &due);
    const float before = instance_get(instance, "dropouts");
    for (uint32_t at = 0; at + block <= frames; at += block) {
        memcpy(instance_in(instance, 0), in + at, block * sizeof *in);
        instance_run(instance, block);
        memcpy(out + at, instance_out(instance, 0), block * sizeof *out);
        due.tv_nsec += pause;
        due.tv_sec += due.tv_nsec / 1000000000L;
        due.tv_nsec %= 1000000000L;
        if (pause > 0) {
            (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        }
    }
    return instance_get(instance, "dropouts") - before;
}

static int test(const Test* test) {
    Instance* instance = open_model(test);
    CHECK(instance);
    float* expected = sound_new(length);
    float* out = sound_new(length);
    instance_freewheel(instance, true);
    CHECK(play(instance, test->in, expected, length, 0) <= 0.0f);
    CHECK(sound_level(expected, length) > 0.001);
    instance_freewheel(instance, false);

    // A real-time thread never waits: all is late, but nothing forbidden is done.
    instance_reset(instance);
    CHECK(play(instance, test->in, out, length, 0) > 0.0f);
    CHECK(rtguard_violations() == 0);

    // Nor does an ordinary one, in real time, be it with a card that asks for two periods at first.
    rtguard_ordinary(true);
    instance_reset(instance);
    (void)play(instance, test->in, out, rate, 1000000000L / rate * block);
    CHECK(rtguard_violations() == 0);

    // But this one does, and again after another start.
    instance_may_wait(instance, true);
    for (int i = 0; i < 2; ++i) {
        instance_reset(instance);
        CHECK(play(instance, test->in, out, length, 0) <= 0.0f);
        CHECK(sound_difference(out, expected, length / block * block) <= 0.0);
    }
    CHECK(rtguard_violations() == 0);

    // And it is let go soon when it comes to play in real time.
    (void)play(instance, test->in, out, rate, 1000000000L / rate * block);
    instance_may_wait(instance, false);
    (void)play(instance, test->in, out, rate / 2, 1000000000L / rate * block);
    CHECK(rtguard_violations() == 0);
    rtguard_ordinary(false);
    instance_free(instance);
    free(expected);
    free(out);
    return 0;
}

/// A model that was asked for at the very start, while it is still being loaded.
static int test_start(const Test* test) {
    const InstanceConfig config = {.rate = rate, .max_block = block};
    Instance* instance = instance_new(test->host, MONO_URI, &config);
    float* out = sound_new(rate);
    rtguard_ordinary(true);
    instance_may_wait(instance, true);
    instance_send_path(instance, MODEL_URI, test->model);
    (void)play(instance, test->in, out, block, 0);
    instance_set(instance, "late", 1);
    (void)play(instance, test->in, out, rate, 0);
    CHECK(instance_get(instance, "latency") > 0.0f);
    CHECK(instance_get(instance, "dropouts") <= 0.0f);
    CHECK(rtguard_violations() == 0);
    rtguard_ordinary(false);
    instance_free(instance);
    free(out);
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    float* in = sound_new(length);
    sound_noise(in, length, 0.3f, 7);
    Test t = {.host = host_open(argv[1]), .model = fixture_path(argv[2], "rave_v2"), .in = in};
    CHECK(!test(&t));
    CHECK(!test_start(&t));
    host_close(t.host);
    free(in);
    return 0;
}
