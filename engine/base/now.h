// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_BASE_NOW_H
#define TIMBREL_ENGINE_BASE_NOW_H

#include "rt.h"

#include <time.h>

/// Seconds on a clock that only goes forward. Thread: any.
static inline double timbrel_now(void) TIMBREL_RT {
    struct timespec time;
    TIMBREL_RT_UNCHECKED // Read without a system call
        (void) clock_gettime(CLOCK_MONOTONIC, &time);
    TIMBREL_RT_CHECKED
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

#endif
