// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_CODEC_DECODER_H
#define TIMBREL_ENGINE_CODEC_DECODER_H

#include "framing.h"

/// Frames to sound: takes what the model's decode (or another method to sound) made of a window and
/// gives one hop of it, crossfaded with the window before. One thread at a time.
typedef struct {
    TimbrelBackend* backend;
    TimbrelFraming framing;
    uint32_t channels;                 ///< Of the sound that is given
    float* out[TIMBREL_MAX_CHANNELS];  ///< One hop
    float* tail[TIMBREL_MAX_CHANNELS]; ///< The end of the last window, to be crossfaded
} TimbrelDecoder;

/// False when memory ran out; then, as after free, it holds nothing.
bool timbrel_decoder_init(TimbrelDecoder* decoder, TimbrelModel* model, uint32_t channels);

/// A zeroed or freed decoder is fine.
void timbrel_decoder_free(TimbrelDecoder* decoder);

/// Forget the window before: silence. The model is reset by whoever resets all.
void timbrel_decoder_reset(TimbrelDecoder* decoder);

/// The model's output to `out`: each of two lanes to its channel; else channel by
/// channel, the last one again where the model has fewer, and the mean of its first two for one
/// channel. `overlap` samples later than the frames' own time, beside the model's delay. False if
/// it holds anything but numbers.
bool timbrel_decoder_take(TimbrelDecoder* decoder, uint32_t lanes);

#endif
