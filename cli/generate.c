// SPDX-License-Identifier: ISC
#include "command.h"
#include "latent_io.h"
#include "message.h"
#include "number.h"

#include "compose/generate.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char* const kinds[] = {
    [TIMBREL_GENERATE_NORMAL] = "normal",
    [TIMBREL_GENERATE_UNIFORM] = "uniform",
    [TIMBREL_GENERATE_CORRELATED] = "correlated",
    [TIMBREL_GENERATE_WALK] = "walk",
};
enum { KINDS = sizeof kinds / sizeof *kinds };

typedef struct {
    const char* kind;
    const char* statistics;
    TimbrelGenerateConfig config;
    uint64_t rows; // 0: not given, as for the next three
    double seconds;
    double beats;
    double bpm;
    LatentOutput output;
} Options;

enum { OPTION_SECONDS = 0x200, OPTION_BEATS, OPTION_BPM, OPTION_SEED, OPTION_CLAMP };

static double parse_positive(const char* option, const char* argument,
                             const struct argp_state* state) {
    double value = 0;
    if (!number_parse(argument, 1e-6, 1e9, &value)) {
        argp_error(state, "--%s=%s is not a number above 0", option, argument);
    }
    return value;
}

static error_t parse(int key, char* argument, struct argp_state* state) {
    Options* options = state->input;
    switch (key) {
    case 'n':
        if (!number_parse_whole(argument, 1, UINT32_MAX, &options->rows)) {
            argp_error(state, "--rows=%s is not a whole number above 0", argument);
        }
        return 0;
    case OPTION_SECONDS:
        options->seconds = parse_positive("seconds", argument, state);
        return 0;
    case OPTION_BEATS:
        options->beats = parse_positive("beats", argument, state);
        return 0;
    case OPTION_BPM:
        options->bpm = parse_positive("bpm", argument, state);
        return 0;
    case OPTION_SEED:
        if (!number_parse_whole(argument, 0, UINT64_MAX, &options->config.seed)) {
            argp_error(state, "--seed=%s is not a whole number of 0 or more", argument);
        }
        return 0;
    case OPTION_CLAMP:
        options->config.clamp = true;
        return 0;
    case 'o':
        options->output.path = argument;
        return 0;
    case 'f':
        if (!latent_io_format(argument, &options->output.format)) {
            argp_error(state, "--format=%s is not npy, npy32 or wav", argument);
        }
        options->output.format_given = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->statistics) {
            argp_error(state, "\"%s\" is one argument too many", argument);
        }
        *(options->kind ? &options->statistics : &options->kind) = argument;
        return 0;
    case ARGP_KEY_END:
        if (!options->statistics) {
            argp_error(state, "a kind and statistics are needed");
        }
        if ((options->rows > 0) + (options->seconds > 0) + (options->beats > 0) != 1) {
            argp_error(state, "one of --rows, --seconds and --beats is needed");
        }
        if ((options->beats > 0) != (options->bpm > 0)) {
            argp_error(state, "--beats and --bpm go together");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void parse_options(Options* options, int argc, char** argv) {
    static const struct argp_option described[] = {
        {.name = "rows", .key = 'n', .arg = "N", .doc = "Length in rows"},
        {.name = "seconds", .key = OPTION_SECONDS, .arg = "S", .doc = "Length in seconds"},
        {.name = "beats", .key = OPTION_BEATS, .arg = "N", .doc = "Length in beats of --bpm"},
        {.name = "bpm", .key = OPTION_BPM, .arg = "X", .doc = "Beats a minute"},
        {.name = "clamp",
         .key = OPTION_CLAMP,
         .doc = "Keep each latent to its range in the collection"},
        {.name = "seed",
         .key = OPTION_SEED,
         .arg = "N",
         .doc = "Seed of the random draws (default 0)"},
        {.name = "out",
         .key = 'o',
         .arg = "OUT",
         .doc = "The latents, .npy or .wav; without it, standard output"},
        {.name = "format", .key = 'f', .arg = "FORMAT", .doc = "npy, npy32 or wav"},
        {0},
    };
    static const struct argp argp = {
        .options = described,
        .parser = parse,
        .args_doc = "KIND STATISTICS",
        .doc = "Make rows that are like a collection, from what `timbrel stats --save' "
               "wrote.\vKIND is normal (each value by its latent's mean and deviation), uniform "
               "(anywhere in its range), correlated (each row by the whole covariance) or walk "
               "(each latent moves on from row to row as it did in the collection).",
    };
    if (argp_parse(&argp, argc, argv, 0, NULL, options) != 0) {
        exit(EXIT_USAGE);
    }
}

static bool find_kind(Options* options) {
    for (size_t i = 0; i < KINDS; ++i) {
        if (strcmp(kinds[i], options->kind) == 0) {
            options->config.kind = (TimbrelGenerateKind)i;
            return true;
        }
    }
    message("There is no kind \"%s\"; use normal, uniform, correlated or walk.", options->kind);
    return false;
}

static bool find_rows(Options* options, const TimbrelStatistics* statistics) {
    const double row_rate = timbrel_origin_row_rate(&statistics->origin);
    if (options->rows == 0 && row_rate <= 0) {
        message("\"%s\" does not tell how many rows make a second; use --rows.",
                options->statistics);
        return false;
    }
    const double seconds =
        options->beats > 0 ? options->beats * 60 / options->bpm : options->seconds;
    const double rows = options->rows > 0 ? (double)options->rows : round(seconds * row_rate);
    if (rows < 1 || rows > (double)TIMBREL_MAX_VALUES) {
        message("That would make %.0f rows; ask for 1 to %zu.", rows, TIMBREL_MAX_VALUES);
        return false;
    }
    options->config.rows = (size_t)rows;
    return true;
}

static bool make_rows(Options* options, const TimbrelStatistics* statistics) {
    TimbrelLatents rows;
    TimbrelError error = {0};
    if (!find_rows(options, statistics)) {
        return false;
    }
    if (timbrel_generate(statistics, &options->config, &rows, &error)) {
        message("%s", error.message);
        return false;
    }
    (void)snprintf(rows.origin.source, sizeof rows.origin.source, "%s rows, seed %llu",
                   options->kind, (unsigned long long)options->config.seed);
    const bool done = latent_io_write(&options->output, &rows);
    timbrel_latents_free(&rows);
    return done;
}

int generate_run(int argc, char** argv) {
    Options options = {.output.path = "-"};
    parse_options(&options, argc, argv);
    if (!find_kind(&options)) {
        return EXIT_USAGE;
    }
    if (!latent_io_choose(&options.output)) {
        return EXIT_FAILED;
    }
    TimbrelError error = {0};
    TimbrelStatistics* statistics = timbrel_statistics_load(options.statistics, &error);
    if (!statistics) {
        message("%s", error.message);
        return EXIT_FAILED;
    }
    const bool done = make_rows(&options, statistics);
    free(statistics);
    return done ? 0 : EXIT_FAILED;
}
