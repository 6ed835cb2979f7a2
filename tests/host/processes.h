// SPDX-License-Identifier: ISC
#ifndef TIMBREL_TESTS_HOST_PROCESSES_H
#define TIMBREL_TESTS_HOST_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/// What this process holds, as the kernel sees it.

/// The child processes named timbrel-torch, zombies included: their number. Up to `most` go to
/// `pids` (may be NULL if 0).
size_t processes_children(pid_t* pids, size_t most);

size_t processes_open_files(void);
size_t processes_threads(void);

/// Wait until it has `children`; false after a generous time.
bool processes_await_children(size_t children);

#endif
