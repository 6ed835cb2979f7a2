// SPDX-License-Identifier: ISC
#include "engine/latents/loop.h"
#include "patterns.h"

#include <math.h>

TimbrelStatus timbrel_pattern_loop(const TimbrelLatents* a, const TimbrelLoop* loop,
                                   TimbrelLatents* out, TimbrelError* error) {
    timbrel_latents_init(out, a->count, &a->origin);
    const size_t rows = a->rows;
    if (rows == 0) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT, "A loop needs at least one row.");
    }
    const uint64_t places = timbrel_loop_places(loop->direction, rows);
    TimbrelRandom random = timbrel_random(loop->seed);
    TimbrelStatus status = TIMBREL_OK;
    uint64_t place = 0;
    for (size_t r = 0; r < loop->rows && !status; ++r) {
        const size_t row = (size_t)timbrel_loop_row(loop->direction, rows, place);
        status = timbrel_latents_append(out, a->values + row * a->count, 1, error);
        place = (place + timbrel_loop_step(loop->least_step, loop->most_step, &random)) % places;
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
