// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_BEND_H
#define TIMBREL_ENGINE_LATENTS_BEND_H

#include "controls.h"
#include "engine/model/model_info.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What happens to latents between source and decode, in this order:
/// - route: which latent steers which, so that all that follows acts on those that are played;
/// - freeze: a frozen sound can still be bent;
/// - scale, bias;
/// - jitter: each latent moves about by itself;
/// - quantise: whole steps, of what was moved too;
/// - smoothing, which makes slopes of these steps.
/// Each is off by default, and then changes no bit.

/// The memory of one channel's latents from frame to frame; all zero is the fresh state.
typedef struct {
    float held[TIMBREL_MAX_LATENTS];   ///< Last frame before controls, kept while frozen
    float smooth[TIMBREL_MAX_LATENTS]; ///< Last frame after controls
    bool started;                      ///< Whether there was a frame yet
} TimbrelLatentState;

/// Bend one frame in place: `frame[i * stride]` is latent i. With `discrete`, latents are integer
/// codes: only freeze acts, since scaling or blending an index means nothing. `frame_rate` in Hz.
/// Jitter is a function of `seconds` alone, the frame's place in the song: frames of the same place
/// move alike, in both lanes and whenever it is played. Non-finite latents become 0.
/// Thread: inference.
void timbrel_latent_process(TimbrelLatentState* state, const TimbrelLatentControls* controls,
                            float* frame, uint32_t stride, uint32_t latents, bool discrete,
                            double frame_rate, double seconds);

#endif
