// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_DECODER_H
#define TIMBREL_CLI_DECODER_H

#include "audio_sink.h"
#include "playing.h"

/// Latents into a sound.
typedef struct {
    float randomness; ///< 0..1, as TimbrelAmounts::normal
    float noise;      ///< 0..1, as TimbrelAmounts::uniform
} DecoderAmounts;

/// Decode all rows from a fresh state and append rows x ratio samples to `sink`, which has the
/// model's output channels and rate. Where the latents have no edges, their first and last rows are
/// held in their stead. Shows its progress. False after saying why, or when stopped.
bool decoder_run(const Playing* playing, const TimbrelLatents* latents,
                 const DecoderAmounts* amounts, AudioSink* sink);

#endif
