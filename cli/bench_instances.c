// SPDX-License-Identifier: ISC
#include "bench.h"
#include "engine/base/denormal.h"
#include "message.h"
#include "stopping.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
    TimbrelModel* model;
    pthread_t thread;
    double start;   // Time of its first hop, seconds of CLOCK_MONOTONIC
    double seconds; // Seconds to play
    uint32_t late;  // Hops that were not done when the next one began
    bool failed;
} Instance;

static double now(void) {
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void sleep_until(double when) {
    const struct timespec time = {.tv_sec = (time_t)when,
                                  .tv_nsec = (long)(1e9 * (when - (double)(time_t)when))};
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

// As an inference thread in a host: a hop of input comes, and its output is due a hop later.
static void* play(void* handle) {
    Instance* instance = handle;
    const TimbrelModelSummary* summary = timbrel_model_summary(instance->model);
    const double hop = summary->hop / summary->rate;
    uint64_t noise = 1;
    (void)timbrel_denormals_off();
    for (uint32_t i = 0; i * hop < instance->seconds && !instance->failed; ++i) {
        const double begins = instance->start + i * hop;
        sleep_until(begins);
        bench_fill(instance->model, 1, &noise);
        instance->failed = !bench_play(instance->model, 1);
        if (now() > begins + hop) {
            ++instance->late;
        }
    }
    return NULL;
}

// Late hops of `count` instances that play together; -1 on failure.
static int play_together(Instance* instances, int count, double seconds) {
    const TimbrelModelSummary* summary = timbrel_model_summary(instances[0].model);
    const double hop = summary->hop / summary->rate;
    const double start = now() + 0.05;
    int running = 0;
    for (; running < count; ++running) {
        Instance* instance = &instances[running];
        instance->start = start + hop * running / count; // tracks do not begin all at once
        instance->seconds = seconds;
        instance->late = 0;
        if (pthread_create(&instance->thread, NULL, play, instance) != 0) {
            break;
        }
    }
    int late = running == count ? 0 : -1;
    for (int i = 0; i < running; ++i) {
        (void)pthread_join(instances[i].thread, NULL);
        if (instances[i].failed) {
            late = -1;
        }
        if (late >= 0) {
            late += (int)instances[i].late;
        }
    }
    return late;
}

int bench_instances(const char* path, const TimbrelModelConfig* config, int most, double seconds) {
    Instance* instances = calloc((size_t)most, sizeof *instances);
    int open = 0;
    int good = 0;
    int late = instances ? 0 : -1;
    while (late == 0 && open < most) {
        TimbrelError error = {0};
        instances[open].model = timbrel_model_open(path, config, stopping_flag(), &error);
        if (!instances[open].model) {
            if (!stopping_asked()) {
                message("%s", error.message);
            }
            late = -1;
            break;
        }
        ++open;
        late = play_together(instances, open, seconds);
        if (late == 0) {
            good = open;
        }
    }
    for (int i = 0; i < open; ++i) {
        timbrel_model_close(instances[i].model);
    }
    free(instances);
    return late < 0 ? -1 : good;
}
