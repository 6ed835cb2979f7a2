// SPDX-License-Identifier: ISC
/// Rows and points of an effect that plays: from files, captured, undone, of other models, back
/// from a session. With a model whose decoded frames can be read from the sound. Usage:
/// test_library TIMBREL-TORCH FIXTURES

#include "check.h"
#include "engine/effect/effect.h"
#include "engine/files/latent_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { rate = 48000, ratio = 512, latents = 8, most = 512 * 1024 };

static const char* torch_program;
static const char* fixtures;
static char folder[] = "/tmp/timbrel-library-XXXXXX";

static const char* at(const char* name) {
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/// An effect that plays, and what it was given and gave.
typedef struct {
    TimbrelEffect* effect;
    float controls[TIMBREL_CONTROL_COUNT];
    float in[most];
    float out[most];
    uint32_t time;
} Run;

static void ask_for_model(Run* run, const char* name) {
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s.ts", fixtures, name);
    timbrel_effect_request(run->effect, path, "");
}

static void load_model(Run* run, const char* name) {
    ask_for_model(run, name);
    TimbrelError error = {0};
    if (timbrel_effect_wait(run->effect, &error)) {
        (void)fprintf(stderr, "%s\n", error.message);
        abort();
    }
}

static Run* open_run(void) {
    Run* run = calloc(1, sizeof *run);
    const TimbrelEffectConfig config = {
        .rate = rate, .channels = 1, .block = 512, .torch_program = torch_program, .seed = 1};
    if (run) {
        run->effect = timbrel_effect_new(&config, NULL);
        timbrel_controls_default(run->controls);
    }
    if (!run || !run->effect) {
        abort();
    }
    load_model(run, "codec");
    return run;
}

static void close_run(Run* run) {
    timbrel_effect_free(run->effect);
    free(run);
}

/// Go on for so many samples, in blocks of that size.
static void play_blocks(Run* run, uint32_t samples, uint32_t size, const TimbrelEvent* event) {
    while (samples > 0 && run->time + samples <= most) {
        const uint32_t frames = samples < size ? samples : size;
        const float* in = run->in + run->time;
        float* out = run->out + run->time;
        const TimbrelBlock block = {.in = &in,
                                    .out = &out,
                                    .controls = run->controls,
                                    .events = event,
                                    .event_count = event ? 1 : 0,
                                    .frames = frames,
                                    .waits = true};
        timbrel_effect_process(run->effect, &block);
        event = NULL;
        run->time += frames;
        samples -= frames;
    }
}

static void play(Run* run, uint32_t samples) {
    play_blocks(run, samples, 512, NULL);
}

/// Press a switch, and go on until what follows is there.
static void press(Run* run, TimbrelControlId id) {
    run->controls[id] = 1.0f;
    play(run, ratio);
    run->controls[id] = 0.0f;
    play(run, 16 * ratio);
}

static void fill_sound(float* sound, uint32_t from, uint32_t to) {
    uint32_t seed = 1;
    for (uint32_t t = from; t < to; ++t) {
        seed = seed * 1664525u + 1013904223u;
        sound[t] = (float)(0.3 * sin(0.02 * t) + 0.1 * (int32_t)seed / 2147483648.0);
    }
}

/// The codec's latents of a frame, see tests/fixtures/codec.py.
static void analyse(const float* sound, float* frame) {
    const double pi = 3.14159265358979323846;
    for (int k = 0; k < latents; ++k) {
        double sum = 0.0;
        for (int t = 0; t < ratio; ++t) {
            sum += (double)sound[t] * sqrt(2.0 / ratio) * cos(pi * (k + 1) * (t + 0.5) / ratio);
        }
        frame[k] = (float)sum;
    }
}

/// Largest difference of two frames.
static double difference(const float* a, const float* b) {
    double largest = 0.0;
    for (int i = 0; i < latents; ++i) {
        largest = fmax(largest, fabs((double)a[i] - (double)b[i]));
    }
    return largest;
}

/// Which frame of the input a row is; -1 where it is none.
static int find_frame(const Run* run, const float* row) {
    for (uint32_t f = 0; (f + 1) * ratio <= run->time; ++f) {
        float frame[latents];
        analyse(run->in + (size_t)f * ratio, frame);
        if (difference(frame, row) < 1e-4) {
            return (int)f;
        }
    }
    return -1;
}

/// The frame that is heard as number `f`, counted from time 0.
static void heard_frame(const Run* run, uint32_t f, float* frame) {
    TimbrelLatency latency;
    timbrel_effect_latency(run->effect, &latency);
    analyse(run->out + latency.total + (size_t)f * ratio, frame);
}

static float row_value(uint32_t row, uint32_t latent) {
    return 0.5f * sinf((float)(row * 7 + latent * 3 + 1));
}

static int write_rows(const char* path, uint32_t rows, uint32_t count, const char* model,
                      const char* space) {
    TimbrelOrigin origin = {.rate = rate, .ratio = ratio};
    (void)snprintf(origin.model, sizeof origin.model, "%s", model);
    (void)snprintf(origin.space, sizeof origin.space, "%s", space);
    TimbrelLatents file;
    timbrel_latents_init(&file, count, &origin);
    for (uint32_t r = 0; r < rows; ++r) {
        double row[TIMBREL_MAX_LATENTS];
        for (uint32_t i = 0; i < count; ++i) {
            row[i] = (double)row_value(r, i);
        }
        CHECK(timbrel_latents_append(&file, row, 1, NULL) == TIMBREL_OK);
    }
    TimbrelLatentFormat format;
    CHECK(timbrel_latent_format(path, &format));
    CHECK(timbrel_latent_write(&file, path, format, NULL) == TIMBREL_OK);
    timbrel_latents_free(&file);
    return 0;
}

/// Rows of five are heard, one a frame.
static int hears_rows(const Run* run, uint32_t begun) {
    for (uint32_t f = 0; f < 40; ++f) {
        float frame[latents];
        float row[latents];
        heard_frame(run, begun + f, frame);
        for (uint32_t i = 0; i < latents; ++i) {
            row[i] = row_value(f % 5, i);
        }
        CHECK(difference(frame, row) < 1e-4);
    }
    return 0;
}

static int test_file(const char* name) {
    Run* run = open_run();
    CHECK(!write_rows(at(name), 5, latents, "codec", ""));
    timbrel_effect_load_rows(run->effect, at(name));
    TimbrelRowsReport report;
    timbrel_effect_rows(run->effect, &report);
    CHECK(strcmp(report.path, at(name)) == 0);
    CHECK(timbrel_effect_wait(run->effect, NULL) == TIMBREL_OK);
    timbrel_effect_rows(run->effect, &report);
    CHECK(report.state == TIMBREL_ROWS_READY && !report.captured);
    CHECK(report.rows == 5 && report.latents == latents && report.message[0] == '\0');
    run->controls[TIMBREL_CONTROL_SOURCE] = TIMBREL_FROM_ROWS;
    run->controls[TIMBREL_CONTROL_BEAT_LOCK] = 0.0f;
    play(run, 100 * ratio);
    CHECK(!hears_rows(run, 0));
    CHECK(timbrel_effect_rows_rt(run->effect)->rows == 5);
    close_run(run);
    return 0;
}

static int test_bad_files(void) {
    Run* run = open_run();
    TimbrelRowsReport report;
    char noise[256];
    (void)snprintf(noise, sizeof noise, "%s", at("noise.npy"));
    char pipe[256];
    (void)snprintf(pipe, sizeof pipe, "%s/pipe.npy", folder);
    const char* bad[] = {"/nowhere/rows.npy", noise, at("huge.npy"), pipe, "/tmp", "-"};
    CHECK(mkfifo(pipe, 0600) == 0); // Into which nobody writes
    TimbrelLatents huge;
    timbrel_latents_init(&huge, latents, &(TimbrelOrigin){.rate = rate, .ratio = ratio});
    const double row[latents] = {1e300};
    CHECK(timbrel_latents_append(&huge, row, 1, NULL) == TIMBREL_OK);
    CHECK(timbrel_latent_write(&huge, bad[2], TIMBREL_LATENT_NPY, NULL) == TIMBREL_OK);
    timbrel_latents_free(&huge);
    FILE* file = fopen(bad[1], "we");
    CHECK(file && fputs("no rows", file) >= 0 && fclose(file) == 0);
    for (int i = 0; i < 6; ++i) {
        CHECK(timbrel_effect_request_rows_rt(run->effect, bad[i], (uint32_t)strlen(bad[i])));
        play(run, ratio); // Which waits for it
        timbrel_effect_rows(run->effect, &report);
        CHECK(report.state == TIMBREL_ROWS_FAILED && strcmp(report.path, bad[i]) == 0);
        CHECK(report.message[0] != '\0' && report.rows == 0);
        CHECK(i == 5 || strstr(report.message, bad[i]));
    }
    (void)unlink(pipe);
    CHECK(timbrel_effect_request_rows_rt(run->effect, "", 0));
    play(run, ratio);
    timbrel_effect_rows(run->effect, &report);
    CHECK(report.state == TIMBREL_ROWS_NONE && report.message[0] == '\0');
    close_run(run);
    return 0;
}

/// Rows of another model: one sentence in both reports, and the sound as without them.
static int check_refused(uint32_t count, const char* space, const char* word) {
    Run* plain = open_run();
    Run* run = open_run();
    fill_sound(run->in, 0, most);
    fill_sound(plain->in, 0, most);
    CHECK(!write_rows(at("other.wav"), 5, count, "violin", space));
    timbrel_effect_load_rows(run->effect, at("other.wav"));
    CHECK(timbrel_effect_wait(run->effect, NULL) == TIMBREL_OK);
    run->controls[TIMBREL_CONTROL_SOURCE] = TIMBREL_FROM_ROWS;
    play(run, 50 * ratio);
    play(plain, 50 * ratio);
    CHECK(memcmp(run->out, plain->out, sizeof(float[50 * ratio])) == 0);
    TimbrelRowsReport rows;
    TimbrelModelReport model;
    timbrel_effect_rows(run->effect, &rows);
    timbrel_effect_report(run->effect, &model);
    CHECK(rows.state == TIMBREL_ROWS_READY && rows.rows == 5);
    CHECK(strstr(rows.message, "the model violin") && strstr(rows.message, word));
    CHECK(strstr(model.message, rows.message));
    close_run(run);
    close_run(plain);
    return 0;
}

static int test_other_model(void) {
    CHECK(!check_refused(16, "", "16 latents; codec has 8"));
    CHECK(!check_refused(latents, "violins", "mean something else"));
    // They play again once a model that they fit is there.
    Run* run = open_run();
    load_model(run, "codec_128");
    CHECK(!write_rows(at("own.npy"), 5, latents, "codec", ""));
    timbrel_effect_load_rows(run->effect, at("own.npy"));
    CHECK(timbrel_effect_wait(run->effect, NULL) == TIMBREL_OK);
    TimbrelRowsReport report;
    timbrel_effect_rows(run->effect, &report);
    CHECK(strstr(report.message, "8 latents; codec_128 has 128"));
    load_model(run, "codec");
    timbrel_effect_rows(run->effect, &report);
    CHECK(report.message[0] == '\0');
    TimbrelModelReport model;
    timbrel_effect_report(run->effect, &model);
    CHECK(!strstr(model.message, "rows"));
    run->controls[TIMBREL_CONTROL_SOURCE] = TIMBREL_FROM_ROWS;
    run->controls[TIMBREL_CONTROL_BEAT_LOCK] = 0.0f;
    play(run, 100 * ratio);
    CHECK(!hears_rows(run, 0));
    close_run(run);
    return 0;
}

/// Without a transport, one second; what was there before is back after undo.
static int test_keep_and_undo(void) {
    Run* run = open_run();
    fill_sound(run->in, 0, most);
    CHECK(!write_rows(at("first.npy"), 5, latents, "codec", ""));
    timbrel_effect_load_rows(run->effect, at("first.npy"));
    CHECK(timbrel_effect_wait(run->effect, NULL) == TIMBREL_OK);
    run->controls[TIMBREL_CONTROL_KEEP_BARS] = 0.0f;
    play(run, 200 * ratio);
    const uint32_t changes = timbrel_effect_changes(run->effect);
    press(run, TIMBREL_CONTROL_KEEP);
    TimbrelRowsReport report;
    timbrel_effect_rows(run->effect, &report);
    CHECK(report.captured && report.path[0] == '\0' && report.rows == 94);
    CHECK(timbrel_effect_changes(run->effect) == changes + 1);
    TimbrelTable* table = timbrel_effect_hold_table(run->effect);
    CHECK(table && table->rows == 94);
    const int first = find_frame(run, table->values);
    CHECK(first >= 200 - 95 && first <= 200 - 93);
    for (uint32_t r = 0; r < table->rows; ++r) {
        CHECK(find_frame(run, table->values + (size_t)r * latents) == first + (int)r);
    }
    timbrel_table_let_go(table);
    // A path that is wrong is told of, and costs nothing that was played.
    timbrel_effect_load_rows(run->effect, "/nowhere/rows.npy");
    CHECK(timbrel_effect_wait(run->effect, NULL) == TIMBREL_OK);
    timbrel_effect_rows(run->effect, &report);
    CHECK(report.state == TIMBREL_ROWS_READY && report.captured && report.rows == 94);
    CHECK(strstr(report.message, "/nowhere/rows.npy"));
    press(run, TIMBREL_CONTROL_KEEP);
    timbrel_effect_rows(run->effect, &report);
    CHECK(!report.captured && report.rows == 5 && strcmp(report.path, at("first.npy")) == 0);
    CHECK(timbrel_effect_changes(run->effect) == changes + 2);
    close_run(run);
    return 0;
}

static int test_add(void) {
    Run* run = open_run();
    fill_sound(run->in, 0, 100 * ratio); // Then silence
    run->controls[TIMBREL_CONTROL_KEEP_BARS] = 0.0f;
    run->controls[TIMBREL_CONTROL_BEAT_LOCK] = 0.0f;
    play(run, 100 * ratio);
    press(run, TIMBREL_CONTROL_KEEP);
    TimbrelTable* kept = timbrel_effect_hold_table(run->effect);
    CHECK(kept);
    press(run, TIMBREL_CONTROL_ADD);
    play(run, 150 * ratio);
    TimbrelTable* added = timbrel_effect_hold_table(run->effect);
    CHECK(added && added != kept && added->rows == kept->rows);
    for (size_t i = 0; i < (size_t)kept->rows * latents; ++i) {
        CHECK(fabsf(added->values[i] - 0.5f * kept->values[i]) < 1e-5f);
    }
    timbrel_table_let_go(kept);
    timbrel_table_let_go(added);
    close_run(run);
    return 0;
}

static int test_session(void) {
    Run* run = open_run();
    fill_sound(run->in, 0, most);
    run->controls[TIMBREL_CONTROL_KEEP_BARS] = 0.0f;
    play(run, 100 * ratio);
    press(run, TIMBREL_CONTROL_KEEP);
    TimbrelTable* saved = timbrel_effect_hold_table(run->effect);
    CHECK(saved);
    Run* other = open_run();
    timbrel_effect_set_table(other->effect, timbrel_table_hold(saved));
    CHECK(timbrel_effect_wait(other->effect, NULL) == TIMBREL_OK);
    TimbrelRowsReport report;
    timbrel_effect_rows(other->effect, &report);
    CHECK(report.state == TIMBREL_ROWS_READY && report.captured && report.rows == saved->rows);
    CHECK(report.beats == saved->beats && report.message[0] == '\0');
    TimbrelTable* back = timbrel_effect_hold_table(other->effect);
    CHECK(back &&
          memcmp(back->values, saved->values, (size_t)saved->rows * latents * sizeof(float)) == 0);
    other->controls[TIMBREL_CONTROL_SOURCE] = TIMBREL_FROM_ROWS;
    other->controls[TIMBREL_CONTROL_BEAT_LOCK] = 0.0f;
    play(other, 120 * ratio);
    for (uint32_t f = 0; f < saved->rows; ++f) {
        float frame[latents];
        heard_frame(other, f, frame);
        CHECK(difference(frame, saved->values + (size_t)f * latents) < 1e-4);
    }
    timbrel_table_let_go(saved);
    timbrel_table_let_go(back);
    close_run(run);
    close_run(other);
    return 0;
}

static int test_points(void) {
    Run* run = open_run();
    TimbrelPoints* points = calloc(1, sizeof *points);
    CHECK(points);
    fill_sound(run->in, 0, 50 * ratio); // Then silence
    run->controls[TIMBREL_CONTROL_STORE_POINT] = 3.0f;
    play(run, 40 * ratio);
    press(run, TIMBREL_CONTROL_STORE);
    timbrel_effect_points(run->effect, points);
    CHECK(points->latents == latents && points->points[2].there);
    CHECK(strcmp(points->points[2].name, "3") == 0);
    const int frame = find_frame(run, points->points[2].values);
    CHECK(frame >= 39 && frame <= 41);
    timbrel_effect_set_point_name(run->effect, 2, "bright");
    run->controls[TIMBREL_CONTROL_STORE_POINT] = 0.0f;
    press(run, TIMBREL_CONTROL_STORE);
    timbrel_effect_points(run->effect, points);
    CHECK(points->points[0].there && !points->points[1].there);
    CHECK(strcmp(points->points[2].name, "bright") == 0);
    // Recalled by its note.
    run->controls[TIMBREL_CONTROL_SOURCE] = TIMBREL_FROM_POINTS;
    run->controls[TIMBREL_CONTROL_GLIDE] = 0.0f;
    play(run, 50 * ratio);
    const TimbrelEvent note = {.kind = TIMBREL_EVENT_MIDI, .is.midi = {0x90, 62, 127}};
    const uint32_t begun = run->time / ratio;
    play_blocks(run, 100 * ratio, 512, &note);
    float heard[latents];
    heard_frame(run, begun + 20, heard);
    CHECK(difference(heard, points->points[2].values) < 1e-4);
    // All taken.
    for (int p = 0; p < TIMBREL_POINTS; ++p) {
        points->points[p].there = true;
    }
    timbrel_effect_set_points(run->effect, points);
    press(run, TIMBREL_CONTROL_STORE);
    TimbrelRowsReport report;
    timbrel_effect_rows(run->effect, &report);
    CHECK(report.points == TIMBREL_POINTS && strstr(report.message, "128"));
    timbrel_effect_set_points(run->effect, NULL);
    CHECK(timbrel_effect_wait(run->effect, NULL) == TIMBREL_OK);
    timbrel_effect_rows(run->effect, &report);
    CHECK(report.points == 0);
    free(points);
    close_run(run);
    return 0;
}

/// What a wish brings is heard from the same sample on, whatever the blocks.
static int test_blocks(void) {
    const uint32_t sizes[] = {512, 1000, 8000};
    float* first = NULL;
    for (int s = 0; s < 3; ++s) {
        Run* run = open_run();
        fill_sound(run->in, 0, most);
        run->controls[TIMBREL_CONTROL_SOURCE] = TIMBREL_FROM_MAP;
        run->controls[TIMBREL_CONTROL_MAP_X] = 1.0f;
        play_blocks(run, 64000, sizes[s], NULL);
        run->controls[TIMBREL_CONTROL_KEEP_BARS] = 0.0f;
        run->controls[TIMBREL_CONTROL_KEEP] = 1.0f;
        run->controls[TIMBREL_CONTROL_SOURCE] = TIMBREL_FROM_ROWS;
        play_blocks(run, 128000, sizes[s], NULL);
        if (first) {
            CHECK(memcmp(first, run->out, run->time * sizeof(float)) == 0);
        } else {
            first = malloc(run->time * sizeof(float));
            CHECK(first);
            memcpy(first, run->out, run->time * sizeof(float));
        }
        close_run(run);
    }
    free(first);
    return 0;
}

static int hears_message(Run* run, TimbrelControlId pressed, const char* words) {
    TimbrelRowsReport report;
    press(run, pressed);
    for (int k = 0; k < 1000; ++k) { // The loader thread answers in its own time
        timbrel_effect_rows(run->effect, &report);
        if (strstr(report.message, words)) {
            return 0;
        }
        (void)usleep(10000);
    }
    (void)fprintf(stderr, "\"%s\" is not \"%s\"\n", report.message, words);
    return 1;
}

/// A switch that can do nothing says so.
static int test_in_vain(void) {
    Run* run = open_run();
    play(run, ratio);
    CHECK(!hears_message(run, TIMBREL_CONTROL_ADD, "no rows to add to"));
    timbrel_effect_request(run->effect, "", "");
    CHECK(timbrel_effect_wait(run->effect, NULL) == TIMBREL_OK);
    CHECK(!hears_message(run, TIMBREL_CONTROL_KEEP, "no latents to keep"));
    CHECK(!write_rows(at("other.wav"), 5, latents, "codec", ""));
    load_model(run, "forward_only");
    timbrel_effect_load_rows(run->effect, at("other.wav"));
    CHECK(timbrel_effect_wait(run->effect, NULL) == TIMBREL_OK);
    TimbrelRowsReport report;
    timbrel_effect_rows(run->effect, &report);
    CHECK(strstr(report.message, "forward_only plays without encode and decode"));
    CHECK(!hears_message(run, TIMBREL_CONTROL_STORE, "no latents to keep"));
    load_model(run, "codec_128");
    CHECK(!hears_message(run, TIMBREL_CONTROL_ADD, "of another model"));
    close_run(run);
    return 0;
}

/// A host may tell its transport only where it changes: another model, and what plays after a
/// reset, are told of it all the same.
static int test_transport(void) {
    enum { told = 30, changed = 100, reset = 200, all = 300 };
    CHECK(!write_rows(at("beat.npy"), 64, latents, "codec", ""));
    Run* runs[2] = {open_run(), open_run()};
    for (int k = 0; k < 2; ++k) { // The second host repeats itself in every block
        Run* run = runs[k];
        timbrel_effect_load_rows(run->effect, at("beat.npy"));
        CHECK(timbrel_effect_wait(run->effect, NULL) == TIMBREL_OK);
        run->controls[TIMBREL_CONTROL_SOURCE] = TIMBREL_FROM_ROWS;
        run->controls[TIMBREL_CONTROL_BEAT_LOCK] = 1.0f;
        run->controls[TIMBREL_CONTROL_ROWS_BEATS] = 3.0f;
        for (uint32_t b = 0; b < all; ++b) {
            const double beats = 97.3 / 60.0 * ratio / rate;
            const TimbrelEvent event = {.kind = TIMBREL_EVENT_TRANSPORT,
                                        .is.transport = {.beat = 1.7 + beats * ((double)b - told),
                                                         .beats_per_bar = 4.0f,
                                                         .beats_per_minute = 97.3f,
                                                         .speed = 1.0f}};
            if (b == changed) {
                ask_for_model(run, "codec");
            }
            if (b == reset) {
                timbrel_effect_reset(run->effect);
            }
            play_blocks(run, ratio, ratio, b == told || (k == 1 && b > told) ? &event : NULL);
        }
    }
    for (uint32_t t = 0; t < runs[0]->time; ++t) {
        CHECK(fabsf(runs[0]->out[t] - runs[1]->out[t]) < 1e-3f);
    }
    close_run(runs[0]);
    close_run(runs[1]);
    return 0;
}

int main(int argc, char** argv) {
    if (argc != 3 || !mkdtemp(folder)) {
        return 2;
    }
    torch_program = argv[1];
    fixtures = argv[2];
    const int failed = test_file("rows.npy") || test_file("rows.wav") || test_bad_files() ||
                       test_other_model() || test_keep_and_undo() || test_add() || test_session() ||
                       test_points() || test_blocks() || test_transport() || test_in_vain();
    const char* files[] = {"rows.npy",  "rows.json", "rows.wav",  "noise.npy",  "other.wav",
                           "own.npy",   "own.json",  "first.npy", "first.json", "beat.npy",
                           "beat.json", "huge.npy",  "huge.json"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; ++i) {
        (void)unlink(at(files[i]));
    }
    (void)rmdir(folder);
    return failed;
}
