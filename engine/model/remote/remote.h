// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_REMOTE_REMOTE_H
#define TIMBREL_ENGINE_MODEL_REMOTE_REMOTE_H

#include "engine/model/backend.h"

/// The client of timbrel-torch: starts one child process a model, and calls it through shared
/// memory.

typedef struct {
    const char* program;   ///< Path of timbrel-torch
    uint64_t memory_limit; ///< Bytes of address space the child may use; 0: the default (4 GiB)
    uint32_t load_timeout; ///< ms to load the model; 0: the default (60 s)
    uint32_t call_timeout; ///< ms for one call; 0: the default (10 s)
    uint64_t seed;         ///< Seed of the model's random draws
    uint32_t lanes;        ///< Lanes to play; 0 stands for 1
    const char* method;    ///< Method to play, as in timbrel_methods_choose(); NULL: the default
    int plan_file;         ///< File that a plan may be written to; 0: none
} TimbrelRemoteConfig;

/// Start timbrel-torch, let it open the TorchScript file at `path`, and make buffers for calls of
/// up to `max_samples` audio samples (rounded up to whole frames, at least one) in each lane. A set
/// of lanes other than the first few can be called, and lanes can be reset apart, where the model's
/// state lies in caches with a row for each lane, as RAVE's do; else the call fails and says so.
/// Random numbers are libtorch's own, in the order of calls.
/// Blocks until the model is loaded. Returns NULL with `error` filled on failure.
/// `cancel` (may be NULL) is polled at least every 100 ms: when it becomes true, loading is given
/// up. Thread: any but the audio thread.
TimbrelBackend* timbrel_remote_open(const TimbrelRemoteConfig* config, const char* path,
                                    uint32_t max_samples, const _Atomic(bool)* cancel,
                                    TimbrelError* error);

/// Have the model written as a plan (see native/plan.h) into the file that the config gave as
/// `plan_file`. TIMBREL_BAD_MODEL if it cannot be one: the message says why, in one sentence, and
/// the back end plays on. Its streaming state is fresh then. `cancel` as above; after it the back
/// end is of no more use. Thread: as that of call().
TimbrelStatus timbrel_remote_compile(TimbrelBackend* backend, const char* model_hash,
                                     TimbrelWeightForm form, const _Atomic(bool)* cancel,
                                     TimbrelError* error);

#endif
