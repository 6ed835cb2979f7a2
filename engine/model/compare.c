// SPDX-License-Identifier: ISC
#include "compare.h"

#include "engine/base/noise.h"
#include "engine/model/native/native.h"
#include "methods.h"
#include "probe.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    silent_hops = 10,
    noisy_hops = 14,
    sung_hops = 26,
    dual_hops = 10,
    random_hops = 24,
    least_hops = 6,
    settled = 3,      // after this part of random_hops
    usual_hop = 2048, // of longer ones, fewer are compared
};

/// Least ratio of the sound to its error, decibels, by how the plan keeps its weights.
static const double least_exact = 80.0;
static const double least_half = 45.0;
/// What is fainter than the loudest part by this ratio of energy is judged as if it were not.
static const double faint = 1e-4;
/// Share of an index that may be another's: two codes as near as each other.
static const double other_codes = 0.05;
/// Factor by which the variance of one back end's randomness may exceed the other's.
static const double alike = 2.0;

typedef struct {
    TimbrelBackend* torch;
    TimbrelBackend* native;
    const char* name;
    const _Atomic(bool)* cancel;
    uint32_t frames;
    uint32_t seed;
    double phase;
    double loudest[2]; // energy of a value: latents, sound
} Comparison;

/// Sums over the latents and over the sound.
typedef struct {
    double energy[2];
    double error[2];
    double other; // latents that differ
    double count[2];
} Sums;

static TimbrelStatus differs(const Comparison* c, const char* where, TimbrelError* error) {
    return timbrel_error_set(error, TIMBREL_BAD_MODEL, "%s: its plan sounds different %s.", c->name,
                             where);
}

static TimbrelStatus cancelled(const Comparison* c, TimbrelError* error) {
    if (c->cancel && atomic_load_explicit(c->cancel, memory_order_relaxed)) {
        return timbrel_error_set(error, TIMBREL_TIMED_OUT, "%s was not loaded, as asked.", c->name);
    }
    return TIMBREL_OK;
}

static TimbrelStatus step(const Comparison* c, TimbrelBackend* backend, const TimbrelCall* call,
                          TimbrelError* error) {
    const TimbrelStatus status = cancelled(c, error);
    return status ? status : backend->ops->call(backend, call, error);
}

static void add(Sums* sums, int which, const float* right, const float* given, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (!isfinite(right[i])) {
            continue; // no plan has to be wrong in the same way
        }
        const double error = (double)given[i] - (double)right[i];
        sums->energy[which] += (double)right[i] * (double)right[i];
        sums->error[which] += isfinite(error) ? error * error : HUGE_VAL;
        sums->other += which == 0 && fabs(error) > 0.5 ? 1.0 : 0.0;
        sums->count[which] += 1.0;
    }
}

/// One hop of what lies in torch's audio_in, through both, libtorch's latents into both decoders.
static TimbrelStatus play(const Comparison* c, uint32_t lanes, Sums* sums, TimbrelError* error) {
    const TimbrelModelInfo* info = &c->torch->info;
    const size_t samples = (size_t)lanes * c->frames * info->ratio;
    const size_t latents = (size_t)lanes * c->frames * info->latents;
    memcpy(c->native->audio_in, c->torch->audio_in, samples * info->in_channels * sizeof(float));
    for (int i = 0; i < TIMBREL_STEP_COUNT; ++i) {
        const TimbrelCall call = {
            .step = (TimbrelStep)i, .lanes = timbrel_lanes_first(lanes), .frames = c->frames};
        if (!timbrel_methods_step(info, call.step)) {
            continue;
        }
        TimbrelStatus status = step(c, c->torch, &call, error);
        status = status ? status : step(c, c->native, &call, error);
        if (status) {
            return status;
        }
        if (call.step == TIMBREL_STEP_ENCODE) {
            add(sums, 0, c->torch->latents, c->native->latents, latents);
            timbrel_latents_mend(c->torch->latents, latents);
            memcpy(c->native->latents, c->torch->latents, latents * sizeof(float));
        } else {
            add(sums, 1, c->torch->audio_out, c->native->audio_out, samples * info->out_channels);
        }
    }
    return TIMBREL_OK;
}

/// Each channel and lane gets sound of its own.
static void fill_noise(Comparison* c, uint32_t lanes) {
    const size_t count =
        (size_t)lanes * c->torch->info.in_channels * c->frames * c->torch->info.ratio;
    for (size_t i = 0; i < count; ++i) {
        c->torch->audio_in[i] = 0.2f * timbrel_noise(&c->seed);
    }
}

static void fill_silence(Comparison* c, uint32_t lanes) {
    const size_t count =
        (size_t)lanes * c->torch->info.in_channels * c->frames * c->torch->info.ratio;
    memset(c->torch->audio_in, 0, count * sizeof(float));
}

/// A chirp from 40 Hz upwards, an octave in a quarter of a second, again and again.
static void fill_chirp(Comparison* c, uint32_t lanes) {
    const uint32_t samples = c->frames * c->torch->info.ratio;
    const uint32_t lines = lanes * c->torch->info.in_channels;
    for (uint32_t i = 0; i < samples; ++i) {
        const double octave = fmod(c->phase, 8.0);
        const double cycles = 40.0 * (exp2(octave) - 1.0) * 0.25 / M_LN2;
        for (uint32_t line = 0; line < lines; ++line) {
            c->torch->audio_in[(size_t)line * samples + i] =
                (float)(0.4 / (1.0 + line) * sin(2.0 * M_PI * cycles));
        }
        c->phase += 4.0 / c->torch->info.rate;
    }
}

static bool close_enough(Comparison* c, int which, const Sums* sums) {
    const double least = timbrel_native_exact(c->native) ? least_exact : least_half;
    if (which == 0 && c->torch->info.discrete) {
        return sums->other <= other_codes * sums->count[0];
    }
    if (sums->count[which] < 1.0) {
        return true;
    }
    const double energy = sums->energy[which] / sums->count[which];
    c->loudest[which] = fmax(c->loudest[which], energy);
    const double reference = fmax(energy, faint * c->loudest[which]) + 1e-12;
    return sums->error[which] / sums->count[which] <= reference * pow(10.0, -least / 10.0);
}

/// Hops that are worth so many of the usual length.
static uint32_t fewer(const Comparison* c, uint32_t hops) {
    const uint32_t least = hops < least_hops ? hops : least_hops;
    const uint64_t count =
        (uint64_t)hops * usual_hop / ((uint64_t)c->frames * c->torch->info.ratio);
    return count > hops ? hops : count < least ? least : (uint32_t)count;
}

static TimbrelStatus part(Comparison* c, void (*fill)(Comparison*, uint32_t), uint32_t lanes,
                          uint32_t hops, const char* where, TimbrelError* error) {
    Sums sums = {0};
    const uint32_t count = fewer(c, hops);
    for (uint32_t hop = 0; hop < count; ++hop) {
        fill(c, lanes);
        const TimbrelStatus status = play(c, lanes, &sums, error);
        if (status) {
            return status;
        }
    }
    return close_enough(c, 0, &sums) && close_enough(c, 1, &sums) ? TIMBREL_OK
                                                                  : differs(c, where, error);
}

static TimbrelStatus reset(const Comparison* c, TimbrelError* error) {
    const TimbrelStatus status = c->torch->ops->reset(c->torch, TIMBREL_ALL_LANES, error);
    return status ? status : c->native->ops->reset(c->native, TIMBREL_ALL_LANES, error);
}

/// How much each value of a hop varies when the same sound is played again and again with all
/// randomness, on average; and the energy of the sound.
static TimbrelStatus vary(Comparison* c, TimbrelBackend* backend, double* variance, double* energy,
                          TimbrelError* error) {
    const TimbrelModelInfo* info = &c->torch->info;
    const size_t count = (size_t)c->frames * info->ratio * info->out_channels;
    const size_t ins = (size_t)c->frames * info->ratio * info->in_channels;
    double* sums = calloc(2 * count, sizeof *sums);
    if (!sums) {
        return timbrel_error_no_memory(error);
    }
    TimbrelStatus status = TIMBREL_OK;
    const uint32_t played = fewer(c, random_hops);
    const uint32_t first = played / settled;
    for (uint32_t hop = 0; hop < played && !status; ++hop) {
        uint32_t seed = 1;
        for (size_t i = 0; i < ins; ++i) {
            backend->audio_in[i] = 0.2f * timbrel_noise(&seed);
        }
        const TimbrelAmounts amounts = {1.0f, 1.0f};
        const TimbrelCall call = {.lanes = 1, .frames = c->frames, .amounts = &amounts};
        status = cancelled(c, error);
        status = status ? status : timbrel_probe_play(backend, &call, error);
        for (size_t i = 0; i < count && hop >= first && !status; ++i) {
            const double value = (double)backend->audio_out[i];
            sums[i] += value;
            sums[count + i] += value * value;
        }
    }
    const double hops = played - first;
    *variance = *energy = 0.0;
    for (size_t i = 0; i < count; ++i) {
        const double mean = sums[i] / hops;
        *energy += sums[count + i] / hops;
        *variance += sums[count + i] / hops - mean * mean;
    }
    free(sums);
    return status;
}

static TimbrelStatus compare_randomness(Comparison* c, TimbrelError* error) {
    double variance[2] = {0.0, 0.0};
    double energy[2] = {0.0, 0.0};
    TimbrelStatus status = vary(c, c->torch, &variance[0], &energy[0], error);
    status = status ? status : vary(c, c->native, &variance[1], &energy[1], error);
    if (status || !isfinite(energy[0])) {
        return status;
    }
    const double least = 1e-6 * energy[0] + 1e-12; // of it no statistic is made
    const bool same = isfinite(energy[1]) && variance[1] <= alike * variance[0] + least &&
                      variance[0] <= alike * variance[1] + least &&
                      energy[1] <= alike * energy[0] + least &&
                      energy[0] <= alike * energy[1] + least;
    return same ? TIMBREL_OK : differs(c, "with its randomness on", error);
}

/// Where the model itself plays no two lanes, its plan does not matter there.
static TimbrelStatus compare_dual(Comparison* c, TimbrelError* error) {
    if (c->torch->info.in_channels > 1) {
        return TIMBREL_OK;
    }
    TimbrelError refusal = {0};
    const TimbrelCall trial = {.lanes = timbrel_lanes_first(2), .frames = c->frames};
    fill_silence(c, 2);
    TimbrelStatus status = timbrel_probe_play(c->torch, &trial, &refusal);
    if (status == TIMBREL_CHILD_DIED || status == TIMBREL_TIMED_OUT) {
        return timbrel_error_set(error, status, "%s", refusal.message);
    }
    if (status) {
        return TIMBREL_OK;
    }
    status = reset(c, error);
    return status ? status : part(c, fill_noise, 2, dual_hops, "in stereo", error);
}

TimbrelStatus timbrel_compare(TimbrelBackend* torch, TimbrelBackend* native, const char* name,
                              const _Atomic(bool)* cancel, TimbrelError* error) {
    Comparison c = {.torch = torch,
                    .native = native,
                    .name = name,
                    .cancel = cancel,
                    .frames = timbrel_native_frames(native),
                    .seed = 1};
    TimbrelError failure = {0};
    TimbrelStatus status = reset(&c, &failure);
    status = status ? status : part(&c, fill_noise, 1, noisy_hops, "in noise", &failure);
    status = status ? status : part(&c, fill_silence, 1, silent_hops, "in silence", &failure);
    status = status ? status : part(&c, fill_chirp, 1, sung_hops, "in tones", &failure);
    status = status ? status : reset(&c, &failure);
    status = status ? status : part(&c, fill_silence, 1, 4, "after a reset", &failure);
    status = status ? status : part(&c, fill_noise, 1, 4, "after a reset", &failure);
    status = status ? status : reset(&c, &failure);
    status = status ? status : compare_dual(&c, &failure);
    status = status ? status : reset(&c, &failure);
    if (torch->info.draws_normal || torch->info.draws_uniform || torch->info.draws_other) {
        status = status ? status : compare_randomness(&c, &failure);
        status = status ? status : reset(&c, &failure);
    }
    if (status && error) {
        *error = failure;
    }
    return status;
}
