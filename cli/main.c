// SPDX-License-Identifier: ISC
#include "command.h"
#include "stopping.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const Command commands[] = {
    {"info", "show a model, its speed on this machine and its latency", info_run},
    {"render", "play a sound file through a model into another file", render_run},
    {"encode", "write the latents of sounds", encode_run},
    {"decode", "make a sound from latents", decode_run},
    {"stats", "describe a collection of latents", stats_run},
    {"generate", "make rows of latents that are like a collection", generate_run},
    {"arrange", "arrange rows of latents into patterns", arrange_run},
    {"tempo", "list the tempi that loops of a model's rows have", tempo_run},
    {"models", "list the installed models", models_run},
    {"controls", "list the controls that render sets and automates", controls_run},
    {"compile", "make a plan of a model, which plays without libtorch", compile_run},
    {"bench", "measure how fast a model plays on this machine", bench_run},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static const Command* find_command(const char* name) {
    for (size_t i = 0; i < COMMAND_COUNT; ++i) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

// Argp frees what differs from `text`.
static char* add_command_list(int key, const char* text, void* input) {
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC) {
        return (char*)text;
    }
    char* list = NULL;
    size_t size = 0;
    FILE* stream = open_memstream(&list, &size);
    if (!stream) {
        return NULL;
    }
    (void)fputs("Commands:\n", stream);
    for (size_t i = 0; i < COMMAND_COUNT; ++i) {
        (void)fprintf(stream, "  %-10s %s\n", commands[i].name, commands[i].help);
    }
    (void)fputs("\n`timbrel COMMAND --help' describes each.", stream);
    (void)fclose(stream);
    return list;
}

// Stops at the command; its own parser reads the rest.
static error_t parse(int key, char* argument, struct argp_state* state) {
    const Command** command = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        *command = find_command(argument);
        if (!*command) {
            argp_error(state, "there is no command \"%s\"", argument);
        }
        state->next = state->argc;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "a command is needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char** argv) {
    static const struct argp argp = {
        .parser = parse,
        .args_doc = "COMMAND [OPTION...]",
        .doc = "Play sound through RAVE models, as the LV2 effect Timbrel does, without a host.\v",
        .help_filter = add_command_list,
    };
    argp_program_version = "timbrel " TIMBREL_VERSION;
    argp_err_exit_status = EXIT_USAGE;

    const Command* command = NULL;
    int first = 1; // Index of the command: options before it are this program's own
    while (first < argc && argv[first][0] == '-') {
        ++first;
    }
    if (argp_parse(&argp, first < argc ? first + 1 : argc, argv, ARGP_IN_ORDER, NULL, &command) !=
        0) {
        return EXIT_USAGE;
    }

    char name[64];
    (void)snprintf(name, sizeof name, "timbrel %s", command->name);
    argv[first] = name;
    stopping_catch();
    const int status = command->run(argc - first, argv + first);
    stopping_end();
    return status;
}
