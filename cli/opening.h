// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_OPENING_H
#define TIMBREL_CLI_OPENING_H

#include "engine/model/model.h"

#include <argp.h>

/// Finding and opening models, the same for every command.

/// Where this program's own parts are.
typedef struct {
    char* model_dir;            ///< Bundled models
    char* torch_program;        ///< timbrel-torch; NULL unless asked for, or where there is none
    TimbrelError torch_problem; ///< Why there is none
} Places;

/// On failure says why, and nothing is to be freed.
bool places_find(Places* places, bool with_torch);
void places_free(Places* places);

/// Options of commands that open a model, for struct argp_child; the child's input is a
/// ModelOptions.
typedef struct {
    double assumed_rate; ///< Hz; 0: the engine's
    uint64_t seed;
    TimbrelBackendKind backend;
    const char* method; ///< NULL: the model's default
    uint32_t min_hop;   ///< This, `lanes` and `dual`: as in TimbrelModelConfig; no option sets them
    uint32_t lanes;
    bool dual;
    bool measure; ///< As there; of `info` alone
} ModelOptions;
extern const struct argp model_options_argp;

/// For the parser of a command whose one argument is a model: put that into `model`.
error_t opening_parse_model(int key, char* argument, struct argp_state* state, const char** model);

/// What the options say, for timbrel_model_open(); it refers to `places`.
TimbrelModelConfig opening_config(const Places* places, const ModelOptions* options);

/// The least hop of commands: a shorter one, and with it every draw, would follow the machine's
/// speed.
#define OPENING_MIN_HOP 2048

/// Find `wanted` (path or name) and open it, warm and measured. On failure says why and returns
/// NULL. `path` is set to the file's path, which the caller frees.
TimbrelModel* opening_open(const char* wanted, const ModelOptions* options, char** path);

#endif
