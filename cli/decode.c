// SPDX-License-Identifier: ISC
#include "collection.h"
#include "command.h"
#include "decoder.h"
#include "message.h"
#include "number.h"
#include "stopping.h"

#include "engine/files/latent_file.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
    const char* model;
    ModelOptions model_options;
    const char* out;
    const char* encoding;
    DecoderAmounts amounts;
    Collection files;
    bool apart;
    bool any_model;
} Options;

enum { OPTION_APART = 0x200, OPTION_ANY_MODEL, OPTION_RANDOMNESS, OPTION_NOISE, OPTION_FORMAT };

static void parse_amount(const char* option, const char* argument, float* amount,
                         const struct argp_state* state) {
    double percent = 0;
    if (!number_parse(argument, 0, 100, &percent)) {
        argp_error(state, "--%s=%s is not a number from 0 to 100", option, argument);
    }
    *amount = (float)percent / 100;
}

static error_t parse(int key, char* argument, struct argp_state* state) {
    Options* options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->model_options;
        return 0;
    case 'm':
        options->model = argument;
        return 0;
    case 'o':
        options->out = argument;
        return 0;
    case OPTION_FORMAT:
        options->encoding = argument;
        return 0;
    case OPTION_APART:
        options->apart = true;
        return 0;
    case OPTION_ANY_MODEL:
        options->any_model = true;
        return 0;
    case OPTION_RANDOMNESS:
        parse_amount("randomness", argument, &options->amounts.randomness, state);
        return 0;
    case OPTION_NOISE:
        parse_amount("noise", argument, &options->amounts.noise, state);
        return 0;
    case ARGP_KEY_ARG:
        if (!collection_add(&options->files, argument, collection_latents)) {
            exit(EXIT_FAILED);
        }
        return 0;
    case ARGP_KEY_END:
        if (!options->model) {
            argp_error(state, "a model is needed: -m MODEL");
        }
        if (options->files.count == 0) {
            argp_error(state, "latents are needed");
        }
        if (!options->out) {
            argp_error(state, "a name for the sound is needed: -o OUT");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void parse_options(Options* options, int argc, char** argv) {
    static const struct argp_option described[] = {
        {.name = "model", .key = 'm', .arg = "MODEL", .doc = "The model: a file or a name"},
        {.name = "out",
         .key = 'o',
         .arg = "OUT",
         .doc = "The sound, in a format told by its ending, or -; with --apart a folder"},
        {.name = "apart",
         .key = OPTION_APART,
         .doc = "Make a sound of each file of latents (without it, all are joined into one)"},
        {.name = "format",
         .key = OPTION_FORMAT,
         .arg = "FORMAT",
         .doc = "Samples as pcm16, pcm24, pcm32, float, double, vorbis, opus or mp3"},
        {.name = "randomness",
         .key = OPTION_RANDOMNESS,
         .arg = "PERCENT",
         .doc = "How much of the model's own randomness is in its latents (default 100)"},
        {.name = "noise",
         .key = OPTION_NOISE,
         .arg = "PERCENT",
         .doc = "How much of the model's own noise is in its sound (default 100)"},
        {.name = "any-model",
         .key = OPTION_ANY_MODEL,
         .doc = "Decode latents of another model too, if it has as many"},
        {0},
    };
    static const struct argp_child children[] = {{.argp = &model_options_argp}, {0}};
    static const struct argp argp = {
        .options = described,
        .parser = parse,
        .args_doc = "LATENTS...",
        .doc = "Make a sound from latents: arrays (.npy), latent audio files (.wav), folders of "
               "them, or -.",
        .children = children,
    };
    if (argp_parse(&argp, argc, argv, 0, NULL, options) != 0) {
        exit(EXIT_USAGE);
    }
}

static bool read_latents(const Options* options, const Playing* playing, const char* path,
                         TimbrelLatents* latents) {
    TimbrelError error = {0};
    if (timbrel_latent_read(path, latents, &error)) {
        message("%s", error.message);
        return false;
    }
    if (options->any_model) {
        latents->origin.hash[0] = '\0';
    }
    if (playing_accepts(playing, latents, path)) {
        return true;
    }
    timbrel_latents_free(latents);
    return false;
}

static bool decode_to(const Options* options, const Playing* playing, const TimbrelLatents* latents,
                      const char* out) {
    const TimbrelModelSummary* summary = timbrel_model_summary(playing->model);
    const AudioSinkConfig config = {
        .path = out,
        .encoding = options->encoding,
        .rate = (uint32_t)lround(summary->rate),
        .channels = summary->info.out_channels,
        .frames = (uint64_t)latents->rows * summary->info.ratio,
    };
    AudioSink* sink = audio_sink_open(&config);
    if (!sink) {
        return false;
    }
    if (!decoder_run(playing, latents, &options->amounts, sink)) {
        if (stopping_asked()) {
            message("Stopped; \"%s\" was not written.", out);
        }
        audio_sink_discard(sink);
        return false;
    }
    const uint64_t clipped = audio_sink_clipped(sink);
    if (clipped) {
        message("%" PRIu64 " samples of \"%s\" were over full scale and cut off; use "
                "--format=float.",
                clipped, out);
    }
    return audio_sink_finish(sink);
}

// The sound begins with the first file's edge and ends with the last one's.
static bool decode_joined(const Options* options, const Playing* playing) {
    TimbrelLatents all = {0};
    bool good = true;
    for (size_t i = 0; good && i < options->files.count; ++i) {
        TimbrelLatents part;
        TimbrelError error = {0};
        good = read_latents(options, playing, options->files.files[i].path, &part);
        if (!good) {
            break;
        }
        if (i == 0) {
            all = part;
            continue;
        }
        if (timbrel_latents_append(&all, part.values, part.rows, &error)) {
            message("%s", error.message);
            good = false;
        }
        free(all.edges.trail);
        all.edges.trail = part.edges.trail;
        all.edges.trail_rows = part.edges.trail_rows;
        part.edges.trail = NULL;
        timbrel_latents_free(&part);
    }
    good = good && decode_to(options, playing, &all, options->out);
    timbrel_latents_free(&all);
    return good;
}

static bool decode_apart(const Options* options, const Playing* playing) {
    if (mkdir(options->out, 0777) != 0 && errno != EEXIST) {
        message("The folder \"%s\" cannot be made (%s).", options->out, strerror(errno));
        return false;
    }
    bool good = true;
    for (size_t i = 0; good && i < options->files.count; ++i) {
        const CollectionFile* file = &options->files.files[i];
        const char* slash = strrchr(file->name, '/');
        const char* name = slash ? slash + 1 : file->name;
        const char* dot = strrchr(name, '.');
        char* out = NULL;
        if (asprintf(&out, "%s/%.*s.wav", options->out, dot ? (int)(dot - name) : (int)strlen(name),
                     name) < 0) {
            message_no_memory();
            return false;
        }
        TimbrelLatents latents;
        good = read_latents(options, playing, file->path, &latents);
        if (good) {
            good = decode_to(options, playing, &latents, out);
            timbrel_latents_free(&latents);
        }
        free(out);
    }
    return good;
}

int decode_run(int argc, char** argv) {
    Options options = {.amounts = {1, 1}};
    parse_options(&options, argc, argv);
    Playing playing;
    bool done = false;
    if (playing_open(&playing, options.model, &options.model_options, NULL)) {
        done = options.apart ? decode_apart(&options, &playing) : decode_joined(&options, &playing);
        playing_close(&playing);
    }
    collection_free(&options.files);
    return done ? 0 : EXIT_FAILED;
}
