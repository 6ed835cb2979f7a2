// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_STREAM_INFERENCE_H
#define TIMBREL_ENGINE_STREAM_INFERENCE_H

#include "engine/base/rt.h"
#include "feed.h"
#include "output.h"
#include "player.h"

/// The inference thread of a stream: takes what the feed holds, hop by hop, converts rates, plays
/// the model and writes the output. It follows the audio thread's priority, keeps the time that the
/// model takes, and gives up hops that nobody can hear any more.
typedef struct TimbrelInference TimbrelInference;

typedef struct {
    const TimbrelClock* clock;
    TimbrelFeed* feed;
    TimbrelOutput* output;
    uint32_t most; ///< Model samples that a hop's sound may bring beyond a window
    /// Called on the inference thread when the model has failed, an attribute was set, or what was
    /// believed of its speed proved wrong.
    void (*changed)(void* handle);
    void* handle;
} TimbrelInferenceConfig;

/// `model` stays the caller's, as does what the config points to; all outlive the thread. NULL with
/// `error` filled. No thread runs yet. Thread: any but audio, as for all below unless said.
TimbrelInference* timbrel_inference_new(TimbrelModel* model, const TimbrelInferenceConfig* config,
                                        TimbrelError* error);

/// The thread must have been stopped.
void timbrel_inference_free(TimbrelInference* inference);

TimbrelStatus timbrel_inference_start(TimbrelInference* inference, TimbrelError* error);

/// Ends the thread, if it runs. With `interrupt`, soon even if the model hangs; the model is then
/// unusable.
void timbrel_inference_stop(TimbrelInference* inference, bool interrupt);

/// Time 0 and silence, model included, unless it has failed. Only while no thread runs.
TimbrelStatus timbrel_inference_reset(TimbrelInference* inference, TimbrelError* error);

/// So many hops are complete in the feed. Thread: audio.
void timbrel_inference_post(TimbrelInference* inference, uint64_t hops) TIMBREL_RT;

/// Hops played. Thread: any.
uint64_t timbrel_inference_done(const TimbrelInference* inference) TIMBREL_RT;

/// Wait until the thread has done something since timbrel_inference_done() gave `hops`. For an
/// audio thread that may wait: free-wheeling.
void timbrel_inference_wait(TimbrelInference* inference, uint64_t hops) TIMBREL_RT_WAITS;

/// Whether nothing is late: the audio thread waits. Thread: audio.
void timbrel_inference_freewheel(TimbrelInference* inference, bool freewheel) TIMBREL_RT;

// As the functions of the same names in stream.h.
bool timbrel_inference_failed(const TimbrelInference* inference) TIMBREL_RT;
void timbrel_inference_error(TimbrelInference* inference, TimbrelError* error);
float timbrel_inference_load(const TimbrelInference* inference) TIMBREL_RT;
float timbrel_inference_share(const TimbrelInference* inference) TIMBREL_RT;
void timbrel_inference_latents(const TimbrelInference* inference, float* raw,
                               float* controlled) TIMBREL_RT;
void timbrel_inference_set_attribute(TimbrelInference* inference, const char* name,
                                     const char* value);
void timbrel_inference_attributes(TimbrelInference* inference,
                                  TimbrelAttribute attributes[TIMBREL_MAX_ATTRIBUTES]);
void timbrel_inference_set_source(TimbrelInference* inference, TimbrelSource* source);

#endif
