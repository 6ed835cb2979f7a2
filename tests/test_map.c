// SPDX-License-Identifier: ISC
/// A place on the map, or on the plane between four points.

#include "check.h"
#include "engine/latents/blend.h"
#include "engine/latents/source_kinds.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { latents = 4 };

typedef struct {
    TimbrelModelInfo info;
    TimbrelSource* source;
    TimbrelMaterial* material;
    TimbrelLatentControls controls;
    uint64_t frame;
    uint32_t lanes;
    int last_point;
    bool deaf;
    float heard[2 * latents];
    float values[2 * latents];
} Player;

static void set_up(Player* p) {
    float controls[TIMBREL_CONTROL_COUNT];
    timbrel_controls_default(controls);
    *p = (Player){.info = {.latents = latents}, .lanes = 1, .last_point = -1};
    timbrel_latent_controls(&p->controls, controls);
    p->source = timbrel_source_map(&p->info, 100.0);
    p->material = timbrel_material_new(latents);
    if (!p->source || !p->material) {
        abort();
    }
    // The axes are not along any latent.
    p->material->axes = (TimbrelAxes){.latents = latents,
                                      .mean = {1.0f, 2.0f, 3.0f, 4.0f},
                                      .axes = {{0.6f, 0.8f}, {0.0f, 0.0f, -0.6f, 0.8f}},
                                      .deviations = {2.0f, 0.5f}};
    p->material->points.latents = latents;
    for (int n = 0; n < 6; ++n) {
        p->material->points.points[n].there = true;
        for (int i = 0; i < latents; ++i) {
            p->material->points.points[n].values[i] = (float)(n * n) - (float)i;
        }
    }
    for (int i = 0; i < 2 * latents; ++i) {
        p->heard[i] = 0.3f * (float)i - 0.5f;
    }
    p->source->reset(p->source);
}

static void tear_down(Player* p) {
    p->source->free(p->source);
    timbrel_material_free(p->material);
}

static void step(Player* p) {
    const TimbrelMoment moment = {.beats = 0.02, .beats_per_bar = 4.0, .rolls = true};
    const TimbrelLatentBlock block = {.first = p->frame++,
                                      .frames = 1,
                                      .latents = latents,
                                      .lanes = p->lanes,
                                      .heard = p->deaf ? NULL : p->heard,
                                      .values = p->values,
                                      .controls = &p->controls,
                                      .moments = &moment,
                                      .material = p->material,
                                      .last_point = p->last_point};
    p->source->fill(p->source, &block);
}

static void place(Player* p, float x, float y) {
    p->controls.from.map.x = x;
    p->controls.from.map.y = y;
    step(p);
}

static double along(const Player* p, const float* values, int axis) {
    const TimbrelAxes* axes = &p->material->axes;
    double sum = 0.0;
    for (int i = 0; i < latents; ++i) {
        sum += ((double)values[i] - (double)axes->mean[i]) * (double)axes->axes[axis][i];
    }
    return sum;
}

/// Whether one lane's values lie at x, y, and off the axes where `rest` does.
static bool lies(const Player* p, const float* values, double x, double y, const float* rest) {
    const TimbrelAxes* axes = &p->material->axes;
    const double there[2] = {along(p, values, 0), along(p, values, 1)};
    const double before[2] = {along(p, rest, 0), along(p, rest, 1)};
    bool right = fabs(there[0] - x * (double)axes->deviations[0]) < 1e-5 &&
                 fabs(there[1] - y * (double)axes->deviations[1]) < 1e-5;
    for (int i = 0; i < latents; ++i) {
        const double off = (double)values[i] - there[0] * (double)axes->axes[0][i] -
                           there[1] * (double)axes->axes[1][i];
        const double wanted = (double)rest[i] - before[0] * (double)axes->axes[0][i] -
                              before[1] * (double)axes->axes[1][i];
        right = right && fabs(off - wanted) < 1e-5;
    }
    return right;
}

static int test_mean(Player* p) {
    const TimbrelAxes* axes = &p->material->axes;
    p->controls.from.map.rest = TIMBREL_REST_MEAN;
    place(p, 0.0f, 0.0f);
    CHECK(memcmp(p->values, axes->mean, latents * sizeof(float)) == 0);
    place(p, 1.5f, -1.0f);
    const float wanted[latents] = {1.0f + 3.0f * 0.6f, 2.0f + 3.0f * 0.8f, 3.0f + 0.5f * 0.6f,
                                   4.0f - 0.5f * 0.8f};
    for (int i = 0; i < latents; ++i) {
        CHECK(fabsf(p->values[i] - wanted[i]) < 1e-5f);
    }
    CHECK(lies(p, p->values, 1.5, -1.0, axes->mean));
    return 0;
}

static int test_sound(Player* p) {
    place(p, 1.0f, 2.0f);
    CHECK(lies(p, p->values, 1.0, 2.0, p->heard));
    p->heard[3] += 5.0f; // It is followed off the axes
    p->lanes = 2;
    place(p, -4.0f, 0.25f);
    CHECK(lies(p, p->values, -4.0, 0.25, p->heard));
    CHECK(lies(p, p->values + latents, -4.0, 0.25, p->heard + latents));
    CHECK(!lies(p, p->values, -4.0, 0.25, p->heard + latents));
    return 0;
}

static int test_point(Player* p) {
    p->controls.from.map.rest = TIMBREL_REST_POINT;
    place(p, 1.0f, 2.0f);
    CHECK(lies(p, p->values, 1.0, 2.0, p->material->axes.mean)); // None yet
    p->last_point = 3;
    step(p);
    CHECK(lies(p, p->values, 1.0, 2.0, p->material->points.points[3].values));
    p->last_point = 20; // Gone
    step(p);
    CHECK(lies(p, p->values, 1.0, 2.0, p->material->axes.mean));
    return 0;
}

/// Where nothing is heard, what the other axes followed last stands in; at first, the mean.
static int test_deaf(Player* p) {
    p->deaf = true;
    place(p, 1.0f, 1.0f);
    CHECK(lies(p, p->values, 1.0, 1.0, p->material->axes.mean));
    p->deaf = false;
    step(p);
    float before[latents];
    memcpy(before, p->heard, sizeof before);
    p->deaf = true;
    p->heard[3] = 40.0f;
    place(p, 0.0f, 1.0f);
    CHECK(lies(p, p->values, 0.0, 1.0, before));
    p->source->reset(p->source);
    step(p);
    CHECK(lies(p, p->values, 0.0, 1.0, p->material->axes.mean));
    return 0;
}

static int test_no_material(Player* p) {
    TimbrelMaterial* material = p->material;
    p->material = NULL;
    p->controls.from.map.rest = TIMBREL_REST_MEAN;
    place(p, 1.5f, -2.0f);
    p->material = material;
    const float wanted[latents] = {1.5f, -2.0f, 0.0f, 0.0f};
    CHECK(memcmp(p->values, wanted, sizeof wanted) == 0);
    return 0;
}

static int test_plane(Player* p) {
    const TimbrelPoint* points = p->material->points.points;
    p->controls.from.map.plane = true;
    const float corners[4][2] = {{-2.0f, -2.0f}, {2.0f, -2.0f}, {-2.0f, 2.0f}, {2.0f, 2.0f}};
    for (uint32_t c = 0; c < 4; ++c) {
        p->controls.from.map.corners[c] = c + 2;
    }
    for (int c = 0; c < 4; ++c) {
        place(p, corners[c][0], corners[c][1]);
        CHECK(memcmp(p->values, points[c + 2].values, latents * sizeof(float)) == 0);
        place(p, 2.0f * corners[c][0], 1.5f * corners[c][1]); // Beyond
        CHECK(memcmp(p->values, points[c + 2].values, latents * sizeof(float)) == 0);
    }
    place(p, 1.0f, -1.0f);
    float bottom[latents];
    float top[latents];
    timbrel_blend(&p->info, points[2].values, points[3].values, 0.75f, 1, bottom);
    timbrel_blend(&p->info, points[4].values, points[5].values, 0.75f, 1, top);
    timbrel_blend(&p->info, bottom, top, 0.25f, 1, bottom);
    CHECK(memcmp(p->values, bottom, sizeof bottom) == 0);
    return 0;
}

static int test_empty_corner(Player* p) {
    p->controls.from.map.plane = true;
    p->controls.from.map.rest = TIMBREL_REST_MEAN; // Not read: it is the map's
    p->controls.from.map.corners[1] = 100;
    p->deaf = true;
    p->lanes = 2;
    place(p, 2.0f, -2.0f);
    CHECK(memcmp(p->values, p->material->axes.mean, latents * sizeof(float)) == 0);
    p->deaf = false;
    step(p);
    CHECK(memcmp(p->values, p->heard, sizeof p->heard) == 0);
    p->controls.from.map.corners[1] = UINT32_MAX;
    p->material->points.latents = 0;
    place(p, 0.3f, 0.7f);
    CHECK(memcmp(p->values, p->heard, sizeof p->heard) == 0);
    return 0;
}

static int test_need(Player* p) {
    TimbrelLatentControls controls[3] = {p->controls, p->controls, p->controls};
    CHECK(p->source->need(p->source, controls, 3) == TIMBREL_NEED_ENCODER);
    for (int g = 0; g < 3; ++g) {
        controls[g].from.map.rest = g == 1 ? TIMBREL_REST_POINT : TIMBREL_REST_MEAN;
    }
    CHECK(p->source->need(p->source, controls, 3) == TIMBREL_NEED_NOTHING);
    controls[2].from.map.rest = TIMBREL_REST_SOUND;
    CHECK(p->source->need(p->source, controls, 2) == TIMBREL_NEED_NOTHING);
    CHECK(p->source->need(p->source, controls, 3) == TIMBREL_NEED_ENCODER);
    controls[2].from.map.rest = TIMBREL_REST_MEAN;
    controls[0].from.map.plane = true;
    CHECK(p->source->need(p->source, controls, 3) == TIMBREL_NEED_ENCODER);
    return 0;
}

/// Codes are what is heard, or at the nearest corner of the plane.
static int test_codes(Player* p) {
    p->source->free(p->source);
    p->info.discrete = 1;
    p->source = timbrel_source_map(&p->info, 100.0);
    CHECK(p->source != NULL);
    p->controls.from.map.rest = TIMBREL_REST_MEAN;
    CHECK(p->source->need(p->source, &p->controls, 1) == TIMBREL_NEED_ENCODER);
    place(p, 1.0f, 1.0f);
    CHECK(memcmp(p->values, p->heard, latents * sizeof(float)) == 0);
    p->controls.from.map.plane = true;
    place(p, -0.5f, 0.5f);
    CHECK(memcmp(p->values, p->material->points.points[2].values, latents * sizeof(float)) == 0);
    return 0;
}

static int test_no_numbers(Player* p) {
    p->material->points.points[0].values[1] = NAN;
    p->material->points.points[3].values[2] = INFINITY;
    for (int i = 0; i < 8; ++i) {
        p->controls.from.map.plane = i < 4;
        p->controls.from.map.rest = TIMBREL_REST_POINT;
        p->last_point = i % 2 * 3;
        place(p, 0.5f * (float)i - 2.0f, 1.0f);
        for (int k = 0; k < latents; ++k) {
            CHECK(isfinite(p->values[k]));
        }
    }
    return 0;
}

int main(void) {
    int (*const tests[])(Player*) = {test_mean,         test_sound,     test_point, test_deaf,
                                     test_no_material,  test_plane,     test_need,  test_codes,
                                     test_empty_corner, test_no_numbers};
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; ++i) {
        Player player;
        set_up(&player);
        const int failed = tests[i](&player);
        tear_down(&player);
        CHECK(failed == 0);
    }
    return 0;
}
