// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_ENCODER_H
#define TIMBREL_CLI_ENCODER_H

#include "audio_source.h"
#include "engine/files/latent_file.h"
#include "playing.h"

/// Sounds into latents, one after the other, in memory that does not grow with them.
typedef struct Encoder Encoder;

/// `playing` stays the caller's. With `sample`, latents are drawn as the model draws them, else
/// they are their means. NULL when memory runs out, after saying so.
Encoder* encoder_new(const Playing* playing, bool sample);
void encoder_free(Encoder* encoder);

/// Encode all of `source`, which comes at the model's rate, from a fresh state: row i goes to
/// `writer` for input samples i * ratio on, the last row's filled up with silence. Called between
/// pieces, `progress` (with the input frames read) ends it by returning false. The model's input
/// channel c is the source's c modulo its channels. False after saying why, or when stopped. `name`
/// is the sound's.
typedef bool EncoderProgress(void* handle, uint64_t frames);
bool encoder_run(Encoder* encoder, AudioSource* source, const char* name,
                 TimbrelLatentWriter* writer, EncoderProgress* progress, void* handle);

/// Rows before the first and after the last of the last run; they stay the encoder's.
const TimbrelEdges* encoder_edges(const Encoder* encoder);

/// Seconds spent in the model so far.
double encoder_model_seconds(const Encoder* encoder);

#endif
