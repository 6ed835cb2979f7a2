// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_ENCODE_DELAY_H
#define TIMBREL_ENGINE_MODEL_ENCODE_DELAY_H

#include "backend.h"

#include <stdatomic.h>

/// How late a sound shows in encode's frames, in model samples: where in time lies what a burst
/// changes in them. `whole` is the delay of the whole model, which bounds it, and with it how long
/// to listen; `frames` make a hop. The same for hops of all usual lengths. Leaves the streaming
/// state dirty. Thread: loader.
TimbrelStatus timbrel_encode_delay(TimbrelBackend* backend, uint32_t frames, double whole,
                                   double* delay, const _Atomic(bool)* cancel, TimbrelError* error);

#endif
