// SPDX-License-Identifier: ISC
#include "command.h"
#include "engine/files/output.h"
#include "engine/model/search.h"
#include "message.h"
#include "opening.h"
#include "stopping.h"

#include <argp.h>
#include <stdlib.h>

typedef struct {
    const char* model;
    const char* output;
    const char* method;
    TimbrelWeightForm form;
} Options;

static error_t parse(int key, char* argument, struct argp_state* state) {
    Options* options = state->input;
    switch (key) {
    case 'o':
        options->output = argument;
        return 0;
    case 'm':
        options->method = argument;
        return 0;
    case 'f':
        options->form = TIMBREL_WEIGHTS_FULL;
        return 0;
    case ARGP_KEY_END:
        if (!options->output) {
            argp_error(state, "a name for the plan is needed: -o PLAN");
        }
        break;
    default:
        break;
    }
    return opening_parse_model(key, argument, state, &options->model);
}

static bool write_plan(const char* path, const Places* places, const Options* options) {
    TimbrelError error = {0};
    TimbrelOutput* output = timbrel_output_open(options->output, &error);
    const TimbrelModelConfig config = {.torch_program = places->torch_program,
                                       .torch_problem = &places->torch_problem,
                                       .method = options->method};
    if (!output) {
        message("%s", error.message);
        return false;
    }
    const int file = timbrel_output_descriptor(output);
    if (timbrel_model_compile(path, &config, options->form, file, stopping_flag(), &error)) {
        timbrel_output_discard(output);
    } else {
        (void)timbrel_output_finish(output, &error);
    }
    if (error.status && !stopping_asked()) {
        message("%s", error.message);
    }
    return !error.status;
}

int compile_run(int argc, char** argv) {
    static const struct argp_option described[] = {
        {.name = "output", .key = 'o', .arg = "PLAN", .doc = "Write the plan here"},
        {.name = "method",
         .key = 'm',
         .arg = "NAME",
         .doc = "Method that the plan plays (default: what the model plays)"},
        {.name = "full",
         .key = 'f',
         .doc = "Keep all weights as float32: twice the size, and closest to the model"},
        {0},
    };
    static const struct argp argp = {
        .options = described,
        .parser = parse,
        .args_doc = "MODEL",
        .doc = "Make a plan of MODEL, a file or an installed name. A plan plays wherever a model "
               "does, on machines without libtorch too.",
    };
    Options options = {0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0) {
        return EXIT_USAGE;
    }
    Places places;
    if (!places_find(&places, true)) {
        return EXIT_FAILED;
    }
    TimbrelError error = {0};
    char* path = timbrel_search_model(options.model, places.model_dir, &error);
    if (!path) {
        message("%s", error.message);
    }
    const bool good = path && write_plan(path, &places, &options);
    free(path);
    places_free(&places);
    return good ? 0 : EXIT_FAILED;
}
