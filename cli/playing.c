// SPDX-License-Identifier: ISC
#include "playing.h"

#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "engine/model/native/native.h"
#include "message.h"

#include <stdlib.h>
#include <string.h>

static TimbrelStatus find_origin(Playing* playing, TimbrelError* error) {
    const TimbrelModelSummary* summary = timbrel_model_summary(playing->model);
    TimbrelOrigin* origin = &playing->origin;
    memcpy(origin->model, summary->name, sizeof origin->model);
    TIMBREL_COPY(origin->space, summary->info.latent_space);
    origin->rate = summary->rate;
    origin->ratio = summary->info.ratio;
    origin->discrete = summary->info.discrete != 0;
    // A plan's own file is not the model's: latents tell the model, whatever plays it.
    TimbrelBackend* backend = timbrel_model_backend(playing->model);
    const char* hash =
        backend->kind == TIMBREL_BACKEND_NATIVE ? timbrel_native_model_hash(backend) : "";
    if (hash[0]) {
        (void)snprintf(origin->hash, sizeof origin->hash, "%s", hash);
        return TIMBREL_OK;
    }
    return timbrel_hash_file(playing->path, origin->hash, error);
}

bool playing_open(Playing* playing, const char* wanted, const ModelOptions* options,
                  const Playing* like) {
    ModelOptions own = *options;
    own.min_hop = OPENING_MIN_HOP;
    *playing = (Playing){0};
    playing->model = opening_open(wanted, &own, &playing->path);
    if (!playing->model) {
        return false;
    }
    const TimbrelModelSummary* summary = timbrel_model_summary(playing->model);
    TimbrelError error = {0};
    if (summary->info.play_mode != TIMBREL_PLAY_ENCODE_DECODE) {
        (void)timbrel_error_set(&error, TIMBREL_BAD_MODEL,
                                "The model %s has no latents to write or read; choose one with "
                                "encode and decode.",
                                summary->name);
    } else if (like) {
        playing->origin = like->origin;
        playing->alignment = like->alignment;
    } else {
        (void)find_origin(playing, &error);
        playing->alignment = timbrel_alignment(summary);
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
    const TimbrelOrigin* own = &playing->origin;
    const TimbrelOrigin* theirs = &latents->origin;
    const uint32_t count = timbrel_model_summary(playing->model)->info.latents;
    if (latents->count != count) {
        message("\"%s\" has %u latents and the model %s has %u; choose the model that they were "
                "made with.",
                name, latents->count, own->model, count);
        return false;
    }
    if (theirs->hash[0] && strcmp(theirs->hash, own->hash) != 0) {
        message("\"%s\" was made with the model %s, which is another file than the %s that was "
                "given; choose the one it was made with, or decode with --any-model.",
                name, theirs->model[0] ? theirs->model : "of another hash", own->model);
        return false;
    }
    return true;
}
