// SPDX-License-Identifier: ISC
#include "pace.h"

#include <math.h>
#include <sched.h>
#include <time.h>

static const double multiple = 8.0;    // Of real time: what takes less is no haste
static const double span = 1.0;        // Seconds of sound that are judged, about
static const double longest_gap = 0.5; // Seconds: a host that paused says nothing by that
static const double beginning = 0.1;   // Seconds of sound
static const double look_every = 1.0;

static double now(void) {
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static bool is_ordinary(void) {
    const int policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
    return policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

void timbrel_pace_reset(TimbrelPace* pace, double rate) {
    *pace = (TimbrelPace){.rate = rate};
}

bool timbrel_pace_enter(TimbrelPace* pace) {
    if (pace->played >= pace->look_at) {
        pace->ordinary = is_ordinary();
        pace->look_at = pace->played + look_every;
    }
    if (!pace->ordinary) {
        return false;
    }
    const double before = pace->last;
    pace->last = now();
    if (before <= 0.0) {
        return false;
    }
    pace->passed += fmin(pace->last - before, longest_gap);
    return pace->sound > multiple * pace->passed;
}

void timbrel_pace_leave(TimbrelPace* pace, uint32_t frames, bool waited) {
    const double seconds = frames / pace->rate;
    pace->played += seconds;
    if (!pace->ordinary) {
        return;
    }
    pace->sound += seconds;
    if (waited) {
        pace->last = now();
    }
    if (pace->sound > span) {
        pace->sound *= 0.5;
        pace->passed *= 0.5;
    }
}

bool timbrel_pace_begins(const TimbrelPace* pace) {
    return pace->ordinary && pace->played < beginning;
}
