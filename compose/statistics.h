// SPDX-License-Identifier: ISC
#ifndef TIMBREL_COMPOSE_STATISTICS_H
#define TIMBREL_COMPOSE_STATISTICS_H

#include "engine/files/latents.h"

#include <stdio.h>

/// What a collection of latents is like: what its score is written in.

#define TIMBREL_LAGS        256 ///< Rows over which autocorrelation is known
#define TIMBREL_PERCENTILES 7

/// 1, 5, 25, 50, 75, 95, 99
extern const int timbrel_percentiles[TIMBREL_PERCENTILES];

typedef struct {
    double mean;
    double deviation; ///< Standard deviation of the whole collection, not an estimate: sums are
                      ///< divided by the rows
    double minimum;
    double maximum;
    double percentiles[TIMBREL_PERCENTILES]; ///< Linear between two values, as numpy's
    /// [k]: correlation with the value k rows on, within one file; [0] is 1. Sums are divided by
    /// all rows (the biased estimate), so that no spectrum made from it is negative.
    double autocorrelation[TIMBREL_LAGS + 1];
} TimbrelLatentStatistics;

typedef struct {
    TimbrelOrigin origin; ///< Source and stamp empty
    uint64_t rows;
    uint64_t files;
    uint32_t count; ///< Latents
    TimbrelLatentStatistics latents[TIMBREL_MAX_LATENTS];
    double covariance[TIMBREL_MAX_LATENTS][TIMBREL_MAX_LATENTS];
} TimbrelStatistics;

/// Statistics of all rows of all `parts` (at least one row in each, all of one model). The caller
/// frees the result; NULL with `error` filled when memory runs out.
TimbrelStatistics* timbrel_statistics_new(const TimbrelLatents* parts, size_t part_count,
                                          TimbrelError* error);

/// -1..1; 0 where one of the latents never changes, 1 of a latent with itself.
double timbrel_statistics_correlation(const TimbrelStatistics* statistics, uint32_t a, uint32_t b);

/// Principal axes of the covariance, the one of most variance first: axis k is vectors[k * count
/// ...], of length 1, its largest part positive; variances[k] >= 0. Either may be NULL.
TimbrelStatus timbrel_statistics_axes(const TimbrelStatistics* statistics, double* variances,
                                      double* vectors, TimbrelError* error);

/// Saved as JSON. "-" is standard input or output. The caller frees what is loaded.
TimbrelStatus timbrel_statistics_save(const TimbrelStatistics* statistics, const char* path,
                                      TimbrelError* error);
/// The same JSON to a stream.
TimbrelStatus timbrel_statistics_write(const TimbrelStatistics* statistics, FILE* stream,
                                       TimbrelError* error);
TimbrelStatistics* timbrel_statistics_load(const char* path, TimbrelError* error);

#endif
