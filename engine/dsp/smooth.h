// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_DSP_SMOOTH_H
#define TIMBREL_ENGINE_DSP_SMOOTH_H

#include "engine/base/rt.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/// A parameter that moves to each new value on a straight line in 20 ms, sample by sample, and then
/// is exactly that value. The first value after init or reset holds at once. Thread: audio.

typedef struct {
    float value;  ///< Now
    float target; ///< In `left` samples
    float step;
    uint32_t left;
    uint32_t length; ///< Samples of a whole move
    bool started;
} TimbrelSmooth;

static inline void timbrel_smooth_reset(TimbrelSmooth* smooth) TIMBREL_RT {
    smooth->value = smooth->target;
    smooth->left = 0;
    smooth->started = false;
}

/// 0 until the first set. `rate` in Hz.
static inline void timbrel_smooth_init(TimbrelSmooth* smooth, double rate) TIMBREL_RT {
    *smooth = (TimbrelSmooth){.length = (uint32_t)(0.02 * rate) + 1};
}

/// NaN and infinity are ignored.
static inline void timbrel_smooth_set(TimbrelSmooth* smooth, float target) TIMBREL_RT {
    if (!isfinite(target)) {
        return;
    }
    if (!smooth->started) {
        smooth->started = true;
        smooth->value = smooth->target = target;
    } else if (target < smooth->target || target > smooth->target) {
        smooth->target = target;
        smooth->left = smooth->length;
        smooth->step = (target - smooth->value) / (float)smooth->length;
    }
}

/// Whether next() gives the same value from now on.
static inline bool timbrel_smooth_settled(const TimbrelSmooth* smooth) TIMBREL_RT {
    return smooth->left == 0;
}

/// The value for the next sample.
static inline float timbrel_smooth_next(TimbrelSmooth* smooth) TIMBREL_RT {
    if (smooth->left > 0) {
        smooth->left--;
        smooth->value = smooth->left > 0 ? smooth->value + smooth->step : smooth->target;
    }
    return smooth->value;
}

#endif
