// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_STREAM_PACE_H
#define TIMBREL_ENGINE_STREAM_PACE_H

#include "engine/base/rt.h"

#include <stdbool.h>
#include <stdint.h>

/// Finds out hosts that run faster than real time without saying so: a program that works through a
/// file calls from an ordinary thread, and at once again. There, waiting for the model is right, as
/// it is while free-wheeling; and only there. In a real-time thread (SCHED_FIFO, SCHED_RR,
/// SCHED_DEADLINE), and where blocks come in real time, nothing here says to wait. Thread: audio.

typedef struct {
    double rate;    ///< Hz
    double played;  ///< Seconds of sound since the start
    double look_at; ///< When the thread is looked at again, by `played`
    bool ordinary;  ///< It is no real-time thread
    double sound;   ///< Seconds of sound lately, and of time that passed meanwhile, without what
    double passed;  ///< the plugin waited
    double last;    ///< The clock when time began to count last; 0: never yet
} TimbrelPace;

/// Forget all, as when the host begins to play.
void timbrel_pace_reset(TimbrelPace* pace, double rate) TIMBREL_RT;

/// A block begins: whether the host runs at a multiple of real time.
bool timbrel_pace_enter(TimbrelPace* pace) TIMBREL_RT;

/// The block of `frames` ends; `waited`: for the model.
void timbrel_pace_leave(TimbrelPace* pace, uint32_t frames, bool waited) TIMBREL_RT;

/// Between the two: whether so little was played, in an ordinary thread, that nothing was missed of
/// a model that is still being loaded: it may be awaited.
bool timbrel_pace_begins(const TimbrelPace* pace) TIMBREL_RT;

#endif
