// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/files/latent_file.h"

#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/timbrel-latents-XXXXXX";

static const char* at(const char* name) {
    static char paths[4][256];
    static size_t next;
    char* path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static const TimbrelOrigin origin = {
    .model = "codec",
    .hash = "0123456789abcdef0123456789abcdef",
    .rate = 44100,
    .ratio = 2048,
    .source = "kick.wav",
    .stamp = "bytes=1",
};

enum { ROWS = 5000, COUNT = 3 };

static int fill(TimbrelLatents* latents) {
    timbrel_latents_init(latents, COUNT, &origin);
    for (size_t r = 0; r < ROWS; ++r) {
        const double row[COUNT] = {(double)r, sin((double)r) / 3, 1e-300 * (double)r};
        CHECK(timbrel_latents_append(latents, row, 1, NULL) == TIMBREL_OK);
    }
    return 0;
}

static bool same_origin(const TimbrelOrigin* a, const TimbrelOrigin* b) {
    return strcmp(a->model, b->model) == 0 && strcmp(a->hash, b->hash) == 0 && a->rate == b->rate &&
           a->ratio == b->ratio && strcmp(a->source, b->source) == 0 &&
           strcmp(a->stamp, b->stamp) == 0;
}

// What is written comes back to the bit, with all that is known of it.
static int test_there_and_back(void) {
    TimbrelLatents latents;
    CHECK(!fill(&latents));
    const struct {
        const char* name;
        TimbrelLatentFormat format;
    } cases[] = {{"a.npy", TIMBREL_LATENT_NPY},
                 {"b.npy", TIMBREL_LATENT_NPY_NARROW},
                 {"c.wav", TIMBREL_LATENT_WAV}};
    for (size_t i = 0; i < 3; ++i) {
        const char* path = at(cases[i].name);
        TimbrelLatents back;
        TimbrelError error = {0};
        CHECK(timbrel_latent_write(&latents, path, cases[i].format, &error) == TIMBREL_OK);
        CHECK(timbrel_latent_read(path, &back, &error) == TIMBREL_OK);
        CHECK(back.rows == ROWS && back.count == COUNT);
        CHECK(same_origin(&back.origin, &origin));
        for (size_t v = 0; v < (size_t)ROWS * COUNT; ++v) {
            const bool narrow = cases[i].format == TIMBREL_LATENT_NPY_NARROW;
            CHECK(back.values[v] ==
                  (narrow ? (double)(float)latents.values[v] : latents.values[v]));
        }
        CHECK(timbrel_latent_is_made(path, cases[i].format, &origin));
        TimbrelOrigin other = origin;
        other.stamp[6] = '2';
        CHECK(!timbrel_latent_is_made(path, cases[i].format, &other));
        CHECK(!timbrel_latent_is_made(path, (TimbrelLatentFormat)((cases[i].format + 1) % 3),
                                      &origin));
        timbrel_latents_free(&back);
    }
    timbrel_latents_free(&latents);
    return 0;
}

// As others see a latent audio file.
static int test_wav(void) {
    SF_INFO info = {0};
    SNDFILE* file = sf_open(at("c.wav"), SFM_READ, &info);
    CHECK(file);
    CHECK(info.samplerate == 21 && info.channels == COUNT && info.frames == ROWS);
    CHECK(info.format == (SF_FORMAT_WAV | SF_FORMAT_DOUBLE));
    (void)sf_close(file);
    return 0;
}

static int test_edges(void) {
    double lead[2 * COUNT] = {1, 2, 3, 4, 5, 1.0 / 3};
    double trail[COUNT] = {-1, -2, -3};
    const TimbrelEdges edges = {lead, trail, 2, 1};
    const double row[COUNT] = {7, 8, 9};
    const char* const names[] = {"edges.npy", "edges.wav"};
    for (size_t i = 0; i < 2; ++i) {
        TimbrelLatentFormat format;
        CHECK(timbrel_latent_format(names[i], &format));
        TimbrelLatentWriter* writer = timbrel_latent_writer_new(COUNT, NULL);
        CHECK(writer);
        CHECK(timbrel_latent_writer_append(writer, lead, 2, NULL) == TIMBREL_OK);
        timbrel_latent_writer_clear(writer);
        CHECK(timbrel_latent_writer_append(writer, row, 1, NULL) == TIMBREL_OK);
        CHECK(timbrel_latent_writer_save(writer, at(names[i]), format, &origin, &edges, NULL) ==
              TIMBREL_OK);
        timbrel_latent_writer_free(writer);
        TimbrelLatents back;
        CHECK(timbrel_latent_read(at(names[i]), &back, NULL) == TIMBREL_OK);
        CHECK(back.rows == 1 && memcmp(back.values, row, sizeof row) == 0);
        CHECK(back.edges.lead_rows == 2 && memcmp(back.edges.lead, lead, sizeof lead) == 0);
        CHECK(back.edges.trail_rows == 1 && memcmp(back.edges.trail, trail, sizeof trail) == 0);
        timbrel_latents_free(&back);
    }
    return 0;
}

static int check_refused(const char* name, const char* word) {
    TimbrelLatents latents;
    TimbrelError error = {0};
    CHECK(timbrel_latent_read(at(name), &latents, &error) != TIMBREL_OK);
    if (!strstr(error.message, word)) {
        (void)fprintf(stderr, "%s: no \"%s\" in: %s\n", name, word, error.message);
    }
    CHECK(strstr(error.message, word));
    return 0;
}

static int write_text(const char* name, const char* text) {
    FILE* file = fopen(at(name), "we");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
    return 0;
}

static int test_refusals(void) {
    TimbrelLatents latents;
    CHECK(!fill(&latents));
    CHECK(timbrel_latent_write(&latents, at("short.npy"), TIMBREL_LATENT_NPY, NULL) == TIMBREL_OK);
    CHECK(truncate(at("short.npy"), 5000) == 0);
    CHECK(!check_refused("short.npy", "cut short"));
    CHECK(!timbrel_latent_is_made(at("short.npy"), TIMBREL_LATENT_NPY, &origin));
    CHECK(timbrel_latent_write(&latents, at("long.npy"), TIMBREL_LATENT_NPY, NULL) == TIMBREL_OK);
    CHECK(truncate(at("long.npy"), 500000) == 0);
    CHECK(!check_refused("long.npy", "too long"));
    CHECK(timbrel_latent_write(&latents, at("short.wav"), TIMBREL_LATENT_WAV, NULL) == TIMBREL_OK);
    CHECK(truncate(at("short.wav"), 5000) == 0);
    CHECK(!check_refused("short.wav", "cut short"));
    latents.values[COUNT * 4321 + 1] = (double)NAN;
    CHECK(timbrel_latent_write(&latents, at("nan.npy"), TIMBREL_LATENT_NPY, NULL) == TIMBREL_OK);
    CHECK(!check_refused("nan.npy", "row 4321, latent 2"));
    CHECK(timbrel_latent_write(&latents, at("nan.wav"), TIMBREL_LATENT_WAV, NULL) == TIMBREL_OK);
    CHECK(!check_refused("nan.wav", "row 4321, latent 2"));
    latents.rows = 0;
    CHECK(timbrel_latent_write(&latents, at("none.npy"), TIMBREL_LATENT_NPY, NULL) == TIMBREL_OK);
    CHECK(!check_refused("none.npy", "no rows"));
    timbrel_latents_free(&latents);

    CHECK(!check_refused("missing.npy", "missing.npy"));
    CHECK(!write_text("text.npy", "latents\n"));
    CHECK(!check_refused("text.npy", "neither"));
    CHECK(!write_text("a.json", "{\"timbrel\": \"latents\", \"rows\": 5000, \"latents\": 4}"));
    CHECK(!check_refused("a.npy", "do not belong together"));
    CHECK(!write_text("a.json", "{\"timbrel\": \"latents\", \"rows\": 5000, \"latents\": 3, "
                                "\"lead\": [[1, 2]]}"));
    CHECK(!check_refused("a.npy", "damaged"));
    CHECK(!write_text("a.json", "{\"timbrel\": \"lat"));
    CHECK(!check_refused("a.npy", "damaged"));

    // Another program's JSON of that name does no harm.
    CHECK(!write_text("a.json", "{\"colour\": \"blue\"}"));
    CHECK(timbrel_latent_read(at("a.npy"), &latents, NULL) == TIMBREL_OK);
    CHECK(latents.origin.hash[0] == '\0');
    timbrel_latents_free(&latents);

    SF_INFO info = {.samplerate = 44100, .channels = 2, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE* sound = sf_open(at("sound.wav"), SFM_WRITE, &info);
    CHECK(sound);
    (void)sf_close(sound);
    CHECK(!check_refused("sound.wav", "is a sound"));
    return 0;
}

// Nothing appears at the place of a file that could not be written.
static int test_failed_write(void) {
    const double row[COUNT] = {0};
    TimbrelLatents latents;
    timbrel_latents_init(&latents, COUNT, &origin);
    CHECK(timbrel_latents_append(&latents, row, 1, NULL) == TIMBREL_OK);
    TimbrelError error = {0};
    CHECK(timbrel_latent_write(&latents, "/nowhere/x.npy", TIMBREL_LATENT_NPY, &error));
    CHECK(strstr(error.message, "/nowhere/x.npy"));
    CHECK(timbrel_latent_write(&latents, folder, TIMBREL_LATENT_NPY, &error));
    CHECK(strstr(error.message, "regular"));
    timbrel_latents_free(&latents);
    return 0;
}

static int run(void) {
    return test_there_and_back() || test_wav() || test_edges() || test_refusals() ||
           test_failed_write();
}

int main(void) {
    CHECK(mkdtemp(folder));
    const int failed = run();
    char command[64];
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) != 0 || failed;
}
