// SPDX-License-Identifier: ISC
#include "statistics.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const int timbrel_percentiles[TIMBREL_PERCENTILES] = {1, 5, 25, 50, 75, 95, 99};

static int compare(const void* a, const void* b) {
    const double first = *(const double*)a;
    const double second = *(const double*)b;
    return (first > second) - (first < second);
}

static double percentile(const double* sorted, size_t count, double share) {
    const double place = share * (double)(count - 1);
    const size_t below = (size_t)place;
    const size_t above = below + 1 < count ? below + 1 : below;
    const double part = place - (double)below;
    return sorted[below] + part * (sorted[above] - sorted[below]);
}

// One latent of all parts, one after the other.
static void take_column(const TimbrelLatents* parts, size_t part_count, uint32_t latent,
                        double* column) {
    for (size_t p = 0; p < part_count; ++p) {
        for (size_t r = 0; r < parts[p].rows; ++r) {
            *column++ = parts[p].values[r * parts[p].count + latent];
        }
    }
}

// `column` holds deviations from the mean.
static void correlate_with_itself(const TimbrelLatents* parts, size_t part_count,
                                  const double* column, TimbrelLatentStatistics* latent) {
    double sums[TIMBREL_LAGS + 1] = {0};
    for (size_t p = 0; p < part_count; ++p) {
        const size_t rows = parts[p].rows;
        for (size_t lag = 0; lag <= TIMBREL_LAGS && lag < rows; ++lag) {
            for (size_t r = lag; r < rows; ++r) {
                sums[lag] += column[r] * column[r - lag];
            }
        }
        column += rows;
    }
    latent->autocorrelation[0] = 1;
    for (size_t lag = 1; lag <= TIMBREL_LAGS; ++lag) {
        latent->autocorrelation[lag] = sums[0] > 0 ? sums[lag] / sums[0] : 0;
    }
}

static void describe_latent(const TimbrelLatents* parts, size_t part_count, size_t rows,
                            double* column, TimbrelLatentStatistics* latent) {
    double sum = 0;
    for (size_t r = 0; r < rows; ++r) {
        sum += column[r];
    }
    latent->mean = sum / (double)rows;
    double squares = 0;
    for (size_t r = 0; r < rows; ++r) {
        column[r] -= latent->mean;
        squares += column[r] * column[r];
    }
    latent->deviation = sqrt(squares / (double)rows);
    correlate_with_itself(parts, part_count, column, latent);
    qsort(column, rows, sizeof *column, compare);
    latent->minimum = column[0] + latent->mean;
    latent->maximum = column[rows - 1] + latent->mean;
    for (size_t i = 0; i < TIMBREL_PERCENTILES; ++i) {
        latent->percentiles[i] =
            percentile(column, rows, timbrel_percentiles[i] / 100.0) + latent->mean;
    }
}

static void find_covariance(const TimbrelLatents* parts, size_t part_count,
                            TimbrelStatistics* statistics) {
    const uint32_t count = statistics->count;
    for (size_t p = 0; p < part_count; ++p) {
        for (size_t r = 0; r < parts[p].rows; ++r) {
            double row[TIMBREL_MAX_LATENTS];
            for (uint32_t i = 0; i < count; ++i) {
                row[i] = parts[p].values[r * count + i] - statistics->latents[i].mean;
            }
            for (uint32_t i = 0; i < count; ++i) {
                for (uint32_t k = 0; k <= i; ++k) {
                    statistics->covariance[i][k] += row[i] * row[k];
                }
            }
        }
    }
    for (uint32_t i = 0; i < count; ++i) {
        for (uint32_t k = 0; k <= i; ++k) {
            statistics->covariance[i][k] /= (double)statistics->rows;
            statistics->covariance[k][i] = statistics->covariance[i][k];
        }
    }
}

TimbrelStatistics* timbrel_statistics_new(const TimbrelLatents* parts, size_t part_count,
                                          TimbrelError* error) {
    size_t rows = 0;
    for (size_t p = 0; p < part_count; ++p) {
        rows += parts[p].rows;
    }
    TimbrelStatistics* statistics = calloc(1, sizeof *statistics);
    double* column = calloc(rows + 1, sizeof *column);
    if (!statistics || !column) {
        (void)timbrel_error_no_memory(error);
        free(statistics);
        free(column);
        return NULL;
    }
    statistics->origin = parts[0].origin;
    statistics->origin.source[0] = '\0';
    statistics->origin.stamp[0] = '\0';
    statistics->rows = rows;
    statistics->files = part_count;
    statistics->count = parts[0].count;
    for (uint32_t i = 0; i < statistics->count; ++i) {
        take_column(parts, part_count, i, column);
        describe_latent(parts, part_count, rows, column, &statistics->latents[i]);
    }
    find_covariance(parts, part_count, statistics);
    free(column);
    return statistics;
}

double timbrel_statistics_correlation(const TimbrelStatistics* statistics, uint32_t a, uint32_t b) {
    const double scale = statistics->latents[a].deviation * statistics->latents[b].deviation;
    if (a == b) {
        return 1;
    }
    return scale > 0 ? statistics->covariance[a][b] / scale : 0;
}

TimbrelStatus timbrel_statistics_axes(const TimbrelStatistics* statistics, double* variances,
                                      double* vectors, TimbrelError* error) {
    const uint32_t count = statistics->count;
    double* matrix = calloc((size_t)count * count, sizeof *matrix);
    double values[TIMBREL_MAX_LATENTS];
    if (!matrix) {
        return timbrel_error_no_memory(error);
    }
    for (uint32_t i = 0; i < count; ++i) {
        memcpy(matrix + (size_t)i * count, statistics->covariance[i], count * sizeof *matrix);
    }
    // Column-major, so that each eigenvector comes out contiguous; ascending.
    const lapack_int failed = LAPACKE_dsyev(LAPACK_COL_MAJOR, 'V', 'U', (lapack_int)count, matrix,
                                            (lapack_int)count, values);
    if (failed) {
        free(matrix);
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                 "These latents' covariance has no principal axes.");
    }
    for (uint32_t k = 0; k < count; ++k) {
        const double* axis = matrix + (size_t)(count - 1 - k) * count;
        uint32_t largest = 0;
        for (uint32_t i = 1; i < count; ++i) {
            if (fabs(axis[i]) > fabs(axis[largest]) + 1e-12) {
                largest = i;
            }
        }
        if (variances) {
            variances[k] = fmax(values[count - 1 - k], 0.0);
        }
        for (uint32_t i = 0; vectors && i < count; ++i) {
            vectors[(size_t)k * count + i] = axis[largest] < 0 ? -axis[i] : axis[i];
        }
    }
    free(matrix);
    return TIMBREL_OK;
}
