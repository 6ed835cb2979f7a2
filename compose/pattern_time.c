// SPDX-License-Identifier: ISC
#include "engine/base/random.h"
#include "patterns.h"

#include <math.h>

TimbrelStatus timbrel_pattern_loop(const TimbrelLatents* a, const TimbrelLoop* loop,
                                   TimbrelLatents* out, TimbrelError* error) {
    timbrel_latents_init(out, a->count, &a->origin);
    const size_t rows = a->rows;
    if (rows == 0) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT, "A loop needs at least one row.");
    }
    // There and back is a circle of its own, in which the ends come once.
    const size_t circle =
        loop->direction == TIMBREL_LOOP_THERE_AND_BACK && rows > 1 ? 2 * rows - 2 : rows;
    TimbrelRandom random = timbrel_random(loop->seed);
    TimbrelStatus status = TIMBREL_OK;
    size_t place = 0;
    for (size_t r = 0; r < loop->rows && !status; ++r) {
        size_t row = place < rows ? place : circle - place;
        if (loop->direction == TIMBREL_LOOP_BACKWARD) {
            row = rows - 1 - row;
        }
        status = timbrel_latents_append(out, a->values + row * a->count, 1, error);
        const uint64_t range = loop->most_step - loop->least_step + 1;
        const size_t more = range > 1 ? (size_t)timbrel_random_below(&random, range) : 0;
        place = (place + loop->least_step + more) % circle;
    }
    if (status) {
        timbrel_latents_free(out);
    }
    return status;
}

TimbrelStatus timbrel_pattern_stretch(const TimbrelLatents* a, double factor, bool hold,
                                      TimbrelLatents* out, TimbrelError* error) {
    timbrel_latents_init(out, a->count, &a->origin);
    const double wanted = round((double)a->rows * factor);
    const size_t rows = wanted < 1                            ? 1
                        : wanted > (double)TIMBREL_MAX_VALUES ? TIMBREL_MAX_VALUES + 1
                                                              : (size_t)wanted;
    const TimbrelStatus status = timbrel_latents_append(out, NULL, rows, error);
    for (size_t r = 0; !status && r < rows; ++r) {
        const double place = fmin((double)r / factor, (double)(a->rows - 1));
        const size_t before = (size_t)place;
        const size_t after = before + 1 < a->rows ? before + 1 : before;
        const double part = hold ? 0 : place - (double)before;
        for (uint32_t i = 0; i < a->count; ++i) {
            const double from = a->values[before * a->count + i];
            const double to = a->values[after * a->count + i];
            out->values[r * a->count + i] = from + part * (to - from);
        }
    }
    return status;
}
