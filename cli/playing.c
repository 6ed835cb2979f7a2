// SPDX-License-Identifier: ISC
#include "playing.h"

#include "engine/base/hash.h"
#include "engine/model/native/native.h"
#include "message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_HOP = 2048 }; // As in render

// The next of a sequence of random numbers, -1..1: a linear congruential generator (Numerical
// Recipes' constants) is enough for a probe.
static float noise(uint32_t* state) {
    *state = *state * 1664525u + 1013904223u;
    return (float)((double)*state / 2147483648.0 - 1.0);
}

typedef struct {
    double energy;
    double moment; // Energy times its place in time, summed
} Energy;

// Quiet noise, with a burst on top in one call.
static void fill_call(const TimbrelModelInfo* info, float* audio, uint32_t samples, uint32_t* seed,
                      bool loud) {
    for (uint32_t i = 0; i < samples; ++i) {
        const float quiet = 0.01f * noise(seed);
        const float burst = 0.5f * noise(seed);
        for (uint32_t c = 0; c < info->in_channels; ++c) {
            audio[(size_t)c * samples + i] = quiet + (loud ? burst : 0.0f);
        }
    }
}

// How late encode's latents are, in rows: where in time lies what a burst changes in them. The
// whole model's delay bounds it, and with it how long to listen.
static TimbrelStatus measure_lead(TimbrelBackend* backend, uint32_t samples, double delay,
                                  uint32_t* lead, TimbrelError* error) {
    const TimbrelModelInfo* const info = &backend->info;
    const uint32_t frames = samples / info->ratio;
    const uint32_t before = 4; // Calls before the burst: the caches fill
    const uint32_t calls = before + 3 + (uint32_t)(2.0 * delay / samples);
    const size_t values = (size_t)info->latents * frames;
    const TimbrelCall call = {.step = TIMBREL_STEP_ENCODE, .batch = 1, .frames = frames};
    float* const plain = malloc((calls - before) * values * sizeof *plain);
    if (!plain) {
        return timbrel_error_set(error, TIMBREL_NO_MEMORY, "There is not enough memory.");
    }
    Energy change = {0};
    TimbrelStatus status = TIMBREL_OK;
    for (int run = 0; run < 2 && !status; ++run) {
        uint32_t seed = 1;
        status = backend->ops->reset(backend, error);
        for (uint32_t k = 0; k < calls && !status; ++k) {
            fill_call(info, backend->audio_in, samples, &seed, run == 1 && k == before);
            status = backend->ops->call(backend, &call, error);
            if (status || k < before) {
                continue;
            }
            float* const kept = plain + (k - before) * values;
            for (size_t v = 0; v < values; ++v) {
                const double moved = (double)backend->latents[v] - (double)kept[v];
                if (run == 0) {
                    kept[v] = backend->latents[v];
                } else if (isfinite(moved)) {
                    const double row = (double)(k - before) * frames + (double)(v % frames);
                    change.energy += moved * moved;
                    change.moment += moved * moved * (row + 0.5);
                }
            }
        }
    }
    free(plain);
    *lead = 0;
    if (!status && change.energy > 0.0) {
        const double late = change.moment / change.energy - 0.5 * frames;
        *lead = late > 0.0 ? (uint32_t)(late + 0.5) : 0;
    }
    return status;
}

static TimbrelStatus find_alignment(Playing* playing, TimbrelError* error) {
    const TimbrelModelSummary* const summary = timbrel_model_summary(playing->model);
    TimbrelBackend* const backend = timbrel_model_backend(playing->model);
    const uint32_t ratio = summary->info.ratio;
    Alignment* const alignment = &playing->alignment;
    alignment->delay = (uint32_t)lround(summary->delay);
    if (alignment->delay == 0) {
        return TIMBREL_OK;
    }
    const TimbrelStatus status =
        measure_lead(backend, summary->hop, summary->delay, &alignment->lead, error);
    if (alignment->lead > alignment->delay / ratio) {
        alignment->lead = alignment->delay / ratio;
    }
    alignment->trail = (alignment->delay + ratio - 1) / ratio - alignment->lead;
    return status;
}

static TimbrelStatus find_origin(Playing* playing, TimbrelError* error) {
    const TimbrelModelSummary* const summary = timbrel_model_summary(playing->model);
    TimbrelOrigin* const origin = &playing->origin;
    memcpy(origin->model, summary->name, sizeof origin->model);
    origin->rate = summary->rate;
    origin->ratio = summary->info.ratio;
    origin->discrete = summary->info.discrete != 0;
    // A plan's own file is not the model's: latents tell the model, whatever plays it.
    TimbrelBackend* const backend = timbrel_model_backend(playing->model);
    const char* const hash =
        strcmp(backend->name, "native") == 0 ? timbrel_native_model_hash(backend) : "";
    if (hash[0]) {
        (void)snprintf(origin->hash, sizeof origin->hash, "%s", hash);
        return TIMBREL_OK;
    }
    return timbrel_hash_file(playing->path, origin->hash, error);
}

bool playing_open(Playing* playing, const char* wanted, const ModelOptions* options,
                  const Playing* like) {
    ModelOptions own = *options;
    own.min_hop = LEAST_HOP;
    *playing = (Playing){0};
    playing->model = opening_open(wanted, &own, &playing->path);
    if (!playing->model) {
        return false;
    }
    const TimbrelModelSummary* const summary = timbrel_model_summary(playing->model);
    TimbrelError error = {0};
    if (summary->info.play_mode != TIMBREL_PLAY_ENCODE_DECODE) {
        (void)timbrel_error_set(&error, TIMBREL_BAD_MODEL,
                                "The model %s has no latents to write or read; choose one with "
                                "encode and decode.",
                                summary->name);
    } else if (like) {
        playing->origin = like->origin;
        playing->alignment = like->alignment;
    } else if (find_origin(playing, &error) == TIMBREL_OK) {
        (void)find_alignment(playing, &error);
    }
    if (error.status) {
        message("%s", error.message);
        playing_close(playing);
    }
    return error.status == TIMBREL_OK;
}

void playing_close(Playing* playing) {
    if (playing->model) {
        timbrel_model_close(playing->model);
    }
    free(playing->path);
    *playing = (Playing){0};
}

bool playing_accepts(const Playing* playing, const TimbrelLatents* latents, const char* name) {
    const TimbrelOrigin* const own = &playing->origin;
    const TimbrelOrigin* const theirs = &latents->origin;
    const uint32_t count = timbrel_model_summary(playing->model)->info.latents;
    if (latents->count != count) {
        message("\"%s\" has %u latents and the model %s has %u; choose the model they were made "
                "with.",
                name, latents->count, own->model, count);
        return false;
    }
    if (theirs->hash[0] && strcmp(theirs->hash, own->hash) != 0) {
        message("\"%s\" was made with the model %s, which is another file than the %s given; "
                "choose that one, or decode with --any-model.",
                name, theirs->model[0] ? theirs->model : "of another hash", own->model);
        return false;
    }
    return true;
}
