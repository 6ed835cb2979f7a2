// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_PROGRESS_H
#define TIMBREL_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/// One line on stderr that shows how far a long task is; nothing where stderr is no terminal.
typedef struct {
    bool shown;
    uint64_t total; ///< Audio frames, 0 if unknown
    double rate;    ///< Frames to a second of sound
    struct timespec started;
    struct timespec printed;
} Progress;

void progress_start(Progress* progress, uint64_t total, double rate);
void progress_update(Progress* progress, uint64_t done);
/// The same for many files: how far all are, 0..1, and how much sound that was.
void progress_update_files(Progress* progress, double share, uint64_t done, uint64_t files,
                           double sound_seconds);
/// Take the line away.
void progress_end(Progress* progress);

/// Seconds from `since` to now on the monotonic clock.
double progress_seconds(const struct timespec* since);

#endif
