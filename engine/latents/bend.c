// SPDX-License-Identifier: ISC
#include "bend.h"

#include "engine/base/random.h"

#include <math.h>

/// sources[i]: the latent that steers latent i (Fisher and Yates).
static void shuffle(uint32_t seed, uint32_t latents, uint32_t* sources) {
    TimbrelRandom random = timbrel_random(seed);
    for (uint32_t i = 0; i < latents; ++i) {
        sources[i] = i;
    }
    for (uint32_t left = latents; left > 1; --left) {
        const uint32_t chosen = (uint32_t)timbrel_random_below(&random, left);
        const uint32_t last = sources[left - 1];
        sources[left - 1] = sources[chosen];
        sources[chosen] = last;
    }
}

static void route(const TimbrelLatentControls* controls, float* frame, uint32_t stride,
                  uint32_t latents) {
    float before[TIMBREL_MAX_LATENTS];
    uint32_t sources[TIMBREL_MAX_LATENTS];
    const bool shuffled = controls->route == TIMBREL_ROUTE_SHUFFLED;
    if (shuffled) {
        shuffle(controls->route_by, latents, sources);
    }
    for (uint32_t i = 0; i < latents; ++i) {
        before[i] = frame[(size_t)i * stride];
    }
    for (uint32_t i = 0; i < latents; ++i) {
        const uint32_t turned = (uint32_t)(((uint64_t)i + controls->route_by) % latents);
        frame[(size_t)i * stride] = before[shuffled ? sources[i] : turned];
    }
}

/// A place between two moments at which every latent has a value of its own.
typedef struct {
    uint64_t moment; ///< The one before
    double weights[2];
} Place;

/// The weights' squares sum to 1, so that the deviation is the same between moments as at them, and
/// both are level at either end, so that motion has no corners.
static Place find_place(double seconds, double rate) {
    double place = seconds * rate;
    place = fabs(place) < 1e15 ? place : 0.0; // A NaN too
    const double moment = floor(place);
    const double part = place - moment;
    const double after = part * part * (3.0 - 2.0 * part);
    const double before = 1.0 - after;
    const double length = sqrt(before * before + after * after);
    return (Place){(uint64_t)(int64_t)moment, {before / length, after / length}};
}

/// Mean 0, deviation 1; never beyond 2.5.
static double jitter(const Place* place, uint32_t latent) {
    double sum = 0.0;
    for (uint32_t k = 0; k < 2; ++k) {
        TimbrelRandom random = timbrel_random_at(place->moment + k, latent);
        const double uniform = 2.0 * timbrel_random_uniform(&random) - 1.0;
        sum += place->weights[k] * uniform;
    }
    return sum * 1.7320508075688772; // The deviation of `uniform` is 1 / sqrt(3)
}

static void move(const TimbrelLatentControls* controls, float* frame, uint32_t stride,
                 uint32_t latents, double seconds) {
    const Place place = find_place(seconds, (double)controls->jitter_rate);
    for (uint32_t i = 0; i < latents; ++i) {
        frame[(size_t)i * stride] += controls->jitter * (float)jitter(&place, i);
    }
}

static void quantise(float step, float* frame, uint32_t stride, uint32_t latents) {
    for (uint32_t i = 0; i < latents; ++i) {
        float* value = frame + (size_t)i * stride;
        const float whole = roundf(*value / step) * step;
        *value = isfinite(whole) ? whole : *value; // A step of nearly nothing
    }
}

void timbrel_latent_process(TimbrelLatentState* state, const TimbrelLatentControls* controls,
                            float* frame, uint32_t stride, uint32_t latents, bool discrete,
                            double frame_rate, double seconds) {
    const bool freeze = controls->freeze && state->started;
    // One pole: reaches 63 % of a step after `smoothing` ms.
    const double frames = (double)controls->smoothing * 0.001 * frame_rate;
    const float follow =
        frames > 0.0 && state->started && !discrete ? (float)-expm1(-1.0 / frames) : 1.0f;

    if (controls->route != TIMBREL_ROUTE_STRAIGHT && !discrete) {
        route(controls, frame, stride, latents);
    }
    for (uint32_t i = 0; i < latents; ++i) {
        float* value = frame + (size_t)i * stride;
        if (!freeze) {
            state->held[i] = isfinite(*value) ? *value : 0.0f;
        }
        *value = state->held[i];
        if (!discrete && i < TIMBREL_CONTROLLED_LATENTS) {
            *value = *value * controls->scale[i] + controls->bias[i];
        }
    }
    if (controls->jitter > 0.0f && !discrete) {
        move(controls, frame, stride, latents, seconds);
    }
    if (controls->quantise > 0.0f && !discrete) {
        quantise(controls->quantise, frame, stride, latents);
    }
    for (uint32_t i = 0; i < latents; ++i) {
        float* value = frame + (size_t)i * stride;
        const float bent = isfinite(*value) ? *value : 0.0f;
        // follow == 1 must give `bent` itself, to the last bit.
        state->smooth[i] =
            follow < 1.0f ? state->smooth[i] + follow * (bent - state->smooth[i]) : bent;
        *value = state->smooth[i];
    }
    state->started = true;
}
