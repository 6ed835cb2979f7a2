// SPDX-License-Identifier: ISC
#include "audio_sink.h"

#include "engine/files/output.h"
#include "message.h"

#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CHUNK = 1024, MOST_PLACES = 1024 }; // Frames written to the file at once; channels

struct AudioSink {
    char* path;
    TimbrelOutput* output;
    SNDFILE* file;
    uint32_t channels;
    bool integer;
    uint64_t clipped;
    uint64_t room; // Frames that its format has still room for
    float* interleaved;
};

typedef struct {
    const char* name;
    int format;
} Named;

const char audio_sink_encodings[] = "pcm16, pcm24, pcm32, float, double, vorbis, opus, mp3";
static const Named encodings[] = {
    {"pcm16", SF_FORMAT_PCM_16}, {"pcm24", SF_FORMAT_PCM_24},       {"pcm32", SF_FORMAT_PCM_32},
    {"float", SF_FORMAT_FLOAT},  {"double", SF_FORMAT_DOUBLE},      {"vorbis", SF_FORMAT_VORBIS},
    {"opus", SF_FORMAT_OPUS},    {"mp3", SF_FORMAT_MPEG_LAYER_III},
};

const char audio_sink_extensions[] =
    ".wav, .rf64, .w64, .flac, .ogg, .opus, .aiff, .caf, .au, .mp3";
static const Named containers[] = {
    {".wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT},
    {".rf64", SF_FORMAT_RF64 | SF_FORMAT_FLOAT},
    {".w64", SF_FORMAT_W64 | SF_FORMAT_FLOAT},
    {".flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24},
    {".ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
    {".oga", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
    {".opus", SF_FORMAT_OGG | SF_FORMAT_OPUS},
    {".aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_24},
    {".aif", SF_FORMAT_AIFF | SF_FORMAT_PCM_24},
    {".caf", SF_FORMAT_CAF | SF_FORMAT_FLOAT},
    {".au", SF_FORMAT_AU | SF_FORMAT_FLOAT},
    {".mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III},
};

static int find(const Named* table, size_t count, const char* name) {
    for (size_t i = 0; i < count; ++i) {
        if (strcasecmp(table[i].name, name) == 0) {
            return table[i].format;
        }
    }
    return 0;
}

// libsndfile's format, or 0 after saying why.
static int choose_format(const AudioSinkConfig* config) {
    const bool standard = strcmp(config->path, "-") == 0;
    const char* dot = standard ? ".wav" : strrchr(config->path, '.');
    int format = dot ? find(containers, sizeof containers / sizeof *containers, dot) : 0;
    if (!format) {
        message("The name of \"%s\" does not tell its format; end it with one of %s.", config->path,
                audio_sink_extensions);
        return 0;
    }
    if (config->encoding) {
        const int encoding =
            find(encodings, sizeof encodings / sizeof *encodings, config->encoding);
        if (!encoding) {
            message("There is no format \"%s\"; use one of %s.", config->encoding,
                    audio_sink_encodings);
            return 0;
        }
        format = (format & SF_FORMAT_TYPEMASK) | encoding;
    }
    const SF_INFO info = {
        .samplerate = (int)config->rate, .channels = (int)config->channels, .format = format};
    if (!sf_format_check(&info)) {
        message("A %s file cannot hold %u channels at %u Hz%s%s; choose another format.", dot,
                config->channels, config->rate, config->encoding ? " as " : "",
                config->encoding ? config->encoding : "");
        return 0;
    }
    return format;
}

static uint32_t sample_bytes(int format) {
    switch (format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_PCM_16:
        return 2;
    case SF_FORMAT_PCM_24:
        return 3;
    case SF_FORMAT_DOUBLE:
        return 8;
    default:
        return 4;
    }
}

// AIFF counts its bytes in 32 bits, its head among them; the others do not, or know a way on.
static uint64_t most_frames(const AudioSinkConfig* config, int format) {
    const uint64_t limit = UINT64_C(0xffff0000);
    if ((format & SF_FORMAT_TYPEMASK) != SF_FORMAT_AIFF) {
        return UINT64_MAX;
    }
    return limit / ((uint64_t)config->channels * sample_bytes(format));
}

static void tell_too_long(const char* path) {
    message("\"%s\" would grow over 4 GiB, more than an AIFF file can hold; write .caf, .w64 or "
            ".wav.",
            path);
}

bool audio_sink_check(const AudioSinkConfig* config) {
    const int format = choose_format(config);
    const bool fits = format && config->frames <= most_frames(config, format);
    if (format && !fits) {
        tell_too_long(config->path);
    }
    return fits;
}

// Plain WAV ends at 4 GiB; RF64 goes on, and is turned into WAV at the end if it stayed small.
static bool may_outgrow_wav(const AudioSinkConfig* config) {
    const uint64_t limit = UINT64_C(0xffff0000);
    const uint64_t bytes = config->frames * config->channels * sizeof(double);
    return config->frames == 0 || bytes > limit;
}

// Plain WAV has no field for it.
static int with_places(int format) {
    return (format & SF_FORMAT_TYPEMASK) == SF_FORMAT_WAV
               ? SF_FORMAT_WAVEX | (format & SF_FORMAT_SUBMASK)
               : format;
}

static void write_places(const AudioSink* sink, const AudioSinkConfig* config) {
    int places[MOST_PLACES]; // libsndfile's own limit of channels
    const size_t size = config->channels * sizeof *places;
    memcpy(places, config->places, size);
    if (!sf_command(sink->file, SFC_SET_CHANNEL_MAP_INFO, places, (int)size)) {
        message("\"%s\" cannot say which loudspeaker each channel is for, as the input does; "
                "write .wav to keep that.",
                config->path);
    }
}

static bool open_file(AudioSink* sink, const AudioSinkConfig* config, int format) {
    TimbrelError error = {0};
    sink->output = timbrel_output_open(config->path, &error);
    if (!sink->output) {
        message("%s", error.message);
        return false;
    }
    const bool large = (format & SF_FORMAT_TYPEMASK) == SF_FORMAT_WAV && may_outgrow_wav(config);
    if (large) {
        format = (format & SF_FORMAT_SUBMASK) | SF_FORMAT_RF64;
    } else if (config->places) {
        format = with_places(format);
    }
    SF_INFO info = {
        .samplerate = (int)config->rate, .channels = (int)config->channels, .format = format};
    sink->file = sf_open_fd(timbrel_output_descriptor(sink->output), SFM_WRITE, &info, SF_FALSE);
    if (!sink->file) {
        message(
            "The output \"%s\" cannot be written at %u Hz with %u channels (%s); choose another "
            "format.",
            config->path, config->rate, config->channels, sf_strerror(NULL));
        return false;
    }
    if (large) {
        (void)sf_command(sink->file, SFC_RF64_AUTO_DOWNGRADE, NULL, SF_TRUE);
    }
    // A peak chunk holds the time of day: without it, the same sound is the same file.
    (void)sf_command(sink->file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE);
    (void)sf_command(sink->file, SFC_SET_CLIPPING, NULL, SF_TRUE);
    if (config->places) {
        write_places(sink, config);
    }
    return true;
}

AudioSink* audio_sink_open(const AudioSinkConfig* config) {
    if (!audio_sink_check(config)) {
        return NULL;
    }
    const int format = choose_format(config);
    AudioSink* sink = calloc(1, sizeof *sink);
    if (!sink) {
        message_no_memory();
        return NULL;
    }
    sink->channels = config->channels;
    sink->room = most_frames(config, format);
    const int encoding = format & SF_FORMAT_SUBMASK;
    sink->integer = encoding == SF_FORMAT_PCM_16 || encoding == SF_FORMAT_PCM_24 ||
                    encoding == SF_FORMAT_PCM_32;
    sink->interleaved = calloc((size_t)CHUNK * sink->channels, sizeof(float));
    sink->path = strdup(config->path);
    const bool good = sink->interleaved && sink->path;
    if (!good) {
        message_no_memory();
    }
    if (!good || !open_file(sink, config, format)) {
        audio_sink_discard(sink);
        return NULL;
    }
    return sink;
}

bool audio_sink_write(AudioSink* sink, float* const* in, uint32_t offset, uint32_t frames) {
    if (frames > sink->room) {
        tell_too_long(sink->path);
        return false;
    }
    sink->room -= frames;
    while (frames > 0) {
        const uint32_t part = frames < CHUNK ? frames : CHUNK;
        for (uint32_t c = 0; c < sink->channels; ++c) {
            for (uint32_t i = 0; i < part; ++i) {
                const float sample = in[c][offset + i];
                sink->clipped += sink->integer && (sample > 1 || sample < -1);
                sink->interleaved[(size_t)i * sink->channels + c] = sample;
            }
        }
        if (sf_writef_float(sink->file, sink->interleaved, part) != (sf_count_t)part) {
            message("Writing \"%s\" failed (%s); check the free space.", sink->path,
                    sf_strerror(sink->file));
            return false;
        }
        offset += part;
        frames -= part;
    }
    return true;
}

uint64_t audio_sink_clipped(const AudioSink* sink) {
    return sink->clipped;
}

bool audio_sink_finish(AudioSink* sink) {
    TimbrelError error = {0};
    const int closed = sf_close(sink->file);
    sink->file = NULL;
    if (closed == SF_ERR_NO_ERROR) {
        (void)timbrel_output_finish(sink->output, &error);
        sink->output = NULL;
    } else {
        (void)timbrel_error_set(&error, TIMBREL_IO_ERROR,
                                "The output \"%s\" could not be completed (%s); check its folder.",
                                sink->path, sf_error_number(closed));
    }
    if (error.status) {
        message("%s", error.message);
    }
    audio_sink_discard(sink);
    return error.status == TIMBREL_OK;
}

void audio_sink_discard(AudioSink* sink) {
    if (!sink) {
        return;
    }
    if (sink->file) {
        (void)sf_close(sink->file);
    }
    timbrel_output_discard(sink->output);
    free(sink->path);
    free(sink->interleaved);
    free(sink);
}
