// SPDX-License-Identifier: ISC
/// What keep and add take: bars that end at a bar line, seconds without a transport, whole passes.

#include "check.h"
#include "engine/latents/capture.h"

#include <math.h>
#include <stdlib.h>

enum { frame_rate = 50 };

static const double tempo = 120.0; // Two beats a second: 25 frames each

/// A stream's frames, one after another; latent 0 is the frame's number.
typedef struct {
    TimbrelHistory history;
    TimbrelCapture capture;
    TimbrelMoment moment; ///< Of the next frame
    TimbrelWish wish;
    uint32_t wishes;
} Stream;

static int start(Stream* s, bool transport, double beat) {
    *s = (Stream){.moment = {.beat = beat,
                             .beats = tempo / 60.0 / frame_rate,
                             .beats_per_bar = 4.0,
                             .rolls = true,
                             .transport = transport}};
    CHECK(timbrel_history_init(&s->history, 1, frame_rate));
    return 0;
}

static void put(Stream* s) {
    const float number = (float)atomic_load(&s->history.count);
    timbrel_history_put(&s->history, &number, 1, &s->moment);
}

/// The rest of a frame, after what was pressed at it.
static void go_on(Stream* s) {
    while (timbrel_capture_step(&s->capture, &s->history, &s->moment, frame_rate, &s->wish)) {
        ++s->wishes;
    }
    s->moment.beat += s->moment.rolls ? s->moment.beats : 0.0;
    s->moment.jumped = false;
}

static void play(Stream* s, uint32_t frames) {
    for (uint32_t i = 0; i < frames; ++i) {
        put(s);
        go_on(s);
    }
}

static void locate(Stream* s, double beat) {
    s->moment.beat = beat;
    s->moment.jumped = true;
}

static void keep(Stream* s, uint32_t bars) {
    put(s);
    timbrel_capture_keep(&s->capture, bars, &s->moment);
    go_on(s);
}

static void add(Stream* s, const TimbrelTable* table, bool beat_lock) {
    put(s);
    timbrel_capture_add(&s->capture, table, beat_lock, &s->moment);
    go_on(s);
}

static int test_bars(void) {
    Stream s;
    CHECK(!start(&s, true, 0.0));
    play(&s, 430); // Bar lines at frames 0, 100, 200, ...
    keep(&s, 2);
    CHECK(s.wishes == 1 && s.wish.kind == TIMBREL_WISH_KEEP);
    CHECK(s.wish.first == 200 && s.wish.frames == 200 && s.wish.beats == 8.0);
    timbrel_history_free(&s.history);
    // A bar line between two frames: the bar begins with the first frame after it.
    CHECK(!start(&s, true, 0.5 * tempo / 60.0 / frame_rate));
    play(&s, 430);
    keep(&s, 1);
    CHECK(s.wish.first == 300 && s.wish.frames == 100);
    timbrel_history_free(&s.history);
    return 0;
}

static int test_ramp(void) {
    Stream s;
    CHECK(!start(&s, true, 0.0));
    play(&s, 100);
    s.moment.beats *= 2.0;
    play(&s, 50); // The second bar lasts half as long
    s.moment.beats *= 0.5;
    play(&s, 30);
    keep(&s, 2);
    CHECK(s.wish.first == 0 && s.wish.frames == 150);
    timbrel_history_free(&s.history);
    return 0;
}

static int test_near_line(void) {
    Stream s;
    CHECK(!start(&s, true, 0.0));
    play(&s, 390);
    keep(&s, 1); // 0.4 beats early
    CHECK(s.wishes == 0);
    play(&s, 9);
    CHECK(s.wishes == 0);
    play(&s, 1); // The frame at the bar line
    CHECK(s.wishes == 1 && s.wish.first == 300 && s.wish.frames == 100);
    timbrel_history_free(&s.history);
    return 0;
}

static int test_loop(void) {
    Stream s;
    CHECK(!start(&s, true, 0.0));
    play(&s, 200);
    locate(&s, 0.0); // The host's loop of two bars begins again
    play(&s, 20);
    keep(&s, 2);
    CHECK(s.wish.first == 0 && s.wish.frames == 200 && s.wish.beats == 8.0);
    play(&s, 174);
    keep(&s, 1); // Just before the loop's end, which is the bar line
    CHECK(s.wishes == 1);
    play(&s, 4);
    locate(&s, 0.0);
    play(&s, 1);
    CHECK(s.wishes == 2 && s.wish.first == 300 && s.wish.frames == 100);
    timbrel_history_free(&s.history);
    return 0;
}

static int test_standing(void) {
    Stream s;
    CHECK(!start(&s, true, 0.0));
    play(&s, 130);
    s.moment.rolls = false;
    play(&s, 100);
    keep(&s, 1);
    CHECK(s.wish.first == 131 && s.wish.frames == 100);
    timbrel_history_free(&s.history);
    return 0;
}

static int test_seconds(void) {
    Stream s;
    CHECK(!start(&s, false, 0.0));
    play(&s, 130);
    keep(&s, 2);
    CHECK(s.wish.first == 31 && s.wish.frames == 100);
    CHECK(fabs(s.wish.beats - 4.0) < 1e-9);
    timbrel_history_free(&s.history);
    return 0;
}

static int test_little_played(void) {
    Stream s;
    CHECK(!start(&s, false, 0.0));
    play(&s, 30);
    keep(&s, 8);
    CHECK(s.wish.first == 0 && s.wish.frames == 31);
    timbrel_history_free(&s.history);
    CHECK(!start(&s, true, 0.0));
    play(&s, 130);
    keep(&s, 4);
    CHECK(s.wish.first == 0 && s.wish.frames == 100);
    CHECK(fabs(s.wish.beats - 4.0) < 1e-9);
    timbrel_history_free(&s.history);
    CHECK(!start(&s, true, 0.0));
    keep(&s, 4); // Nothing before the bar line
    CHECK(s.wishes == 1 && s.wish.frames == 0);
    timbrel_history_free(&s.history);
    return 0;
}

/// What is taken is still there when it is copied, though the history goes on meanwhile.
static int test_whole_history(void) {
    Stream s;
    CHECK(!start(&s, false, 0.0));
    play(&s, 2 * TIMBREL_HISTORY_SECONDS * frame_rate);
    keep(&s, 1000);
    CHECK(s.wish.frames > s.history.room / 2 && s.wish.frames < s.history.room);
    play(&s, 100);
    float* values = calloc(s.wish.frames, sizeof *values);
    CHECK(values);
    CHECK(timbrel_history_copy(&s.history, s.wish.first, s.wish.frames, values));
    CHECK(values[0] == (float)s.wish.first);
    CHECK(values[s.wish.frames - 1] == (float)(s.wish.first + s.wish.frames - 1));
    play(&s, (uint32_t)s.history.room);
    CHECK(!timbrel_history_copy(&s.history, s.wish.first, s.wish.frames, values));
    free(values);
    timbrel_history_free(&s.history);
    return 0;
}

static TimbrelTable* new_table(uint32_t rows, double beats) {
    TimbrelTable* table = timbrel_table_new(rows, 1);
    if (!table) {
        abort();
    }
    table->beats = beats;
    return table;
}

static int test_add(void) {
    Stream s;
    CHECK(!start(&s, true, 0.0));
    TimbrelTable* table = new_table(64, 8.0);
    play(&s, 130);
    add(&s, table, true);
    play(&s, 269);
    CHECK(s.wishes == 0); // From beat 8 to beat 16: frames 200 to 399
    play(&s, 1);
    CHECK(s.wishes == 1 && s.wish.kind == TIMBREL_WISH_ADD);
    CHECK(s.wish.first == 200 && s.wish.frames == 200);
    play(&s, 500);
    CHECK(s.wishes == 1);
    add(&s, table, false); // Its rows, at once
    play(&s, 62);
    CHECK(s.wishes == 1);
    play(&s, 1);
    CHECK(s.wishes == 2 && s.wish.frames == 64 && s.wish.first == 901);
    timbrel_table_let_go(table);
    timbrel_history_free(&s.history);
    return 0;
}

static int test_add_and_locate(void) {
    Stream s;
    CHECK(!start(&s, true, 0.0));
    TimbrelTable* table = new_table(200, 8.0);
    play(&s, 190);
    add(&s, table, true);
    play(&s, 20);
    locate(&s, 33.0);
    play(&s, 1000);
    CHECK(s.wishes == 0);
    // A host's loop that is as long as the pass completes it.
    locate(&s, 7.0);
    play(&s, 24);
    add(&s, table, true);
    locate(&s, 0.0);
    play(&s, 200);
    CHECK(s.wishes == 0);
    locate(&s, 0.0);
    play(&s, 1);
    CHECK(s.wishes == 1 && s.wish.frames == 200 && s.wish.first == 1236);
    timbrel_table_let_go(table);
    timbrel_history_free(&s.history);
    return 0;
}

/// Both end at one frame: neither is lost.
static int test_both(void) {
    Stream s;
    CHECK(!start(&s, true, 0.0));
    TimbrelTable* table = new_table(100, 4.0);
    play(&s, 100);
    add(&s, table, true);
    play(&s, 90);
    keep(&s, 1);
    CHECK(s.wishes == 0);
    play(&s, 9);
    CHECK(s.wishes == 2 && s.wish.kind == TIMBREL_WISH_ADD);
    CHECK(s.wish.first == 100 && s.wish.frames == 100);
    timbrel_table_let_go(table);
    timbrel_history_free(&s.history);
    return 0;
}

static int test_too_long(void) {
    Stream s;
    CHECK(!start(&s, false, 0.0));
    TimbrelTable* table = new_table(2 * TIMBREL_HISTORY_SECONDS * frame_rate, 0.0);
    play(&s, 10);
    add(&s, table, false);
    play(&s, 2 * TIMBREL_HISTORY_SECONDS * frame_rate);
    CHECK(s.wishes == 1 && s.wish.kind == TIMBREL_WISH_ADD && s.wish.frames == 0);
    timbrel_table_let_go(table);
    timbrel_history_free(&s.history);
    return 0;
}

int main(void) {
    return test_bars() || test_ramp() || test_near_line() || test_loop() || test_standing() ||
           test_seconds() || test_little_played() || test_whole_history() || test_add() ||
           test_add_and_locate() || test_both() || test_too_long();
}
