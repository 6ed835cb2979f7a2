// SPDX-License-Identifier: ISC
#include "opening.h"

#include "engine/model/search.h"
#include "message.h"
#include "number.h"
#include "stopping.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool places_find(Places* places, bool with_torch) {
    TimbrelError error = {0};
    *places = (Places){0};
    char* bundle = timbrel_search_bundle();
    if (!bundle || asprintf(&places->model_dir, "%s/models", bundle) < 0) {
        places->model_dir = NULL;
        (void)timbrel_error_no_memory(&error);
    } else if (with_torch) {
        places->torch_program = timbrel_search_torch(NULL, bundle, &places->torch_problem);
    }
    free(bundle);
    if (error.status != TIMBREL_OK) {
        message("%s", error.message);
        places_free(places);
    }
    return error.status == TIMBREL_OK;
}

void places_free(Places* places) {
    free(places->model_dir);
    free(places->torch_program);
    *places = (Places){0};
}

enum { OPTION_ASSUME_RATE = 0x100, OPTION_SEED, OPTION_BACKEND, OPTION_METHOD };

static const struct argp_option options[] = {
    {.name = "assume-rate",
     .key = OPTION_ASSUME_RATE,
     .arg = "HZ",
     .doc = "The model's sample rate, where its file does not say (default 44100)"},
    {.name = "seed",
     .key = OPTION_SEED,
     .arg = "N",
     .doc = "Seed of the model's random draws: the same seed gives the same sound (default 0)"},
    {.name = "backend",
     .key = OPTION_BACKEND,
     .arg = "best|torch",
     .doc = "best (the default) runs the model natively where possible, torch through libtorch"},
    {.name = "method",
     .key = OPTION_METHOD,
     .arg = "NAME",
     .doc = "Play this method of the model; `timbrel info' lists them"},
    {0},
};

static error_t parse(int key, char* argument, struct argp_state* state) {
    ModelOptions* model = state->input;
    switch (key) {
    case OPTION_ASSUME_RATE:
        if (!number_parse(argument, 1000, 768000, &model->assumed_rate)) {
            argp_error(state, "--assume-rate=%s is not a rate from 1000 to 768000 Hz", argument);
        }
        return 0;
    case OPTION_SEED:
        if (!number_parse_whole(argument, 0, UINT64_MAX, &model->seed)) {
            argp_error(state, "--seed=%s is not a whole number of 0 or more", argument);
        }
        return 0;
    case OPTION_BACKEND:
        model->backend = TIMBREL_BACKEND_TORCH;
        if (strcmp(argument, "best") == 0) {
            model->backend = TIMBREL_BACKEND_BEST;
        } else if (strcmp(argument, timbrel_backend_name(TIMBREL_BACKEND_TORCH)) != 0) {
            argp_error(state, "--backend=%s is neither \"best\" nor \"torch\"", argument);
        }
        return 0;
    case OPTION_METHOD:
        model->method = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp model_options_argp = {.options = options, .parser = parse};

error_t opening_parse_model(int key, char* argument, struct argp_state* state, const char** model) {
    if (key == ARGP_KEY_ARG) {
        if (*model) {
            argp_error(state, "\"%s\" is one model too many", argument);
        }
        *model = argument;
        return 0;
    }
    if (key == ARGP_KEY_END && !*model) {
        argp_error(state, "a model is needed");
    }
    return key == ARGP_KEY_END ? 0 : ARGP_ERR_UNKNOWN;
}

TimbrelModelConfig opening_config(const Places* places, const ModelOptions* model_options) {
    return (TimbrelModelConfig){
        .torch_program = places->torch_program,
        .torch_problem = &places->torch_problem,
        .assumed_rate = model_options->assumed_rate,
        .seed = model_options->seed,
        .backend = model_options->backend,
        .method = model_options->method,
        .min_hop = model_options->min_hop,
        .lanes = model_options->lanes,
        .dual = model_options->dual,
        .measure = model_options->measure,
    };
}

TimbrelModel* opening_open(const char* wanted, const ModelOptions* model_options, char** path) {
    *path = NULL;
    Places places;
    if (!places_find(&places, true)) {
        return NULL;
    }
    TimbrelError error = {0};
    TimbrelModel* model = NULL;
    *path = timbrel_search_model(wanted, places.model_dir, &error);
    if (*path) {
        const TimbrelModelConfig config = opening_config(&places, model_options);
        model = timbrel_model_open(*path, &config, stopping_flag(), &error);
    }
    if (!model) {
        if (!stopping_asked()) {
            message("%s", error.message);
        }
        free(*path);
        *path = NULL;
    }
    places_free(&places);
    return model;
}
