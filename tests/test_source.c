// SPDX-License-Identifier: ISC
/// Rows that were exported from a sound are heard where the sound was: with real models, whose
/// encode and decode are late, as a source that begins at a note, with and without sound coming in.
/// Usage: test_source TIMBREL-TORCH MODEL...

#include "check.h"
#include "engine/codec/alignment.h"
#include "engine/codec/encoder.h"
#include "engine/stream/stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { length = 160 * 1024, block = 256, most_rows = length / 64 };

static void changed(void* handle) {
    (void)handle;
}

static TimbrelModel* open_model(const char* torch, const char* path, uint32_t min_hop) {
    TimbrelError error = {0};
    const TimbrelModelConfig config = {.torch_program = torch, .min_hop = min_hop, .seed = 1};
    TimbrelModel* model = timbrel_model_open(path, &config, NULL, &error);
    if (!model) {
        (void)fprintf(stderr, "%s\n", error.message);
    }
    return model;
}

static TimbrelStream* open_stream(TimbrelModel* model, bool no_input) {
    const TimbrelStreamConfig config = {.rate = timbrel_model_summary(model)->rate,
                                        .no_input = no_input,
                                        .channels = 1,
                                        .changed = changed};
    return timbrel_stream_new(model, &config, NULL);
}

/// No two frames of it are alike.
static void fill_sound(float* sound) {
    uint32_t seed = 1;
    for (uint32_t t = 0; t < length; ++t) {
        seed = seed * 1664525u + 1013904223u;
        const double swell = 0.5 + 0.5 * sin(2e-4 * t * (1.0 + 1e-6 * t));
        sound[t] = (float)(swell * (0.3 * sin(0.02 * t + 1e-7 * t * t) +
                                    0.1 * (int32_t)seed / 2147483648.0));
    }
}

/// A table of rows, as `encode` writes them: row i is of the samples from i * ratio on.
typedef struct {
    TimbrelSource source;
    const float* rows; ///< [row][latent]
    uint32_t count;
    uint32_t first; ///< Row that a note plays, and from which it goes on
    int64_t begun;  ///< Frame of the note, or -1
} Table;

static void reset_table(TimbrelSource* source) {
    ((Table*)source)->begun = -1;
}

static void fill_table(TimbrelSource* source, const TimbrelLatentBlock* b) {
    Table* table = (Table*)source;
    const TimbrelLatentEvent* event = b->events;
    for (uint32_t g = 0; g < b->frames; ++g) {
        for (; event < b->events + b->event_count && event->frame <= b->first + g; ++event) {
            table->begun = (int64_t)event->frame;
        }
        const int64_t row = table->first + (int64_t)(b->first + g) - table->begun;
        const bool plays = table->begun >= 0 && row < (int64_t)table->count;
        for (uint32_t i = 0; i < b->latents; ++i) {
            b->values[i * b->frames + g] = plays ? table->rows[row * b->latents + i] : 0.0f;
        }
    }
}

static void free_table(TimbrelSource* source) {
    free(source);
}

static TimbrelNeed need_encoder(TimbrelSource* source, const TimbrelLatentControls* controls,
                                uint32_t frames) {
    (void)source;
    (void)controls;
    (void)frames;
    return TIMBREL_NEED_ENCODER;
}

static TimbrelNeed need_nothing(TimbrelSource* source, const TimbrelLatentControls* controls,
                                uint32_t frames) {
    (void)source;
    (void)controls;
    (void)frames;
    return TIMBREL_NEED_NOTHING;
}

static Table* new_table(const float* rows, uint32_t count, uint32_t first, bool needs_encoder) {
    Table* table = calloc(1, sizeof *table);
    if (!table) {
        abort();
    }
    *table = (Table){.source = {"table", needs_encoder ? need_encoder : need_nothing, reset_table,
                                fill_table, free_table},
                     .rows = rows,
                     .count = count,
                     .first = first};
    return table;
}

/// Returns how many rows `sound` has.
static uint32_t export_rows(TimbrelModel* model, const float* sound, float* rows) {
    const TimbrelModelInfo* info = &timbrel_model_summary(model)->info;
    const uint32_t lead = timbrel_alignment(timbrel_model_summary(model)).lead;
    TimbrelBackend* backend = timbrel_model_backend(model);
    TimbrelEncoder encoder;
    if (!timbrel_encoder_init(&encoder, model, 1, 0)) {
        abort();
    }
    const TimbrelCall call = {
        .step = TIMBREL_STEP_ENCODE, .lanes = 1, .frames = encoder.framing.frames};
    uint32_t raw = 0;
    for (uint32_t t = 0; t < length; timbrel_encoder_advance(&encoder)) {
        const uint32_t missing = timbrel_encoder_missing(&encoder);
        const uint32_t count = missing < length - t ? missing : length - t;
        memcpy(timbrel_encoder_end(&encoder, 0), sound + t, count * sizeof(float));
        timbrel_encoder_put(&encoder, count);
        timbrel_encoder_pad(&encoder);
        t += count;
        timbrel_encoder_fill(&encoder, 1);
        if (backend->ops->call(backend, &call, NULL)) {
            abort();
        }
        for (uint32_t g = 0; g < encoder.framing.frames; ++g, ++raw) {
            for (uint32_t i = 0; raw >= lead && i < info->latents; ++i) {
                rows[(raw - lead) * info->latents + i] =
                    backend->latents[(size_t)i * encoder.framing.frames + g];
            }
        }
    }
    timbrel_encoder_free(&encoder);
    if (backend->ops->reset(backend, TIMBREL_ALL_LANES, NULL)) {
        abort();
    }
    return raw - lead;
}

/// out[t] is what is heard `latency.total` after time t, that is, at its own time.
static TimbrelLatency play(TimbrelStream* s, const float* sound, int64_t note, float* out) {
    float values[TIMBREL_CONTROL_COUNT];
    TimbrelLatentControls controls;
    timbrel_controls_default(values);
    timbrel_latent_controls(&controls, values);
    controls.randomness = controls.noise = 0.0f;
    TimbrelLatency latency;
    timbrel_stream_latency(s, TIMBREL_TIMING_SAFE, block, false, &latency);
    const int64_t start = timbrel_stream_start(&latency);
    memset(out, 0, length * sizeof(float));
    for (int64_t t = 0; t < length; t += block) {
        const float* const from[1] = {sound + t};
        const TimbrelEvent event = {.kind = TIMBREL_EVENT_MIDI,
                                    .time = note > t ? (uint32_t)(note - t) : 0};
        const TimbrelStreamInput input = {.in = from,
                                          .frames = block,
                                          .controls = &controls,
                                          .events = &event,
                                          .event_count = note >= t && note < t + block ? 1 : 0};
        timbrel_stream_write(s, &input, true);
        float samples[block];
        float* const to[1] = {samples};
        (void)timbrel_stream_read(s, t - start, to, block, true);
        for (int64_t i = 0; i < block; ++i) {
            if (t + i >= latency.total) {
                out[t + i - latency.total] = samples[i];
            }
        }
    }
    return latency;
}

/// Energy of the difference from sample `from` up to before `to`, as a share of a's.
static double difference(const float* a, const float* b, uint32_t from, uint32_t to) {
    double energy = 1e-30;
    double error = 0.0;
    for (uint32_t t = from; t < to; ++t) {
        const double d = (double)a[t] - (double)b[t];
        energy += (double)a[t] * (double)a[t];
        error += d * d;
    }
    return error / energy;
}

static int test_rows(const char* torch, const char* path) {
    static float sound[length];
    static float as_sound[length];
    static float as_rows[length];
    static float rows[most_rows * TIMBREL_MAX_LATENTS];
    fill_sound(sound);
    TimbrelModel* model = open_model(torch, path, 2048);
    CHECK(model != NULL);
    const TimbrelModelSummary summary = *timbrel_model_summary(model);
    const uint32_t ratio = summary.info.ratio;
    const uint32_t count = export_rows(model, sound, rows);
    CHECK(summary.delay > 0.0 && summary.encode_delay <= summary.delay);
    TimbrelModel* shorter = open_model(torch, path, 1);
    CHECK(shorter != NULL && timbrel_model_summary(shorter)->hop <= summary.hop);
    CHECK(fabs(timbrel_model_summary(shorter)->encode_delay - summary.encode_delay) < 0.1);
    timbrel_model_close(shorter);

    TimbrelStream* s = open_stream(model, false);
    CHECK(s != NULL);
    const TimbrelLatency heard = play(s, sound, -1, as_sound);
    const uint32_t first = 30 * 2048 / ratio + 1;
    // What decode still remembers of the frames before; and what was heard by the end.
    const uint32_t settled = first * ratio + 2 * (uint32_t)summary.delay + 8 * ratio;
    const uint32_t end = length - heard.total;
    CHECK(settled + 4 * ratio < end);
    // This fixture's decode bends the sound that its encode has heard; a RAVE plays latents alone.
    const bool alone = strncmp(summary.name, "codec", 5) != 0;
    timbrel_stream_set_source(s, &new_table(rows, count, first, !alone)->source);
    for (uint32_t late = 0; late < ratio; late += ratio / 2) { // Within the frame
        CHECK(timbrel_stream_reset(s, NULL) == TIMBREL_OK);
        (void)play(s, sound, (int64_t)first * ratio + late, as_rows);
        const double before = difference(as_sound, as_rows, 0, first * ratio);
        const double after = difference(as_sound, as_rows, settled, end);
        (void)fprintf(stderr, "%s: delay %.0f, of encode %.0f: %.2g before, %.2g after\n",
                      summary.name, summary.delay, summary.encode_delay, before, after);
        CHECK(before > 0.01);
        CHECK(after == 0.0);
    }
    CHECK(timbrel_stream_reset(s, NULL) == TIMBREL_OK);
    (void)play(s, sound, (int64_t)first * ratio - 1, as_rows); // A frame too early
    CHECK(difference(as_sound, as_rows, settled, end) > 1e-3);
    timbrel_stream_free(s);
    if (!alone) {
        return 0;
    }

    // With no sound coming in: earlier by what encode takes, and still on its time.
    model = open_model(torch, path, 2048);
    s = model ? open_stream(model, true) : NULL;
    CHECK(s != NULL);
    timbrel_stream_set_source(s, &new_table(rows, count, first, false)->source);
    const TimbrelLatency unheard = play(s, sound, (int64_t)first * ratio, as_rows);
    const uint32_t lead = timbrel_alignment(&summary).lead;
    CHECK(heard.total - unheard.total == lead * ratio);
    const double after = difference(as_sound, as_rows, settled, end);
    (void)fprintf(stderr, "without input: latency %u, not %u: %.2g after\n", unheard.total,
                  heard.total, after);
    CHECK(after < 1e-6);
    timbrel_stream_free(s);
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc > 2);
    for (int i = 2; i < argc; ++i) {
        CHECK(test_rows(argv[1], argv[i]) == 0);
    }
    return 0;
}
