// SPDX-License-Identifier: ISC
#include "latents.h"

#include <stdlib.h>
#include <string.h>

void timbrel_latents_init(TimbrelLatents* latents, uint32_t count, const TimbrelOrigin* origin) {
    *latents = (TimbrelLatents){.count = count};
    if (origin) {
        latents->origin = *origin;
    }
}

void timbrel_latents_free(TimbrelLatents* latents) {
    free(latents->values);
    free(latents->edges.lead);
    free(latents->edges.trail);
    *latents = (TimbrelLatents){0};
}

TimbrelStatus timbrel_latents_reserve(TimbrelLatents* latents, uint64_t rows, TimbrelError* error) {
    const size_t most = TIMBREL_MAX_VALUES / latents->count;
    if (rows > most - latents->rows) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                 "That makes more than %zu rows of %u latents; ask for fewer.",
                                 most, latents->count);
    }
    const size_t needed = latents->rows + (size_t)rows;
    if (needed <= latents->room) {
        return TIMBREL_OK;
    }
    size_t room = latents->room ? latents->room : 64;
    while (room < needed) {
        room *= 2;
    }
    double* values = realloc(latents->values, room * latents->count * sizeof *values);
    if (!values) {
        return timbrel_error_no_memory(error);
    }
    latents->values = values;
    latents->room = room;
    return TIMBREL_OK;
}

TimbrelStatus timbrel_latents_append(TimbrelLatents* latents, const double* values, size_t rows,
                                     TimbrelError* error) {
    const TimbrelStatus status = timbrel_latents_reserve(latents, rows, error);
    if (status || rows == 0) {
        return status;
    }
    double* to = latents->values + latents->rows * latents->count;
    const size_t size = rows * latents->count * sizeof *to;
    if (values) {
        memcpy(to, values, size);
    } else {
        memset(to, 0, size);
    }
    latents->rows += rows;
    return TIMBREL_OK;
}

TimbrelStatus timbrel_latents_repeat(TimbrelLatents* latents, const TimbrelLatents* other,
                                     size_t times, TimbrelError* error) {
    TimbrelStatus status = TIMBREL_OK;
    for (size_t i = 0; i < times && !status; ++i) {
        status = timbrel_latents_append(latents, other->values, other->rows, error);
    }
    return status;
}

double timbrel_origin_row_rate(const TimbrelOrigin* origin) {
    return origin->ratio > 0 ? origin->rate / origin->ratio : 0.0;
}

TimbrelStatus timbrel_latents_match(const TimbrelLatents* a, const char* a_name,
                                    const TimbrelLatents* b, const char* b_name,
                                    TimbrelError* error) {
    if (a->count != b->count) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                 "\"%s\" has %u latents and \"%s\" has %u; use latents of one "
                                 "model.",
                                 a_name, a->count, b_name, b->count);
    }
    if (a->origin.hash[0] && b->origin.hash[0] && strcmp(a->origin.hash, b->origin.hash) != 0) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                 "\"%s\" was made with the model %s and \"%s\" with another file, "
                                 "%s; use latents of one model.",
                                 a_name, a->origin.model, b_name, b->origin.model);
    }
    return TIMBREL_OK;
}
