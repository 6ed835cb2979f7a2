// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_PLAYING_H
#define TIMBREL_CLI_PLAYING_H

#include "engine/codec/alignment.h"
#include "engine/files/latents.h"
#include "opening.h"

/// A model opened for encoding or decoding apart, with what both must agree on: where in time a row
/// lies.
typedef struct {
    TimbrelModel* model;
    char* path;
    TimbrelOrigin origin; ///< What its latents are of, source and stamp empty
    TimbrelAlignment alignment;
} Playing;

/// Calls are as long as render's, so that the same sound gives the same numbers. A model without
/// latents is refused. On failure says why, and nothing is to be closed. With `like` (or NULL), the
/// same model once more: its origin and alignment are taken over, not found anew.
bool playing_open(Playing* playing, const char* wanted, const ModelOptions* options,
                  const Playing* like);
void playing_close(Playing* playing);

/// Whether this model may decode these latents; if not, says why. `name` is their file's.
bool playing_accepts(const Playing* playing, const TimbrelLatents* latents, const char* name);

#endif
