// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_CODEC_ENCODER_H
#define TIMBREL_ENGINE_CODEC_ENCODER_H

#include "framing.h"

/// Sound to frames: gathers sound at the model's rate into windows and hands them to the model.
/// What the model's encode makes of a window lies in the back end's `latents`, whose frames are
/// those of timbrel_framing_frame(). One thread at a time.
typedef struct {
    TimbrelBackend* backend;
    TimbrelFraming framing;
    uint32_t channels;                  ///< Of the sound
    uint32_t room;                      ///< Samples in each of `sound`
    uint32_t filled;                    ///< Samples there are
    float* sound[TIMBREL_MAX_CHANNELS]; ///< The window, and what was put beyond its end
} TimbrelEncoder;

/// For sound of `channels` channels (1 to TIMBREL_MAX_CHANNELS); `most` samples may be put while
/// less than a window is there. False when memory ran out; then, as after free, it holds nothing.
bool timbrel_encoder_init(TimbrelEncoder* encoder, TimbrelModel* model, uint32_t channels,
                          uint32_t most);

/// A zeroed or freed encoder is fine.
void timbrel_encoder_free(TimbrelEncoder* encoder);

/// Back to the start, before which there was silence. The model is reset by whoever resets all.
void timbrel_encoder_reset(TimbrelEncoder* encoder);

/// Samples that are missing until the window is whole.
static inline uint32_t timbrel_encoder_missing(const TimbrelEncoder* encoder) {
    const uint32_t window = encoder->framing.window;
    return encoder->filled < window ? window - encoder->filled : 0;
}

/// Where the channel's next samples go, timbrel_encoder_room() at most; then put them.
static inline float* timbrel_encoder_end(const TimbrelEncoder* encoder, uint32_t channel) {
    return encoder->sound[channel] + encoder->filled;
}
static inline uint32_t timbrel_encoder_room(const TimbrelEncoder* encoder) {
    return encoder->room - encoder->filled;
}
static inline void timbrel_encoder_put(TimbrelEncoder* encoder, uint32_t samples) {
    encoder->filled += samples;
}

/// Fill the window up with silence.
void timbrel_encoder_pad(TimbrelEncoder* encoder);

/// The window to the model's input: both channels' mean for a mono model, each channel to a
/// lane of its own (dual mono), or channel by channel, again from the first where the sound has
/// fewer.
void timbrel_encoder_fill(const TimbrelEncoder* encoder, uint32_t lanes);

/// Go on to the next window, a hop later.
void timbrel_encoder_advance(TimbrelEncoder* encoder);

#endif
