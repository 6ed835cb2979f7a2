// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_AUDIO_SOURCE_H
#define TIMBREL_CLI_AUDIO_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

/// A sound file read from its start to its end, one buffer a channel, at its own rate or another.
typedef struct AudioSource AudioSource;

#define AUDIO_SOURCE_MAX_CHANNELS 32
#define AUDIO_MIN_RATE            1000   ///< Hz: files of other rates are refused
#define AUDIO_MAX_RATE            768000 ///< Hz

/// `path` "-" is standard input. `rate` in Hz; 0 keeps the file's. NULL on failure, after saying
/// why.
AudioSource* audio_source_open(const char* path, uint32_t rate);

/// The same as one channel, the mean of the file's.
AudioSource* audio_source_open_mono(const char* path, uint32_t rate);
void audio_source_close(AudioSource* source);

uint32_t audio_source_channels(const AudioSource* source);
uint32_t audio_source_rate(const AudioSource* source);   ///< Hz, of what is read
uint64_t audio_source_frames(const AudioSource* source); ///< As the file says; 0 if it does not
/// SF_CHANNEL_MAP_* a channel: its loudspeaker. NULL where the file does not say, or says the
/// usual.
const int* audio_source_places(const AudioSource* source);

uint32_t audio_source_room(const AudioSource* source); ///< Most frames that one read gives

/// Read the next frames, as many as it likes, to out[channel]. Returns how many, 0 only at the end,
/// or -1 after saying why: a file without a single frame is refused, too. At another rate, output
/// frame n stands for the time of input frame n * file rate / rate, and the last one for a time
/// before the file's end.
int64_t audio_source_read(AudioSource* source, float* const* out);

#endif
