// SPDX-License-Identifier: ISC
#include "bench.h"

#include "command.h"
#include "engine/base/denormal.h"
#include "engine/latents/sources.h"
#include "engine/stream/player.h"
#include "json.h"
#include "message.h"
#include "progress.h"

#include <stdlib.h>
#include <string.h>

enum { rounds = 10 };

static const double settling_seconds = 0.3; // Sources fade into one another: longer than that

/// What is set for each measurement.
typedef struct {
    const char* name;
    TimbrelSourceId source;
    float blend;
    TimbrelMapRest rest;
} Case;

static const Case cases[] = {
    {"sound", TIMBREL_FROM_SOUND, 1.0f, TIMBREL_REST_MEAN},
    {"rows", TIMBREL_FROM_ROWS, 1.0f, TIMBREL_REST_MEAN},
    {"rows, half", TIMBREL_FROM_ROWS, 0.5f, TIMBREL_REST_MEAN},
    {"map", TIMBREL_FROM_MAP, 1.0f, TIMBREL_REST_MEAN},
    {"map, the rest from the sound", TIMBREL_FROM_MAP, 1.0f, TIMBREL_REST_SOUND},
    {"points", TIMBREL_FROM_POINTS, 1.0f, TIMBREL_REST_MEAN},
};

enum { case_count = sizeof cases / sizeof cases[0] };

typedef struct {
    TimbrelModel* model;
    TimbrelPlayer player;
    TimbrelLatentControls* controls; ///< Of a window
    uint64_t hop;
    uint64_t noise;
} Bench;

/// A table of `rows` rows as latents lie: about of deviation 1.
static TimbrelMaterial* make_material(const TimbrelModelInfo* info, uint32_t rows) {
    TimbrelMaterial* material = timbrel_material_new(info->latents);
    TimbrelTable* table = material ? timbrel_table_new(rows, info->latents) : NULL;
    if (!table) {
        timbrel_material_free(material);
        return NULL;
    }
    uint64_t noise = 1;
    for (size_t i = 0; i < (size_t)rows * info->latents; ++i) {
        noise = noise * 48271 % 2147483647;
        table->values[i] = 3.4f * ((float)noise / 2147483647.0f - 0.5f);
    }
    timbrel_table_finish(table);
    material->table = table;
    material->serial = 1;
    return material;
}

static bool open_bench(Bench* b, TimbrelModel* model) {
    const TimbrelModelSummary* summary = timbrel_model_summary(model);
    const TimbrelSourcesConfig nobody = {0};
    *b = (Bench){.model = model, .noise = 1};
    if (!timbrel_player_init(&b->player, model, 1, 1, 0)) {
        return false;
    }
    TimbrelSource* sources =
        timbrel_sources_new(&summary->info, summary->rate / summary->info.ratio, &nobody);
    TimbrelMaterial* material = make_material(&summary->info, 4096);
    b->controls = calloc(b->player.framing.frames, sizeof *b->controls);
    if (sources) {
        timbrel_player_exchange(&b->player, sources);
    }
    if (!sources || !material || !b->controls) {
        timbrel_material_free(material);
        return false;
    }
    timbrel_sources_give(sources, material);
    return true;
}

static void close_bench(Bench* b) {
    if (b->player.source) {
        b->player.source->free(b->player.source);
    }
    timbrel_player_free(&b->player);
    free(b->controls);
}

/// Choose the source of all frames from here on.
static void set_case(Bench* b, const Case* chosen) {
    float values[TIMBREL_CONTROL_COUNT];
    timbrel_controls_default(values);
    TimbrelLatentControls controls;
    timbrel_latent_controls(&controls, values);
    controls.from.source = chosen->source;
    controls.from.blend = chosen->blend;
    controls.from.map.rest = chosen->rest;
    for (uint32_t g = 0; g < b->player.framing.frames; ++g) {
        b->controls[g] = controls;
    }
}

/// One hop of quiet noise. Returns its seconds, or less than 0 on failure, which is told.
static double play_hop(Bench* b) {
    TimbrelEncoder* encoder = &b->player.encoder;
    const uint32_t missing = timbrel_encoder_missing(encoder);
    float* end = timbrel_encoder_end(encoder, 0);
    for (uint32_t i = 0; i < missing; ++i) {
        b->noise = b->noise * 48271 % 2147483647;
        end[i] = 0.2f * ((float)b->noise / 2147483647.0f - 0.5f);
    }
    timbrel_encoder_put(encoder, missing);
    const TimbrelPlayerHop hop = {.number = b->hop++, .controls = b->controls};
    TimbrelError error = {0};
    bool finite = false;
    struct timespec start;
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    const TimbrelStatus status = timbrel_player_play(&b->player, &hop, &finite, &error);
    const double seconds = progress_seconds(&start);
    timbrel_player_advance(&b->player);
    if (status) {
        message("%s", error.message);
    }
    return status ? -1.0 : seconds;
}

static int compare_times(const void* a, const void* b) {
    const double first = *(const double*)a;
    const double second = *(const double*)b;
    return (first > second) - (first < second);
}

/// In turn, round by round: what else the machine does hits all alike. times[case][hop].
static bool measure(Bench* b, uint64_t hops, double* times) {
    const TimbrelFraming* framing = &b->player.framing;
    const double hop_seconds = framing->advance / b->player.frame_rate;
    const uint64_t settling = (uint64_t)(settling_seconds / hop_seconds) + 1;
    const uint64_t share = (hops + rounds - 1) / rounds;
    for (uint64_t r = 0; r < rounds; ++r) {
        for (size_t c = 0; c < case_count; ++c) {
            set_case(b, &cases[c]);
            for (uint64_t k = 0; k < settling + share; ++k) {
                const double seconds = play_hop(b);
                if (seconds < 0.0) {
                    return false;
                }
                if (k >= settling) {
                    times[c * share * rounds + r * share + k - settling] = seconds;
                }
            }
        }
    }
    for (size_t c = 0; c < case_count; ++c) {
        qsort(times + c * share * rounds, share * rounds, sizeof *times, compare_times);
    }
    return true;
}

static int print(const Bench* b, uint64_t hops, const double* times, bool as_json) {
    const uint64_t count = (hops + rounds - 1) / rounds * rounds;
    const double sound = times[count / 2];
    json_t* json = as_json ? json_object() : NULL;
    if (!as_json) {
        print_safely(stdout, timbrel_model_summary(b->model)->name);
        (void)printf(": median of a hop of %u samples, by source\n", b->player.framing.hop);
    }
    for (size_t c = 0; c < case_count; ++c) {
        const double median = times[c * count + count / 2];
        if (as_json) {
            json_object_set_new(json, cases[c].name, json_number(median));
        } else {
            (void)printf("  %-30s %8.3f ms  %5.1f %%\n", cases[c].name, 1e3 * median,
                         100.0 * median / sound);
        }
    }
    return as_json ? json_print(json) : fflush(stdout) == 0 ? 0 : EXIT_FAILED;
}

int bench_sources(TimbrelModel* model, uint64_t hops, bool as_json) {
    if (timbrel_model_summary(model)->info.play_mode != TIMBREL_PLAY_ENCODE_DECODE) {
        message("\"%s\" has no latents between encode and decode for a source to play.",
                timbrel_model_summary(model)->name);
        return EXIT_FAILED;
    }
    const uint64_t count = (hops + rounds - 1) / rounds * rounds;
    double* times = calloc(case_count * count, sizeof *times);
    Bench bench = {0};
    int status = EXIT_FAILED;
    (void)timbrel_denormals_off();
    if (!times || !open_bench(&bench, model)) {
        message_no_memory();
    } else if (measure(&bench, hops, times)) {
        status = print(&bench, hops, times, as_json);
    }
    close_bench(&bench);
    free(times);
    return status;
}
