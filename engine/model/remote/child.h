// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_REMOTE_CHILD_H
#define TIMBREL_ENGINE_MODEL_REMOTE_CHILD_H

#include "engine/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/// A child process that inherits nothing of the host's but what it is given, ends when the host
/// does, and leaves no zombie. Needs Linux 5.4 (waiting on a pidfd). Thread: any but audio.

typedef struct {
    pid_t pid;
    int pidfd;  ///< Never stands for another process, as a pid does once the host has reaped the
                ///< child
    int life;   ///< Write end of the pipe that the child watches
    int words;  ///< Memory that is the child's stderr
    int signal; ///< Signal that ended it by itself, 0 if none
} TimbrelChild;

/// Start `program` with the single argument `argument`: descriptors 0 and 1 on /dev/null, 2 on a
/// small memory, `descriptors` (count of them; -1 for the read end of the life pipe) from 3 on,
/// nothing else open; few environment variables; no signal blocked or handled; normal scheduling; a
/// process group of its own, so that a terminal's Ctrl-C is the parent's to handle.
TimbrelStatus timbrel_spawn(TimbrelChild* child, const char* program, const char* argument,
                            const int* descriptors, size_t count, TimbrelError* error);

/// Whether it still runs. Once false, it is reaped.
bool timbrel_child_runs(TimbrelChild* child);

/// Kill it, reap it, and close what belongs to it. `words` receives the last line that it wrote to
/// stderr, or "". Does nothing but that when the child was ended before.
void timbrel_child_end(TimbrelChild* child, char* words, size_t size);

#endif
