// SPDX-License-Identifier: ISC
/// Points, recalled by notes.

#include "check.h"
#include "engine/latents/blend.h"
#include "engine/latents/source_kinds.h"
#include "engine/latents/source_points.h"
#include "engine/latents/sources.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { latents = 4, most_events = 16 };

static const double frame_rate = 100.0; // 10 ms a frame

/// A source with all that it is asked with.
typedef struct {
    TimbrelModelInfo info;
    TimbrelSource* source;
    TimbrelMaterial* material;
    TimbrelLatentControls controls;
    TimbrelLatentEvent events[most_events]; ///< Of the next frame
    uint32_t event_count;
    uint64_t frame;
    uint32_t lanes;
    bool deaf;
    bool hidden;
    float heard[2 * latents];
    float values[2 * latents];
} Player;

static void set_up(Player* p) {
    float controls[TIMBREL_CONTROL_COUNT];
    timbrel_controls_default(controls);
    controls[TIMBREL_CONTROL_GLIDE] = 0.0f;
    *p = (Player){.info = {.latents = latents}, .lanes = 1};
    timbrel_latent_controls(&p->controls, controls);
    p->source = timbrel_source_points(&p->info, frame_rate);
    p->material = timbrel_material_new(latents);
    if (!p->source || !p->material) {
        abort();
    }
    p->material->points.latents = latents;
    for (int n = 0; n < 10; ++n) {
        p->material->points.points[n].there = n != 5;
        for (int i = 0; i < latents; ++i) {
            p->material->points.points[n].values[i] = (float)n + 0.25f * (float)i + 1.0f;
        }
    }
    for (int i = 0; i < 2 * latents; ++i) {
        p->heard[i] = -0.5f - 0.1f * (float)i;
    }
    p->source->reset(p->source);
}

static void tear_down(Player* p) {
    p->source->free(p->source);
    timbrel_material_free(p->material);
}

static void midi(Player* p, uint8_t status, uint8_t first, uint8_t second) {
    p->events[p->event_count++] = (TimbrelLatentEvent){
        .frame = p->frame,
        .position = (double)p->frame,
        .event = {.kind = TIMBREL_EVENT_MIDI, .is.midi = {status, first, second, 0}}};
}

static void note(Player* p, uint8_t number, uint8_t velocity) {
    midi(p, 0x90, number, velocity);
}

static void off(Player* p, uint8_t number) {
    midi(p, 0x80, number, 64);
}

static void control(Player* p, uint8_t number, uint8_t value) {
    midi(p, 0xb0, number, value);
}

/// Play the next frame; what comes out is in `values`, all NAN where nothing is asked for.
static void step(Player* p) {
    const TimbrelMoment moment = {.beats = 0.02, .beats_per_bar = 4.0, .rolls = true};
    for (int i = 0; i < 2 * latents; ++i) {
        p->values[i] = NAN;
    }
    const TimbrelLatentBlock block = {.first = p->frame,
                                      .frames = 1,
                                      .latents = latents,
                                      .lanes = p->lanes,
                                      .heard = p->deaf ? NULL : p->heard,
                                      .values = p->hidden ? NULL : p->values,
                                      .controls = &p->controls,
                                      .events = p->events,
                                      .event_count = p->event_count,
                                      .moments = &moment,
                                      .material = p->material,
                                      .last_point = -1};
    p->source->fill(p->source, &block);
    p->event_count = 0;
    ++p->frame;
}

static void steps(Player* p, int count) {
    for (int i = 0; i < count; ++i) {
        step(p);
    }
}

static const float* point(const Player* p, int number) {
    return p->material->points.points[number].values;
}

static bool are(const Player* p, const float* values) {
    return memcmp(p->values, values, latents * sizeof(float)) == 0;
}

static bool plays(const Player* p, int number) {
    return are(p, point(p, number));
}

static bool is_sound(const Player* p) {
    return memcmp(p->values, p->heard, (size_t)p->lanes * latents * sizeof(float)) == 0;
}

static int test_notes(Player* p) {
    p->heard[1] = -0.0f; // To the last bit
    step(p);
    CHECK(is_sound(p));
    CHECK(timbrel_source_points_last(p->source) == -1);
    note(p, 62, 127);
    step(p);
    CHECK(plays(p, 2));
    CHECK(timbrel_source_points_last(p->source) == 2);
    steps(p, 5);
    CHECK(plays(p, 2));
    off(p, 62);
    step(p);
    CHECK(is_sound(p));
    CHECK(timbrel_source_points_last(p->source) == 2);
    p->controls.from.points.base = 4;
    note(p, 60, 127);
    step(p);
    CHECK(plays(p, 4));
    note(p, 60, 0); // A note-off
    step(p);
    CHECK(is_sound(p));
    return 0;
}

static int test_ignored(Player* p) {
    note(p, 65, 127); // Empty
    note(p, 70, 127); // Likewise
    note(p, 59, 127); // Below the first
    note(p, 0, 127);
    p->controls.from.points.base = 127;
    note(p, 127, 127); // Beyond the last
    midi(p, 0xa0, 60, 100);
    midi(p, 0xc0, 3, 0);
    midi(p, 0xd0, 100, 0);
    midi(p, 0xf8, 0, 0);
    step(p);
    CHECK(is_sound(p));
    CHECK(timbrel_source_points_last(p->source) == -1);
    p->controls.from.points.base = 0;
    p->material->points.latents = latents + 1; // Another model's
    note(p, 60, 127);
    step(p);
    CHECK(is_sound(p));
    TimbrelMaterial* material = p->material;
    p->material = NULL;
    note(p, 60, 127);
    step(p);
    p->material = material;
    CHECK(is_sound(p));
    return 0;
}

static int test_velocity(Player* p) {
    note(p, 61, 50);
    step(p);
    float between[latents];
    timbrel_blend(&p->info, p->heard, point(p, 1), 50.0f / 127.0f, 1, between);
    CHECK(are(p, between));
    CHECK(!is_sound(p) && !plays(p, 1));
    // The way is from what is heard now.
    p->heard[0] = 2.0f;
    step(p);
    timbrel_blend(&p->info, p->heard, point(p, 1), 50.0f / 127.0f, 1, between);
    CHECK(are(p, between));
    return 0;
}

static int test_held(Player* p) {
    note(p, 60, 127);
    note(p, 61, 127);
    step(p);
    CHECK(plays(p, 1)); // The last one
    note(p, 62, 64);
    step(p);
    off(p, 60);
    step(p);
    CHECK(!plays(p, 1)); // 62, part of the way
    off(p, 62);
    step(p);
    CHECK(plays(p, 1)); // All the way, as it was struck
    CHECK(timbrel_source_points_last(p->source) == 1);
    note(p, 63, 127);
    step(p);
    note(p, 61, 127); // Struck again: now the last one
    step(p);
    CHECK(plays(p, 1));
    off(p, 63);
    step(p);
    CHECK(plays(p, 1));
    off(p, 61);
    step(p);
    CHECK(is_sound(p));
    return 0;
}

static int test_pedal(Player* p) {
    note(p, 60, 127);
    step(p);
    control(p, 64, 127);
    off(p, 60);
    step(p);
    CHECK(plays(p, 0));
    note(p, 61, 127);
    step(p);
    CHECK(plays(p, 1));
    off(p, 61);
    step(p);
    CHECK(plays(p, 1));
    note(p, 62, 127); // Its key stays down
    step(p);
    control(p, 64, 63);
    step(p);
    CHECK(plays(p, 2));
    off(p, 62);
    step(p);
    CHECK(is_sound(p)); // 60 and 61 went with the pedal
    return 0;
}

static int test_all_off(Player* p) {
    const uint8_t numbers[] = {120, 123, 126};
    for (int i = 0; i < 3; ++i) {
        note(p, 60, 127);
        note(p, 61, 127);
        step(p);
        CHECK(plays(p, 1));
        control(p, numbers[i], 0);
        step(p);
        CHECK(is_sound(p));
    }
    note(p, 60, 127);
    control(p, 64, 127);
    step(p);
    off(p, 60);
    step(p);
    CHECK(plays(p, 0));
    control(p, 121, 0); // The pedal goes up, too
    step(p);
    CHECK(is_sound(p));
    return 0;
}

static int test_gap(Player* p) {
    note(p, 60, 127);
    control(p, 64, 127);
    step(p);
    CHECK(plays(p, 0));
    p->events[p->event_count++] =
        (TimbrelLatentEvent){.frame = p->frame, .event = {.kind = TIMBREL_EVENT_GAP}};
    step(p);
    CHECK(is_sound(p));
    note(p, 61, 127);
    step(p);
    off(p, 61);
    step(p);
    CHECK(is_sound(p)); // Nor does the pedal hold any longer
    return 0;
}

/// A note that begins and ends within one frame is heard for that frame.
static int test_short(Player* p) {
    note(p, 63, 127);
    off(p, 63);
    step(p);
    CHECK(plays(p, 3));
    step(p);
    CHECK(is_sound(p));
    control(p, 64, 127);
    note(p, 63, 127);
    off(p, 63);
    control(p, 64, 0);
    step(p);
    CHECK(plays(p, 3));
    step(p);
    CHECK(is_sound(p));
    return 0;
}

static int test_glide(Player* p) {
    p->controls.from.points.glide = 100.0f; // 10 frames
    step(p);
    note(p, 60, 127);
    float before[latents];
    memcpy(before, p->heard, sizeof before);
    for (int i = 1; i <= 10; ++i) {
        step(p);
        float between[latents];
        timbrel_blend(&p->info, before, point(p, 0), (float)i / 10.0f, 1, between);
        for (int k = 0; k < latents; ++k) {
            CHECK(fabsf(p->values[k] - between[k]) < 1e-5f);
        }
        CHECK(plays(p, 0) == (i == 10));
    }
    // Half the way back, then to another point from there.
    off(p, 60);
    steps(p, 5);
    CHECK(!is_sound(p) && !plays(p, 0));
    memcpy(before, p->values, sizeof before);
    note(p, 64, 127);
    step(p);
    float between[latents];
    timbrel_blend(&p->info, before, point(p, 4), 0.1f, 1, between);
    for (int k = 0; k < latents; ++k) {
        CHECK(fabsf(p->values[k] - between[k]) < 1e-5f);
    }
    off(p, 64);
    for (int i = 1; i <= 10; ++i) {
        step(p);
        CHECK(is_sound(p) == (i == 10));
    }
    step(p);
    CHECK(is_sound(p));
    return 0;
}

static int test_glide_beats(Player* p) {
    p->controls.from.points.glide = 10000.0f;
    p->controls.from.points.glide_beats = 0.1f; // 5 frames
    note(p, 60, 127);
    for (int i = 1; i <= 5; ++i) {
        step(p);
        CHECK(plays(p, 0) == (i == 5));
    }
    return 0;
}

static int test_bend(Player* p) {
    p->controls.from.points.reach = 2.0f;
    midi(p, 0xe0, 127, 127);
    control(p, 1, 127);
    step(p);
    CHECK(is_sound(p)); // Only a point is moved
    note(p, 61, 127);
    step(p);
    CHECK(p->values[0] == point(p, 1)[0] + 2.0f);
    CHECK(p->values[1] == point(p, 1)[1] + 2.0f);
    CHECK(p->values[2] == point(p, 1)[2]);
    midi(p, 0xe3, 0, 0); // Of any channel
    control(p, 1, 0);
    step(p);
    CHECK(p->values[0] == point(p, 1)[0] - 2.0f);
    CHECK(p->values[1] == point(p, 1)[1]);
    midi(p, 0xe0, 0, 64); // The middle
    step(p);
    CHECK(plays(p, 1));
    midi(p, 0xe0, 127, 127);
    note(p, 61, 64);
    step(p);
    float between[latents];
    timbrel_blend(&p->info, p->heard, point(p, 1), 64.0f / 127.0f, 1, between);
    CHECK(fabsf(p->values[0] - between[0] - 2.0f * 64.0f / 127.0f) < 1e-6f);
    control(p, 121, 0);
    note(p, 61, 127);
    step(p);
    CHECK(plays(p, 1));
    return 0;
}

/// Codes: one or the other, and never moved.
static int test_codes(Player* p) {
    p->source->free(p->source);
    p->info.discrete = 1;
    p->source = timbrel_source_points(&p->info, frame_rate);
    CHECK(p->source != NULL);
    midi(p, 0xe0, 127, 127);
    control(p, 1, 127);
    note(p, 61, 63);
    step(p);
    CHECK(is_sound(p));
    note(p, 61, 64);
    step(p);
    CHECK(plays(p, 1));
    p->controls.from.points.glide = 100.0f;
    note(p, 62, 127);
    for (int i = 1; i <= 10; ++i) {
        step(p);
        CHECK(plays(p, i < 5 ? 1 : 2));
    }
    return 0;
}

/// While it does not play, it follows all the same.
static int test_hidden(Player* p) {
    p->hidden = true;
    p->controls.from.points.glide = 30.0f;
    note(p, 62, 127);
    steps(p, 3);
    CHECK(isnan(p->values[0]));
    CHECK(timbrel_source_points_last(p->source) == 2);
    p->hidden = false;
    step(p);
    CHECK(plays(p, 2));
    return 0;
}

/// Where nothing is heard, what was heard last stands in.
static int test_deaf(Player* p) {
    float before[latents];
    step(p);
    memcpy(before, p->heard, sizeof before);
    p->deaf = true;
    p->heard[0] = 77.0f;
    step(p);
    CHECK(are(p, before));
    note(p, 62, 127);
    step(p);
    CHECK(plays(p, 2));
    off(p, 62);
    step(p);
    CHECK(are(p, before));
    p->deaf = false;
    step(p);
    CHECK(is_sound(p));
    p->source->reset(p->source);
    p->deaf = true;
    step(p);
    for (int i = 0; i < latents; ++i) {
        CHECK(p->values[i] == 0.0f);
    }
    return 0;
}

static int test_lanes(Player* p) {
    p->lanes = 2;
    step(p);
    CHECK(is_sound(p));
    p->controls.from.points.glide = 40.0f;
    note(p, 61, 64);
    step(p);
    CHECK(p->values[0] != p->values[latents]);
    steps(p, 3);
    float between[latents];
    for (int lane = 0; lane < 2; ++lane) {
        timbrel_blend(&p->info, p->heard + (size_t)lane * latents, point(p, 1), 64.0f / 127.0f, 1,
                      between);
        CHECK(memcmp(p->values + (size_t)lane * latents, between, sizeof between) == 0);
    }
    // The second lane begins where the only one was.
    p->lanes = 1;
    step(p);
    memcpy(between, p->values, sizeof between);
    p->lanes = 2;
    note(p, 62, 127);
    p->controls.from.points.glide = 1e9f;
    step(p);
    for (int i = 0; i < latents; ++i) {
        CHECK(fabsf(p->values[latents + i] - between[i]) < 1e-5f);
    }
    return 0;
}

/// A point that is stored anew is heard from the next note on; one that is gone no longer plays.
static int test_stored(Player* p) {
    note(p, 60, 127);
    note(p, 61, 127);
    step(p);
    float before[latents];
    memcpy(before, p->values, sizeof before);
    p->material->points.points[1].values[0] = 9.0f;
    step(p);
    CHECK(are(p, before));
    p->material->points.points[1].there = false;
    step(p);
    CHECK(plays(p, 0));
    p->material->points.points[0].there = false;
    step(p);
    CHECK(is_sound(p));
    return 0;
}

static int test_reset(Player* p) {
    p->controls.from.points.glide = 100.0f;
    note(p, 60, 127);
    control(p, 64, 127);
    control(p, 1, 127);
    midi(p, 0xe0, 127, 127);
    step(p);
    p->source->reset(p->source);
    step(p);
    CHECK(is_sound(p)); // At once
    CHECK(timbrel_source_points_last(p->source) == -1);
    p->controls.from.points.glide = 0.0f;
    note(p, 61, 127);
    step(p);
    CHECK(plays(p, 1));
    off(p, 61);
    step(p);
    CHECK(is_sound(p));
    return 0;
}

static int test_no_numbers(Player* p) {
    p->material->points.points[2].values[1] = NAN;
    p->material->points.points[2].values[2] = INFINITY;
    p->controls.from.points.glide = 50.0f;
    for (int i = 0; i < 40; ++i) {
        if (i % 8 == 0) {
            note(p, 62, 127);
        } else if (i % 8 == 4) {
            off(p, 62);
        }
        step(p);
        for (int k = 0; k < latents; ++k) {
            CHECK(isfinite(p->values[k]));
        }
    }
    return 0;
}

/// All that MIDI can say, and more: it stays in its bounds, and two runs are equal.
static int test_random(Player* p) {
    static float first[2000][latents];
    for (int run = 0; run < 2; ++run) {
        uint32_t seed = 5;
        p->source->reset(p->source);
        p->frame = 0;
        for (int f = 0; f < 2000; ++f) {
            for (int e = 0; e < 4; ++e) {
                seed = seed * 1664525u + 1013904223u;
                const bool struck = seed >> 30 != 0;
                midi(p, (uint8_t)(struck ? 0x90 : seed >> 21), (uint8_t)(seed >> 13),
                     (uint8_t)(seed >> 5));
            }
            step(p);
            for (int k = 0; k < latents; ++k) {
                CHECK(isfinite(p->values[k]) && fabsf(p->values[k]) < 20.0f);
                CHECK(run == 0 || memcmp(&first[f][k], &p->values[k], sizeof(float)) == 0);
                first[f][k] = p->values[k];
            }
        }
    }
    CHECK(p->source->need(p->source, &p->controls, 1) == TIMBREL_NEED_ENCODER);
    return 0;
}

enum { span = 120 };

/// Notes, bends, controls and a sound that change.
typedef struct {
    TimbrelLatentControls controls[span];
    TimbrelLatentEvent events[span / 3];
    float heard[span][latents];
} Score;

static void write_score(Player* p, Score* score) {
    for (uint32_t f = 0; f < span; ++f) {
        TimbrelSourceControls* from = &score->controls[f].from;
        score->controls[f] = p->controls;
        from->source = f / 50 % 2 ? TIMBREL_FROM_MAP : TIMBREL_FROM_POINTS;
        from->blend = 0.8f;
        from->points.glide = 50.0f;
        from->points.base = f / 30;
        from->map.rest = TIMBREL_REST_POINT;
        from->map.x = 0.02f * (float)f - 1.0f;
        for (int i = 0; i < latents; ++i) {
            score->heard[f][i] = sinf(0.3f * (float)f + (float)i);
        }
    }
    for (uint32_t e = 0; e < span / 3; ++e) {
        p->frame = (uint64_t)e * 3;
        p->event_count = 0;
        midi(p, e % 5 == 4 ? 0xe0 : 0x90, (uint8_t)(60 + e % 4),
             e % 3 ? (uint8_t)(9 * e % 128) : 0);
        score->events[e] = p->events[0];
    }
}

/// Frames `first` to `first` + `frames` - 1 of the score.
static void play_block(TimbrelSource* sources, const Score* score, uint32_t first, uint32_t frames,
                       float (*out)[latents]) {
    float heard[latents * span];
    float values[latents * span];
    const uint32_t event = (first + 2) / 3;
    for (uint32_t i = 0; i < latents * frames; ++i) {
        heard[i] = score->heard[first + i % frames][i / frames];
    }
    const TimbrelLatentBlock block = {.first = first,
                                      .frames = frames,
                                      .latents = latents,
                                      .lanes = 1,
                                      .heard = heard,
                                      .values = values,
                                      .controls = score->controls + first,
                                      .events = score->events + event,
                                      .event_count = (first + frames + 2) / 3 - event};
    sources->fill(sources, &block);
    for (uint32_t i = 0; i < latents * frames; ++i) {
        out[first + i % frames][i / frames] = values[i];
    }
}

static bool play_score(const Player* p, const Score* score, uint32_t size, float (*out)[latents]) {
    const TimbrelSourcesConfig config = {0};
    TimbrelSource* sources = timbrel_sources_new(&p->info, frame_rate, &config);
    TimbrelMaterial* material = timbrel_material_new(latents);
    if (!sources || !material) {
        return false;
    }
    *material = *p->material;
    timbrel_sources_give(sources, material);
    for (uint32_t first = 0; first < span; first += size) {
        play_block(sources, score, first, first + size < span ? size : span - first, out);
    }
    sources->free(sources);
    return true;
}

/// Behind the effect's choice of sources, with the map after them: blocks do not matter.
static int test_blocks(Player* p) {
    static Score score;
    static float whole[span][latents];
    static float cut[span][latents];
    write_score(p, &score);
    CHECK(play_score(p, &score, span, whole));
    CHECK(whole[45][0] != whole[44][0]);
    for (uint32_t size = 1; size < 12; size += 2) {
        CHECK(play_score(p, &score, size, cut));
        CHECK(memcmp(whole, cut, sizeof whole) == 0);
    }
    return 0;
}

int main(void) {
    int (*const tests[])(Player*) = {test_notes,      test_ignored, test_velocity,    test_held,
                                     test_pedal,      test_all_off, test_gap,         test_short,
                                     test_glide,      test_bend,    test_glide_beats, test_codes,
                                     test_hidden,     test_deaf,    test_lanes,       test_stored,
                                     test_no_numbers, test_random,  test_reset,       test_blocks};
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; ++i) {
        Player player;
        set_up(&player);
        const int failed = tests[i](&player);
        tear_down(&player);
        CHECK(failed == 0);
    }
    return 0;
}
