// SPDX-License-Identifier: ISC
/// Latents blended and sources exchanged: between two frames, and from one source to another.

#include "check.h"
#include "engine/latents/blend.h"
#include "engine/latents/sources.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { latents = 8, most = 512 };

static const double frame_rate = 100.0;
static const double fade_seconds = 0.1;

static TimbrelModelInfo model_info(void) {
    TimbrelModelInfo info = {.latents = latents};
    info.latent_meanings[latents - 1].kind = TIMBREL_LATENT_PITCH;
    return info;
}

static double length_of(const float* frame) {
    double sum = 0;
    for (int i = 0; i < latents - 1; ++i) {
        sum += (double)frame[i] * (double)frame[i];
    }
    return sqrt(sum);
}

static int test_blend(void) {
    const TimbrelModelInfo info = model_info();
    const float a[latents] = {1, 0, 0, 0, 0, 0, 0, 60};
    const float b[latents] = {0, 3, 0, 0, 0, 0, 0, 72};
    float out[latents];
    // The ends, to the last bit.
    timbrel_blend(&info, a, b, 0.0f, 1, out);
    CHECK(!memcmp(out, a, sizeof out));
    timbrel_blend(&info, a, b, 1.0f, 1, out);
    CHECK(!memcmp(out, b, sizeof out));
    // Along the sphere: the direction turns evenly, the length goes from one to the other.
    for (int k = 1; k < 8; ++k) {
        const float share = (float)k / 8.0f;
        timbrel_blend(&info, a, b, share, 1, out);
        CHECK(fabs(length_of(out) - (1.0 + 2.0 * (double)share)) < 1e-6);
        CHECK(fabs(atan2((double)out[1], (double)out[0]) - (double)share * M_PI / 2) < 1e-6);
        CHECK(fabsf(out[latents - 1] - (60.0f + 12.0f * share)) < 1e-4f); // Measured: a line
    }
    // Equal frames, opposite ones, and none.
    const float opposite[latents] = {-1, 0, 0, 0, 0, 0, 0, 60};
    const float zero[latents] = {0};
    timbrel_blend(&info, a, a, 0.3f, 1, out);
    CHECK(!memcmp(out, a, sizeof out));
    timbrel_blend(&info, a, opposite, 0.25f, 1, out);
    CHECK(fabsf(out[0] - 0.5f) < 1e-6f && fabsf(out[1]) < 1e-6f);
    timbrel_blend(&info, a, zero, 0.25f, 1, out);
    CHECK(fabsf(out[0] - 0.75f) < 1e-6f && isfinite(out[latents - 1]));
    // Nearly opposite ones are blended nearly alike, wherever they turn.
    const float nearly[latents] = {-1, 0.001f, 0, 0, 0, 0, 0, 60};
    timbrel_blend(&info, a, nearly, 0.5f, 1, out);
    CHECK(length_of(out) < 0.01);
    // One latent that is alike in both is no case of its own.
    const float half[latents] = {1, 1, 0, 0, 0, 0, 0, 60};
    const float other[latents] = {1, -1, 0, 0, 0, 0, 0, 60};
    timbrel_blend(&info, half, other, 0.5f, 1, out);
    CHECK(fabs(length_of(out) - sqrt(2.0)) < 1e-6);
    return 0;
}

static int test_codes(void) {
    TimbrelModelInfo info = {.latents = 2, .discrete = 1};
    const float a[4] = {3, -1, 7, -1};
    const float b[4] = {5, -1, 9, -1};
    float out[4] = {0, -2, 0, -2};
    timbrel_blend(&info, a, b, 0.49f, 2, out);
    CHECK(out[0] == 3 && out[2] == 7 && out[1] == -2);
    timbrel_blend(&info, a, b, 0.5f, 2, out);
    CHECK(out[0] == 5 && out[2] == 9 && out[3] == -2);
    return 0;
}

/// A stream of frames through the sources, as the player lets them flow.
typedef struct {
    TimbrelSource* sources;
    uint64_t frame;
    TimbrelLatentControls controls;
    bool encodes; ///< Whether encode ran for the last frame
} Flow;

static Flow new_flow(const TimbrelModelInfo* info) {
    const TimbrelSourcesConfig nobody = {0};
    float controls[TIMBREL_CONTROL_COUNT];
    timbrel_controls_default(controls);
    Flow flow = {.sources = timbrel_sources_new(info, frame_rate, &nobody)};
    timbrel_latent_controls(&flow.controls, controls);
    return flow;
}

/// Play one frame of what is heard; what is given goes to `out`.
static void flow_on(Flow* flow, const float* heard, float* out) {
    const TimbrelNeed need = flow->sources->need(flow->sources, &flow->controls, 1);
    flow->encodes = need != TIMBREL_NEED_NOTHING;
    const TimbrelLatentBlock block = {.first = flow->frame,
                                      .frames = 1,
                                      .latents = latents,
                                      .lanes = 1,
                                      .heard = flow->encodes ? heard : NULL,
                                      .values = out,
                                      .controls = &flow->controls};
    flow->sources->fill(flow->sources, &block);
    if (need == TIMBREL_NEED_SOUND) {
        memcpy(out, heard, latents * sizeof *out);
    }
    ++flow->frame;
}

static TimbrelMaterial* rows_of(float value, uint32_t serial) {
    TimbrelMaterial* material = timbrel_material_new(latents);
    TimbrelTable* table = material ? timbrel_table_new(16, latents) : NULL;
    if (!table) {
        abort();
    }
    for (uint32_t i = 0; i < table->rows * latents; ++i) {
        table->values[i] = value;
    }
    timbrel_table_finish(table);
    material->table = table;
    material->serial = serial;
    return material;
}

static float step_between(const float* a, const float* b) {
    float largest = 0;
    for (int i = 0; i < latents; ++i) {
        largest = fmaxf(largest, fabsf(a[i] - b[i]));
    }
    return largest;
}

/// Whatever is chosen, blended or handed over, latents go no faster than a fade lets them.
static int test_changes(void) {
    const TimbrelModelInfo info = model_info();
    Flow flow = new_flow(&info);
    CHECK(flow.sources != NULL);
    float heard[latents];
    float out[latents];
    float last[latents];
    for (int i = 0; i < latents; ++i) {
        heard[i] = last[i] = i % 2 ? 0.5f : -0.25f; // Opposite to no rows
    }
    // The farthest that anything here goes is from -1 to 1; the sphere's way is longer.
    const float most_step = (float)(2.0 * M_PI / 2 / (fade_seconds * frame_rate));
    float largest = 0;
    for (int k = 0; k < 2000; ++k) {
        switch (k % 400) {
        case 50:
            timbrel_sources_give(flow.sources, rows_of(k < 400 ? 1.0f : -1.0f, (uint32_t)k + 1));
            break;
        case 100:
            flow.controls.from.source = TIMBREL_FROM_ROWS;
            break;
        case 150:
            flow.controls.from.blend = 0.25f;
            break;
        case 200:
            flow.controls.from.blend = 1.0f;
            break;
        case 205: // In the middle of a slope
            flow.controls.from.source = TIMBREL_FROM_MAP;
            break;
        case 250:
            flow.controls.from.source = TIMBREL_FROM_ROWS;
            break;
        case 252:
            timbrel_sources_give(flow.sources, rows_of(0.25f, (uint32_t)k + 1));
            break;
        case 350:
            flow.controls.from.source = TIMBREL_FROM_SOUND;
            break;
        default:
            break;
        }
        flow_on(&flow, heard, out);
        largest = fmaxf(largest, step_between(out, last));
        memcpy(last, out, sizeof last);
        if (k % 400 == 149) {
            CHECK(fabsf(out[0] - (k < 400 ? 1.0f : -1.0f)) < 1e-6f);
            CHECK(!flow.encodes); // Rows alone
        }
        if (k % 400 == 199) {
            CHECK(flow.encodes);
        }
        if (k % 400 == 399) {
            CHECK(!memcmp(out, heard, sizeof out));
        }
    }
    (void)fprintf(stderr, "largest step %.3f of %.3f allowed\n", (double)largest,
                  (double)most_step);
    CHECK(largest > 0.01f && largest <= most_step);
    flow.sources->free(flow.sources);
    return 0;
}

/// The sound alone is given to the last bit, is what is needed, and is remembered.
static int test_sound(void) {
    const TimbrelModelInfo info = model_info();
    Flow flow = new_flow(&info);
    CHECK(flow.sources != NULL);
    static float played[most][latents];
    float out[latents];
    for (int k = 0; k < most; ++k) {
        for (int i = 0; i < latents; ++i) {
            played[k][i] = sinf((float)(k * latents + i));
        }
        CHECK(flow.sources->need(flow.sources, &flow.controls, 1) == TIMBREL_NEED_SOUND);
        flow_on(&flow, played[k], out);
        CHECK(!memcmp(out, played[k], sizeof out));
    }
    // A hop that came too late, which is not a rest of encode.
    const TimbrelLatentBlock late = {.first = flow.frame,
                                     .frames = 1,
                                     .latents = latents,
                                     .lanes = 1,
                                     .values = out,
                                     .controls = &flow.controls};
    flow.sources->fill(flow.sources, &late);
    ++flow.frame;
    CHECK(flow.sources->need(flow.sources, &flow.controls, 1) == TIMBREL_NEED_SOUND);
    flow_on(&flow, played[7], out);
    CHECK(!memcmp(out, played[7], sizeof out));
    static float back[most][latents];
    const TimbrelHistory* history = timbrel_sources_history(flow.sources);
    CHECK(timbrel_history_copy(history, 0, most, &back[0][0]));
    CHECK(!memcmp(back, played, sizeof back));
    CHECK(!timbrel_history_copy(history, 3, most, &back[0][0])); // Not there yet
    flow.sources->free(flow.sources);
    return 0;
}

/// Rows that are there before the first frame play from the first frame on.
static int test_first_frame(void) {
    const TimbrelModelInfo info = model_info();
    const float heard[latents] = {0};
    float out[latents];
    Flow flow = new_flow(&info);
    flow.controls.from.source = TIMBREL_FROM_ROWS;
    timbrel_sources_give(flow.sources, rows_of(0.5f, 1));
    for (int k = 0; k < 3; ++k) {
        flow_on(&flow, heard, out);
        CHECK(out[0] == 0.5f);
    }
    flow.sources->free(flow.sources);
    return 0;
}

/// Other axes, and other points at the plane's corners, are faded to as other rows are.
static int test_map_material(void) {
    const TimbrelModelInfo info = model_info();
    Flow flow = new_flow(&info);
    const float heard[latents] = {0};
    const float most_step = (float)(2.0 * M_PI / 2 / (fade_seconds * frame_rate));
    float out[latents];
    float last[latents] = {0};
    flow.controls.from.source = TIMBREL_FROM_MAP;
    flow.controls.from.map.rest = TIMBREL_REST_MEAN;
    for (int k = 0; k < 400; ++k) {
        if (k % 100 == 50) {
            TimbrelMaterial* material = timbrel_material_new(latents);
            const float value = k % 200 == 50 ? 1.0f : -1.0f;
            material->points.latents = latents;
            material->points.points[0].there = true;
            material->points.points[0].values[1] = value;
            material->axes.mean[2] = value;
            timbrel_sources_give(flow.sources, material);
        }
        flow.controls.from.map.plane = k >= 200;
        flow.controls.from.map.x = k >= 200 ? -2.0f : 0.0f;
        flow.controls.from.map.y = flow.controls.from.map.x;
        flow_on(&flow, heard, out);
        CHECK(k == 0 || k == 200 || step_between(out, last) <= most_step);
        memcpy(last, out, sizeof last);
    }
    CHECK(out[1] == -1.0f);
    flow.sources->free(flow.sources);
    return 0;
}

/// After a hop that was too late the sound goes on as it is, where nothing else was chosen.
static int test_late_hop(void) {
    const TimbrelModelInfo info = model_info();
    Flow flow = new_flow(&info);
    float heard[latents] = {0.5f};
    float out[latents];
    flow_on(&flow, heard, out);
    const TimbrelLatentBlock late = {.first = flow.frame++,
                                     .frames = 1,
                                     .latents = latents,
                                     .lanes = 1,
                                     .values = out,
                                     .controls = &flow.controls};
    flow.sources->fill(flow.sources, &late);
    for (int k = 0; k < 20; ++k) {
        heard[0] = (float)k;
        flow_on(&flow, heard, out);
        CHECK(!memcmp(out, heard, sizeof out));
    }
    flow.sources->free(flow.sources);
    return 0;
}

/// Numbers beyond any latent's do not make others of what is heard and remembered.
static int test_huge(void) {
    const TimbrelModelInfo info = model_info();
    Flow flow = new_flow(&info);
    const float heard[latents] = {0};
    float out[latents];
    flow.controls.from.source = TIMBREL_FROM_ROWS;
    flow.controls.from.rows.beat_lock = true;
    TimbrelMaterial* material = rows_of(3e38f, 1);
    for (uint32_t i = 0; i < latents * 8; ++i) {
        material->table->values[i] = -3e38f;
    }
    timbrel_sources_give(flow.sources, material);
    for (int k = 0; k < 300; ++k) {
        flow_on(&flow, heard, out);
        for (int i = 0; i < latents; ++i) {
            CHECK(isfinite(out[i]));
        }
    }
    flow.sources->free(flow.sources);
    return 0;
}

/// Jitter follows the song where a transport rolls, else the time since the reset.
static int test_seconds(void) {
    const TimbrelModelInfo info = model_info();
    Flow flow = new_flow(&info);
    CHECK(flow.sources != NULL);
    const float heard[2 * latents] = {0};
    float out[2 * latents];
    const TimbrelLatentControls controls[2] = {flow.controls, flow.controls};
    for (int k = 0; k < 3; ++k) {
        const TimbrelLatentEvent event = {
            .frame = 2 * (uint64_t)k,
            .position = 2.0 * k,
            .event = {.kind = TIMBREL_EVENT_TRANSPORT,
                      .is.transport = {.beat = k == 0 ? -3.0 : 60.0,
                                       .beats_per_bar = 4.0f,
                                       .beats_per_minute = 90.0f,
                                       .speed = k == 2 ? 0.0f : 1.0f}}};
        double seconds[2] = {0.5, 0.51};
        const TimbrelLatentBlock block = {.first = 2 * (uint64_t)k,
                                          .frames = 2,
                                          .latents = latents,
                                          .lanes = 1,
                                          .heard = heard,
                                          .values = out,
                                          .controls = controls,
                                          .events = &event,
                                          .event_count = 1,
                                          .seconds = seconds};
        flow.sources->fill(flow.sources, &block);
        const double begin = k == 0 ? -2.0 : k == 1 ? 40.0 : 0.5;
        CHECK(fabs(seconds[0] - begin) < 1e-9 && fabs(seconds[1] - begin - 0.01) < 1e-9);
    }
    flow.sources->free(flow.sources);
    return 0;
}

/// Press keep at a place in the song; the kinds of the wishes go to `kinds`. Returns how many.
static uint32_t press_keep(Flow* flow, double beat, float speed, TimbrelWishKind* kinds) {
    const float heard[latents] = {0};
    float out[latents];
    TimbrelLatentEvent events[2] = {
        {.frame = flow->frame, .event = {.kind = TIMBREL_EVENT_TRANSPORT}},
        {.frame = flow->frame, .event = {.kind = TIMBREL_EVENT_MESSAGE}}};
    events[0].position = (double)flow->frame;
    events[1].position = (double)flow->frame;
    events[0].event.is.transport = (TimbrelTransport){beat, 4, 120, speed};
    events[1].event.is.message = (TimbrelLatentMessage){TIMBREL_MESSAGE_KEEP, 1};
    const TimbrelLatentBlock block = {.first = flow->frame++,
                                      .frames = 1,
                                      .latents = latents,
                                      .lanes = 1,
                                      .heard = heard,
                                      .values = out,
                                      .controls = &flow->controls,
                                      .events = events,
                                      .event_count = 2};
    flow->sources->fill(flow->sources, &block);
    TimbrelWish wish;
    uint32_t count = 0;
    while (timbrel_sources_wish(flow->sources, &wish)) {
        kinds[count++ % 4] = wish.kind;
    }
    return count;
}

static void give_kept(Flow* flow, uint32_t serial) {
    TimbrelMaterial* material = rows_of(1, serial);
    material->kept = true;
    timbrel_sources_give(flow->sources, material);
}

/// Keep pressed again undoes; but a song whose automation presses it keeps in each playing.
static int test_keep_again(void) {
    const TimbrelModelInfo info = model_info();
    Flow flow = new_flow(&info);
    TimbrelWishKind kinds[4];
    CHECK(flow.sources != NULL);
    CHECK(press_keep(&flow, 16.05, 1, kinds) == 1 && kinds[0] == TIMBREL_WISH_KEEP);
    give_kept(&flow, 1);
    CHECK(press_keep(&flow, 17, 1, kinds) == 1 && kinds[0] == TIMBREL_WISH_UNDO);
    give_kept(&flow, 2);
    flow.sources->reset(flow.sources); // As hosts do when they locate
    CHECK(press_keep(&flow, 16.08, 1, kinds) == 2);
    CHECK(kinds[0] == TIMBREL_WISH_UNDO && kinds[1] == TIMBREL_WISH_KEEP);
    give_kept(&flow, 3);
    CHECK(press_keep(&flow, 16.08, 0, kinds) == 1 && kinds[0] == TIMBREL_WISH_UNDO); // It stands
    flow.sources->free(flow.sources);
    return 0;
}

int main(void) {
    CHECK(test_blend() == 0);
    CHECK(test_codes() == 0);
    CHECK(test_sound() == 0);
    CHECK(test_first_frame() == 0);
    CHECK(test_changes() == 0);
    CHECK(test_map_material() == 0);
    CHECK(test_late_hop() == 0);
    CHECK(test_huge() == 0);
    CHECK(test_seconds() == 0);
    CHECK(test_keep_again() == 0);
    return 0;
}
