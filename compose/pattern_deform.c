// SPDX-License-Identifier: ISC
#include "engine/base/random.h"
#include "patterns.h"

#include <math.h>
#include <stdlib.h>

// The mean of `width` rows around each; at the ends, of those there are. An even width leans back.
static void smooth_column(double* values, size_t rows, uint32_t stride, size_t width,
                          double* column) {
    for (size_t r = 0; r < rows; ++r) {
        column[r] = values[r * stride];
    }
    for (size_t r = 0; r < rows; ++r) {
        const size_t first = r < width / 2 ? 0 : r - width / 2;
        const size_t reach = r + (width - width / 2);
        const size_t end = reach < rows ? reach : rows;
        double sum = 0;
        for (size_t i = first; i < end; ++i) {
            sum += column[i];
        }
        values[r * stride] = sum / (double)(end - first);
    }
}

static void deform_column(double* values, size_t rows, uint32_t stride, const TimbrelDeform* deform,
                          TimbrelRandom* random, double* column) {
    for (size_t r = 0; r < rows; ++r) {
        double* value = &values[r * stride];
        if (r % deform->hold > 0) {
            *value = column[r - 1];
        }
        column[r] = *value; // As it was held, before what follows
        *value = *value * deform->scale + deform->offset;
        if (deform->noise > 0) {
            *value += deform->noise * timbrel_random_normal(random);
        }
    }
    if (deform->smooth > 1) {
        smooth_column(values, rows, stride, deform->smooth, column);
    }
    for (size_t r = 0; deform->quantise > 0 && r < rows; ++r) {
        values[r * stride] = round(values[r * stride] / deform->quantise) * deform->quantise;
    }
}

TimbrelStatus timbrel_pattern_deform(const TimbrelLatents* a, const TimbrelDeform* deform,
                                     TimbrelLatents* out, TimbrelError* error) {
    timbrel_latents_init(out, a->count, &a->origin);
    double* column = calloc(a->rows + 1, sizeof *column);
    if (!column) {
        return timbrel_error_no_memory(error);
    }
    const TimbrelStatus status = timbrel_latents_append(out, a->values, a->rows, error);
    TimbrelRandom random = timbrel_random(deform->seed);
    for (uint32_t i = 0; !status && i < a->count; ++i) {
        if (deform->latents[i]) {
            deform_column(out->values + i, a->rows, a->count, deform, &random, column);
        }
    }
    free(column);
    return status;
}
