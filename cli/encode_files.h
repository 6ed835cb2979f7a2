// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_ENCODE_FILES_H
#define TIMBREL_CLI_ENCODE_FILES_H

#include "collection.h"
#include "engine/files/latent_file.h"
#include "opening.h"

/// Many sounds into as many files of latents, by several models of the same file side by side.

typedef struct {
    const char* model;
    ModelOptions model_options;
    bool sample;
    bool again;    ///< Encode also what is there already
    uint32_t jobs; ///< Models at most; 0: one a core
    TimbrelLatentFormat format;
} EncodeConfig;

typedef struct {
    uint64_t encoded;
    uint64_t kept; ///< Files that were there already, from the same sound, model and settings
    uint64_t failed;
    double sound_seconds; ///< Length of what was encoded
    double seconds;       ///< Time from when the models are open to the last file
    double busy_seconds;  ///< Summed over the workers
    double model_seconds; ///< Share of these inside the model
    uint32_t jobs;
} EncodeResult;

/// Encode file i of `sounds` to outs[i]. A sound that fails is said and counted, and the others go
/// on. False where nothing could be begun, after saying why, or when stopped.
bool encode_files(const Collection* sounds, char* const* outs, const EncodeConfig* config,
                  EncodeResult* result);

#endif
