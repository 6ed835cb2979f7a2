// SPDX-License-Identifier: ISC
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

static const double interval = 0.2; // Seconds between two prints

double progress_seconds(const struct timespec* since) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - since->tv_sec) + 1e-9 * (double)(now.tv_nsec - since->tv_nsec);
}

void progress_start(Progress* progress, uint64_t total, double rate) {
    *progress = (Progress){.shown = isatty(STDERR_FILENO) == 1, .total = total, .rate = rate};
    (void)clock_gettime(CLOCK_MONOTONIC, &progress->started);
    progress->printed = progress->started;
}

static void print_time(double seconds) {
    const uint64_t whole = (uint64_t)(seconds + 0.5);
    if (whole >= 3600) {
        (void)fprintf(stderr, "%u:%02u:%02u", (unsigned)(whole / 3600), (unsigned)(whole / 60 % 60),
                      (unsigned)(whole % 60));
    } else {
        (void)fprintf(stderr, "%u:%02u", (unsigned)(whole / 60), (unsigned)(whole % 60));
    }
}

static bool due(Progress* progress) {
    if (!progress->shown || progress_seconds(&progress->printed) < interval) {
        return false;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &progress->printed);
    (void)fputs("\r\033[K", stderr);
    return true;
}

static void print_bar(double share) {
    enum { CELLS = 30 };
    char bar[CELLS + 1] = {0};
    for (int i = 0; i < CELLS; ++i) {
        bar[i] = (double)i < share * CELLS ? '#' : '.';
    }
    (void)fprintf(stderr, "[%s] %3.0f %%  ", bar, 100 * share);
}

static void print_left(double elapsed, double share) {
    if (share > 0) {
        (void)fputs(", ", stderr);
        print_time(elapsed * (1 - share) / share);
        (void)fputs(" left", stderr);
    }
    (void)fflush(stderr);
}

void progress_update(Progress* progress, uint64_t done) {
    if (!due(progress)) {
        return;
    }
    const double elapsed = progress_seconds(&progress->started);
    const double share = progress->total ? (double)done / (double)progress->total : 0;
    if (progress->total) {
        print_bar(share);
    }
    print_time((double)done / progress->rate);
    (void)fprintf(stderr, " done, %.1f times real time", (double)done / progress->rate / elapsed);
    print_left(elapsed, share);
}

void progress_update_files(Progress* progress, double share, uint64_t done, uint64_t files,
                           double sound_seconds) {
    if (!due(progress)) {
        return;
    }
    const double elapsed = progress_seconds(&progress->started);
    print_bar(share);
    (void)fprintf(stderr, "%llu of %llu files, %.1f times real time", (unsigned long long)done,
                  (unsigned long long)files, sound_seconds / elapsed);
    print_left(elapsed, share);
}

void progress_end(Progress* progress) {
    if (progress->shown) {
        (void)fputs("\r\033[K", stderr);
    }
    progress->shown = false;
}
