// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_STOPPING_H
#define TIMBREL_CLI_STOPPING_H

#include <stdatomic.h>
#include <stdbool.h>

/// Signals that ask a task to end, so that it can remove what it has half made. One that has not
/// ended by itself soon after is ended, and its outputs in the making are removed all the same:
/// whatever a command waits for, it is gone within half a second.

/// From now on note SIGINT, SIGTERM and SIGHUP instead of ending; SIGXFSZ is a failed write.
void stopping_catch(void);

/// Whether one of them came. Thread: any.
bool stopping_asked(void);

/// The same, for tasks that look at a flag. Valid as long as the program runs.
const _Atomic(bool)* stopping_flag(void);

/// If one came, end the program as it would have ended it, so that a script stops too.
void stopping_end(void);

#endif
