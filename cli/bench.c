// SPDX-License-Identifier: ISC
#include "bench.h"

#include "bench_encode.h"
#include "command.h"
#include "engine/base/denormal.h"
#include "engine/files/description.h"
#include "engine/model/probe.h"
#include "engine/model/search.h"
#include "json.h"
#include "message.h"
#include "number.h"
#include "opening.h"
#include "progress.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char* model;
    ModelOptions model_options;
    uint64_t hops;
    uint64_t lanes;
    bool against_torch;
    bool instances;
    bool sources;
    bool as_json;
    Collection sounds; // Files to encode, instead of hops to play
} Options;

typedef struct {
    double median; // All in seconds a hop
    double p99;
    double maximum;
    uint64_t resident; // Bytes of the process that runs the model; 0 if unknown
    uint64_t private;  // Bytes of these that are not shared with others
} Result;

static error_t parse(int key, char* argument, struct argp_state* state) {
    Options* options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->model_options;
        return 0;
    case 'n':
        if (!number_parse_whole(argument, 1, 1000000, &options->hops)) {
            argp_error(state, "--hops=%s is not a whole number from 1 to 1000000", argument);
        }
        return 0;
    case 'l':
        if (!number_parse_whole(argument, 1, TIMBREL_MAX_LANES, &options->lanes)) {
            argp_error(state, "--lanes=%s is not a whole number from 1 to %u", argument,
                       TIMBREL_MAX_LANES);
        }
        options->model_options.lanes = (uint32_t)options->lanes;
        return 0;
    case 'j':
        options->as_json = true;
        return 0;
    case 'a':
        if (strcmp(argument, timbrel_backend_name(TIMBREL_BACKEND_TORCH)) != 0) {
            argp_error(state, "--against=%s is not \"torch\"", argument);
        }
        options->against_torch = true;
        return 0;
    case 'i':
        options->instances = true;
        return 0;
    case 's':
        options->sources = true;
        return 0;
    case 'e':
        if (!collection_add(&options->sounds, argument, collection_sounds)) {
            exit(EXIT_FAILED);
        }
        return 0;
    case ARGP_KEY_END:
        if (options->lanes > 1 && (options->instances || options->sounds.count > 0)) {
            argp_error(state, "--lanes goes with neither --instances nor --encode");
        }
        return opening_parse_model(key, argument, state, &options->model);
    default:
        return opening_parse_model(key, argument, state, &options->model);
    }
}

// White noise at -20 dB: a multiplicative congruential generator (Lehmer, 1951) is enough for it.
void bench_fill(TimbrelModel* model, uint32_t lanes, uint64_t* noise) {
    const TimbrelModelSummary* summary = timbrel_model_summary(model);
    float* audio = timbrel_model_backend(model)->audio_in;
    const size_t count = (size_t)lanes * summary->info.in_channels * summary->window;
    for (size_t i = 0; i < count; ++i) {
        *noise = *noise * 48271 % 2147483647;
        audio[i] = 0.2f * ((float)*noise / 2147483647.0f - 0.5f);
    }
}

bool bench_play(TimbrelModel* model, uint32_t lanes) {
    const TimbrelModelSummary* summary = timbrel_model_summary(model);
    TimbrelBackend* backend = timbrel_model_backend(model);
    const TimbrelAmounts amounts = {1.0f, 1.0f};
    const TimbrelCall call = {.lanes = timbrel_lanes_first(lanes),
                              .frames = summary->window / summary->info.ratio,
                              .amounts = &amounts};
    TimbrelError error = {0};
    const TimbrelStatus status = timbrel_probe_play(backend, &call, &error);
    if (status != TIMBREL_OK) {
        message("%s", error.message);
    }
    return status == TIMBREL_OK;
}

static int compare_times(const void* a, const void* b) {
    const double first = *(const double*)a;
    const double second = *(const double*)b;
    return (first > second) - (first < second);
}

// proc_pid_smaps_rollup(5); sizes there are in KiB.
static void read_memory(Result* result, pid_t pid) {
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid > 0 ? (int)pid : (int)getpid());
    FILE* file = fopen(path, "re");
    char line[256];
    while (file && fgets(line, sizeof line, file)) {
        unsigned long long size = 0;
        if (sscanf(line, "Rss: %llu", &size) == 1) {
            result->resident = 1024 * size;
        } else if (sscanf(line, "Private_Clean: %llu", &size) == 1 ||
                   sscanf(line, "Private_Dirty: %llu", &size) == 1) {
            result->private += 1024 * size;
        }
    }
    if (file) {
        (void)fclose(file);
    }
}

static void sum_up(double* times, uint64_t hops, const TimbrelModel* model, Result* result) {
    qsort(times, hops, sizeof *times, compare_times);
    result->median = times[hops / 2];
    result->p99 = times[(hops * 99 + 99) / 100 - 1]; // Nearest rank
    result->maximum = times[hops - 1];
    read_memory(result, timbrel_model_backend((TimbrelModel*)model)->pid);
}

// Hop by hop in turn: what else the machine does hits all models alike.
static bool measure(TimbrelModel* const* models, uint32_t count, const Options* options,
                    Result* results) {
    const uint64_t hops = options->hops;
    const uint32_t lanes = (uint32_t)options->lanes;
    const TimbrelModelSummary* summary = timbrel_model_summary(models[0]);
    double* times = calloc(hops * count, sizeof *times);
    if (!times) {
        message_no_memory();
        return false;
    }
    uint64_t noise = 1;
    Progress progress;
    progress_start(&progress, hops * summary->hop, summary->rate);
    (void)timbrel_denormals_off();
    bool good = true;
    for (uint64_t i = 0; good && i < hops; ++i) {
        for (uint32_t m = 0; good && m < count; ++m) {
            bench_fill(models[m], lanes, &noise);
            struct timespec start;
            (void)clock_gettime(CLOCK_MONOTONIC, &start);
            good = bench_play(models[m], lanes);
            times[m * hops + i] = progress_seconds(&start);
        }
        progress_update(&progress, (i + 1) * summary->hop);
    }
    progress_end(&progress);
    for (uint32_t m = 0; good && m < count; ++m) {
        sum_up(times + m * hops, hops, models[m], &results[m]);
    }
    free(times);
    return good;
}

static int print_result(const TimbrelModelSummary* summary, const Options* options,
                        const Result* result) {
    const double hop_seconds = summary->hop / summary->rate;
    if (options->as_json) {
        return json_print(json_pack(
            "{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
            timbrel_json_text(summary->name), "backend", timbrel_backend_name(summary->backend),
            "lanes", json_count(options->lanes), "rate", json_number(summary->rate), "hop",
            json_count(summary->hop), "hops", json_count(options->hops), "hop_seconds",
            json_number(hop_seconds), "median_seconds", json_number(result->median), "p99_seconds",
            json_number(result->p99), "maximum_seconds", json_number(result->maximum),
            "real_time_factor", json_number(hop_seconds / result->median), "first_seconds",
            json_number(summary->first_seconds), "load_seconds", json_number(summary->load_seconds),
            "resident_bytes", json_count(result->resident), "private_bytes",
            json_count(result->private)));
    }
    print_safely(stdout, summary->name);
    (void)printf(" (%s), %u samples at %g Hz a hop: %.2f ms\n",
                 timbrel_backend_name(summary->backend), summary->hop, summary->rate,
                 1e3 * hop_seconds);
    (void)printf("  Hop, median       %9.3f ms of %u hops\n", 1e3 * result->median,
                 (unsigned)options->hops);
    if (options->lanes > 1) {
        (void)printf("  of it, a lane's   %9.3f ms of %u lanes\n",
                     1e3 * result->median / (double)options->lanes, (unsigned)options->lanes);
    }
    (void)printf("  Hop, 99 of 100    %9.3f ms\n", 1e3 * result->p99);
    (void)printf("  Hop, longest      %9.3f ms\n", 1e3 * result->maximum);
    (void)printf("  Speed             %9.2f times real time (%.1f %% load)\n",
                 hop_seconds / result->median, 100 * result->median / hop_seconds);
    (void)printf("  First hop         %9.3f ms\n", 1e3 * summary->first_seconds);
    (void)printf("  Loading           %9.3f ms\n", 1e3 * summary->load_seconds);
    (void)printf("  Memory            %9.1f MiB, of which %.1f MiB its own\n",
                 (double)result->resident / 1048576, (double)result->private / 1048576);
    return fflush(stdout) == 0 ? 0 : EXIT_FAILED;
}

static int print_ratio(TimbrelModel* const* models, const Result* results, bool as_json) {
    const TimbrelModelSummary* one = timbrel_model_summary(models[0]);
    const TimbrelModelSummary* other = timbrel_model_summary(models[1]);
    // Time for each sample: the hops may differ.
    const double times = (results[1].median / other->hop) / (results[0].median / one->hop);
    if (as_json) {
        return json_print(json_pack(
            "{s:o, s:s, s:s, s:o, s:o, s:o, s:o}", "name", timbrel_json_text(one->name), "backend",
            timbrel_backend_name(one->backend), "against", timbrel_backend_name(other->backend),
            "median_seconds", json_number(results[0].median), "against_median_seconds",
            json_number(results[1].median), "first_seconds", json_number(one->first_seconds),
            "times_faster", json_number(times)));
    }
    (void)printf("%-24s %8.3f ms %s, %8.3f ms %s (first %.3f and %.3f): %.2f times faster\n",
                 one->name, 1e3 * results[0].median, timbrel_backend_name(one->backend),
                 1e3 * results[1].median, timbrel_backend_name(other->backend),
                 1e3 * one->first_seconds, 1e3 * other->first_seconds, times);
    return fflush(stdout) == 0 ? 0 : EXIT_FAILED;
}

static int run_instances(const char* path, const ModelOptions* options) {
    enum { most = 64 };
    static const double seconds = 3.0;
    Places places;
    if (!places_find(&places, true)) {
        return EXIT_FAILED;
    }
    const TimbrelModelConfig config = opening_config(&places, options);
    const int count = bench_instances(path, &config, most, seconds);
    places_free(&places);
    if (count < 0) {
        return EXIT_FAILED;
    }
    (void)printf("%d instances play at once, each for %g s without a late hop.\n", count, seconds);
    return fflush(stdout) == 0 ? 0 : EXIT_FAILED;
}

static bool lanes_played(TimbrelModel* const* models, uint32_t count, const Options* options) {
    for (uint32_t m = 0; m < count; ++m) {
        const TimbrelModelSummary* summary = timbrel_model_summary(models[m]);
        if (summary->lanes < options->lanes) {
            message("\"%s\" plays no more than %u %s at once (%s): give --lanes=%u.", summary->name,
                    summary->lanes, summary->lanes == 1 ? "lane" : "lanes",
                    timbrel_backend_name(summary->backend), summary->lanes);
            return false;
        }
    }
    return true;
}

int bench_run(int argc, char** argv) {
    static const struct argp_option described[] = {
        {.name = "hops", .key = 'n', .arg = "N", .doc = "Measure N hops (default 200)"},
        {.name = "lanes",
         .key = 'l',
         .arg = "N",
         .doc = "Play N sounds (1 to 8) through the model at once, each with a state of its own"},
        {.name = "against",
         .key = 'a',
         .arg = "torch",
         .doc =
             "Measure libtorch in the same run, and print how many times faster this back end is"},
        {.name = "instances",
         .key = 'i',
         .doc = "Find how many instances play at once in real time without a late hop"},
        {.name = "sources",
         .key = 's',
         .doc = "Measure a hop from each source of latents; rows and map need no encode"},
        {.name = "encode",
         .key = 'e',
         .arg = "AUDIO",
         .doc = "Measure instead how fast a sound, or a folder of them, is encoded on all cores"},
        {.name = "json", .key = 'j', .doc = "Print JSON, times in seconds"},
        {0},
    };
    static const struct argp_child children[] = {{.argp = &model_options_argp}, {0}};
    static const struct argp argp = {
        .options = described,
        .parser = parse,
        .args_doc = "MODEL",
        .doc = "Play noise through MODEL, a file or an installed name, hop by hop, and tell how "
               "long a "
               "hop takes: encode and decode, in one thread.",
        .children = children,
    };
    Options options = {.hops = 200, .lanes = 1};
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0) {
        return EXIT_USAGE;
    }
    if (options.sounds.count > 0) {
        const int encoded =
            bench_encode(options.model, &options.model_options, &options.sounds, options.as_json);
        collection_free(&options.sounds);
        return encoded;
    }
    char* path = NULL;
    TimbrelModel* models[2] = {opening_open(options.model, &options.model_options, &path), NULL};
    uint32_t count = models[0] ? 1 : 0;
    if (count == 1 && options.against_torch) {
        char* again = NULL;
        ModelOptions torch = options.model_options;
        torch.backend = TIMBREL_BACKEND_TORCH;
        torch.min_hop =
            timbrel_model_summary(models[0])->hop; // not a longer one that suits it better
        models[1] = opening_open(path, &torch, &again);
        count = models[1] ? 2 : 0;
        free(again);
    }
    Result results[2] = {0};
    int status = EXIT_FAILED;
    if (count > 0 && options.instances) {
        status = run_instances(path, &options.model_options);
    } else if (count > 0 && options.sources) {
        status = bench_sources(models[0], options.hops, options.as_json);
    } else if (count > 0 && lanes_played(models, count, &options) &&
               measure(models, count, &options, results)) {
        status = count == 2 ? print_ratio(models, results, options.as_json)
                            : print_result(timbrel_model_summary(models[0]), &options, results);
    }
    for (uint32_t m = 0; m < 2; ++m) {
        timbrel_model_close(models[m]);
    }
    free(path);
    return status;
}
