// SPDX-License-Identifier: ISC
#include "pace.h"
#include "engine/base/rt.h"

#include "engine/base/now.h"

#include <math.h>
#include <sched.h>
#include <time.h>

static const double multiple = 8.0;    // Of real time: what takes less is no haste
static const double span = 1.0;        // Seconds of sound that are judged, about
static const double longest_gap = 0.5; // Seconds: a host that paused says nothing by that
static const double beginning = 0.1;   // Seconds of sound
static const double look_every = 1.0;

static bool is_ordinary(void) TIMBREL_RT {
    TIMBREL_RT_UNCHECKED // A system call that does not block
        const int policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
    TIMBREL_RT_CHECKED
    return policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

void timbrel_pace_reset(TimbrelPace* pace, double rate) TIMBREL_RT {
    *pace = (TimbrelPace){.rate = rate};
}

bool timbrel_pace_enter(TimbrelPace* pace) TIMBREL_RT {
    if (pace->played >= pace->look_at) {
        pace->ordinary = is_ordinary();
        pace->look_at = pace->played + look_every;
    }
    if (!pace->ordinary) {
        return false;
    }
    const double before = pace->last;
    pace->last = timbrel_now();
    if (before <= 0.0) {
        return false;
    }
    pace->passed += fmin(pace->last - before, longest_gap);
    return pace->sound > multiple * pace->passed;
}

void timbrel_pace_leave(TimbrelPace* pace, uint32_t frames, bool waited) TIMBREL_RT {
    const double seconds = frames / pace->rate;
    pace->played += seconds;
    if (!pace->ordinary) {
        return;
    }
    pace->sound += seconds;
    if (waited) {
        pace->last = timbrel_now();
    }
    if (pace->sound > span) {
        pace->sound *= 0.5;
        pace->passed *= 0.5;
    }
}

bool timbrel_pace_begins(const TimbrelPace* pace) TIMBREL_RT {
    return pace->ordinary && pace->played < beginning;
}
