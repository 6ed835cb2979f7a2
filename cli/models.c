// SPDX-License-Identifier: ISC
#include "command.h"
#include "engine/files/description.h"
#include "engine/model/search.h"
#include "json.h"
#include "message.h"
#include "opening.h"
#include "stopping.h"

#include <argp.h>
#include <stdlib.h>

typedef struct {
    bool as_json;
    bool details;
} Options;

static error_t parse(int key, char* argument, struct argp_state* state) {
    (void)argument;
    Options* options = state->input;
    switch (key) {
    case 'j':
        options->as_json = true;
        return 0;
    case 'l':
        options->details = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "this command takes no argument");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

// Adds to `entry` what the open model tells; false if it does not open, with the reason in `error`.
static bool add_details(json_t* entry, const char* path, const Places* places,
                        TimbrelError* error) {
    const TimbrelModelConfig config = {.torch_program = places->torch_program,
                                       .torch_problem = &places->torch_problem};
    TimbrelModel* model = timbrel_model_open(path, &config, stopping_flag(), error);
    if (!model) {
        json_object_set_new(entry, "error", timbrel_json_text(error->message));
        return false;
    }
    const TimbrelModelSummary* summary = timbrel_model_summary(model);
    json_object_set_new(entry, "rate", json_number(summary->rate));
    json_object_set_new(entry, "hop", json_count(summary->hop));
    json_object_set_new(entry, "latents", json_count(summary->info.latents));
    json_object_set_new(entry, "in_channels", json_count(summary->info.in_channels));
    json_object_set_new(entry, "out_channels", json_count(summary->info.out_channels));
    timbrel_model_close(model);
    return true;
}

static unsigned entry_count(const json_t* entry, const char* key) {
    return (unsigned)json_integer_value(json_object_get(entry, key));
}

static void print_entry(const json_t* entry, const char* name, const char* path,
                        const Options* options, const TimbrelError* error) {
    print_safely(stdout, name);
    (void)putchar('\t');
    print_safely(stdout, path);
    if (error->status != TIMBREL_OK) {
        (void)putchar('\t');
        print_safely(stdout, error->message);
    } else if (options->details) {
        (void)printf("\t%g Hz, hop %u, %u latents, %u in, %u out",
                     json_real_value(json_object_get(entry, "rate")), entry_count(entry, "hop"),
                     entry_count(entry, "latents"), entry_count(entry, "in_channels"),
                     entry_count(entry, "out_channels"));
    }
    (void)putchar('\n');
    (void)fflush(stdout);
}

static int list_models(const Options* options, const Places* places, char* const* paths) {
    json_t* list = json_array();
    for (char* const* path = paths; *path; ++path) {
        char* name = timbrel_search_name(*path);
        if (!name) {
            json_decref(list);
            message_no_memory();
            return EXIT_FAILED;
        }
        TimbrelError error = {0};
        json_t* entry = json_object();
        json_object_set_new(entry, "name", timbrel_json_text(name));
        json_object_set_new(entry, "path", timbrel_json_text(*path));
        if (options->details) {
            (void)add_details(entry, *path, places, &error);
        }
        if (!options->as_json) {
            print_entry(entry, name, *path, options, &error);
        }
        json_array_append_new(list, entry);
        free(name);
    }
    if (options->as_json) {
        return json_print(list);
    }
    json_decref(list);
    return 0;
}

static void explain_none(const Places* places) {
    char** folders = timbrel_search_folders(places->model_dir);
    message("No model is installed; put model files (.ts) into one of these folders:");
    for (char** folder = folders; folder && *folder; ++folder) {
        (void)fprintf(stderr, "  %s\n", *folder);
    }
    timbrel_search_free(folders);
}

int models_run(int argc, char** argv) {
    static const struct argp_option described[] = {
        {.name = "long", .key = 'l', .doc = "Open each model and show its rate, hop and channels"},
        {.name = "json", .key = 'j', .doc = "Print JSON"},
        {0},
    };
    static const struct argp argp = {
        .options = described,
        .parser = parse,
        .doc =
            "List the installed models, one a line: name and file.\vModels are looked for in the "
            "folders of $TIMBREL_MODEL_PATH, in $XDG_DATA_HOME/timbrel/models, in a MOD pedal's "
            "user files, in timbrel/models of each folder of $XDG_DATA_DIRS, and among the bundled "
            "ones.",
    };
    Options options = {0};
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0) {
        return EXIT_USAGE;
    }
    Places places;
    if (!places_find(&places, options.details)) {
        return EXIT_FAILED;
    }
    char** paths = timbrel_search_list(places.model_dir);
    int status = EXIT_FAILED;
    if (!paths) {
        message_no_memory();
    } else {
        status = list_models(&options, &places, paths);
        if (!paths[0] && !options.as_json) {
            explain_none(&places);
        }
    }
    timbrel_search_free(paths);
    places_free(&places);
    return status;
}
