// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_EFFECT_CONFIG_H
#define TIMBREL_ENGINE_EFFECT_CONFIG_H

#include "report.h"

#include <stdint.h>

/// What an effect is made with; its loader reads it too.
typedef struct {
    double rate;               ///< Host rate, Hz
    uint32_t channels;         ///< 1 or 2, in and out
    uint32_t block;            ///< The host's usual block in real time; 0 if it does not say:
                               ///< TIMBREL_DEFAULT_BLOCK. A
                               ///< larger one that comes in real time is learnt, until the
                               ///< next reset or timbrel_effect_set_block().
    const char* torch_program; ///< Path of timbrel-torch, or NULL to search (see search.h)
    const char* model_dir;     ///< Bundled models, searched last, or NULL
    uint64_t seed;             ///< Of the model's random draws
    double assumed_rate;       ///< Model rate when the file does not say; 0: 44100
    uint64_t memory_limit;     ///< See TimbrelRemoteConfig; 0: default
    uint32_t min_hop;      ///< See TimbrelModelConfig: for output that no machine's speed changes
    uint32_t call_timeout; ///< ms, see TimbrelRemoteConfig; 0: default
    TimbrelBackendKind backend; ///< $TIMBREL_BACKEND=torch overrides the best
    /// Called with each new report just before the audio thread can see it, never twice at once.
    /// May be NULL. Thread: any but audio.
    void (*published)(void* handle, const TimbrelModelReport* report);
    /// The same of a report on rows and points, after it, when it has a message that was not told.
    void (*rows_published)(void* handle, const TimbrelRowsReport* report);
    void* handle; ///< For both
} TimbrelEffectConfig;

#endif
