// SPDX-License-Identifier: ISC
/// Plays in real time, in blocks of 64 at 48 kHz, beside a thread that is busy all the time, and
/// prints dropouts and load. Fails only when something is wrong with any machine: no sound of the
/// model, no latency, a count that goes back. Usage: test_realtime BUNDLE FIXTURES [SECONDS
/// [MODEL]]

#include "rtguard.h"
#include "sound.h"
#include "tests/check.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { block = 64, rate = 48000, default_seconds = 10, priority = 60 };

static const int64_t second = 1000000000;

static void* be_busy(void* data) {
    const atomic_bool* end = data;
    while (!atomic_load(end)) {
    }
    return NULL;
}

static int64_t now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * second + t.tv_nsec;
}

typedef struct {
    uint64_t blocks;
    uint64_t sounding; ///< Blocks in which something is heard
    uint64_t missed;   ///< Blocks that the host itself began more than a block late
    int64_t longest;   ///< ns that a run() took
    double load;       ///< Sum over blocks, %
    float dropouts;    ///< At the end
    bool back;         ///< Whether the count of dropouts ever fell
} Result;

static void play(Instance* instance, uint32_t seconds, Result* result) {
    const int64_t length = second * block / rate;
    int64_t due = now();
    result->blocks = (uint64_t)seconds * rate / block;
    for (uint64_t i = 0; i < result->blocks; ++i) {
        sound_sine(instance_in(instance, 0), i * block, block, 220, rate, 0.5);
        const struct timespec until = {.tv_sec = due / second, .tv_nsec = due % second};
        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        const int64_t begin = now();
        if (begin > due + length) {
            ++result->missed;
            due = begin; // as a sound card does: what was missed is gone
        }
        instance_run(instance, block);
        const int64_t took = now() - begin;
        due += length;
        const float dropouts = instance_get(instance, "dropouts");
        result->longest = took > result->longest ? took : result->longest;
        result->sounding += sound_level(instance_out(instance, 0), block) > 0.0001;
        result->load += (double)instance_get(instance, "load");
        result->back = result->back || dropouts < result->dropouts;
        result->dropouts = dropouts;
    }
}

int main(int argc, char** argv) {
    CHECK(argc >= 3 && argc <= 5);
    const uint32_t seconds = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : default_seconds;
    const char* model = argc > 4 ? argv[4] : fixture_path(argv[2], "codec_r2048");
    CHECK(seconds > 0);
    Host* host = host_open(argv[1]);
    const InstanceConfig config = {.rate = rate, .max_block = block};
    Instance* instance = instance_new(host, MONO_URI, &config);
    CHECK(instance_load(instance, model));
    instance_set(instance, "late",
                 1); // silence, so that the dry sound does not pass for the model's

    atomic_bool end = false;
    pthread_t busy;
    CHECK(!pthread_create(&busy, NULL, be_busy, &end));
    const struct sched_param parameters = {.sched_priority = priority};
    const bool granted = !pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters);
    Result result = {0};
    play(instance, seconds, &result);
    atomic_store(&end, true);
    CHECK(!pthread_join(busy, NULL));

    const float latency = instance_get(instance, "latency");
    (void)printf("%s, %u s in blocks of %d at %d Hz, audio thread %s, one busy thread:\n"
                 "latency %.0f samples, dropouts %.0f, load %.1f %%, longest run() %.3f ms, "
                 "blocks the host was late for %llu\n",
                 model, seconds, block, rate, granted ? "SCHED_FIFO" : "SCHED_OTHER",
                 (double)latency, (double)result.dropouts, result.load / (double)result.blocks,
                 (double)result.longest / 1e6, (unsigned long long)result.missed);
    CHECK(latency > 0);
    CHECK(result.sounding > 0);
    CHECK(!result.back);
    CHECK(rtguard_violations() == 0);
    instance_free(instance);
    host_close(host);
    return 0;
}
