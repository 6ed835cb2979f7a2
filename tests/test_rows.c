// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/latents/loop.h"
#include "engine/latents/source_kinds.h"
#include "engine/latents/sources.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const double rate = 48000.0 / 2048.0; // Frames a second

enum { most_values = 2 * TIMBREL_MAX_LATENTS };

/// A source of rows, and what is around it.
typedef struct {
    TimbrelModelInfo info;
    TimbrelSource* source;
    TimbrelMaterial material;
    TimbrelLatentControls controls;
    TimbrelMoment moment;
    uint64_t frame;
    float values[most_values];
} Player;

/// Row r has r x 128 + i for latent i: exact in a float up to 100,000 rows.
static float value_of(uint32_t row, uint32_t latent) {
    return (float)(row * 128 + latent);
}

static TimbrelTable* make_table(uint32_t rows, uint32_t latents) {
    TimbrelTable* table = timbrel_table_new(rows, latents);
    if (!table) {
        abort();
    }
    for (uint32_t r = 0; r < rows; ++r) {
        for (uint32_t i = 0; i < latents; ++i) {
            table->values[(size_t)r * latents + i] = value_of(r, i);
        }
    }
    timbrel_table_finish(table);
    return table;
}

static void give(Player* p, TimbrelTable* table) {
    timbrel_table_let_go(p->material.table);
    p->material.table = table;
    ++p->material.serial;
}

static void begin(Player* p, uint32_t rows, uint32_t latents) {
    float controls[TIMBREL_CONTROL_COUNT];
    memset(p, 0, sizeof *p);
    p->info.latents = latents;
    p->source = timbrel_source_rows(&p->info, rate);
    if (!p->source) {
        abort();
    }
    p->source->reset(p->source);
    timbrel_controls_default(controls);
    timbrel_latent_controls(&p->controls, controls);
    p->moment = (TimbrelMoment){.beats = 2.0 / rate, .beats_per_bar = 4.0, .rolls = true};
    give(p, make_table(rows, latents));
}

static void end(Player* p) {
    p->source->free(p->source);
    timbrel_table_let_go(p->material.table);
}

/// The next frame; the beat goes on. Returns latent 0.
static float play(Player* p) {
    const TimbrelLatentBlock block = {.first = p->frame++,
                                      .frames = 1,
                                      .latents = p->info.latents,
                                      .lanes = 2,
                                      .values = p->values,
                                      .controls = &p->controls,
                                      .moments = &p->moment,
                                      .material = &p->material};
    p->source->fill(p->source, &block);
    p->moment.beat += p->moment.rolls ? p->moment.beats : 0.0;
    p->moment.jumped = false;
    return p->values[0];
}

/// Its row, of one that is not between two.
static uint32_t play_row(Player* p) {
    return (uint32_t)play(p) / 128;
}

static int check_rows(Player* p, const uint32_t* rows, size_t count) {
    for (size_t f = 0; f < count; ++f) {
        const float value = play(p);
        if (value != value_of(rows[f], 0)) {
            (void)fprintf(stderr, "frame %zu: row %g, not %u\n", f, (double)value / 128, rows[f]);
        }
        for (uint32_t i = 0; i < p->info.latents; ++i) {
            CHECK(p->values[i] == value_of(rows[f], i));
            CHECK(p->values[p->info.latents + i] == p->values[i]);
        }
    }
    return 0;
}

#define CHECK_ROWS(p, ...)                                                                         \
    CHECK(!check_rows((p), (const uint32_t[]){__VA_ARGS__},                                        \
                      sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)))

static int test_loop(void) {
    for (uint32_t rows = 1; rows < 6; ++rows) {
        for (int d = TIMBREL_FORWARD; d <= TIMBREL_THERE_AND_BACK; ++d) {
            const TimbrelDirection direction = (TimbrelDirection)d;
            const uint64_t places = timbrel_loop_places(direction, rows);
            for (uint64_t place = 0; place < places; ++place) {
                CHECK(timbrel_loop_row(direction, rows, place) < rows);
            }
            for (uint64_t row = 0; row < rows; ++row) {
                const uint64_t place = timbrel_loop_place(direction, rows, row);
                CHECK(place < places && timbrel_loop_row(direction, rows, place) == row);
            }
        }
    }
    const struct {
        double turns;
        TimbrelLoopPlaces at;
    } cases[] = {
        {0.0, {0, 0, 1, 0.0f}},         {0.125, {0, 0, 1, 0.5f}},
        {3.875, {3, 3, 0, 0.5f}},       {-0.25, {-1, 3, 0, 0.0f}},
        {1.0 - 1e-9, {1, 0, 1, 0.0f}}, // Only a rounding error away
        {1.25 + 1e-9, {1, 1, 2, 0.0f}}, {0.25 - 1e-5, {0, 0, 1, 0.99996f}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        const TimbrelLoopPlaces at = timbrel_loop_at(4, cases[i].turns);
        CHECK(at.pass == cases[i].at.pass && at.before == cases[i].at.before);
        CHECK(at.after == cases[i].at.after && fabsf(at.part - cases[i].at.part) < 1e-6f);
    }
    return 0;
}

static int test_directions(void) {
    Player p;
    begin(&p, 4, 3);
    CHECK(p.source->need(p.source, &p.controls, 1) == TIMBREL_NEED_NOTHING);
    CHECK_ROWS(&p, 0, 1, 2, 3, 0, 1);
    p.controls.from.rows.direction = TIMBREL_THERE_AND_BACK; // From where it is
    CHECK_ROWS(&p, 2, 3, 2, 1, 0, 1, 2, 3, 2);
    p.controls.from.rows.direction = TIMBREL_BACKWARD;
    CHECK_ROWS(&p, 1, 0, 3, 2, 1, 0, 3);
    p.source->reset(p.source);
    p.frame = 0;
    CHECK_ROWS(&p, 3, 2, 1);
    p.frame += 7; // Something else was chosen for a while
    CHECK_ROWS(&p, 3, 2, 1, 0, 3);
    end(&p);
    return 0;
}

static int test_windows(void) {
    Player p;
    begin(&p, 10, 2);
    p.controls.from.rows.start = 6;
    p.controls.from.rows.length = 3;
    CHECK_ROWS(&p, 6, 7, 8, 6, 7);
    p.controls.from.rows.start = 2; // The same place
    CHECK_ROWS(&p, 4, 2, 3);
    p.controls.from.rows.length = 8;
    CHECK_ROWS(&p, 4, 5, 6, 7, 8, 9, 2);
    p.controls.from.rows.length = 0;
    CHECK_ROWS(&p, 3, 4, 5, 6, 7, 8);
    p.controls.from.rows.length = 4; // Place 7 is place 3 of 4
    CHECK_ROWS(&p, 5, 2, 3);
    p.controls.from.rows.start = 8; // Place 2 of the last two
    CHECK_ROWS(&p, 8, 9, 8);
    p.controls.from.rows.start = 1000000;
    p.controls.from.rows.length = UINT32_MAX;
    CHECK_ROWS(&p, 9, 9, 9);
    p.controls.from.rows.start = UINT32_MAX;
    CHECK_ROWS(&p, 9, 9);
    end(&p);
    return 0;
}

static int test_tables(void) {
    Player p;
    begin(&p, 5, 2);
    CHECK_ROWS(&p, 0, 1, 2);
    give(&p, make_table(5, 2)); // Something was added
    CHECK_ROWS(&p, 3, 4, 0, 1);
    give(&p, make_table(6, 2));
    CHECK_ROWS(&p, 0, 1, 2, 3, 4, 5, 0);
    give(&p, make_table(1, 2));
    for (int d = TIMBREL_FORWARD; d <= TIMBREL_THERE_AND_BACK; ++d) {
        p.controls.from.rows.direction = (TimbrelDirection)d;
        p.controls.from.rows.beat_lock = false;
        CHECK_ROWS(&p, 0, 0, 0);
        p.controls.from.rows.beat_lock = true;
        CHECK_ROWS(&p, 0, 0, 0);
    }
    give(&p, make_table(4, 3)); // Does not fit: nothing is heard
    CHECK(play(&p) == 0.0f);
    give(&p, NULL);
    CHECK(play(&p) == 0.0f);
    end(&p);
    begin(&p, 3, TIMBREL_MAX_LATENTS);
    p.controls.from.rows.lengths[15] = 2.0f;
    for (uint32_t f = 0; f < 12; ++f) {
        (void)play(&p);
        for (uint32_t i = 0; i < TIMBREL_MAX_LATENTS; ++i) {
            CHECK(p.values[i] == value_of(f % (i == 15 ? 2 : 3), i));
        }
    }
    end(&p);
    return 0;
}

static int test_steps(void) {
    enum { frames = 3000 };
    static uint32_t rows[frames];
    Player p;
    begin(&p, 50, 1);
    p.controls.from.rows.step = 5;
    p.controls.from.rows.start = 10;
    p.controls.from.rows.length = 20;
    size_t seen[6] = {0};
    for (int f = 0; f < frames; ++f) {
        rows[f] = play_row(&p);
        CHECK(rows[f] >= 10 && rows[f] < 30 && (f > 0 || rows[f] == 10));
        if (f > 0) {
            const uint32_t step = (rows[f] + 20 - rows[f - 1]) % 20;
            CHECK(step >= 1 && step <= 5);
            ++seen[step];
        }
    }
    for (int step = 1; step <= 5; ++step) {
        CHECK(seen[step] > frames / 5 - 100 && seen[step] < frames / 5 + 100);
    }
    p.source->reset(p.source); // The same again
    p.frame = 0;
    for (int f = 0; f < frames; ++f) {
        CHECK(play_row(&p) == rows[f]);
    }
    p.frame += 100; // Chosen anew
    for (int f = 0; f < frames; ++f) {
        CHECK(play_row(&p) == rows[f]);
    }
    p.controls.from.rows.step = 256; // More than the loop has
    for (int f = 0; f < frames; ++f) {
        const uint32_t row = play_row(&p);
        CHECK(row >= 10 && row < 30);
    }
    end(&p);
    return 0;
}

// The row is up to 3 further than the beat says, in each pass otherwise; the same place of the
// song gives the same row.
static int test_locked_steps(void) {
    enum { frames = 256 };
    static float values[frames];
    size_t seen[4] = {0};
    Player p;
    begin(&p, 16, 1);
    p.controls.from.rows.beat_lock = true;
    p.controls.from.rows.beats = 4.0f;
    p.controls.from.rows.step = 4;
    p.moment.beats = 0.25; // A row a frame
    bool differs = false;
    for (uint32_t f = 0; f < frames; ++f) {
        values[f] = play(&p);
        const uint32_t more = ((uint32_t)values[f] / 128 + 16 - f % 16) % 16;
        CHECK(more < 4);
        ++seen[more];
        differs = differs || (f >= 16 && values[f] != values[f - 16]);
    }
    CHECK(differs && seen[0] > 40 && seen[1] > 40 && seen[2] > 40 && seen[3] > 40);
    p.moment.beat = 25.0;
    for (uint32_t f = 100; f < frames; ++f) {
        CHECK(play(&p) == values[f]);
    }
    // Between two rows, and over the end of the loop.
    for (uint32_t f = 10; f < 40; ++f) {
        p.moment.beat = ((double)f + 0.5) * 0.25;
        CHECK(fabsf(play(&p) - 0.5f * (values[f] + values[f + 1])) < 0.01f);
    }
    end(&p);
    return 0;
}

// 1000 loops of 8 beats at 97.3 BPM, from a host that tells each block: the row is where the beat
// is.
static int test_lock_drift(void) {
    const double beats = 97.3 / 60.0 / rate;
    const uint32_t rows = 116;
    TimbrelBeat beat;
    Player p;
    begin(&p, rows, 1);
    timbrel_beat_reset(&beat, rate);
    p.controls.from.rows.beat_lock = true;
    p.controls.from.rows.beats = 8.0f;
    double worst = 0.0;
    for (uint64_t f = 0; (double)f * beats < 8000.0; ++f) {
        const TimbrelLatentEvent event = {
            .frame = f,
            .position = (double)f,
            .event = {.kind = TIMBREL_EVENT_TRANSPORT,
                      .is.transport = {(double)f * beats, 4.0f, 97.3f, 1.0f}}};
        timbrel_beat_moments(&beat, f, 1, &event, 1, &(float){120.0f}, &p.moment);
        const double row = (double)play(&p) / 128.0;
        const double place = fmod((double)f * beats, 8.0) / 8.0 * rows;
        if (place < rows - 1.01) { // Beyond, it is on its way to the first row
            worst = fmax(worst, fabs(row - place));
        } else {
            CHECK(fabs(row - (rows - 1) * (rows - place)) < 0.02 * rows || place < rows - 0.99);
        }
    }
    (void)fprintf(stderr, "beat lock over 1000 loops at 97.3 BPM: off by %.2g rows\n", worst);
    CHECK(worst < 0.1);
    end(&p);
    return 0;
}

static int check_place(Player* p, double beat, double row) {
    p->moment.beat = beat;
    const double value = (double)play(p) / 128.0;
    if (fabs(value - row) > 1e-4) {
        (void)fprintf(stderr, "beat %g: row %g, not %g\n", beat, value, row);
    }
    CHECK(fabs(value - row) <= 1e-4);
    return 0;
}

static int test_lock(void) {
    Player p;
    begin(&p, 8, 1);
    p.controls.from.rows.beat_lock = true;
    p.controls.from.rows.beats = 4.0f;
    CHECK(!check_place(&p, 0.0, 0) && !check_place(&p, 1.25, 2.5) && !check_place(&p, 4.5, 1));
    CHECK(!check_place(&p, 3.5, 7) && !check_place(&p, 3.75, 3.5)); // Towards the first row
    CHECK(!check_place(&p, -0.5, 7) && !check_place(&p, 4e6 + 1.25, 2.5));
    p.controls.from.rows.direction = TIMBREL_BACKWARD;
    CHECK(!check_place(&p, 0.0, 7) && !check_place(&p, 0.25, 6.5) && !check_place(&p, 3.75, 3.5));
    p.controls.from.rows.direction = TIMBREL_THERE_AND_BACK; // 14 places
    CHECK(!check_place(&p, 0.0, 0) && !check_place(&p, 2.0, 7));
    CHECK(!check_place(&p, 2.0 + 4.0 / 28.0, 6.5) && !check_place(&p, 4.0 - 4.0 / 28.0, 0.5));
    p.controls.from.rows.direction = TIMBREL_FORWARD;
    p.controls.from.rows.start = 2;
    p.controls.from.rows.length = 4;
    CHECK(!check_place(&p, 0.0, 2) && !check_place(&p, 3.0, 5) && !check_place(&p, 3.5, 3.5));
    // While the transport stands, the place does.
    p.moment.rolls = false;
    for (int f = 0; f < 5; ++f) {
        CHECK(!check_place(&p, 1.5, 3.5));
    }
    // Let go, it goes on from there, a row each frame.
    p.controls.from.rows.beat_lock = false;
    CHECK_ROWS(&p, 3, 4, 5, 2);
    end(&p);
    return 0;
}

static int test_loop_beats(void) {
    Player p;
    begin(&p, 47, 1); // 2.005 seconds: 4 beats at 120
    p.controls.from.rows.beat_lock = true;
    CHECK(!check_place(&p, 1.0, 47.0 / 4.0) && !check_place(&p, 5.0, 47.0 / 4.0));
    p.controls.from.rows.direction = TIMBREL_THERE_AND_BACK;
    CHECK(!check_place(&p, 4.0, 46) && !check_place(&p, 9.0, 92.0 / 8.0));
    p.controls.from.rows.direction = TIMBREL_FORWARD;
    p.moment.beats = 0.1 / rate; // Never less than one
    CHECK(!check_place(&p, 0.5, 23.5) && !check_place(&p, 1.5, 23.5));
    p.moment.beats = 2.0 / rate;
    p.material.table->frame_rate = 2.0 * rate; // 2 beats
    CHECK(!check_place(&p, 0.5, 47.0 / 4.0) && !check_place(&p, 2.5, 47.0 / 4.0));
    p.material.table->beats = 7.5; // Known
    CHECK(!check_place(&p, 7.5 + 1.5, 47.0 / 5.0));
    p.controls.from.rows.length = 10;
    CHECK(!check_place(&p, 75.0 / 47.0 * 1.5, 5));
    p.controls.from.rows.beats = 3.0f;
    CHECK(!check_place(&p, 4.5, 5));
    end(&p);
    return 0;
}

static int test_codes(void) {
    Player p;
    begin(&p, 5, 2);
    p.source->free(p.source);
    p.info.discrete = 1;
    p.source = timbrel_source_rows(&p.info, rate);
    CHECK(p.source != NULL);
    p.controls.from.rows.beat_lock = true;
    p.controls.from.rows.beats = 3.0f;
    p.controls.from.rows.feedback = 0.5f;
    for (int f = 0; f < 2000; ++f) {
        const double beat = 3.0 / 5.0 * 0.01 * (double)f;
        CHECK(!check_place(&p, beat, (double)(f / 100 % 5)));
    }
    end(&p);
    return 0;
}

static int test_polymetre(void) {
    Player p;
    begin(&p, 12, 4);
    p.controls.from.rows.start = 2;
    p.controls.from.rows.length = 6;
    p.controls.from.rows.lengths[1] = 4.0f;
    p.controls.from.rows.lengths[2] = 0.3f;
    p.controls.from.rows.lengths[3] = 4096.0f; // Up to the table's end
    for (uint32_t f = 0; f < 100; ++f) {
        CHECK(play(&p) == value_of(2 + f % 6, 0) && p.values[1] == value_of(2 + f % 4, 1));
        CHECK(p.values[2] == value_of(2, 2) && p.values[3] == value_of(2 + f % 10, 3));
    }
    p.controls.from.rows.direction = TIMBREL_BACKWARD;
    p.source->reset(p.source);
    p.frame = 0;
    for (uint32_t f = 0; f < 100; ++f) {
        CHECK(play(&p) == value_of(7 - f % 6, 0) && p.values[1] == value_of(5 - f % 4, 1));
    }
    // In beats: 6 rows last 3, so 2 beats are 4 rows, and 1.7 are 3, to the nearest.
    p.controls.from.rows.direction = TIMBREL_FORWARD;
    p.controls.from.rows.beat_lock = true;
    p.controls.from.rows.beats = 3.0f;
    p.controls.from.rows.lengths[1] = 2.0f;
    p.controls.from.rows.lengths[2] = 1.7f;
    p.controls.from.rows.lengths[3] = 3e38f;
    for (uint32_t f = 0; f < 100; ++f) {
        CHECK(!check_place(&p, 0.5 * f, 2 + f % 6));
        CHECK(p.values[1] == value_of(2 + f % 4, 1));
        p.moment.beat = (double)1.7f / 3.0 * f;
        (void)play(&p);
        CHECK(fabsf(p.values[2] - value_of(2 + f % 3, 2)) < 0.01f);
        CHECK(p.values[3] >= value_of(2, 3) && p.values[3] <= value_of(11, 3));
    }
    // Switched off, a latent is with the others again.
    p.controls.from.rows.lengths[1] = 0.0f;
    CHECK(play(&p) + 1.0f == p.values[1]);
    end(&p);
    return 0;
}

// Rows of 1 and 3 sink towards their mean, by half each pass.
static int test_feedback(void) {
    Player p;
    begin(&p, 4, 1);
    TimbrelTable* table = p.material.table;
    for (int r = 0; r < 4; ++r) {
        table->values[r] = r % 2 ? 3.0f : 1.0f;
    }
    timbrel_table_finish(table); // Mean 2
    p.controls.from.rows.feedback = 0.5f;
    for (int f = 0; f < 20; ++f) {
        CHECK(play(&p) == 2.0f + (f % 2 ? 1.0f : -1.0f) * ldexpf(1.0f, -(f / 4)));
    }
    p.controls.from.rows.feedback = 1.0f; // They are still there
    CHECK(play(&p) == 1.0f);
    p.controls.from.rows.feedback = 0.0f;
    CHECK(play(&p) == 2.0f);
    give(&p, timbrel_table_hold(table)); // They came anew
    CHECK(play(&p) == 1.0f && play(&p) == 3.0f && play(&p) == 2.0f);

    p.controls.from.rows.feedback = 0.5f;
    p.controls.from.rows.beat_lock = true;
    p.controls.from.rows.beats = 4.0f;
    p.moment.beats = 0.5;
    p.moment.beat = 0.0;
    p.source->reset(p.source);
    for (int f = 0; f < 24; ++f) { // By itself: 8 frames a pass
        CHECK(f % 2 || play(&p) == 2.0f + (f % 4 ? 1.0f : -1.0f) * ldexpf(1.0f, -(f / 8)));
        CHECK(f % 2 == 0 || play(&p) == 2.0f); // Between two rows
    }
    for (int pass = 3; pass < 6; ++pass) { // The host goes round in beats 0 to 4
        p.moment.beat = 0.0;
        p.moment.jumped = true;
        for (int f = 0; f < 8; ++f) {
            const float value = play(&p);
            CHECK(f > 0 || value == 2.0f - ldexpf(1.0f, -pass));
        }
    }
    p.moment.rolls = false; // Moved about while it stands
    for (int f = 0; f < 9; ++f) {
        p.moment.beat = 4.0 * (double)(9 - f);
        p.moment.jumped = true;
        CHECK(play(&p) == 2.0f - ldexpf(1.0f, -5));
    }
    p.moment = (TimbrelMoment){.beats = 0.5, .rolls = true, .jumped = true}; // And starts elsewhere
    CHECK(play(&p) == 2.0f - ldexpf(1.0f, -5));
    end(&p);
    return 0;
}

// A frame touches the rows that it plays: all others are out of reach.
static int test_reach(void) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const uint32_t rows = 100000;
    const size_t row = TIMBREL_MAX_LATENTS * sizeof(float);
    const size_t size = (sizeof(TimbrelTable) + rows * row + page - 1) / page * page;
    char* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    Player p;
    begin(&p, 1, TIMBREL_MAX_LATENTS);
    TimbrelTable* mine = p.material.table;
    TimbrelTable* table = (TimbrelTable*)(void*)memory;
    table->rows = rows;
    table->latents = TIMBREL_MAX_LATENTS;
    const uint32_t start = 70000;
    const size_t head = (sizeof *table + page - 1) / page * page;
    const size_t first = (sizeof *table + start * row) / page * page;
    const size_t behind = (sizeof *table + (start + 20) * row + page - 1) / page * page;
    CHECK(mprotect(memory + head, first - head, PROT_NONE) == 0);
    CHECK(mprotect(memory + behind, size - behind, PROT_NONE) == 0);
    p.material.table = table;
    p.controls.from.rows.start = start;
    p.controls.from.rows.length = 20;
    p.controls.from.rows.feedback = 0.9f;
    p.controls.from.rows.step = 7;
    p.controls.from.rows.beats = 20.0f; // So a beat is a row
    for (int f = 0; f < 4000; ++f) {
        p.controls.from.rows.direction = (TimbrelDirection)(f / 100 % 3);
        p.controls.from.rows.beat_lock = f / 300 % 2 != 0;
        p.controls.from.rows.lengths[f % 16] = f / 16 % 2 ? 1.0f + (float)(f % 9) : 0.0f;
        p.moment.beat = p.controls.from.rows.beat_lock ? 0.37 * (double)f - 500.0 : 0.0;
        CHECK(play(&p) == 0.0f);
    }
    p.material.table = mine;
    end(&p);
    CHECK(munmap(memory, size) == 0);
    return 0;
}

// Whatever the controls and the beat: only values of the table, or between them.
static int test_hostile(void) {
    const float lengths[] = {0.0f, 1e-30f, 0.5f, 3.0f, 4096.0f, 3e38f};
    const uint32_t numbers[] = {0, 1, 2, 7, 256, UINT32_MAX};
    const double beats[] = {0.0, -1e9, 1e9, 0.3, -7.77, 1e-300};
    TimbrelRandom random = timbrel_random(2);
    Player p;
    begin(&p, 9, 20);
    for (int f = 0; f < 100000; ++f) {
        if (timbrel_random_below(&random, 50) == 0) {
            give(&p, make_table(1 + (uint32_t)timbrel_random_below(&random, 9), 20));
            p.material.table->beats = beats[timbrel_random_below(&random, 6)];
            p.material.table->frame_rate = beats[timbrel_random_below(&random, 6)];
        }
        p.controls.from.rows.start = numbers[timbrel_random_below(&random, 6)];
        p.controls.from.rows.length = numbers[timbrel_random_below(&random, 6)];
        p.controls.from.rows.step = numbers[timbrel_random_below(&random, 6)];
        p.controls.from.rows.beats = lengths[timbrel_random_below(&random, 6)];
        p.controls.from.rows.lengths[timbrel_random_below(&random, 16)] =
            lengths[timbrel_random_below(&random, 6)];
        p.controls.from.rows.direction = (TimbrelDirection)timbrel_random_below(&random, 3);
        p.controls.from.rows.beat_lock = timbrel_random_below(&random, 2) != 0;
        p.controls.from.rows.feedback = (float)timbrel_random_below(&random, 3) * 0.5f;
        p.moment.beat = beats[timbrel_random_below(&random, 6)];
        p.moment.jumped = timbrel_random_below(&random, 2) != 0;
        p.moment.rolls = timbrel_random_below(&random, 2) != 0;
        (void)play(&p);
        for (uint32_t i = 0; i < 20; ++i) {
            const float most = value_of(p.material.table->rows - 1, i);
            CHECK(p.values[i] >= (float)i - 0.01f && p.values[i] <= most + 0.01f);
        }
    }
    end(&p);
    return 0;
}

enum { long_run = 4000, long_latents = 3 };

/// All frames of a run in blocks of random sizes, or of one frame where `seed` is 0.
static void play_blocks(TimbrelSource* sources, uint64_t seed,
                        const TimbrelLatentControls* controls, const TimbrelLatentEvent* events,
                        uint32_t event_count, float* out) {
    enum { most = 64 };
    TimbrelRandom random = timbrel_random(seed);
    float values[2 * long_latents * most];
    uint32_t e = 0;
    sources->reset(sources);
    for (uint32_t f = 0; f < long_run;) {
        uint32_t frames = seed ? 1 + (uint32_t)timbrel_random_below(&random, most) : 1;
        frames = frames < long_run - f ? frames : long_run - f;
        uint32_t until = e;
        while (until < event_count && events[until].frame < f + frames) {
            ++until;
        }
        const TimbrelLatentBlock block = {.first = f,
                                          .frames = frames,
                                          .latents = long_latents,
                                          .lanes = 2,
                                          .values = values,
                                          .controls = controls + f,
                                          .events = events + e,
                                          .event_count = until - e};
        sources->fill(sources, &block);
        for (uint32_t i = 0; i < 2 * long_latents; ++i) {
            memcpy(out + (size_t)i * long_run + f, values + (size_t)i * frames,
                   frames * sizeof(float));
        }
        e = until;
        f += frames;
    }
}

static int test_partition(void) {
    static TimbrelLatentControls controls[long_run];
    static TimbrelLatentEvent events[long_run];
    static float singly[2 * long_latents * long_run];
    static float together[2 * long_latents * long_run];
    TimbrelRandom random = timbrel_random(3);
    float values[TIMBREL_CONTROL_COUNT];
    timbrel_controls_default(values);
    values[TIMBREL_CONTROL_SOURCE] = TIMBREL_FROM_ROWS;
    values[TIMBREL_CONTROL_BLEND] = 100.0f;
    values[TIMBREL_CONTROL_FEEDBACK] = 95.0f;
    values[TIMBREL_CONTROL_LENGTH_FIRST + 1] = 5.0f;
    uint32_t event_count = 0;
    for (uint32_t f = 0; f < long_run; ++f) {
        if (f % 40 == 0) {
            values[TIMBREL_CONTROL_BEAT_LOCK] = (float)timbrel_random_below(&random, 2);
            values[TIMBREL_CONTROL_STEP] = (float)(1 + timbrel_random_below(&random, 3));
            values[TIMBREL_CONTROL_DIRECTION] = (float)timbrel_random_below(&random, 3);
            values[TIMBREL_CONTROL_ROWS_LENGTH] = (float)timbrel_random_below(&random, 9);
        }
        timbrel_latent_controls(&controls[f], values);
        if (timbrel_random_below(&random, 9) == 0) {
            events[event_count++] = (TimbrelLatentEvent){
                .frame = f,
                .position = f + timbrel_random_uniform(&random),
                .event = {.kind = TIMBREL_EVENT_TRANSPORT,
                          .is.transport = {8.0 * timbrel_random_uniform(&random), 4.0f, 97.3f,
                                           (float)timbrel_random_below(&random, 2)}}};
        }
    }
    const TimbrelModelInfo info = {.latents = long_latents};
    const TimbrelSourcesConfig config = {0};
    TimbrelSource* sources = timbrel_sources_new(&info, rate, &config);
    TimbrelMaterial* material = timbrel_material_new(long_latents);
    CHECK(sources && material);
    material->table = make_table(20, long_latents);
    material->serial = 1;
    timbrel_sources_give(sources, material);
    play_blocks(sources, 0, controls, events, event_count, singly);
    bool moves = false;
    for (uint32_t f = 1; f < long_run; ++f) {
        moves = moves || singly[f] != singly[f - 1];
    }
    CHECK(moves);
    for (uint64_t seed = 1; seed < 4; ++seed) {
        play_blocks(sources, seed, controls, events, event_count, together);
        CHECK(memcmp(singly, together, sizeof singly) == 0);
    }
    sources->free(sources);
    return 0;
}

int main(void) {
    return test_loop() || test_directions() || test_windows() || test_tables() || test_steps() ||
           test_locked_steps() || test_lock_drift() || test_lock() || test_loop_beats() ||
           test_codes() || test_polymetre() || test_feedback() || test_reach() || test_hostile() ||
           test_partition();
}
