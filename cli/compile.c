// SPDX-License-Identifier: ISC
#include "../engine/search.h"
#include "command.h"
#include "message.h"
#include "opening.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    const char* model;
    const char* output;
    TimbrelWeightForm form;
} Options;

static error_t parse(int key, char* argument, struct argp_state* state) {
    Options* const options = state->input;
    switch (key) {
    case 'o':
        options->output = argument;
        return 0;
    case 'f':
        options->form = TIMBREL_WEIGHTS_FULL;
        return 0;
    case ARGP_KEY_END:
        if (!options->output)
            argp_error(state, "a name for the plan is needed: -o PLAN");
        break;
    default:
        break;
    }
    return opening_parse_model(key, argument, state, &options->model);
}

// Into a file beside `output` first: a failure leaves what was there.
static bool write_plan(const char* path, const Places* places, const Options* options) {
    char* temporary = NULL;
    if (asprintf(&temporary, "%s.XXXXXX", options->output) < 0) {
        message("Memory ran out; close other programs.");
        return false;
    }
    const int file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0) {
        message("%s cannot be written (%s).", options->output, strerror(errno));
        free(temporary);
        return false;
    }
    const TimbrelModelConfig config = {.torch_program = places->torch_program,
                                       .torch_problem = &places->torch_problem};
    TimbrelError error = {0};
    bool good = !timbrel_model_compile(path, &config, options->form, file, &error);
    if (!good) {
        message("%s", error.message);
    } else if (fchmod(file, 0644) != 0 || fsync(file) != 0 ||
               rename(temporary, options->output) != 0) {
        message("%s cannot be written (%s).", options->output, strerror(errno));
        good = false;
    }
    if (!good)
        (void)unlink(temporary);
    (void)close(file);
    free(temporary);
    return good;
}

int compile_run(int argc, char** argv) {
    static const struct argp_option described[] = {
        {.name = "output", .key = 'o', .arg = "PLAN", .doc = "Write the plan here"},
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
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return EXIT_USAGE;
    Places places;
    if (!places_find(&places, true))
        return EXIT_FAILED;
    TimbrelError error = {0};
    char* const path = timbrel_search_model(options.model, places.model_dir, &error);
    if (!path)
        message("%s", error.message);
    const bool good = path && write_plan(path, &places, &options);
    free(path);
    places_free(&places);
    return good ? 0 : EXIT_FAILED;
}
