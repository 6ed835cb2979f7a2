// SPDX-License-Identifier: ISC
#include "state_points.h"

#include "chunk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { version = 1, head_size = 16 + TIMBREL_NAME_SIZE };

static const char magic[4] = {'T', 'm', 'b', 'P'};

static uint32_t count_points(const TimbrelPoints* points) {
    uint32_t count = 0;
    for (int i = 0; i < TIMBREL_POINTS; ++i) {
        count += points->points[i].there ? 1 : 0;
    }
    return count;
}

static void write_point(TimbrelChunkWriter* w, const TimbrelPoints* points, uint32_t i) {
    const TimbrelPoint* point = &points->points[i];
    timbrel_chunk_put(w, i + 1, 4);
    timbrel_chunk_put_text(w, point->name, sizeof point->name);
    for (uint32_t n = 0; n < points->latents; ++n) {
        timbrel_chunk_put_float(w, point->values[n]);
    }
}

static void write_points(TimbrelChunkWriter* w, const TimbrelPoints* points, uint32_t count) {
    timbrel_chunk_put_bytes(w, magic, sizeof magic);
    timbrel_chunk_put(w, version, 4);
    timbrel_chunk_put(w, points->latents, 4);
    timbrel_chunk_put(w, count, 4);
    timbrel_chunk_put_text(w, points->space, sizeof points->space);
    for (uint32_t i = 0; i < TIMBREL_POINTS; ++i) {
        if (points->points[i].there) {
            write_point(w, points, i);
        }
    }
}

LV2_State_Status timbrel_state_save_points(TimbrelEffect* effect, const TimbrelSaving* s) {
    TimbrelPoints* points = malloc(sizeof *points);
    if (!points) {
        return LV2_STATE_ERR_UNKNOWN;
    }
    timbrel_effect_points(effect, points);
    const uint32_t count = count_points(points);
    const size_t size =
        head_size + count * (4 + TIMBREL_NAME_SIZE + (size_t)points->latents * sizeof(float));
    uint8_t* bytes = malloc(size + 1);
    LV2_State_Status status = LV2_STATE_ERR_UNKNOWN;
    if (bytes) {
        write_points(&(TimbrelChunkWriter){bytes}, points, count);
        status = timbrel_state_store_chunk(s, s->uris->points_data, bytes, size);
    }
    free(bytes);
    free(points);
    return status;
}

/// False for a number that is none of a point, one that was there already, or values that are no
/// numbers.
static bool read_point(TimbrelChunkReader* r, TimbrelPoints* points) {
    const uint64_t number = timbrel_chunk_get(r, 4);
    char name[TIMBREL_NAME_SIZE];
    timbrel_chunk_get_text(r, name, sizeof name);
    if (number < 1 || number > TIMBREL_POINTS || points->points[number - 1].there) {
        return false;
    }
    TimbrelPoint* point = &points->points[number - 1];
    point->there = true;
    timbrel_point_set_name(point, name);
    bool good = true;
    for (uint32_t n = 0; n < points->latents; ++n) {
        point->values[n] = timbrel_chunk_get_float(r);
        good = good && isfinite(point->values[n]);
    }
    return good;
}

static bool read_points(TimbrelChunkReader* r, TimbrelPoints* points) {
    if (r->left < head_size || memcmp(r->at, magic, sizeof magic) != 0) {
        return false;
    }
    (void)timbrel_chunk_get(r, sizeof magic);
    bool good = timbrel_chunk_get(r, 4) == version;
    points->latents = (uint32_t)timbrel_chunk_get(r, 4);
    const uint64_t count = timbrel_chunk_get(r, 4);
    timbrel_chunk_get_text(r, points->space, sizeof points->space);
    good = good && points->latents <= TIMBREL_MAX_LATENTS && count <= TIMBREL_POINTS &&
           (points->latents > 0 || count == 0);
    for (uint64_t i = 0; good && i < count; ++i) {
        good = read_point(r, points);
    }
    return good && !r->short_of && r->left == 0;
}

void timbrel_state_restore_points(TimbrelEffect* effect, const TimbrelRestoring* r,
                                  TimbrelError* error) {
    size_t size = 0;
    const void* bytes = timbrel_state_chunk(r, r->uris->points_data, &size);
    if (!bytes) {
        return;
    }
    TimbrelPoints* points = calloc(1, sizeof *points);
    const bool good = points && read_points(&(TimbrelChunkReader){bytes, size, false}, points);
    timbrel_effect_set_points(effect, good ? points : NULL);
    if (!points) {
        (void)timbrel_error_no_memory(error);
    } else if (!good) {
        (void)timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                "The points in this session are damaged, so there are none; store "
                                "them again, or open a former copy of the session.");
    }
    free(points);
}
