// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_STOPPING_H
#define TIMBREL_CLI_STOPPING_H

#include <stdbool.h>

/// Signals that ask a long task to end, so that it can remove what it has half made.

/// From now on note SIGINT, SIGTERM and SIGHUP instead of ending; SIGXFSZ is a failed write.
void stopping_catch(void);

/// Whether one of them came. Thread: any.
bool stopping_asked(void);

/// If one came, end the program as it would have ended it, so that a script stops too.
void stopping_end(void);

#endif
