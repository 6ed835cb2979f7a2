// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_MODEL_H
#define TIMBREL_ENGINE_MODEL_MODEL_H

#include "attributes.h"
#include "backend.h"

/// A model ready to play: opened by a back end, its hop chosen, warmed up and measured.

/// All that is known about a model once it is warm; plain data.
typedef struct {
    TimbrelModelInfo info;
    char name[256];             ///< File name without folder and extension
    TimbrelBackendKind backend; ///< What plays it: native or torch
    char backend_why[160];      ///< Why this back end plays it, one sentence
    double rate;                ///< Hz the model is played at (assumed when the file does not say)
    uint32_t hop;               ///< Model samples to one call's new audio
    uint32_t window;  ///< Model samples handed to one call: hop, or more for a non-streaming model
    uint32_t overlap; ///< Model samples crossfaded between windows (non-streaming), else 0
    double delay;     ///< Model samples by which output trails input inside the model, measured
    double encode_delay; ///< Of these, by which encode's frames trail the input; the rest is
                         ///< decode's
    uint32_t lanes;      ///< So many, of those asked for, it plays at once
    double hop_seconds[TIMBREL_MAX_LANES]; ///< What one hop (encode + decode) of n + 1 lanes at
                                           ///< once takes on this machine, rounded up, see costs.h;
                                           ///< 0 from `lanes` on
    double first_seconds;                  ///< Time of the very first hop, before warm-up
    double load_seconds;                   ///< Time to open the file
} TimbrelModelSummary;

typedef struct TimbrelModel TimbrelModel;

/// Largest call of any back end, audio samples.
#define TIMBREL_LARGEST_CALL 65536u

typedef struct {
    const char* torch_program;         ///< NULL: there is none, and only plans can be played
    const TimbrelError* torch_problem; ///< Why there is none; NULL: not known
    double assumed_rate;               ///< 0: 44100
    uint64_t seed;
    uint64_t memory_limit; ///< 0: default
    uint32_t load_timeout; ///< ms, 0: default
    uint32_t call_timeout; ///< ms, 0: default
    uint32_t lanes;        ///< To play at once, up to TIMBREL_MAX_LANES; 0 stands for 1
    bool dual;             ///< At least two lanes of a model of one channel
    bool measure;          ///< Measure what is known of this machine anew
    TimbrelBackendKind backend;
    const char* method; ///< Method to play, as in timbrel_methods_choose(); NULL or "": the default
    const TimbrelAttributeList* attributes; ///< Attributes to be set; NULL: none. A plan has
                                            ///< fixed ones: others need torch
    uint32_t min_hop; ///< Model samples: at least this hop (0: the smallest that keeps up)
} TimbrelModelConfig;

/// Open the model, or the plan, at `path`, choose the hop, warm up, measure the delay, and the time
/// if it is not known of this machine. Blocks for seconds where a plan is to be made first, or
/// libtorch runs.
/// `cancel` (may be NULL): given up soon after it becomes true. Thread: any but audio.
TimbrelModel* timbrel_model_open(const char* path, const TimbrelModelConfig* config,
                                 const _Atomic(bool)* cancel, TimbrelError* error);

/// The same with a back end that is open already; takes it over, also on failure. `path` gives the
/// model its name, `hash` is its file's ("": what is measured is not kept); `why` says why it is
/// this back end, in one sentence; `load_seconds` is how long opening it took.
TimbrelModel* timbrel_model_new(TimbrelBackend* backend, const char* path, const char* hash,
                                const char* why, double load_seconds,
                                const TimbrelModelConfig* config, const _Atomic(bool)* cancel,
                                TimbrelError* error);

/// Write the plan of the model at `path` to the open file. `cancel` as above. Thread: any but
/// audio.
TimbrelStatus timbrel_model_compile(const char* path, const TimbrelModelConfig* config,
                                    TimbrelWeightForm form, int file, const _Atomic(bool)* cancel,
                                    TimbrelError* error);

void timbrel_model_close(TimbrelModel* model);

const TimbrelModelSummary* timbrel_model_summary(const TimbrelModel* model);

/// The back end, for calls by the one thread that plays the model.
TimbrelBackend* timbrel_model_backend(TimbrelModel* model);

#endif
