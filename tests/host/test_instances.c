// SPDX-License-Identifier: ISC
/// Many instances, made, run and destroyed in any state, leave nothing behind: no descriptor, no
/// thread, no process.
/// Usage: test_instances BUNDLE FIXTURES

#include "processes.h"
#include "rtguard.h"
#include "sound.h"
#include "tests/check.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

enum { block = 128, instance_count = 8, rounds = 3 };

static const char* fixtures;

static Instance* new_instance(Host* host, size_t number) {
    const InstanceConfig config = {.rate = number % 3 ? 48000 : 44100,
                                   .max_block = block,
                                   .bare = number % 4 == 1,
                                   .in_place = number % 4 == 2};
    return instance_new(host, number % 2 ? STEREO_URI : MONO_URI, &config);
}

typedef struct {
    Instance* instance;
    bool heard;
} Player;

/// Load and play, as one of several audio threads.
static void* play(void* data) {
    Player* player = data;
    Instance* instance = player->instance;
    if (!instance_load(instance, fixture_path(fixtures, "codec"))) {
        return NULL;
    }
    instance_set(instance, "bias_1", 1);
    sound_settle(instance, block);
    player->heard = sound_level(instance_out(instance, 0), block) > 0.001;
    return NULL;
}

static int test_playing(Host* host) {
    Player players[instance_count] = {{0}};
    pthread_t threads[instance_count];
    for (size_t i = 0; i < instance_count; ++i) {
        players[i].instance = new_instance(host, i);
    }
    for (size_t i = 0; i < instance_count; ++i) {
        CHECK(!pthread_create(&threads[i], NULL, play, &players[i]));
    }
    for (size_t i = 0; i < instance_count; ++i) {
        CHECK(!pthread_join(threads[i], NULL));
        CHECK(players[i].heard);
    }
    CHECK(processes_children(NULL, 0) == instance_count);
    for (size_t i = 0; i < instance_count; ++i) {
        instance_free(players[i].instance);
    }
    return 0;
}

/// Destroyed before the first run, while it loads, after a failure, and after its process was
/// killed.
static int test_odd_ends(Host* host) {
    instance_free(new_instance(host, 0));

    Instance* instance = new_instance(host, 1);
    instance_send_path(instance, MODEL_URI, fixture_path(fixtures, "rave_v2"));
    instance_run(instance, block);
    instance_free(instance);

    instance = new_instance(host, 2);
    instance_send_path(instance, MODEL_URI, fixture_path(fixtures, "hangs_opening"));
    instance_run(instance, block);
    CHECK(instance_await(instance, STATUS_URI, "loading"));
    CHECK(processes_await_children(1));
    instance_free(instance);

    instance = new_instance(host, 3);
    CHECK(!instance_load(instance, fixture_path(fixtures, "empty")));
    instance_free(instance);

    pid_t child = 0;
    instance = new_instance(host, 4);
    CHECK(instance_load(instance, fixture_path(fixtures, "codec")));
    CHECK(processes_children(&child, 1) == 1);
    CHECK(!kill(child, SIGKILL));
    instance_free(instance);

    // It does not go on when it is asked to end: while idle, and within a call.
    for (uint32_t blocks = 0; blocks <= 100; blocks += 100) {
        instance = new_instance(host, 5);
        CHECK(instance_load(instance, fixture_path(fixtures, "codec")));
        CHECK(processes_children(&child, 1) == 1);
        CHECK(!kill(child, SIGSTOP));
        for (uint32_t i = 0; i < blocks; ++i) {
            instance_run(instance, block);
        }
        instance_free(instance);
    }

    // Another model is asked for within a call.
    instance = new_instance(host, 6);
    CHECK(instance_load(instance, fixture_path(fixtures, "codec")));
    CHECK(processes_children(&child, 1) == 1);
    CHECK(!kill(child, SIGSTOP));
    for (uint32_t i = 0; i < 100; ++i) {
        instance_run(instance, block);
    }
    CHECK(instance_load(instance, fixture_path(fixtures, "codec_delay")));
    for (uint32_t i = 0; i < 2000; ++i) {
        instance_run(instance, block); // the crossfade ends
    }
    CHECK(processes_await_children(1));
    instance_free(instance);
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    fixtures = argv[2];
    Host* host = host_open(argv[1]);
    size_t files = 0;
    size_t threads = 0;
    for (int round = 0; round < rounds; ++round) {
        CHECK(!test_odd_ends(host));
        CHECK(!test_playing(host));
        // At once: cleanup() leaves nothing to be done later.
        CHECK(processes_children(NULL, 0) == 0);
        // The first round may open what a process opens once.
        if (round == 0) {
            files = processes_open_files();
            threads = processes_threads();
        }
        CHECK(processes_open_files() == files);
        CHECK(processes_threads() == threads);
    }
    CHECK(rtguard_violations() == 0);
    host_close(host);
    return 0;
}
