// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_STREAM_STREAM_H
#define TIMBREL_ENGINE_STREAM_STREAM_H

#include "engine/base/rt.h"
#include "engine/latents/source.h"
#include "feed.h"

/// Between a host's blocks and a model's hop. The audio thread writes input and reads output at the
/// host's rate through rings; a thread of the stream's own, the inference thread, converts rates
/// and plays the model, hop by hop.
///
/// Time is the host's samples since the last reset, whether sound comes in or not: input sample i
/// is written at time i. The output ("wet") has an index of its own: wet sample j answers what
/// happened at time j - latency->model, and may be read from time j + start on, where start =
/// timbrel_stream_start(). So the output's place in time follows from the model and the rates
/// alone, never from how the host cuts its blocks.
typedef struct TimbrelStream TimbrelStream;

typedef struct {
    double rate;       ///< Host rate, Hz
    uint32_t channels; ///< 1 or 2, in and out
    bool no_input;     ///< No sound comes in: latents come from a source, and encode's delay is no
                       ///< part of the latency
    /// Called on the inference thread when the model has failed, or an attribute was set: look at
    /// timbrel_stream_error() and timbrel_stream_attributes() from a thread of your own.
    void (*changed)(void* handle);
    void* handle;
} TimbrelStreamConfig;

/// Takes over `model`, also on failure (NULL with `error` filled). Thread: any but audio.
TimbrelStream* timbrel_stream_new(TimbrelModel* model, const TimbrelStreamConfig* config,
                                  TimbrelError* error);

/// Ends the inference thread, at once even if the model hangs. Thread: any but audio.
void timbrel_stream_free(TimbrelStream* stream);

/// Back to time 0 and silence, model included. No other call may be in progress.
TimbrelStatus timbrel_stream_reset(TimbrelStream* stream, TimbrelError* error);

const TimbrelModelSummary* timbrel_stream_summary(const TimbrelStream* stream) TIMBREL_RT;

/// Latency at the given timing and largest real-time block. `dual`: left and right as two lanes.
/// Thread: any.
void timbrel_stream_latency(const TimbrelStream* stream, TimbrelTiming timing, uint32_t block,
                            bool dual, TimbrelLatency* latency) TIMBREL_RT;

/// From which time on wet sample 0 may be read, given a latency of this stream.
static inline uint32_t timbrel_stream_start(const TimbrelLatency* latency) {
    return latency->total - latency->model;
}

/// Largest total that timbrel_stream_latency() gives for blocks of up to TIMBREL_MAX_BLOCK.
uint32_t timbrel_stream_max_latency(const TimbrelStream* stream) TIMBREL_RT;

#define TIMBREL_MAX_BLOCK 8192 ///< Larger real-time blocks are taken for this
/// Write the next piece of input, and wake the inference thread when a hop is complete. With
/// `wait`, waits where the input ring is full; else what does not fit is lost (played as silence,
/// its hop reported late). Thread: audio.
void timbrel_stream_write(TimbrelStream* stream, const TimbrelStreamInput* input,
                          bool wait) TIMBREL_RT;

/// Read wet samples first .. first + frames - 1; negative indices are silence. Returns how many
/// from `first` on are there in time; the rest of `out` is zeroed. With `wait`, waits for all of
/// them, unless the model has failed. Thread: audio.
uint32_t timbrel_stream_read(TimbrelStream* stream, int64_t first, float* const* out,
                             uint32_t frames, bool wait) TIMBREL_RT;

/// Whether the model has failed for good. Thread: any.
bool timbrel_stream_failed(const TimbrelStream* stream) TIMBREL_RT;

/// Why it failed. Thread: any but audio.
void timbrel_stream_error(TimbrelStream* stream, TimbrelError* error);

/// Share of a hop's time that its inference took, smoothed, 1 = all of it. Thread: any.
float timbrel_stream_load(const TimbrelStream* stream) TIMBREL_RT;

/// Share of the time that it has which the model needs, above 1 if it will drop out: as known of
/// this machine, from then on as played in real time. The config's changed() tells when that passes
/// 1. Thread: any.
float timbrel_stream_share(const TimbrelStream* stream);

/// Latest latent frame before and after control; the number of latents. Thread: any.
uint32_t timbrel_stream_latents(const TimbrelStream* stream, float raw[TIMBREL_MAX_LATENTS],
                                float controlled[TIMBREL_MAX_LATENTS]) TIMBREL_RT;

/// Set a model attribute between two hops; remembered order, done soon. Thread: any but audio.
void timbrel_stream_set_attribute(TimbrelStream* stream, const char* name, const char* value);

/// Whether the model has that attribute, but plays from a plan in which it has another value for
/// good. Thread: any but audio.
bool timbrel_stream_fixes_attribute(TimbrelStream* stream, const char* name, const char* value);

/// Copy the model's summary with the present attribute values. Thread: any but audio.
void timbrel_stream_summary_now(TimbrelStream* stream, TimbrelModelSummary* summary);

/// Take latents from `source` from the next hop on: frames that encode gives, or none where the
/// source needs no encoder, no longer reach the decoder by themselves. Takes it over. What played
/// before is freed by the next call, or with the stream. Thread: any but audio.
void timbrel_stream_set_source(TimbrelStream* stream, TimbrelSource* source);

#endif
