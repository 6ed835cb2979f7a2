// SPDX-License-Identifier: ISC
#include "engine/base/random.h"
#include "patterns.h"

#include <math.h>

TimbrelStatus timbrel_pattern_fibo(const TimbrelLatents* a, TimbrelLatents* out,
                                   TimbrelError* error) {
    timbrel_latents_init(out, a->count, &a->origin);
    TimbrelStatus status = TIMBREL_OK;
    size_t run = 1;
    size_t next = 1;
    while (run <= a->rows && !status) {
        status = timbrel_latents_append(out, a->values, run, error);
        const size_t sum = run + next;
        run = next;
        next = sum;
    }
    if (status) {
        timbrel_latents_free(out);
    }
    return status;
}

static void find_deviations(const TimbrelLatents* a, double deviations[TIMBREL_MAX_LATENTS]) {
    for (uint32_t i = 0; i < a->count; ++i) {
        double sum = 0;
        double squares = 0;
        for (size_t r = 0; r < a->rows; ++r) {
            sum += a->values[r * a->count + i];
        }
        const double mean = sum / (double)a->rows;
        for (size_t r = 0; r < a->rows; ++r) {
            squares += pow(a->values[r * a->count + i] - mean, 2);
        }
        deviations[i] = sqrt(squares / (double)a->rows);
    }
}

static void alter(double* values, size_t count, const TimbrelOrale* orale, TimbrelRandom* random,
                  const double* deviations, uint32_t latents) {
    for (size_t v = 0; v < count; ++v) {
        if (timbrel_random_uniform(random) < orale->fraction) {
            values[v] += orale->amount * deviations[v % latents] * timbrel_random_normal(random);
        }
    }
}

TimbrelStatus timbrel_pattern_orale(const TimbrelLatents* a, const TimbrelOrale* orale,
                                    TimbrelLatents* out, TimbrelError* error) {
    double deviations[TIMBREL_MAX_LATENTS];
    find_deviations(a, deviations);
    timbrel_latents_init(out, a->count, &a->origin);
    TimbrelRandom random = timbrel_random(orale->seed);
    uint64_t rows = a->rows;
    for (uint32_t depth = 0; depth < orale->depth; ++depth) {
        rows = timbrel_rows_product(rows, 4);
    }
    TimbrelStatus status = timbrel_latents_reserve(out, rows, error);
    if (!status) {
        status = timbrel_latents_append(out, a->values, a->rows, error);
    }
    for (uint32_t depth = 0; depth < orale->depth && !status; ++depth) {
        const size_t phrase = out->rows;
        // Zeros first: what is to be appended is the array itself.
        status = timbrel_latents_append(out, NULL, 3 * phrase, error);
        if (status) {
            break;
        }
        const size_t count = phrase * a->count;
        for (size_t v = 0; v < 3 * count; ++v) {
            out->values[count + v] = out->values[v % count];
        }
        alter(out->values + 3 * count, count, orale, &random, deviations, a->count);
    }
    if (status) {
        timbrel_latents_free(out);
    }
    return status;
}
