// SPDX-License-Identifier: ISC
/// Principal axes. With an argument, it prints how long they take instead.

#include "check.h"
#include "engine/base/noise.h"
#include "engine/base/now.h"
#include "engine/latents/axes.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { most_rows = 2000 };

static double dot(const float* a, const float* b, uint32_t latents) {
    double sum = 0.0;
    for (uint32_t i = 0; i < latents; ++i) {
        sum += (double)a[i] * (double)b[i];
    }
    return sum;
}

/// All that the header promises of any axes.
static bool are_sound(const TimbrelAxes* axes, uint32_t latents) {
    bool sound = axes->latents == latents;
    for (uint32_t i = 0; i < TIMBREL_MAX_LATENTS; ++i) {
        sound = sound && isfinite(axes->mean[i]) && isfinite(axes->axes[0][i]) &&
                isfinite(axes->axes[1][i]);
    }
    for (int k = 0; k < 2; ++k) {
        const double length = sqrt(dot(axes->axes[k], axes->axes[k], latents));
        sound = sound && axes->deviations[k] > 0.0f && isfinite(axes->deviations[k]);
        sound = sound && fabs(length - (k == 1 && latents == 1 ? 0.0 : 1.0)) < 1e-5;
        float largest = 0.0f;
        for (uint32_t i = 0; i < latents; ++i) {
            const float part = axes->axes[k][i];
            largest = fabsf(part) > fabsf(largest) * 1.0001f ? part : largest;
        }
        sound = sound && (largest > 0.0f || (k == 1 && latents == 1));
    }
    return sound && fabs(dot(axes->axes[0], axes->axes[1], latents)) < 1e-5;
}

static bool are_plain(const TimbrelAxes* axes, uint32_t latents) {
    TimbrelAxes plain;
    timbrel_axes_plain(&plain, latents);
    return are_sound(axes, latents) && memcmp(&plain, axes, sizeof plain) == 0;
}

/// About normal: mean 0, deviation 1.
static double normal(uint32_t* seed) {
    double sum = 0.0;
    for (int i = 0; i < 12; ++i) {
        sum += (double)timbrel_noise(seed);
    }
    return sum / 2.0;
}

/// Rows of known axes: 5 along the first, 3 along the second, 0.5 along all latents.
static void fill_rows(float* values, size_t rows, uint32_t latents, const double* first,
                      const double* second) {
    uint32_t seed = 1;
    for (size_t r = 0; r < rows; ++r) {
        const double a = 5.0 * normal(&seed);
        const double b = 3.0 * normal(&seed);
        for (uint32_t i = 0; i < latents; ++i) {
            values[r * latents + i] =
                (float)(0.1 * (double)i - 1.0 + a * first[i] + b * second[i] + 0.5 * normal(&seed));
        }
    }
}

static int test_known(void) {
    enum { latents = 16 };
    static float values[most_rows * latents];
    // Hadamard's: of length 1, at right angles; not along any latent.
    double first[latents];
    double second[latents];
    for (int i = 0; i < latents; ++i) {
        first[i] = i % 2 ? -0.25 : 0.25;
        second[i] = i / 2 % 2 ? -0.25 : 0.25;
    }
    fill_rows(values, most_rows, latents, first, second);
    TimbrelAxes axes;
    timbrel_axes_find(&axes, values, most_rows, latents);
    CHECK(are_sound(&axes, latents));
    double along[2] = {0.0, 0.0};
    for (int i = 0; i < latents; ++i) {
        along[0] += first[i] * (double)axes.axes[0][i];
        along[1] += second[i] * (double)axes.axes[1][i];
        CHECK(fabs((double)axes.mean[i] - (0.1 * i - 1.0)) < 0.15);
    }
    CHECK(fabs(along[0]) > 0.995 && fabs(along[1]) > 0.995);
    CHECK(fabs((double)axes.deviations[0] - 5.025) < 0.2);
    CHECK(fabs((double)axes.deviations[1] - 3.04) < 0.15);
    return 0;
}

/// Deviations and mean of four points that one can find by hand.
static int test_exact(void) {
    const float values[] = {13, 20, 5, 7, 20, 5, 10, 21, 5, 10, 19, 5};
    TimbrelAxes axes;
    timbrel_axes_find(&axes, values, 4, 3);
    CHECK(axes.mean[0] == 10.0f && axes.mean[1] == 20.0f && axes.mean[2] == 5.0f);
    CHECK(axes.axes[0][0] == 1.0f && axes.axes[1][1] == 1.0f);
    CHECK(fabs((double)axes.deviations[0] - sqrt(4.5)) < 1e-6);
    CHECK(fabs((double)axes.deviations[1] - sqrt(0.5)) < 1e-6);
    return 0;
}

/// The same rows in another order, or scaled down to nearly nothing, have the same axes.
static int test_same(void) {
    enum { latents = 8, rows = 500 };
    static float values[rows * latents];
    static float turned[rows * latents];
    double first[latents] = {0.6, -0.8};
    double second[latents] = {0.0, 0.0, 1.0};
    fill_rows(values, rows, latents, first, second);
    for (int r = 0; r < rows; ++r) {
        memcpy(turned + (size_t)r * latents, values + (size_t)(rows - 1 - r) * latents,
               latents * sizeof(float));
    }
    TimbrelAxes axes;
    TimbrelAxes other;
    timbrel_axes_find(&axes, values, rows, latents);
    timbrel_axes_find(&other, turned, rows, latents);
    CHECK(dot(axes.axes[0], other.axes[0], latents) > 0.99999);
    CHECK(dot(axes.axes[1], other.axes[1], latents) > 0.99999);
    for (int i = 0; i < rows * latents; ++i) {
        turned[i] = values[i] * 1e-15f;
    }
    timbrel_axes_find(&other, turned, rows, latents);
    CHECK(dot(axes.axes[0], other.axes[0], latents) > 0.99999);
    CHECK(fabs((double)(other.deviations[0] * 1e15f / axes.deviations[0]) - 1.0) < 1e-4);
    return 0;
}

static int test_degenerate(void) {
    enum { latents = 6, rows = 50 };
    float values[rows * latents];
    TimbrelAxes axes;
    for (int i = 0; i < rows * latents; ++i) {
        values[i] = 0.1f + 1000.0f * (float)(i % latents);
    }
    timbrel_axes_find(&axes, NULL, 0, latents);
    CHECK(are_plain(&axes, latents));
    timbrel_axes_find(&axes, values, rows, latents); // All alike
    CHECK(are_plain(&axes, latents));
    values[0] += 1.0f;
    timbrel_axes_find(&axes, values, 2, latents); // Too few
    CHECK(are_plain(&axes, latents));
    timbrel_axes_find(&axes, values, 0, 0);
    CHECK(axes.latents == 0);
    return 0;
}

/// All rows on one line; one latent only.
static int test_line(void) {
    enum { latents = 6, rows = 50 };
    float values[rows * latents];
    for (int i = 0; i < rows * latents; ++i) {
        const int row = i / latents;
        values[i] = (float)(row - 25) * (i % latents < 3 ? 0.5f : -0.5f);
    }
    TimbrelAxes axes;
    timbrel_axes_find(&axes, values, rows, latents);
    CHECK(are_sound(&axes, latents));
    CHECK(fabs((double)axes.axes[0][0] - sqrt(1.0 / 6.0)) < 1e-6);
    CHECK(axes.deviations[1] == 1.0f);
    CHECK(axes.axes[1][0] > 0.9f);
    for (int i = 0; i < rows * latents; ++i) { // A line but for rounding
        const int row = i / latents;
        values[i] = 100.0f + 0.1f * (float)row * (float)(1 + i % latents);
    }
    timbrel_axes_find(&axes, values, rows, latents);
    CHECK(are_sound(&axes, latents));
    CHECK(axes.deviations[0] > 10.0f && axes.deviations[1] == 1.0f);
    timbrel_axes_find(&axes, values, rows, 1);
    CHECK(are_sound(&axes, 1));
    CHECK(axes.axes[0][0] == 1.0f && axes.axes[1][0] == 0.0f);
    return 0;
}

/// What is no number, and what is nearly none.
static int test_no_numbers(void) {
    enum { latents = 5, rows = 300 };
    float values[rows * latents];
    uint32_t seed = 7;
    for (int i = 0; i < rows * latents; ++i) {
        values[i] = timbrel_noise(&seed);
    }
    TimbrelAxes axes;
    TimbrelAxes other;
    timbrel_axes_find(&axes, values, rows - 2, latents);
    values[(size_t)(rows - 2) * latents] = NAN;
    values[(size_t)(rows - 1) * latents + 4] = INFINITY;
    timbrel_axes_find(&other, values, rows, latents);
    CHECK(memcmp(&axes, &other, sizeof axes) == 0);
    for (int i = 0; i < rows * latents; ++i) {
        values[i] = i % 2 ? FLT_MAX : -FLT_MAX;
    }
    timbrel_axes_find(&axes, values, rows, latents);
    CHECK(are_sound(&axes, latents));
    for (int i = 0; i < rows * latents; ++i) {
        values[i] = i % 2 ? 1e-45f : 0.0f;
    }
    timbrel_axes_find(&axes, values, rows, latents);
    CHECK(are_sound(&axes, latents));
    return 0;
}

/// As many latents as there can be, whose deviations are about equal.
static int test_most(void) {
    enum { latents = TIMBREL_MAX_LATENTS };
    static float values[most_rows * latents];
    uint32_t seed = 3;
    for (int i = 0; i < most_rows * latents; ++i) {
        values[i] = timbrel_noise(&seed);
    }
    TimbrelAxes axes;
    timbrel_axes_find(&axes, values, most_rows, latents);
    CHECK(are_sound(&axes, latents));
    // No direction differs more than the first: try along each latent.
    for (int i = 0; i < latents; ++i) {
        double sum = 0.0;
        for (int r = 0; r < most_rows; ++r) {
            const double away = (double)values[r * latents + i] - (double)axes.mean[i];
            sum += away * away;
        }
        CHECK(sqrt(sum / most_rows) <= (double)axes.deviations[0] * 1.000001);
    }
    return 0;
}

static void measure(uint32_t latents) {
    const size_t rows = 100000;
    float* values = malloc(rows * latents * sizeof(float));
    uint32_t seed = 1;
    for (size_t i = 0; values && i < rows * latents; ++i) {
        values[i] = timbrel_noise(&seed) * (1.0f + (float)(i % latents));
    }
    TimbrelAxes axes;
    const double start = timbrel_now();
    if (values) {
        timbrel_axes_find(&axes, values, rows, latents);
    }
    (void)printf("%zu rows of %u latents: %.3f s\n", rows, latents, timbrel_now() - start);
    free(values);
}

int main(int argc, char** argv) {
    (void)argv;
    if (argc > 1) {
        measure(16);
        measure(TIMBREL_MAX_LATENTS);
        return 0;
    }
    CHECK(test_known() == 0);
    CHECK(test_exact() == 0);
    CHECK(test_same() == 0);
    CHECK(test_degenerate() == 0);
    CHECK(test_line() == 0);
    CHECK(test_no_numbers() == 0);
    CHECK(test_most() == 0);
    return 0;
}
