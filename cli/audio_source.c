// SPDX-License-Identifier: ISC
#include "audio_source.h"

#include "engine/dsp/resampler.h"
#include "engine/files/input.h"
#include "message.h"

#include <sndfile.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1024 }; // Frames read from the file at once

struct AudioSource {
    SNDFILE* file;
    char* path;
    uint32_t channels;      // As read from here
    uint32_t file_channels; // As many, or mixed into one
    uint32_t file_rate;
    uint32_t rate;
    uint64_t frames;
    int places[AUDIO_SOURCE_MAX_CHANNELS];
    bool has_places;
    float* interleaved;
    float* channel; // One channel of the chunk, on its way to its resampler
    TimbrelResampler* resamplers[AUDIO_SOURCE_MAX_CHANNELS]; // None at the file's own rate
    uint64_t read;                                           // Frames so far
    uint64_t in_total;  // Frames given to the resamplers, silence after the end included
    uint64_t out_total; // Frames they gave
    uint64_t out_end;   // Frames they are to give in all; 0 until the file's end is seen
};

// Frames at the output rate that begin before `frames` at the file's have passed.
static uint64_t converted(const AudioSource* source, uint64_t frames) {
    return (frames * source->rate + source->file_rate - 1) / source->file_rate;
}

// One or two channels in their usual places need no word.
static void read_places(AudioSource* source) {
    const uint32_t channels = source->channels;
    int* places = source->places;
    if (channels < 2 || channels < source->file_channels ||
        !sf_command(source->file, SFC_GET_CHANNEL_MAP_INFO, places,
                    (int)(channels * sizeof *places))) {
        return;
    }
    source->has_places =
        channels > 2 || places[0] != SF_CHANNEL_MAP_LEFT || places[1] != SF_CHANNEL_MAP_RIGHT;
    for (uint32_t c = 0; c < channels; ++c) {
        source->has_places = source->has_places && places[c] != SF_CHANNEL_MAP_INVALID;
    }
}

static bool open_file(AudioSource* source, const char* path, bool mono) {
    SF_INFO info = {0};
    TimbrelError error = {0};
    if (strcmp(path, "-") == 0) {
        const int descriptor = timbrel_input_open(path, &error);
        if (descriptor < 0) {
            message("%s", error.message);
            return false;
        }
        source->file = sf_open_fd(descriptor, SFM_READ, &info, SF_TRUE);
    } else {
        source->file = sf_open(path, SFM_READ, &info);
    }
    if (!source->file) {
        message("The sound file \"%s\" cannot be read (%s); check the path and the format.", path,
                sf_strerror(NULL));
        return false;
    }
    if (info.channels < 1 || info.channels > AUDIO_SOURCE_MAX_CHANNELS) {
        message("The sound file \"%s\" has %d channels; use one with 1 to %d channels.", path,
                info.channels, AUDIO_SOURCE_MAX_CHANNELS);
        return false;
    }
    if (info.samplerate < AUDIO_MIN_RATE || info.samplerate > AUDIO_MAX_RATE) {
        message("The sound file \"%s\" has a sample rate of %d Hz, which is not from %d to %d Hz; "
                "correct it, or use another file.",
                path, info.samplerate, AUDIO_MIN_RATE, AUDIO_MAX_RATE);
        return false;
    }
    source->file_channels = (uint32_t)info.channels;
    source->channels = mono ? 1 : source->file_channels;
    source->file_rate = (uint32_t)info.samplerate;
    source->frames = info.seekable && info.frames > 0 ? (uint64_t)info.frames : 0;
    read_places(source);
    return true;
}

static bool make_buffers(AudioSource* source, const char* path) {
    source->path = strdup(path);
    source->interleaved = calloc((size_t)CHUNK * source->file_channels, sizeof(float));
    source->channel = calloc(CHUNK, sizeof(float));
    bool good = source->path && source->interleaved && source->channel;
    for (uint32_t c = 0; c < source->channels && source->rate != source->file_rate; ++c) {
        source->resamplers[c] = timbrel_resampler_new(source->file_rate, source->rate, 0);
        good = good && source->resamplers[c];
    }
    if (!good) {
        message_no_memory();
    }
    return good;
}

static AudioSource* open_source(const char* path, uint32_t rate, bool mono) {
    AudioSource* source = calloc(1, sizeof *source);
    if (!source) {
        message_no_memory();
        return NULL;
    }
    bool good = open_file(source, path, mono);
    if (good) {
        source->rate = rate ? rate : source->file_rate;
        good = make_buffers(source, path);
    }
    if (!good) {
        audio_source_close(source);
        return NULL;
    }
    return source;
}

AudioSource* audio_source_open(const char* path, uint32_t rate) {
    return open_source(path, rate, false);
}

AudioSource* audio_source_open_mono(const char* path, uint32_t rate) {
    return open_source(path, rate, true);
}

void audio_source_close(AudioSource* source) {
    if (!source) {
        return;
    }
    if (source->file) {
        (void)sf_close(source->file);
    }
    for (uint32_t c = 0; c < source->channels; ++c) {
        if (source->resamplers[c]) {
            timbrel_resampler_free(source->resamplers[c]);
        }
    }
    free(source->channel);
    free(source->interleaved);
    free(source->path);
    free(source);
}

uint32_t audio_source_channels(const AudioSource* source) {
    return source->channels;
}

uint32_t audio_source_rate(const AudioSource* source) {
    return source->rate;
}

uint64_t audio_source_frames(const AudioSource* source) {
    return converted(source, source->frames);
}

const int* audio_source_places(const AudioSource* source) {
    return source->has_places ? source->places : NULL;
}

uint32_t audio_source_room(const AudioSource* source) {
    return (uint32_t)converted(source, CHUNK) + 1;
}

// Mixed before it is resampled, so that only one channel is.
static void mix_down(AudioSource* source, uint32_t frames) {
    const uint32_t channels = source->file_channels;
    for (uint32_t i = 0; i < frames; ++i) {
        float sum = 0;
        for (uint32_t c = 0; c < channels; ++c) {
            sum += source->interleaved[(size_t)i * channels + c];
        }
        source->interleaved[i] = sum / (float)channels;
    }
}

static void take_channel(const AudioSource* source, uint32_t channel, uint32_t frames, float* out) {
    for (uint32_t i = 0; i < frames; ++i) {
        out[i] = source->interleaved[(size_t)i * source->channels + channel];
    }
}

static uint32_t convert(AudioSource* source, uint32_t frames, float* const* out) {
    uint32_t made = 0;
    for (uint32_t c = 0; c < source->channels; ++c) {
        take_channel(source, c, frames, source->channel);
        made = timbrel_resampler_process(source->resamplers[c], source->channel, frames, out[c],
                                         audio_source_room(source));
    }
    source->in_total += frames;
    if (source->out_end && made > source->out_end - source->out_total) {
        made = (uint32_t)(source->out_end - source->out_total);
    }
    source->out_total += made;
    return made;
}

int64_t audio_source_read(AudioSource* source, float* const* out) {
    for (;;) {
        if (source->out_end && source->out_total == source->out_end) {
            return 0;
        }
        const sf_count_t got =
            source->out_end ? 0 : sf_readf_float(source->file, source->interleaved, CHUNK);
        if (got <= 0 && !source->out_end && sf_error(source->file) != SF_ERR_NO_ERROR) {
            message("Reading the sound file \"%s\" failed (%s); check the file.", source->path,
                    sf_strerror(source->file));
            return -1;
        }
        const uint32_t frames = got > 0 ? (uint32_t)got : 0;
        source->read += frames;
        if (source->read == 0) {
            message("The sound file \"%s\" holds no sound, or its header says so; if a recorder "
                    "stopped before it wrote the length, repair the file.",
                    source->path);
            return -1;
        }
        if (source->channels < source->file_channels) {
            mix_down(source, frames);
        }
        if (source->rate == source->file_rate) {
            for (uint32_t c = 0; c < source->channels; ++c) {
                take_channel(source, c, frames, out[c]);
            }
            return frames;
        }
        if (frames == 0) { // The resamplers look ahead: silence brings out the rest
            if (!source->out_end) {
                source->out_end = converted(source, source->in_total);
            }
            memset(source->interleaved, 0, sizeof(float) * CHUNK * source->channels);
        }
        const uint32_t made = convert(source, frames ? frames : CHUNK, out);
        if (made > 0) {
            return made;
        }
    }
}
