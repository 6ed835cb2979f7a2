// SPDX-License-Identifier: ISC
#include "encode_delay.h"

#include "engine/base/noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    least_burst = 2048, // Samples: hops below it are several to a burst
    lead = 4            // Bursts' lengths before the burst: the caches fill
};

typedef struct {
    TimbrelBackend* backend;
    uint32_t frames;  ///< In a hop
    uint32_t samples; ///< In a hop
    uint32_t burst;   ///< Hops
    uint32_t hops;    ///< From the burst on
    float* plain;     ///< [hop][latent][frame]: without the burst
    double energy;    ///< Of the change that the burst makes
    double moment;    ///< Energy times samples since the burst's beginning, summed
} Listening;

/// Quiet noise in all channels, with or without the burst on top.
static void fill_hop(const Listening* l, uint32_t* seed, bool burst) {
    const uint32_t channels = l->backend->info.in_channels;
    for (uint32_t i = 0; i < l->samples; ++i) {
        const float quiet = 0.01f * timbrel_noise(seed);
        const float loud = 0.5f * timbrel_noise(seed);
        for (uint32_t c = 0; c < channels; ++c) {
            l->backend->audio_in[(size_t)c * l->samples + i] = quiet + (burst ? loud : 0.0f);
        }
    }
}

static void keep_hop(const Listening* l, uint32_t hop) {
    const size_t values = (size_t)l->backend->info.latents * l->frames;
    memcpy(l->plain + hop * values, l->backend->latents, values * sizeof(float));
}

static void compare_hop(Listening* l, uint32_t hop) {
    const size_t values = (size_t)l->backend->info.latents * l->frames;
    for (size_t v = 0; v < values; ++v) {
        const double change = (double)l->backend->latents[v] - (double)l->plain[hop * values + v];
        const double middle = (double)hop * l->frames + (double)(v % l->frames) + 0.5;
        if (isfinite(change)) {
            l->energy += change * change;
            l->moment += change * change * middle * l->backend->info.ratio;
        }
    }
}

static TimbrelStatus listen(Listening* l, bool with_burst, const _Atomic(bool)* cancel,
                            TimbrelError* error) {
    const TimbrelCall call = {.step = TIMBREL_STEP_ENCODE, .lanes = 1, .frames = l->frames};
    const uint32_t before = lead * l->burst;
    uint32_t seed = 0x80000001u; // Latents that were saved lie in time as this noise says
    TimbrelStatus status = l->backend->ops->reset(l->backend, TIMBREL_ALL_LANES, error);
    for (uint32_t k = 0; k < before + l->hops && !status; ++k) {
        if (cancel && atomic_load_explicit(cancel, memory_order_relaxed)) {
            return timbrel_error_set(error, TIMBREL_TIMED_OUT, "Loading was given up.");
        }
        fill_hop(l, &seed, with_burst && k >= before && k < before + l->burst);
        status = l->backend->ops->call(l->backend, &call, error);
        if (!status && k >= before && with_burst) {
            compare_hop(l, k - before);
        } else if (!status && k >= before) {
            keep_hop(l, k - before);
        }
    }
    return status;
}

TimbrelStatus timbrel_encode_delay(TimbrelBackend* backend, uint32_t frames, double whole,
                                   double* delay, const _Atomic(bool)* cancel,
                                   TimbrelError* error) {
    Listening l = {
        .backend = backend, .frames = frames, .samples = frames * backend->info.ratio, .burst = 1};
    while (l.burst * l.samples < least_burst) {
        l.burst *= 2;
    }
    l.hops = (3 + (uint32_t)(2.0 * whole / (l.burst * l.samples))) * l.burst;
    l.plain = malloc((size_t)l.hops * backend->info.latents * frames * sizeof *l.plain);
    if (!l.plain) {
        return timbrel_error_no_memory(error);
    }
    TimbrelStatus status = listen(&l, false, cancel, error);
    status = status ? status : listen(&l, true, cancel, error);
    free(l.plain);
    *delay = 0.0;
    if (!status && l.energy > 0.0) {
        *delay = fmax(l.moment / l.energy - 0.5 * l.burst * l.samples, 0.0);
    }
    return status;
}
