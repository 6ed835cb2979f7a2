// SPDX-License-Identifier: ISC
#include "axes.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    most_sweeps = 40, // Jacobi's method needs fewer than 10
};

/// How rows are spread, and what becomes of it.
typedef struct {
    uint32_t latents;
    size_t rows;
    double mean[TIMBREL_MAX_LATENTS];
    double spread[TIMBREL_MAX_LATENTS][TIMBREL_MAX_LATENTS];  ///< Covariance; then diagonal
    double vectors[TIMBREL_MAX_LATENTS][TIMBREL_MAX_LATENTS]; ///< [vector][latent]
} Spread;

void timbrel_axes_plain(TimbrelAxes* axes, uint32_t latents) {
    *axes = (TimbrelAxes){.latents = latents, .deviations = {1.0f, 1.0f}};
    for (uint32_t k = 0; k < 2 && k < latents; ++k) {
        axes->axes[k][k] = 1.0f;
    }
}

static bool all_numbers(const float* row, uint32_t latents) {
    bool finite = true;
    for (uint32_t i = 0; i < latents; ++i) {
        finite = finite && isfinite(row[i]);
    }
    return finite;
}

static void find_mean(Spread* s, const float* values, size_t rows) {
    for (size_t r = 0; r < rows; ++r) {
        const float* row = values + r * s->latents;
        if (all_numbers(row, s->latents)) {
            for (uint32_t i = 0; i < s->latents; ++i) {
                s->mean[i] += (double)row[i];
            }
            ++s->rows;
        }
    }
    for (uint32_t i = 0; i < s->latents && s->rows > 0; ++i) {
        s->mean[i] /= (double)s->rows;
    }
}

/// The mean is taken away first, so that rows far from 0 lose no digits.
static void find_covariance(Spread* s, const float* values, size_t rows) {
    double centred[TIMBREL_MAX_LATENTS];
    for (size_t r = 0; r < rows; ++r) {
        const float* row = values + r * s->latents;
        if (!all_numbers(row, s->latents)) {
            continue;
        }
        for (uint32_t i = 0; i < s->latents; ++i) {
            centred[i] = (double)row[i] - s->mean[i];
        }
        for (uint32_t i = 0; i < s->latents; ++i) {
            for (uint32_t j = i; j < s->latents; ++j) {
                s->spread[i][j] += centred[i] * centred[j];
            }
        }
    }
    for (uint32_t i = 0; i < s->latents; ++i) {
        for (uint32_t j = i; j < s->latents; ++j) {
            s->spread[i][j] /= (double)s->rows;
            s->spread[j][i] = s->spread[i][j];
        }
    }
}

/// The sum of the squares beside the diagonal.
static double beside_diagonal(const Spread* s) {
    double sum = 0.0;
    for (uint32_t i = 0; i < s->latents; ++i) {
        for (uint32_t j = i + 1; j < s->latents; ++j) {
            sum += s->spread[i][j] * s->spread[i][j];
        }
    }
    return sum;
}

static void turn(double* first, double* second, double cosine, double sine) {
    const double a = *first;
    const double b = *second;
    *first = cosine * a - sine * b;
    *second = sine * a + cosine * b;
}

/// Turn the directions p and q so that the rows' parts along them have nothing in common.
static void part(Spread* s, uint32_t p, uint32_t q) {
    const double common = s->spread[p][q];
    if (common == 0.0) {
        return;
    }
    const double ratio = (s->spread[q][q] - s->spread[p][p]) / (2.0 * common);
    const double tangent = copysign(1.0, ratio) / (fabs(ratio) + hypot(ratio, 1.0));
    const double cosine = 1.0 / hypot(tangent, 1.0);
    const double sine = tangent * cosine;
    for (uint32_t i = 0; i < s->latents; ++i) {
        turn(&s->spread[i][p], &s->spread[i][q], cosine, sine);
    }
    for (uint32_t i = 0; i < s->latents; ++i) {
        turn(&s->spread[p][i], &s->spread[q][i], cosine, sine);
        turn(&s->vectors[p][i], &s->vectors[q][i], cosine, sine);
    }
    s->spread[p][q] = 0.0;
    s->spread[q][p] = 0.0;
}

/// Jacobi's cyclic method: exact enough for any covariance, also with equal deviations, where
/// methods that iterate on two vectors alone do not settle.
static void find_vectors(Spread* s) {
    for (uint32_t i = 0; i < s->latents; ++i) {
        s->vectors[i][i] = 1.0;
    }
    double size = 0.0;
    for (uint32_t i = 0; i < s->latents; ++i) {
        size += s->spread[i][i] * s->spread[i][i];
    }
    for (int sweep = 0; sweep < most_sweeps && beside_diagonal(s) > 1e-30 * size; ++sweep) {
        for (uint32_t p = 0; p < s->latents; ++p) {
            for (uint32_t q = p + 1; q < s->latents; ++q) {
                part(s, p, q);
            }
        }
    }
}

/// The direction with the most spread, other than `but`.
static uint32_t widest(const Spread* s, uint32_t but) {
    uint32_t best = but == 0 ? 1 : 0;
    for (uint32_t i = 0; i < s->latents; ++i) {
        if (i != but && s->spread[i][i] > s->spread[best][best]) {
            best = i;
        }
    }
    return best;
}

/// Variances of no more than this come of floats' resolution.
static double nothing(const Spread* s) {
    double sum = 0.0;
    for (uint32_t i = 0; i < s->latents; ++i) {
        sum += s->mean[i] * s->mean[i] + s->spread[i][i];
    }
    return sum * (double)FLT_EPSILON * (double)FLT_EPSILON;
}

static void set_axis(TimbrelAxes* axes, int axis, const double* vector, double variance) {
    uint32_t largest = 0;
    for (uint32_t i = 0; i < axes->latents; ++i) {
        // Parts that are equal but for rounding must not take turns.
        largest = fabs(vector[i]) > fabs(vector[largest]) * (1.0 + 1e-6) ? i : largest;
    }
    for (uint32_t i = 0; i < axes->latents; ++i) {
        axes->axes[axis][i] = (float)(vector[largest] < 0.0 ? -vector[i] : vector[i]);
    }
    const double deviation = fmin(fmax(sqrt(variance), (double)FLT_MIN), (double)FLT_MAX);
    axes->deviations[axis] = (float)deviation;
}

/// A second axis where rows tell of none: as near as can be to latent 1 or 2, whichever is farther
/// from the first.
static void set_any_second(TimbrelAxes* axes, const double* first) {
    double vector[TIMBREL_MAX_LATENTS] = {0};
    const uint32_t start = fabs(first[0]) <= fabs(first[1]) ? 0 : 1;
    double square = 0.0;
    for (uint32_t i = 0; i < axes->latents; ++i) {
        vector[i] = (i == start ? 1.0 : 0.0) - first[start] * first[i];
        square += vector[i] * vector[i];
    }
    for (uint32_t i = 0; i < axes->latents; ++i) {
        vector[i] /= sqrt(square);
    }
    set_axis(axes, 1, vector, 1.0);
}

static void set_axes(TimbrelAxes* axes, Spread* s) {
    const double least = nothing(s); // Of the covariance, before it is made diagonal
    find_vectors(s);
    const uint32_t first = widest(s, UINT32_MAX);
    if (!(s->spread[first][first] > least)) {
        return;
    }
    for (uint32_t i = 0; i < s->latents; ++i) {
        axes->mean[i] = (float)s->mean[i];
    }
    set_axis(axes, 0, s->vectors[first], s->spread[first][first]);
    if (s->latents < 2) {
        return;
    }
    const uint32_t second = widest(s, first);
    if (s->spread[second][second] > least) {
        set_axis(axes, 1, s->vectors[second], s->spread[second][second]);
    } else {
        set_any_second(axes, s->vectors[first]);
    }
}

void timbrel_axes_find(TimbrelAxes* axes, const float* values, size_t rows, uint32_t latents) {
    timbrel_axes_plain(axes, latents);
    Spread* s = latents > 0 ? calloc(1, sizeof *s) : NULL; // Too large for a stack
    if (!s) {
        return;
    }
    s->latents = latents;
    find_mean(s, values, rows);
    if (s->rows >= 3) {
        find_covariance(s, values, rows);
        set_axes(axes, s);
    }
    free(s);
}
