// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_COMMAND_H
#define TIMBREL_CLI_COMMAND_H

/// The commands of the program `timbrel`, and how each of them ends.

enum {
    EXIT_FAILED = 1, ///< A file, a model or the machine failed us
    EXIT_USAGE = 2,  ///< The command line was wrong
};

/// `argv[0]` is "timbrel NAME". Returns the exit status.
typedef struct {
    const char* name;
    const char* help; ///< One line
    int (*run)(int argc, char** argv);
} Command;

int info_run(int argc, char** argv);
int render_run(int argc, char** argv);
int models_run(int argc, char** argv);
int controls_run(int argc, char** argv);
int compile_run(int argc, char** argv);
int bench_run(int argc, char** argv);
int encode_run(int argc, char** argv);
int decode_run(int argc, char** argv);
int stats_run(int argc, char** argv);
int generate_run(int argc, char** argv);
int arrange_run(int argc, char** argv);
int tempo_run(int argc, char** argv);

#endif
