// SPDX-License-Identifier: ISC
#include "bend.h"

#include <math.h>

void timbrel_latent_process(TimbrelLatentState* state, const TimbrelLatentControls* controls,
                            float* frame, uint32_t stride, uint32_t latents, bool discrete,
                            double frame_rate) {
    const bool freeze = controls->freeze && state->started;
    // One pole: reaches 63 % of a step after `smoothing` ms.
    const double frames = (double)controls->smoothing * 0.001 * frame_rate;
    const float follow =
        frames > 0.0 && state->started && !discrete ? (float)-expm1(-1.0 / frames) : 1.0f;

    for (uint32_t i = 0; i < latents; ++i) {
        float* value = frame + (size_t)i * stride;
        if (!freeze) {
            state->held[i] = isfinite(*value) ? *value : 0.0f;
        }
        float bent = state->held[i];
        if (!discrete && i < TIMBREL_CONTROLLED_LATENTS) {
            bent = bent * controls->scale[i] + controls->bias[i];
        }
        // follow == 1 must give `bent` itself, to the last bit.
        state->smooth[i] =
            follow < 1.0f ? state->smooth[i] + follow * (bent - state->smooth[i]) : bent;
        *value = state->smooth[i];
    }
    state->started = true;
}
