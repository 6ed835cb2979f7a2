// SPDX-License-Identifier: ISC
#ifndef TIMBREL_TESTS_FAKE_BACKEND_H
#define TIMBREL_TESTS_FAKE_BACKEND_H

#include "engine/model/backend.h"

#include <pthread.h>
#include <stdatomic.h>

/// A model inside the test: encode gives the first samples of each frame as its latents, decode
/// puts them back in their places, `delay` samples later. Untouched, it is a pure delay.

enum { fake_window = 65536, fake_late = 16 };

typedef struct {
    TimbrelBackend backend; ///< First, so that a TimbrelBackend* is a Fake*
    uint32_t delay;         ///< Samples by which decode is late
    uint32_t late;          ///< Frames by which encode is; then nothing but latents is heard
    float past[2][TIMBREL_MAX_LATENTS][fake_late]; ///< Latents that encode still holds back
    float history[2][fake_window];                 ///< Last `delay` samples, per lane
    float frame[2][fake_window];                   ///< Audio between encode and decode
    pthread_mutex_t gate;                          ///< Held by a test: calls wait
    atomic_bool raise;                             ///< Calls fail
    atomic_bool nan;                               ///< Calls give NaN
    atomic_uint calls;                             ///< Decodes so far
    atomic_uint encodes;                           ///< Encodes so far
} Fake;

/// `ratio` at least `latents`. The stream or model that gets the backend frees it.
Fake* fake_new(double rate, uint32_t ratio, uint32_t latents, uint32_t delay, bool streaming);

#endif
