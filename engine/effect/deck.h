// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_EFFECT_DECK_H
#define TIMBREL_ENGINE_EFFECT_DECK_H

#include "engine/base/rt.h"
#include "engine/dsp/delay_line.h"
#include "engine/stream/stream.h"
#include "library.h"

/// A deck is a stream with its dry signals beside it; like a DJ, the effect has two when it fades
/// from one model to the next. What comes out is aligned to the sample, whole latency
/// included, and free of clicks when a hop is late or the latency changes.

/// One way to read a deck: at a latency, with the memory that hides a gap's edges.
typedef struct {
    TimbrelLatency latency;
    bool wet;          ///< Whether the last sample came from the model
    float last[2];     ///< Last sample given
    float residual[2]; ///< Step at the last edge, fading out
    uint32_t late;     ///< Samples since the last counted late hop
} TimbrelTap;

typedef struct {
    TimbrelStream* stream;
    TimbrelSupply* supply; ///< Of its sources of latents; freed with it, may be NULL
    bool stereo;
    uint64_t time;        ///< Samples written
    TimbrelDelayLine raw; ///< The untouched input
    TimbrelDelayLine dry; ///< After the pre-filter
    TimbrelTap tap;       ///< The present timing
    TimbrelTap former;    ///< The timing before, while it fades out
    uint32_t fade;        ///< Samples of that fade still to go
    uint32_t fade_length;
    float decay;        ///< Factor of a residual from one sample to the next
    uint64_t late_hops; ///< Counted since it was made
    TimbrelTiming timing;
    uint32_t block;
    bool dual;
} TimbrelDeck;

/// One chunk of a deck's output: the effect's (mixed), and the untouched input to the same delay.
typedef struct {
    float* effect[2];
    float* raw[2];
} TimbrelDeckOutput;

/// Takes over `stream`, also on failure (NULL). Thread: any but audio.
TimbrelDeck* timbrel_deck_new(TimbrelStream* stream, double rate, uint32_t channels,
                              TimbrelTiming timing, uint32_t block, bool dual);
void timbrel_deck_free(TimbrelDeck* deck);

/// Silence, time 0. Not for the audio thread.
TimbrelStatus timbrel_deck_reset(TimbrelDeck* deck, TimbrelError* error);

/// Change what the latency depends on; crossfades if it changes anything. Thread: audio.
void timbrel_deck_retime(TimbrelDeck* deck, TimbrelTiming timing, uint32_t block,
                         bool dual) TIMBREL_RT;

/// The next piece of input, `input->in` being the sound after the pre-filter and `raw` the
/// untouched one. Thread: audio.
void timbrel_deck_write(TimbrelDeck* deck, const float* const* raw, const TimbrelStreamInput* input,
                        bool wait) TIMBREL_RT;

/// The output for the samples just written. `mix` holds the share of wet for each sample, 0..1.
/// Thread: audio.
void timbrel_deck_read(TimbrelDeck* deck, const TimbrelDeckOutput* out, const float* mix,
                       uint32_t frames, TimbrelLateMode late, bool wait) TIMBREL_RT;

/// Samples still to be written until the silence at the deck's start has been played.
static inline uint32_t timbrel_deck_cold(const TimbrelDeck* deck) {
    const uint32_t latency = deck->tap.latency.total;
    return deck->time < latency ? latency - (uint32_t)deck->time : 0;
}

#endif
