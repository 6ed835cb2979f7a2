// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_BEND_H
#define TIMBREL_ENGINE_LATENTS_BEND_H

#include "controls.h"
#include "engine/model/model_info.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What happens to latents between encode and decode: freeze, scale, bias, smoothing, in this
/// order, so that a frozen sound can still be bent.

/// The memory of one channel's latents from frame to frame; all zero is the fresh state.
typedef struct {
    float held[TIMBREL_MAX_LATENTS];   ///< Last frame before controls, kept while frozen
    float smooth[TIMBREL_MAX_LATENTS]; ///< Last frame after controls
    bool started;                      ///< Whether there was a frame yet
} TimbrelLatentState;

/// Bend one frame in place: `frame[i * stride]` is latent i. With `discrete`, latents are integer
/// codes: only freeze acts, since scaling or blending an index means nothing. `frame_rate` in Hz.
/// Non-finite latents become 0. Thread: inference.
void timbrel_latent_process(TimbrelLatentState* state, const TimbrelLatentControls* controls,
                            float* frame, uint32_t stride, uint32_t latents, bool discrete,
                            double frame_rate);

#endif
