// SPDX-License-Identifier: ISC
#ifndef TIMBREL_STREAM_PRIVATE_H
#define TIMBREL_STREAM_PRIVATE_H

#include "engine/codec/decoder.h"
#include "engine/codec/encoder.h"
#include "engine/dsp/resampler.h"
#include "engine/model/attributes.h"
#include "stream.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

/// What the two halves of a stream share: stream.c (audio thread, life) and inference.c (inference
/// thread). Rings are addressed by absolute index, `& mask`.

typedef struct {
    float* channel[2];
    uint64_t mask;
} TimbrelRing;

/// Only the audio thread's.
typedef struct {
    uint64_t time;       ///< Input samples written
    uint64_t hop;        ///< Hops posted
    uint64_t hop_time;   ///< Time at which the next hop is complete
    uint64_t frame;      ///< Latent frames whose controls were sampled
    uint64_t frame_time; ///< Time at which the next frame is complete
} TimbrelStreamAudio;

/// Only the inference thread's.
typedef struct {
    uint64_t hop;   ///< Hops played
    uint64_t taken; ///< Input samples converted
    uint64_t out;   ///< Wet samples produced
    TimbrelEncoder encoder;
    TimbrelDecoder decoder;
    float* converted; ///< One hop of output at the host's rate
    uint32_t converted_room;
    TimbrelResampler* down[2];
    TimbrelResampler* up[2];
    TimbrelLatentState latent[2]; ///< Per batch entry
    uint32_t bad_hops;            ///< In a row with non-finite output
    int followed;                 ///< Audio thread whose priority was taken over
    float load;
    double spent; ///< Seconds that hops took since the last judgement, and how long they sound
    double played;
} TimbrelStreamInference;

struct TimbrelStream {
    TimbrelStreamConfig config;
    TimbrelModel* model;
    TimbrelBackend* backend;
    TimbrelModelSummary summary; ///< As of the load; attributes change in `attributes` only
    uint32_t host_rate;          ///< Rounded to Hz, as the resampler needs it
    uint32_t model_rate;
    bool same_rate;
    bool running; ///< Whether `thread` is to be joined
    TimbrelFraming framing;
    uint32_t span;       ///< Most host samples from a hop's first wet sample to its completion
    uint32_t hop_host;   ///< Host samples in a hop, rounded up
    uint32_t delay_host; ///< Wet sample j answers input sample j - delay_host

    TimbrelRing in_ring;
    TimbrelRing out_ring;
    TimbrelLatentControls* controls; ///< Ring, one a latent frame
    uint64_t controls_mask;

    TimbrelStreamAudio audio;
    TimbrelStreamInference inference;

    pthread_t thread;
    sem_t work; ///< Posted by the audio thread for each hop, and to quit
    sem_t done; ///< Posted by the inference thread if `waiting`

    // Written by the audio thread, read by the inference thread.
    atomic_uint_fast64_t posted;     ///< Hops complete
    atomic_uint_fast64_t lost_until; ///< Input before this is not in the ring
    atomic_int_fast64_t read_until;  ///< Wet samples before this have been played
    atomic_int audio_thread;         ///< Thread id whose priority to follow
    atomic_bool waiting;
    atomic_bool freewheel;
    atomic_bool quit;

    // Written by the inference thread, read by the audio thread.
    atomic_uint_fast64_t taken;        ///< Input samples no longer needed in the ring
    atomic_uint_fast64_t frames_taken; ///< Latent frames whose controls are no longer needed
    atomic_uint_fast64_t hops_done;
    atomic_uint_fast64_t out_written;   ///< Wet samples in the ring
    atomic_uint_fast64_t invalid_until; ///< Wet samples before this were not made by the model
    atomic_bool failed;
    _Atomic(float) load;
    _Atomic(float) share; ///< Of its time that the model needs: as known, then as played
    _Atomic(float) raw[TIMBREL_MAX_LATENTS];
    _Atomic(float) controlled[TIMBREL_MAX_LATENTS];

    // Between the inference thread and others; never the audio thread.
    pthread_mutex_t mutex;
    TimbrelError error;
    TimbrelAttributeList queue; ///< To be set between two hops
    TimbrelAttribute attributes[TIMBREL_MAX_ATTRIBUTES];
    atomic_bool has_queued;
};

/// Host samples that must have been written until hop `hop` can be played. Thread: any.
uint64_t timbrel_stream_hop_time(const TimbrelStream* stream, uint64_t hop) TIMBREL_RT;

/// Wet samples there are after `hops` hops. Thread: any.
uint64_t timbrel_stream_out_total(const TimbrelStream* stream, uint64_t hops) TIMBREL_RT;

/// Fresh state of the inference half (the model's apart); only while no thread runs.
void timbrel_inference_reset(TimbrelStream* stream);

/// The inference thread's function; `argument` is the stream.
void* timbrel_inference_run(void* argument);

#endif
