// SPDX-License-Identifier: ISC
#include "compose/tempo.h"

#include "command.h"
#include "engine/files/description.h"
#include "json.h"
#include "message.h"
#include "number.h"
#include "opening.h"

#include <argp.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char* model;
    ModelOptions model_options;
    double bpm;     // 0: not given
    uint64_t first; // Rows; 0: from the tempi one plays
    uint64_t last;
    bool as_json;
} Options;

static const double slowest = 60; // Beats a minute that are listed unless rows are given
static const double fastest = 200;

enum { OPTION_BPM = 0x200, OPTION_ROWS };

static bool parse_range(const char* argument, Options* options) {
    char text[64];
    (void)snprintf(text, sizeof text, "%s", argument);
    char* dash = strchr(text, '-');
    if (dash) {
        *dash = '\0';
    }
    return strlen(argument) < sizeof text &&
           number_parse_whole(text, 1, 1000000, &options->first) &&
           number_parse_whole(dash ? dash + 1 : text, options->first, 1000000, &options->last);
}

static error_t parse(int key, char* argument, struct argp_state* state) {
    Options* options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->model_options;
        return 0;
    case OPTION_BPM:
        if (!number_parse(argument, 1, 100000, &options->bpm)) {
            argp_error(state, "--bpm=%s is not a number from 1 to 100000", argument);
        }
        return 0;
    case OPTION_ROWS:
        if (!parse_range(argument, options)) {
            argp_error(state, "--rows=%s is not of the form FIRST-LAST", argument);
        }
        return 0;
    case 'j':
        options->as_json = true;
        return 0;
    default:
        return opening_parse_model(key, argument, state, &options->model);
    }
}

static int print_json(const Options* options, const char* model, double row_rate) {
    json_t* list = json_array();
    for (uint64_t k = options->first; k <= options->last; ++k) {
        const double bpm = timbrel_tempo(row_rate, k);
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "rows", json_count(k), "bpm",
                                              json_number(bpm), "double", json_number(2 * bpm)));
    }
    json_t* json = json_pack("{s:o, s:o, s:o}", "model", timbrel_json_text(model), "row_rate",
                             json_number(row_rate), "tempi", list);
    if (options->bpm > 0) {
        const TimbrelTempo nearest = timbrel_tempo_nearest(row_rate, options->bpm);
        json_object_set_new(json, "nearest",
                            json_pack("{s:o, s:o, s:o, s:o}", "rows", json_count(nearest.rows),
                                      "bpm", json_number(nearest.bpm), "error",
                                      json_number(nearest.error), "stretch",
                                      json_number(nearest.stretch)));
    }
    return json_print(json);
}

static int print_text(const Options* options, const char* model, double row_rate) {
    print_safely(stdout, model);
    (void)printf(": %.4f rows a second\n\n  rows      bpm   double\n", row_rate);
    for (uint64_t k = options->first; k <= options->last; ++k) {
        (void)printf("%6" PRIu64 " %8.2f %8.2f\n", k, timbrel_tempo(row_rate, k),
                     2 * timbrel_tempo(row_rate, k));
    }
    if (options->bpm > 0) {
        const TimbrelTempo nearest = timbrel_tempo_nearest(row_rate, options->bpm);
        (void)printf("\nNearest to %g bpm: %" PRIu64 " rows a beat, %.2f bpm (%+.2f)\n",
                     options->bpm, nearest.rows, nearest.bpm, nearest.error);
        (void)printf("Exact when stretched: timbrel arrange stretch --factor=%.9g\n",
                     nearest.stretch);
    }
    return fflush(stdout) == 0 ? 0 : EXIT_FAILED;
}

int tempo_run(int argc, char** argv) {
    static const struct argp_option described[] = {
        {.name = "bpm",
         .key = OPTION_BPM,
         .arg = "X",
         .doc = "Also the number of rows whose tempo is nearest to X beats a minute, its error, "
                "and the stretch that makes it exact"},
        {.name = "rows",
         .key = OPTION_ROWS,
         .arg = "FIRST-LAST",
         .doc = "Loops of so many rows (without it: those from 60 to 200 beats a minute)"},
        {.name = "json", .key = 'j', .doc = "Print JSON"},
        {0},
    };
    static const struct argp_child children[] = {{.argp = &model_options_argp}, {0}};
    static const struct argp argp = {
        .options = described,
        .parser = parse,
        .args_doc = "MODEL",
        .doc =
            "List the tempi of loops of whole rows of MODEL, with one beat a loop, and of double "
            "time.",
        .children = children,
    };
    Options options = {0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0) {
        return EXIT_USAGE;
    }
    char* path = NULL;
    TimbrelModel* model = opening_open(options.model, &options.model_options, &path);
    if (!model) {
        return EXIT_FAILED;
    }
    const TimbrelModelSummary* summary = timbrel_model_summary(model);
    const double row_rate = summary->rate / summary->info.ratio;
    if (options.first == 0) {
        options.first = (uint64_t)fmax(ceil(60 * row_rate / fastest), 1);
        options.last = (uint64_t)fmax(floor(60 * row_rate / slowest), (double)options.first);
    }
    const int status = options.as_json ? print_json(&options, summary->name, row_rate)
                                       : print_text(&options, summary->name, row_rate);
    timbrel_model_close(model);
    free(path);
    return status;
}
