// SPDX-License-Identifier: ISC
#include "command.h"
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
    bool as_json;
} Options;

typedef struct {
    double median; // All in seconds a hop
    double p99;
    double maximum;
    uint64_t resident; // Bytes of the process that runs the model; 0 if unknown
    uint64_t private;  // Of these, not shared with others
} Result;

static error_t parse(int key, char* argument, struct argp_state* state) {
    Options* const options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->model_options;
        return 0;
    case 'n':
        if (!number_parse_whole(argument, 1, 1000000, &options->hops))
            argp_error(state, "--hops=%s is not a whole number from 1 to 1000000", argument);
        return 0;
    case 'j':
        options->as_json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->model)
            argp_error(state, "\"%s\" is one model too many", argument);
        options->model = argument;
        return 0;
    case ARGP_KEY_END:
        if (!options->model)
            argp_error(state, "a model is needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

// White noise at -20 dB: a multiplicative congruential generator (Lehmer, 1951) is enough for it.
static void fill_with_noise(float* audio, size_t count, uint64_t* state) {
    for (size_t i = 0; i < count; ++i) {
        *state = *state * 48271 % 2147483647;
        audio[i] = 0.2f * ((float)*state / 2147483647.0f - 0.5f);
    }
}

static bool play_hop(TimbrelBackend* backend, uint32_t frames) {
    TimbrelCall call = {.batch = 1, .frames = frames, .normal_amount = 1, .uniform_amount = 1};
    TimbrelError error = {0};
    TimbrelStatus status = TIMBREL_OK;
    if (backend->info.play_mode == TIMBREL_PLAY_FORWARD) {
        call.step = TIMBREL_STEP_FORWARD;
        status = backend->ops->call(backend, &call, &error);
    } else {
        call.step = TIMBREL_STEP_ENCODE;
        status = backend->ops->call(backend, &call, &error);
        call.step = TIMBREL_STEP_DECODE;
        if (status == TIMBREL_OK)
            status = backend->ops->call(backend, &call, &error);
    }
    if (status != TIMBREL_OK)
        message("%s", error.message);
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
    FILE* const file = fopen(path, "re");
    char line[256];
    while (file && fgets(line, sizeof line, file)) {
        unsigned long long size = 0;
        if (sscanf(line, "Rss: %llu", &size) == 1)
            result->resident = 1024 * size;
        else if (sscanf(line, "Private_Clean: %llu", &size) == 1 ||
                 sscanf(line, "Private_Dirty: %llu", &size) == 1)
            result->private += 1024 * size;
    }
    if (file)
        (void)fclose(file);
}

static bool measure(TimbrelModel* model, uint64_t hops, Result* result) {
    const TimbrelModelSummary* const summary = timbrel_model_summary(model);
    TimbrelBackend* const backend = timbrel_model_backend(model);
    const uint32_t frames = summary->window / summary->info.ratio;
    const size_t samples = (size_t)summary->info.in_channels * summary->window;
    double* const times = calloc(hops, sizeof *times);
    if (!times) {
        message("Memory ran out; close other programs.");
        return false;
    }
    uint64_t noise = 1;
    Progress progress;
    progress_start(&progress, hops * summary->hop, summary->rate);
    bool good = true;
    for (uint64_t i = 0; good && i < hops; ++i) {
        fill_with_noise(backend->audio_in, samples, &noise);
        struct timespec start;
        (void)clock_gettime(CLOCK_MONOTONIC, &start);
        good = play_hop(backend, frames);
        times[i] = progress_seconds(&start);
        progress_update(&progress, (i + 1) * summary->hop);
    }
    progress_end(&progress);
    if (good) {
        qsort(times, hops, sizeof *times, compare_times);
        result->median = times[hops / 2];
        result->p99 = times[(hops * 99 + 99) / 100 - 1]; // Nearest rank
        result->maximum = times[hops - 1];
        read_memory(result, backend->pid);
    }
    free(times);
    return good;
}

static int print_result(const TimbrelModelSummary* summary, const Options* options,
                        const Result* result) {
    const double hop_seconds = summary->hop / summary->rate;
    if (options->as_json)
        return json_print(
            json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                      "name", json_text(summary->name), "backend", summary->backend, "rate",
                      json_number(summary->rate), "hop", json_count(summary->hop), "hops",
                      json_count(options->hops), "hop_seconds", json_number(hop_seconds),
                      "median_seconds", json_number(result->median), "p99_seconds",
                      json_number(result->p99), "maximum_seconds", json_number(result->maximum),
                      "real_time_factor", json_number(hop_seconds / result->median),
                      "first_seconds", json_number(summary->first_seconds), "load_seconds",
                      json_number(summary->load_seconds), "resident_bytes",
                      json_count(result->resident), "private_bytes", json_count(result->private)));
    print_safely(stdout, summary->name);
    (void)printf(" (%s), %u samples at %g Hz a hop: %.2f ms\n", summary->backend, summary->hop,
                 summary->rate, 1e3 * hop_seconds);
    (void)printf("  Hop, median       %9.3f ms of %u hops\n", 1e3 * result->median,
                 (unsigned)options->hops);
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

int bench_run(int argc, char** argv) {
    static const struct argp_option described[] = {
        {.name = "hops", .key = 'n', .arg = "N", .doc = "Measure N hops (default 200)"},
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
    Options options = {.hops = 200};
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return EXIT_USAGE;
    char* path = NULL;
    TimbrelModel* const model = opening_open(options.model, &options.model_options, &path);
    if (!model)
        return EXIT_FAILED;
    Result result = {0};
    int status = EXIT_FAILED;
    if (measure(model, options.hops, &result))
        status = print_result(timbrel_model_summary(model), &options, &result);
    timbrel_model_close(model);
    free(path);
    return status;
}
