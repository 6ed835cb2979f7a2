// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_NATIVE_NATIVE_H
#define TIMBREL_ENGINE_MODEL_NATIVE_NATIVE_H

#include "engine/model/backend.h"

/// The back end that runs plans within this process.

typedef struct {
    const char* kernels; ///< See timbrel_kernels(); NULL: the best
    uint64_t seed;
    uint32_t max_samples; ///< Largest call, audio samples of the model
    uint32_t lanes;       ///< 0 stands for 1
} TimbrelNativeConfig;

/// Play the plan in the open file, which may be closed then. `name` is for messages.
/// Thread: any but audio.
TimbrelBackend* timbrel_native_open(const TimbrelNativeConfig* config, int file, const char* name,
                                    TimbrelError* error);

/// Hash of the model file that a plan of this back end was made from. Thread: any.
const char* timbrel_native_model_hash(const TimbrelBackend* backend);

/// Latent frames of the plan's own call: it takes these, and no fewer. Thread: any.
uint32_t timbrel_native_frames(const TimbrelBackend* backend);

/// Whether the plan keeps all weights as float32. Thread: any.
bool timbrel_native_exact(const TimbrelBackend* backend);

#endif
