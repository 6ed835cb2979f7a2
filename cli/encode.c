// SPDX-License-Identifier: ISC
#include "command.h"
#include "encode_files.h"
#include "latent_io.h"
#include "message.h"
#include "number.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    EncodeConfig config;
    Collection sounds;
    const char* out; // NULL: beside each sound
    bool format_given;
} Options;

enum { OPTION_SAMPLE = 0x200, OPTION_AGAIN, OPTION_FORMAT };

static error_t parse(int key, char* argument, struct argp_state* state) {
    Options* options = state->input;
    uint64_t jobs = 0;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->config.model_options;
        return 0;
    case 'm':
        options->config.model = argument;
        return 0;
    case 'o':
        options->out = argument;
        return 0;
    case 'f':
        if (!latent_io_format(argument, &options->config.format)) {
            argp_error(state, "--format=%s is not npy, npy32 or wav", argument);
        }
        options->format_given = true;
        return 0;
    case 'j':
        if (!number_parse_whole(argument, 1, 1024, &jobs)) {
            argp_error(state, "--jobs=%s is not a whole number from 1 to 1024", argument);
        }
        options->config.jobs = (uint32_t)jobs;
        return 0;
    case OPTION_SAMPLE:
        options->config.sample = true;
        return 0;
    case OPTION_AGAIN:
        options->config.again = true;
        return 0;
    case ARGP_KEY_ARG:
        if (!collection_add(&options->sounds, argument, collection_sounds)) {
            exit(EXIT_FAILED);
        }
        return 0;
    case ARGP_KEY_END:
        if (!options->config.model) {
            argp_error(state, "a model is needed: -m MODEL");
        }
        if (options->sounds.count == 0) {
            argp_error(state, "a sound is needed");
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
         .doc =
             "Folder for the latents, made if needed; for one sound also the file itself (.npy or "
             ".wav), or - (default: beside the sounds)"},
        {.name = "format",
         .key = 'f',
         .arg = "FORMAT",
         .doc = "npy (float64), npy32 (float32) or wav, a latent audio file"},
        {.name = "sample",
         .key = OPTION_SAMPLE,
         .doc = "Draw latents as the model does when it plays (without it: their means)"},
        {.name = "jobs",
         .key = 'j',
         .arg = "N",
         .doc = "Use N models side by side (default: one a core)"},
        {.name = "again", .key = OPTION_AGAIN, .doc = "Encode again what is encoded already"},
        {0},
    };
    static const struct argp_child children[] = {{.argp = &model_options_argp}, {0}};
    static const struct argp argp = {
        .options = described,
        .parser = parse,
        .args_doc = "AUDIO...",
        .doc = "Write the latents of sounds: files or whole folders, of any format and rate. Row i "
               "stands for the sound from sample i * ratio on. Latents that are there already are "
               "kept, so an interrupted run can be continued.",
        .children = children,
    };
    if (argp_parse(&argp, argc, argv, 0, NULL, options) != 0) {
        exit(EXIT_USAGE);
    }
}

static const char* ending(TimbrelLatentFormat format) {
    return format == TIMBREL_LATENT_WAV ? ".wav" : ".npy";
}

// How many bytes of a name a folder has room for beside the longest of our endings.
static int fitting_stem(const char* name, int stem, const char* ending) {
    const char* slash = memrchr(name, '/', (size_t)stem);
    const int folder = slash ? (int)(slash + 1 - name) : 0;
    const int room = NAME_MAX - (int)strlen(ending);
    if (stem - folder <= room) {
        return stem;
    }
    stem = folder + room;
    while (stem > folder + 1 && (name[stem] & 0xc0) == 0x80) { // Not within a character of UTF-8
        --stem;
    }
    return stem;
}

// DIR/name with another ending; a latent audio file beside a sound gets ".latents.wav".
static char* name_output(const Options* options, const CollectionFile* sound) {
    const char* name = options->out ? sound->name : sound->path;
    const char* dot = strrchr(name, '.');
    const char* slash = strrchr(name, '/');
    const int whole =
        dot && dot > (slash ? slash + 1 : name) ? (int)(dot - name) : (int)strlen(name);
    const bool mistakable = !options->out && options->config.format == TIMBREL_LATENT_WAV;
    const int stem = fitting_stem(name, whole, mistakable ? ".latents.wav" : ".json");
    char* path = NULL;
    if (asprintf(&path, "%s%s%.*s%s%s", options->out ? options->out : "", options->out ? "/" : "",
                 stem, name, mistakable ? ".latents" : "", ending(options->config.format)) < 0) {
        return NULL;
    }
    return path;
}

// Make the folders above `path`.
static bool make_folders(const char* path) {
    char* copy = strdup(path);
    bool good = copy != NULL;
    for (char* slash = copy ? strchr(copy + 1, '/') : NULL; good && slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        good = mkdir(copy, 0777) == 0 || errno == EEXIST;
        *slash = '/';
    }
    if (!good) {
        message("The folder of \"%s\" cannot be made (%s).", path, strerror(errno));
    }
    free(copy);
    return good;
}

typedef struct {
    const char* out;
    const char* sound;
} Pair;

static int compare_pairs(const void* a, const void* b) {
    return strcmp(((const Pair*)a)->out, ((const Pair*)b)->out);
}

// Two sounds must not become one file.
static bool all_differ(const Options* options, char* const* outs) {
    const size_t count = options->sounds.count;
    Pair* pairs = calloc(count, sizeof *pairs);
    bool good = pairs != NULL;
    for (size_t i = 0; good && i < count; ++i) {
        pairs[i] = (Pair){outs[i], options->sounds.files[i].path};
    }
    if (good) {
        qsort(pairs, count, sizeof *pairs, compare_pairs);
    }
    for (size_t i = 1; good && i < count; ++i) {
        if (strcmp(pairs[i - 1].out, pairs[i].out) == 0) {
            message("\"%s\" and \"%s\" would both become \"%s\"; encode them into folders of "
                    "their own.",
                    pairs[i - 1].sound, pairs[i].sound, pairs[i].out);
            good = false;
        }
    }
    free(pairs);
    return good;
}

static bool is_folder(const char* path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

// One sound to one file or the pipe.
static bool is_file_output(const Options* options) {
    TimbrelLatentFormat format;
    return options->out && options->sounds.count == 1 && !is_folder(options->out) &&
           timbrel_latent_format(options->out, &format);
}

static bool name_outputs(Options* options, char** outs) {
    if (is_file_output(options)) {
        LatentOutput output = {options->out, options->config.format, options->format_given};
        if (!latent_io_choose(&output)) {
            return false;
        }
        options->config.format = output.format;
        outs[0] = strdup(options->out);
        return outs[0] != NULL;
    }
    for (size_t i = 0; i < options->sounds.count; ++i) {
        const CollectionFile* sound = &options->sounds.files[i];
        if (strcmp(sound->path, "-") == 0 || (options->out && strcmp(options->out, "-") == 0)) {
            message("A pipe carries only one sound: give one, and -o FILE or -o -.");
            return false;
        }
        outs[i] = name_output(options, sound);
        if (!outs[i]) {
            message_no_memory();
            return false;
        }
    }
    if (!all_differ(options, outs)) {
        return false;
    }
    for (size_t i = 0; i < options->sounds.count; ++i) {
        if (options->out && !make_folders(outs[i])) {
            return false;
        }
    }
    return true;
}

static int report(const Options* options, const EncodeResult* result) {
    if (result->failed) {
        message("%" PRIu64 " of %zu sounds failed; %" PRIu64 " were encoded.", result->failed,
                options->sounds.count, result->encoded + result->kept);
    } else if (isatty(STDERR_FILENO) && options->sounds.count > 1) {
        message("%" PRIu64 " sounds (%.0f s) encoded in %.1f s, %" PRIu64 " were there already.",
                result->encoded, result->sound_seconds, result->seconds, result->kept);
    }
    return result->failed ? EXIT_FAILED : 0;
}

int encode_run(int argc, char** argv) {
    Options options = {.config.format = TIMBREL_LATENT_NPY};
    parse_options(&options, argc, argv);
    char** outs = calloc(options.sounds.count, sizeof *outs);
    EncodeResult result;
    int status = EXIT_FAILED;
    if (!outs) {
        message_no_memory();
    } else if (name_outputs(&options, outs) &&
               encode_files(&options.sounds, outs, &options.config, &result)) {
        status = report(&options, &result);
    }
    for (size_t i = 0; outs && i < options.sounds.count; ++i) {
        free(outs[i]);
    }
    free(outs);
    collection_free(&options.sounds);
    return status;
}
