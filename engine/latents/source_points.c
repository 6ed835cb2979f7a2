// SPDX-License-Identifier: ISC
#include "source_points.h"

#include "blend.h"
#include "engine/model/backend.h"
#include "source_kinds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    middle_c = 60,
    note_off = 0x80,
    note_on = 0x90,
    control_change = 0xb0,
    pitch_bend = 0xe0,
    // Of control changes:
    modulation_wheel = 1,
    sustain_pedal = 64,
    all_sound_off = 120,
    reset_controllers = 121,
    all_notes_off = 123, // And those after it, which turn modes and imply it
};

/// A key that is down, or that the pedal holds.
typedef struct {
    uint8_t note;
    bool lifted;    ///< Goes when nothing holds it any more
    float share;    ///< Of the way from the sound to the point, by velocity
    uint32_t point; ///< From 0
    uint64_t frame; ///< At which it was struck
} Note;

typedef struct {
    TimbrelSource source;
    TimbrelModelInfo info;
    double frame_rate;

    Note notes[128]; ///< The one struck last is the last; it plays
    uint32_t note_count;
    bool pedal;
    float bend;  ///< -1..1
    float wheel; ///< 0..1

    // What plays.
    Note played;                         ///< Its share is 0 where the sound plays
    int last_point;                      ///< From 0; -1: none yet
    float point[TIMBREL_MAX_LATENTS];    ///< Values of the note's: to store another disturbs none
    double glided;                       ///< Part of the way from `from` to what is to play, 0..1
    float from[2][TIMBREL_MAX_LATENTS];  ///< Per lane, as are the next two
    float heard[2][TIMBREL_MAX_LATENTS]; ///< Last: stands in where nothing is heard
    float last[2][TIMBREL_MAX_LATENTS];  ///< What was given last
} Points;

static TimbrelNeed need(TimbrelSource* self, const TimbrelLatentControls* controls,
                        uint32_t frames) {
    (void)self;
    (void)controls;
    (void)frames;
    return TIMBREL_NEED_ENCODER;
}

static void reset(TimbrelSource* self) {
    Points* p = (Points*)self;
    p->note_count = 0;
    p->pedal = false;
    p->bend = 0.0f;
    p->wheel = 0.0f;
    p->played = (Note){0};
    p->last_point = -1;
    p->glided = 1.0;
    memset(p->from, 0, sizeof p->from);
    memset(p->heard, 0, sizeof p->heard);
    memset(p->last, 0, sizeof p->last);
}

static void take_note(Points* p, uint32_t place) {
    --p->note_count;
    memmove(p->notes + place, p->notes + place + 1, (p->note_count - place) * sizeof p->notes[0]);
}

/// Notes whose key is up go, unless the pedal holds them. Those that were struck at this very frame
/// stay for it, so that a note is heard however short it is.
static void let_go(Points* p, uint64_t frame) {
    for (uint32_t n = p->note_count; !p->pedal && n-- > 0;) {
        if (p->notes[n].lifted && p->notes[n].frame != frame) {
            take_note(p, n);
        }
    }
}

static void let_all_go(Points* p) {
    p->note_count = 0;
    p->pedal = false;
}

static const TimbrelPoint* find_point(const TimbrelLatentBlock* block, uint32_t point) {
    const TimbrelMaterial* material = block->material;
    const bool there = material && point < TIMBREL_POINTS &&
                       material->points.latents == block->latents &&
                       material->points.points[point].there;
    return there ? &material->points.points[point] : NULL;
}

static void strike(Points* p, const TimbrelLatentBlock* block, const uint8_t* midi) {
    const int64_t point = (int64_t)midi[1] - middle_c + (int64_t)block->controls->from.points.base;
    if (point < 0 || point >= TIMBREL_POINTS || !find_point(block, (uint32_t)point)) {
        return;
    }
    for (uint32_t n = 0; n < p->note_count; ++n) {
        if (p->notes[n].note == midi[1]) {
            take_note(p, n);
            break;
        }
    }
    p->notes[p->note_count++] = (Note){.note = midi[1],
                                       .share = (float)midi[2] / 127.0f,
                                       .point = (uint32_t)point,
                                       .frame = block->first};
}

static void lift(Points* p, uint8_t note, uint64_t frame) {
    for (uint32_t n = 0; n < p->note_count; ++n) {
        p->notes[n].lifted = p->notes[n].lifted || p->notes[n].note == note;
    }
    let_go(p, frame);
}

static void change_control(Points* p, uint8_t number, uint8_t value, uint64_t frame) {
    if (number == modulation_wheel) {
        p->wheel = (float)value / 127.0f;
    } else if (number == sustain_pedal) {
        p->pedal = value >= 64;
        let_go(p, frame);
    } else if (number == reset_controllers) {
        p->bend = 0.0f;
        p->wheel = 0.0f;
        p->pedal = false;
        let_go(p, frame);
    } else if (number == all_sound_off || number >= all_notes_off) {
        let_all_go(p);
    }
}

static void follow_midi(Points* p, const TimbrelLatentBlock* block, const uint8_t* bytes) {
    const uint8_t midi[3] = {bytes[0] & 0xf0, bytes[1] & 0x7f, bytes[2] & 0x7f};
    if (midi[0] == note_on && midi[2] > 0) {
        strike(p, block, midi);
    } else if (midi[0] == note_on || midi[0] == note_off) {
        lift(p, midi[1], block->first);
    } else if (midi[0] == control_change) {
        change_control(p, midi[1], midi[2], block->first);
    } else if (midi[0] == pitch_bend) {
        const float away = (float)(midi[2] * 128 + midi[1] - 8192);
        p->bend = away / (away > 0.0f ? 8191.0f : 8192.0f);
    }
}

/// The note that is to play, or NULL for the sound. One whose point is gone no longer counts.
static const Note* choose_note(const Points* p, const TimbrelLatentBlock* block) {
    for (uint32_t n = p->note_count; n-- > 0;) {
        if (find_point(block, p->notes[n].point)) {
            return &p->notes[n];
        }
    }
    return NULL;
}

static bool is_same(const Note* a, const Note* b) {
    return a->note == b->note && a->frame == b->frame;
}

/// From now on, go from what was given last to what `note` plays.
static void begin_glide(Points* p, const TimbrelLatentBlock* block, const Note* note) {
    memcpy(p->from, p->last, sizeof p->from);
    p->glided = 0.0;
    p->played = note ? *note : (Note){0};
    const TimbrelPoint* point = note ? find_point(block, note->point) : NULL;
    if (point) {
        memcpy(p->point, point->values, sizeof p->point);
        timbrel_latents_mend(p->point, block->latents);
        p->last_point = (int)note->point;
    }
}

/// Do what happens at this frame. A glide begins where that changes what plays.
static void follow_events(Points* p, const TimbrelLatentBlock* block) {
    let_go(p, block->first);
    for (uint32_t e = 0; e < block->event_count; ++e) {
        const TimbrelEvent* event = &block->events[e].event;
        if (event->kind == TIMBREL_EVENT_GAP) {
            let_all_go(p);
        } else if (event->kind == TIMBREL_EVENT_MIDI) {
            follow_midi(p, block, event->is.midi);
        }
    }
    const Note* note = choose_note(p, block);
    const bool plays = p->played.share > 0.0f;
    if (note ? !plays || !is_same(note, &p->played) : plays) {
        begin_glide(p, block, note);
    }
}

/// One frame further: the frame of a note is already on the way.
static void go_on(Points* p, const TimbrelLatentBlock* block) {
    const TimbrelSourceControls* from = &block->controls->from;
    const double beats = block->moments->beats;
    const double frames = from->points.glide_beats > 0.0f && beats > 0.0
                              ? (double)from->points.glide_beats / beats
                              : (double)from->points.glide * 0.001 * p->frame_rate;
    p->glided = frames > 1.0 ? fmin(p->glided + 1.0 / frames, 1.0) : 1.0;
}

/// What one lane is on its way to.
static void find_target(const Points* p, const TimbrelLatentBlock* block, const float* heard,
                        float* target) {
    const float share = p->played.share;
    timbrel_blend(&p->info, heard, p->point, share, 1, target);
    // A deviation of a normal latent is 1, and measured ones are scaled to be about as large.
    const float reach = share * block->controls->from.points.reach;
    const uint32_t moved = p->info.discrete != 0 || !(reach > 0.0f) ? 0 : block->latents;
    if (moved > 0) {
        target[0] += reach * p->bend;
    }
    if (moved > 1) {
        target[1] += reach * p->wheel;
    }
}

static void play_lane(Points* p, const TimbrelLatentBlock* block, uint32_t lane) {
    const size_t bytes = block->latents * sizeof(float);
    float target[TIMBREL_MAX_LATENTS];
    if (block->heard) {
        memcpy(p->heard[lane], block->heard + (size_t)lane * block->latents, bytes);
    }
    find_target(p, block, p->heard[lane], target);
    timbrel_blend(&p->info, p->from[lane], target, (float)p->glided, 1, p->last[lane]);
    if (block->values) {
        memcpy(block->values + (size_t)lane * block->latents, p->last[lane], bytes);
    }
}

/// It plays also where nobody hears it, so that it is in its place when it is chosen.
static void fill(TimbrelSource* self, const TimbrelLatentBlock* block) {
    Points* p = (Points*)self;
    follow_events(p, block);
    go_on(p, block);
    for (uint32_t lane = 0; lane < block->lanes; ++lane) {
        play_lane(p, block, lane);
    }
    if (block->lanes == 1) {
        memcpy(p->heard[1], p->heard[0], sizeof p->heard[1]);
        memcpy(p->last[1], p->last[0], sizeof p->last[1]);
    }
}

static void release(TimbrelSource* self) {
    free(self);
}

TimbrelSource* timbrel_source_points(const TimbrelModelInfo* info, double frame_rate) {
    Points* p = calloc(1, sizeof *p);
    if (!p) {
        return NULL;
    }
    p->source = (TimbrelSource){"points", need, reset, fill, release};
    p->info = *info;
    p->frame_rate = frame_rate;
    reset(&p->source);
    return &p->source;
}

int timbrel_source_points_last(const TimbrelSource* source) {
    return ((const Points*)source)->last_point;
}
