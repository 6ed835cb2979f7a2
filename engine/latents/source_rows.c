// SPDX-License-Identifier: ISC
/// Rows of the material's table in a loop: see the controls of the group *rows*. It is asked only
/// where there are rows; without them it gives what is heard, or zeros.
///
/// Without beat lock, a row is played each frame. With it, the beat alone says where in the loop
/// one is. The loop then lasts the beats that the control says; or else as long as its rows do by
/// themselves, which there and back is twice, once each way.
///
/// A latent with a length of its own goes round in its own loop, from the same row on; with beat
/// lock, as fast as the others, to the nearest whole row.

#include "source_kinds.h"

#include "loop.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    together,  // The loop of all latents without one of their own
    first_own, // And those of latents 0, 1, ...
    most_loops = first_own + TIMBREL_CONTROLLED_LATENTS,
};

/// The rows that go round, from `start` of the table on.
typedef struct {
    uint32_t start;
    uint32_t length; ///< At least 1
} Window;

/// What is read of a loop for a frame: rows of the table.
typedef struct {
    uint32_t before;
    uint32_t after;
    float part;
} Reading;

typedef struct {
    TimbrelSource source;
    double frame_rate;
    bool discrete;

    // From one frame to the next.
    uint64_t next;   ///< The frame that follows; where another one comes, it was chosen anew
    uint64_t played; ///< Frames since it was chosen: each has draws of its own
    uint64_t places[most_loops]; ///< Of the next frame, in each loop
    uint64_t passes;             ///< Through the loop of all, since the rows came
    uint64_t ended;              ///< Those that ended with the frame before
    uint32_t serial;             ///< Of the rows
    uint32_t rows;
    TimbrelDirection direction;
    bool locked; ///< To the beat; the rest is only valid where true
    bool rolled;
    double loop_beats;
    TimbrelLoopPlaces at; ///< In the loop of all
} Rows;

/// The loops of one frame.
typedef struct {
    const TimbrelTable* table;
    const TimbrelSourceControls* from;
    const TimbrelMoment* moment;
    Window all;
    Reading readings[most_loops];
} Frame;

static TimbrelNeed need(TimbrelSource* self, const TimbrelLatentControls* controls,
                        uint32_t frames) {
    (void)self;
    (void)controls;
    (void)frames;
    return TIMBREL_NEED_NOTHING;
}

static void reset(TimbrelSource* self) {
    Rows* r = (Rows*)self;
    *r = (Rows){.source = r->source,
                .frame_rate = r->frame_rate,
                .discrete = r->discrete,
                .next = UINT64_MAX};
}

/// Inside the table, whatever the controls say.
static Window find_window(const TimbrelTable* table, const TimbrelSourceControls* from) {
    const uint32_t start = from->rows.start < table->rows ? from->rows.start : table->rows - 1;
    const uint32_t most = table->rows - start;
    const uint32_t length = from->rows.length;
    return (Window){start, length > 0 && length < most ? length : most};
}

/// The loop of its own that a latent plays, or that of all.
static uint32_t loop_of(const TimbrelSourceControls* from, uint32_t latent) {
    const bool own = latent < TIMBREL_CONTROLLED_LATENTS && from->rows.lengths[latent] > 0.0f;
    return own ? first_own + latent : together;
}

/// As many rows from the window's start on as there are.
static Window own_window(const Frame* frame, double rows) {
    const double most = (double)(frame->table->rows - frame->all.start);
    return (Window){frame->all.start, (uint32_t)fmin(fmax(round(rows), 1.0), most)};
}

static void begin(Rows* r, TimbrelDirection direction) {
    memset(r->places, 0, sizeof r->places);
    r->played = 0;
    r->locked = false;
    r->direction = direction;
}

/// Other rows begin at their beginning, unless there are as many: then they are the same with
/// something added, and go on.
static void follow_table(Rows* r, const Frame* frame, uint32_t serial) {
    r->passes += r->ended;
    r->ended = 0;
    if (serial != r->serial) {
        r->passes = 0;
        if (frame->table->rows != r->rows) {
            begin(r, frame->from->rows.direction);
        }
    }
    r->serial = serial;
    r->rows = frame->table->rows;
}

// A row a frame, also where the table was made at another rate of frames than the model's: rows are
// places among the latents, and it is the beat lock that keeps their time.

/// The same row where the loop turns round, and a place inside where it has become shorter.
static void keep_place(Rows* r, uint32_t loop, const Window* window, TimbrelDirection direction) {
    uint64_t place = r->places[loop] % timbrel_loop_places(r->direction, window->length);
    if (direction != r->direction) {
        const uint64_t row = timbrel_loop_row(r->direction, window->length, place);
        place = timbrel_loop_place(direction, window->length, row);
    }
    r->places[loop] = place;
}

/// The row of this frame; the place goes on. Returns how many passes end.
static uint64_t read_next(Rows* r, uint32_t loop, const Window* window, TimbrelDirection direction,
                          uint64_t step, Reading* reading) {
    keep_place(r, loop, window, direction);
    const uint64_t row = timbrel_loop_row(direction, window->length, r->places[loop]);
    const uint32_t at = window->start + (uint32_t)row;
    *reading = (Reading){at, at, 0.0f};
    const uint64_t places = timbrel_loop_places(direction, window->length);
    const uint64_t place = r->places[loop] + step;
    r->places[loop] = place % places;
    return place / places;
}

static void read_free(Rows* r, uint32_t latents, Frame* frame) {
    const TimbrelSourceControls* from = frame->from;
    const TimbrelDirection direction = from->rows.direction;
    TimbrelRandom random = timbrel_random_at(r->played, 0);
    const uint64_t step = timbrel_loop_step(1, from->rows.step, &random);
    r->ended = read_next(r, together, &frame->all, direction, step, &frame->readings[together]);
    for (uint32_t i = 0; i < latents && i < TIMBREL_CONTROLLED_LATENTS; ++i) {
        const uint32_t loop = first_own + i;
        if (loop_of(from, i) == loop) {
            const Window own = own_window(frame, (double)from->rows.lengths[i]);
            (void)read_next(r, loop, &own, direction, step, &frame->readings[loop]);
        } else {
            r->places[loop] = r->places[together]; // Where a loop of its own would go on
        }
    }
    r->locked = false;
}

/// Beats that the loop lasts by itself.
static double natural_beats(const Rows* r, const Frame* frame) {
    const TimbrelTable* table = frame->table;
    const bool twice = frame->from->rows.direction == TIMBREL_THERE_AND_BACK;
    const double ways = twice && frame->all.length > 1 ? 2.0 : 1.0;
    const double length = (double)frame->all.length;
    if (table->beats > 0.0) {
        return ways * table->beats * length / (double)table->rows;
    }
    const double rate = table->frame_rate > 0.0 ? table->frame_rate : r->frame_rate;
    return ways * fmax(round(length * frame->moment->beats * r->frame_rate / rate), 1.0);
}

static double find_loop_beats(const Rows* r, const Frame* frame) {
    const double least = 1e-3; // Turns stay below 2^53
    const double wanted = (double)frame->from->rows.beats;
    return fmax(wanted > 0.0 ? wanted : natural_beats(r, frame), least);
}

/// The row at a place of a pass. With random steps it is one of those that follow, the same one
/// each time that the song comes here.
static uint32_t row_at(const Frame* frame, const Window* window, int64_t pass, uint64_t place) {
    const uint32_t step = frame->from->rows.step;
    uint64_t row = timbrel_loop_row(frame->from->rows.direction, window->length, place);
    if (step > 1) {
        TimbrelRandom random = timbrel_random_at((uint64_t)pass, place);
        row += timbrel_loop_step(0, step - 1, &random);
    }
    return window->start + (uint32_t)(row < window->length ? row : row % window->length);
}

static TimbrelLoopPlaces read_at(Rows* r, uint32_t loop, const Window* window, double loop_beats,
                                 Frame* frame) {
    const uint64_t places = timbrel_loop_places(frame->from->rows.direction, window->length);
    const TimbrelLoopPlaces at = timbrel_loop_at(places, frame->moment->beat / loop_beats);
    const int64_t pass_after = at.pass + (at.after == 0 ? 1 : 0);
    frame->readings[loop] = (Reading){row_at(frame, window, at.pass, at.before),
                                      row_at(frame, window, pass_after, at.after), at.part};
    r->places[loop] = at.before;
    return at;
}

/// A pass ends where the loop begins again; or where the song jumps back in it, as a host's loop
/// does that is no longer than this one.
static bool ends_pass(const Rows* r, const TimbrelMoment* moment, const TimbrelLoopPlaces* at,
                      double loop_beats) {
    if (!r->locked || !r->rolled || !moment->rolls || loop_beats != r->loop_beats) {
        return false;
    }
    if (!moment->jumped) {
        return at->pass != r->at.pass;
    }
    return at->before < r->at.before || (at->before == r->at.before && at->part < r->at.part);
}

static void read_locked(Rows* r, uint32_t latents, Frame* frame) {
    const double loop_beats = find_loop_beats(r, frame);
    const TimbrelLoopPlaces at = read_at(r, together, &frame->all, loop_beats, frame);
    for (uint32_t i = 0; i < latents && i < TIMBREL_CONTROLLED_LATENTS; ++i) {
        const uint32_t loop = first_own + i;
        if (loop_of(frame->from, i) == loop) {
            const double beats = fmax((double)frame->from->rows.lengths[i], 1e-3);
            const Window own = own_window(frame, (double)frame->all.length * beats / loop_beats);
            (void)read_at(r, loop, &own, beats, frame);
        } else {
            r->places[loop] = at.before;
        }
    }
    r->passes += ends_pass(r, frame->moment, &at, loop_beats) ? 1 : 0;
    r->locked = true;
    r->rolled = frame->moment->rolls;
    r->loop_beats = loop_beats;
    r->at = at;
}

/// What the rows have kept of themselves, against their mean.
static float find_rest(const Rows* r, const TimbrelSourceControls* from) {
    const float feedback = from->rows.feedback;
    return r->discrete || feedback >= 1.0f ? 1.0f : powf(feedback, (float)r->passes);
}

static void write_values(const Rows* r, const Frame* frame, const TimbrelLatentBlock* b) {
    const TimbrelTable* table = frame->table;
    const float rest = find_rest(r, frame->from);
    for (uint32_t i = 0; i < b->latents; ++i) {
        const Reading* reading = &frame->readings[loop_of(frame->from, i)];
        float value = table->values[(size_t)reading->before * b->latents + i];
        if (!r->discrete && reading->part > 0.0f) { // Codes stay until the next row
            const float after = table->values[(size_t)reading->after * b->latents + i];
            value += reading->part * (after - value);
        }
        if (rest < 1.0f) {
            value = table->mean[i] + rest * (value - table->mean[i]);
        }
        for (uint32_t lane = 0; lane < b->lanes; ++lane) {
            b->values[(size_t)lane * b->latents + i] = value;
        }
    }
}

static void give_heard(const TimbrelLatentBlock* b) {
    const size_t size = (size_t)b->lanes * b->latents * sizeof(float);
    if (b->heard) {
        memcpy(b->values, b->heard, size);
    } else {
        memset(b->values, 0, size);
    }
}

static void fill(TimbrelSource* self, const TimbrelLatentBlock* b) {
    Rows* r = (Rows*)self;
    const TimbrelTable* table = b->material ? b->material->table : NULL;
    if (!b->values) {
        return;
    }
    if (!table || table->rows == 0 || table->latents != b->latents) {
        give_heard(b);
        return;
    }
    Frame frame = {.table = table, .from = &b->controls->from, .moment = b->moments};
    frame.all = find_window(table, frame.from);
    if (b->first != r->next) {
        begin(r, frame.from->rows.direction);
    }
    follow_table(r, &frame, b->material->serial);
    (frame.from->rows.beat_lock ? read_locked : read_free)(r, b->latents, &frame);
    write_values(r, &frame, b);
    r->direction = frame.from->rows.direction;
    r->next = b->first + 1;
    ++r->played;
}

static void release(TimbrelSource* self) {
    free(self);
}

TimbrelSource* timbrel_source_rows(const TimbrelModelInfo* info, double frame_rate) {
    Rows* r = malloc(sizeof *r);
    if (!r) {
        return NULL;
    }
    *r = (Rows){.source = {"rows", need, reset, fill, release},
                .frame_rate = frame_rate,
                .discrete = info->discrete != 0};
    reset(&r->source);
    return &r->source;
}
