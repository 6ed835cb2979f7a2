// SPDX-License-Identifier: ISC
/// Whatever happens around it, run() does nothing that may wait, and gives finite sound.
/// Usage: test_rt BUNDLE FIXTURES

#include "rtguard.h"
#include "sound.h"
#include "state.h"
#include "tests/check.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { largest = 8192, runs_a_model = 250 };

static const char* fixtures;

typedef struct {
    Instance* instance;
    uint64_t seed;
    uint32_t runs;
    long switches; ///< Times that run() gave up the processor by itself
} Player;

/// Every control port, at random; now and then one that is expensive.
static void turn_controls(Player* p) {
    static const struct {
        const char* symbol;
        float low;
        float high;
    } controls[] = {{"enabled", 0, 1},        {"input_gain", -24, 24}, {"low_cut", 10, 2000},
                    {"high_cut", 500, 22000}, {"eq_31", -12, 12},      {"eq_1k", -12, 12},
                    {"eq_16k", -12, 12},      {"mix", 0, 100},         {"output_gain", -24, 24},
                    {"late", 0, 1},           {"smoothing", 0, 2000},  {"freeze", 0, 1},
                    {"randomness", 0, 100},   {"noise", 0, 100},       {"bias_1", -4, 4},
                    {"bias_16", -4, 4},       {"scale_1", 0, 4},       {"scale_16", 0, 4}};
    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; ++i) {
        const float share = (float)random_between(&p->seed, 0, 1000) / 1000.0f;
        instance_set(p->instance, controls[i].symbol,
                     controls[i].low + share * (controls[i].high - controls[i].low));
    }
    if (random_between(&p->seed, 0, 99) == 0) {
        instance_set(p->instance, "timing", (float)random_between(&p->seed, 0, 2));
        if (instance_channels(p->instance) == 2) {
            instance_set(p->instance, "stereo", (float)random_between(&p->seed, 0, 1));
        }
    }
}

static void flood(Player* p) {
    for (uint32_t i = random_between(&p->seed, 0, 8); i > 0; --i) {
        instance_send_get(p->instance, NULL);
        instance_send_get(p->instance, STATUS_URI);
        instance_send_float(p->instance, "urn:timbrel:attribute:gain", 0.5f);
        instance_send_float(p->instance, "urn:timbrel:attribute:nowhere", 0.5f);
        instance_send_float(p->instance, MODEL_URI, 1.0f);
    }
}

static long switches_so_far(void) {
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) ? 0 : usage.ru_nvcsw;
}

static int play(Player* p, uint32_t runs) {
    const struct timespec pause = {.tv_nsec = 1000000};
    for (uint32_t r = 0; r < runs; ++r) {
        const uint32_t frames = random_between(&p->seed, 1, r % 4 ? 512 : largest);
        for (uint32_t c = 0; c < instance_channels(p->instance); ++c) {
            sound_noise(instance_in(p->instance, c), frames, 1.0f, p->seed + c);
        }
        turn_controls(p);
        flood(p);
        const long before = switches_so_far();
        instance_run(p->instance, frames);
        p->switches += switches_so_far() - before;
        ++p->runs;
        for (uint32_t c = 0; c < instance_channels(p->instance); ++c) {
            CHECK(sound_finite(instance_out(p->instance, c), frames));
        }
        CHECK(rtguard_violations() == 0);
        (void)nanosleep(&pause, NULL); // so that others get on
    }
    return 0;
}

/// Saves and restores, without end, beside the audio thread.
typedef struct {
    Instance* instance;
    Stored state;
    atomic_bool end;
    uint32_t restored;
} Session;

static void* keep_restoring(void* data) {
    Session* session = data;
    const struct timespec pause = {.tv_nsec = 150000000};
    Stored saved = {0};
    while (!atomic_load(&session->end)) {
        (void)state_store(session->instance, &saved, MAP_PREFIX);
        session->restored += state_retrieve(session->instance, &session->state, MAP_PREFIX);
        (void)nanosleep(&pause, NULL);
    }
    stored_clear(&saved);
    return NULL;
}

static int play_models(Player* p) {
    static const char* const models[] = {"codec",      "rave_v2",  "text",         "attributes",
                                         "hangs_load", "codec",    "empty",        "nonstreaming",
                                         "nan",        "codec_44", "forward_only", "raises_third"};
    for (size_t i = 0; i < sizeof models / sizeof models[0]; ++i) {
        instance_send_path(p->instance, MODEL_URI, fixture_path(fixtures, models[i]));
        CHECK(!play(p, runs_a_model));
        if (i == 5) {
            instance_send_path(p->instance, MODEL_URI, "");
        }
    }
    return 0;
}

static int test(Host* host, const char* uri, bool bare) {
    const InstanceConfig config = {
        .rate = 48000, .max_block = largest, .bare = bare, .in_place = bare};
    Player p = {.instance = instance_new(host, uri, &config), .seed = 1};
    CHECK(!play(&p, runs_a_model));
    CHECK(!play_models(&p));

    // The same, with a session that is restored beside it.
    Session session = {.instance = p.instance};
    CHECK(instance_load(p.instance, fixture_path(fixtures, "attributes")));
    CHECK(!play(&p, runs_a_model));
    CHECK(state_store(p.instance, &session.state, MAP_PREFIX));
    pthread_t thread;
    CHECK(!pthread_create(&thread, NULL, keep_restoring, &session));
    const int failed = play_models(&p);
    atomic_store(&session.end, true);
    CHECK(!pthread_join(thread, NULL));
    CHECK(!failed);
    CHECK(session.restored > 0);

    // Free-wheeling on and off while it plays.
    CHECK(instance_load(p.instance, fixture_path(fixtures, "attributes")));
    for (int i = 0; i < 20; ++i) {
        instance_freewheel(p.instance, i % 2 == 0);
        const long switches = p.switches; // there it may wait
        CHECK(!play(&p, 20));
        p.switches = i % 2 == 0 ? switches : p.switches;
    }
    (void)fprintf(stderr, "%s: %u runs, %llu forbidden calls, gave up the processor %ld times\n",
                  uri, p.runs, (unsigned long long)rtguard_violations(), p.switches);
    // A page fault may wait for another thread's mmap(); a plugin that waits does so every hop.
    CHECK(p.switches < (long)p.runs / 20);
    instance_free(p.instance);
    stored_clear(&session.state);
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    fixtures = argv[2];
    Host* host = host_open(argv[1]);
    CHECK(!test(host, MONO_URI, true));
    CHECK(!test(host, STEREO_URI, false));
    CHECK(rtguard_violations() == 0);
    host_close(host);
    return 0;
}
