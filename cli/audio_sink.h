// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_AUDIO_SINK_H
#define TIMBREL_CLI_AUDIO_SINK_H

#include <stdbool.h>
#include <stdint.h>

/// A sound file in the making: it lies beside its place under another name until it is whole.
typedef struct AudioSink AudioSink;

typedef struct {
    const char* path;     ///< "-": standard output, as WAV
    const char* encoding; ///< One of audio_sink_encodings, or NULL: the format's usual one
    uint32_t rate;        ///< Hz
    uint32_t channels;
    uint64_t frames;   ///< Expected; 0 if unknown
    const int* places; ///< SF_CHANNEL_MAP_* a channel: its loudspeaker; NULL: the usual ones
} AudioSinkConfig;

/// Names for AudioSinkConfig::encoding and of the file extensions, as a list in words.
extern const char audio_sink_encodings[];
extern const char audio_sink_extensions[];

/// Whether such a file can be written, by its extension, encoding and length. False after saying
/// why.
bool audio_sink_check(const AudioSinkConfig* config);

/// NULL on failure, after saying why.
AudioSink* audio_sink_open(const AudioSinkConfig* config);

/// Append `frames` from in[channel] + offset. False after saying why: the disk may be full, or the
/// file as long as its format allows.
bool audio_sink_write(AudioSink* sink, float* const* in, uint32_t offset, uint32_t frames);

/// Samples so far beyond full scale, cut off by an integer encoding; 0 for others.
uint64_t audio_sink_clipped(const AudioSink* sink);

/// Complete the file and put it in its place. False after saying why, and then nothing is left.
/// Either way the sink is gone.
bool audio_sink_finish(AudioSink* sink);

/// Remove what was written.
void audio_sink_discard(AudioSink* sink);

#endif
