// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_BASE_PROGRAM_H
#define TIMBREL_ENGINE_BASE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/// A program of ours, to be started in a process of its own.
typedef struct {
    const char* path;
    char* const* arguments;   ///< From its name on, NULL at the end
    char* const* environment; ///< NULL at the end
    const int* descriptors;   ///< Which it has as 3, 4, ...; each TIMBREL_PROGRAM_ABOVE or higher
    size_t count;
    int words;  ///< Its standard error, as high; -1: ours
    bool quiet; ///< Without standard output
} TimbrelProgram;

#define TIMBREL_PROGRAM_ABOVE 16 ///< Descriptors from here on are out of the program's way

/// Start it: what the host does to its signals, its scheduling and its other descriptors is not
/// passed on, and it leads a process group. Returns 0 with its id in `pid`, or an errno. Thread:
/// any but audio.
int timbrel_program_start(const TimbrelProgram* program, pid_t* pid);

#endif
