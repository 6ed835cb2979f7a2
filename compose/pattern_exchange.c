// SPDX-License-Identifier: ISC
#include "engine/base/random.h"
#include "patterns.h"

#include <stdlib.h>
#include <string.h>

// A copy that may be changed; the origin is not needed.
static TimbrelStatus copy(const TimbrelLatents* from, TimbrelLatents* to, TimbrelError* error) {
    timbrel_latents_init(to, from->count, NULL);
    return timbrel_latents_append(to, from->values, from->rows, error);
}

static TimbrelStatus same_shape(const TimbrelLatents* a, const TimbrelLatents* b,
                                TimbrelError* error) {
    if (a->rows == b->rows && a->count == b->count) {
        return TIMBREL_OK;
    }
    return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                             "A has %zu rows of %u latents and B has %zu of %u, and they must be "
                             "the same; cut or stretch one of them.",
                             a->rows, a->count, b->rows, b->count);
}

TimbrelStatus timbrel_pattern_blender(const TimbrelLatents* a, const TimbrelLatents* b,
                                      size_t repeats, TimbrelLatents* out, TimbrelError* error) {
    TimbrelStatus status = same_shape(a, b, error);
    if (status) {
        return status;
    }
    TimbrelLatents mixed;
    timbrel_latents_init(out, a->count, &a->origin);
    const uint64_t arrays = timbrel_rows_product((uint64_t)a->rows * a->count + 1, repeats);
    status = copy(a, &mixed, error);
    if (!status) {
        status = timbrel_latents_reserve(out, timbrel_rows_product(arrays, a->rows), error);
    }
    for (size_t v = 0; v <= a->rows * a->count && !status; ++v) {
        if (v > 0) {
            mixed.values[v - 1] = b->values[v - 1];
        }
        status = timbrel_latents_repeat(out, &mixed, repeats, error);
    }
    timbrel_latents_free(&mixed);
    if (status) {
        timbrel_latents_free(out);
    }
    return status;
}

TimbrelStatus timbrel_pattern_swapper(const TimbrelLatents* a, const TimbrelLatents* b,
                                      const TimbrelSwapper* swapper, TimbrelLatents* out,
                                      TimbrelError* error) {
    TimbrelStatus status = same_shape(a, b, error);
    if (status) {
        return status;
    }
    TimbrelLatents first = {0};
    TimbrelLatents second = {0};
    TimbrelRandom random = timbrel_random(swapper->seed);
    timbrel_latents_init(out, a->count, &a->origin);
    const uint64_t arrays =
        timbrel_rows_product(timbrel_rows_product(swapper->steps, 2), swapper->repeats);
    status = timbrel_latents_reserve(out, timbrel_rows_product(arrays, a->rows), error);
    if (!status) {
        status = copy(a, &first, error);
    }
    if (!status) {
        status = copy(b, &second, error);
    }
    for (size_t step = 0; step < swapper->steps && !status; ++step) {
        for (size_t i = 0; i < swapper->values; ++i) {
            const uint64_t place = timbrel_random_below(&random, (uint64_t)a->rows * a->count);
            const double value = first.values[place];
            first.values[place] = second.values[place];
            second.values[place] = value;
        }
        status = timbrel_latents_repeat(out, &first, swapper->repeats, error);
        if (!status) {
            status = timbrel_latents_repeat(out, &second, swapper->repeats, error);
        }
    }
    timbrel_latents_free(&first);
    timbrel_latents_free(&second);
    if (status) {
        timbrel_latents_free(out);
    }
    return status;
}
