// SPDX-License-Identifier: ISC
/// A place on the material's two axes, or on the plane between four points: see the controls of the
/// group *map*.

#include "source_kinds.h"

#include "blend.h"
#include "engine/model/backend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float plane_edge = 2.0f; // x and y of the corners, or less 0

typedef struct {
    TimbrelSource source;
    TimbrelModelInfo info;
    TimbrelAxes plain;                  ///< Where there is no material
    float rest[2][TIMBREL_MAX_LATENTS]; ///< Per lane: what the other axes followed last, which
                                        ///< stands in where nothing is heard
    bool started;                       ///< Whether there is a rest
} Map;

static TimbrelNeed need(TimbrelSource* self, const TimbrelLatentControls* controls,
                        uint32_t frames) {
    const Map* m = (const Map*)self;
    bool hears = m->info.discrete != 0;
    for (uint32_t g = 0; g < frames; ++g) {
        // A corner of the plane may have no point.
        hears =
            hears || controls[g].from.map.plane || controls[g].from.map.rest == TIMBREL_REST_SOUND;
    }
    return hears ? TIMBREL_NEED_ENCODER : TIMBREL_NEED_NOTHING;
}

static void reset(TimbrelSource* self) {
    Map* m = (Map*)self;
    m->started = false;
    memset(m->rest, 0, sizeof m->rest);
}

static const TimbrelAxes* axes_of(const Map* m, const TimbrelLatentBlock* block) {
    return block->material ? &block->material->axes : &m->plain;
}

/// NULL: not there.
static const float* find_point(const TimbrelLatentBlock* block, int64_t number) {
    const TimbrelPoints* points = block->material ? &block->material->points : NULL;
    const bool there = points && number >= 0 && number < TIMBREL_POINTS &&
                       points->latents == block->latents && points->points[number].there;
    return there ? points->points[number].values : NULL;
}

/// What one lane hears; NULL: nothing.
static const float* heard_of(const TimbrelLatentBlock* block, uint32_t lane) {
    return block->heard ? block->heard + (size_t)lane * block->latents : NULL;
}

/// What the axes of the map do not say, and what corners without a point play.
static void find_rest(Map* m, const TimbrelLatentBlock* block, uint32_t lane) {
    const bool only_sound = m->info.discrete != 0 || block->controls->from.map.plane;
    const TimbrelMapRest follows = only_sound ? TIMBREL_REST_SOUND : block->controls->from.map.rest;
    const float* mean = axes_of(m, block)->mean;
    const float* point = find_point(block, block->last_point);
    const float* now = follows == TIMBREL_REST_SOUND   ? heard_of(block, lane)
                       : follows == TIMBREL_REST_POINT ? (point ? point : mean)
                                                       : mean;
    if (!now && !m->started) {
        now = mean;
    }
    if (now) {
        memcpy(m->rest[lane], now, block->latents * sizeof(float));
    }
}

/// Move `values` along an axis to this many deviations from the mean.
static void place_on(const TimbrelAxes* axes, int axis, double deviations, float* values) {
    const float* direction = axes->axes[axis];
    double away = 0.0;
    for (uint32_t i = 0; i < axes->latents; ++i) {
        away += ((double)values[i] - (double)axes->mean[i]) * (double)direction[i];
    }
    const double missing = deviations * (double)axes->deviations[axis] - away;
    for (uint32_t i = 0; i < axes->latents; ++i) {
        values[i] = (float)((double)values[i] + missing * (double)direction[i]);
    }
}

static void play_map(const Map* m, const TimbrelLatentBlock* block, uint32_t lane, float* values) {
    memcpy(values, m->rest[lane], block->latents * sizeof(float));
    if (m->info.discrete != 0) {
        return; // Nothing sensible lies between codes: what is heard plays
    }
    place_on(axes_of(m, block), 0, (double)block->controls->from.map.x, values);
    place_on(axes_of(m, block), 1, (double)block->controls->from.map.y, values);
}

/// A corner without a point is what is heard.
static const float* corner(const Map* m, const TimbrelLatentBlock* block, uint32_t lane,
                           int number) {
    const float* point = find_point(block, block->controls->from.map.corners[number]);
    return point ? point : m->rest[lane];
}

static float on_plane(float place) {
    return fminf(fmaxf((place + plane_edge) / (2.0f * plane_edge), 0.0f), 1.0f);
}

/// Codes too: the nearest corner is chosen.
static void play_plane(const Map* m, const TimbrelLatentBlock* block, uint32_t lane,
                       float* values) {
    const float x = on_plane(block->controls->from.map.x);
    const float y = on_plane(block->controls->from.map.y);
    float top[TIMBREL_MAX_LATENTS];
    timbrel_blend(&m->info, corner(m, block, lane, 0), corner(m, block, lane, 1), x, 1, values);
    timbrel_blend(&m->info, corner(m, block, lane, 2), corner(m, block, lane, 3), x, 1, top);
    timbrel_blend(&m->info, values, top, y, 1, values);
}

static void fill(TimbrelSource* self, const TimbrelLatentBlock* block) {
    Map* m = (Map*)self;
    for (uint32_t lane = 0; lane < block->lanes && block->values; ++lane) {
        float* values = block->values + (size_t)lane * block->latents;
        find_rest(m, block, lane);
        if (block->controls->from.map.plane) {
            play_plane(m, block, lane, values);
        } else {
            play_map(m, block, lane, values);
        }
        timbrel_latents_mend(values, block->latents);
    }
    if (block->values && block->lanes == 1) {
        memcpy(m->rest[1], m->rest[0], sizeof m->rest[1]);
    }
    m->started = m->started || block->values;
}

static void release(TimbrelSource* self) {
    free(self);
}

TimbrelSource* timbrel_source_map(const TimbrelModelInfo* info, double frame_rate) {
    (void)frame_rate;
    Map* m = calloc(1, sizeof *m);
    if (!m) {
        return NULL;
    }
    m->source = (TimbrelSource){"map", need, reset, fill, release};
    m->info = *info;
    timbrel_axes_plain(&m->plain, info->latents);
    return &m->source;
}
