// SPDX-License-Identifier: ISC
#include "info.h"

#include "command.h"
#include "engine/stream/stream.h"
#include "message.h"
#include "number.h"
#include "opening.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char* model;
    ModelOptions model_options;
    InfoQuery query;
    bool as_json;
} Options;

enum { OPTION_RATE = 0x200, OPTION_BLOCK, OPTION_TIMING, OPTION_DUAL, OPTION_MEASURE };

static const char* const timings[] = {"tight", "safe", "full"};
enum { TIMINGS = sizeof timings / sizeof *timings };

static bool parse_timing(const char* text, TimbrelTiming* timing) {
    for (size_t i = 0; i < TIMINGS; ++i) {
        if (strcmp(text, timings[i]) == 0) {
            *timing = (TimbrelTiming)i;
            return true;
        }
    }
    return false;
}

static error_t parse(int key, char* argument, struct argp_state* state) {
    Options* options = state->input;
    uint64_t number = 0;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->model_options;
        return 0;
    case OPTION_RATE:
        if (!number_parse_whole(argument, 1000, 768000, &number)) {
            argp_error(state, "--rate=%s is not a whole number from 1000 to 768000", argument);
        }
        options->query.rate = (double)number;
        return 0;
    case OPTION_BLOCK:
        if (!number_parse_whole(argument, 1, TIMBREL_MAX_BLOCK, &number)) {
            argp_error(state, "--block=%s is not a whole number from 1 to %d", argument,
                       TIMBREL_MAX_BLOCK);
        }
        options->query.block = (uint32_t)number;
        return 0;
    case OPTION_TIMING:
        if (!parse_timing(argument, &options->query.timing)) {
            argp_error(state, "--timing=%s is not tight, safe or full", argument);
        }
        return 0;
    case OPTION_DUAL:
        options->query.dual = true;
        return 0;
    case OPTION_MEASURE:
        options->model_options.measure = true;
        return 0;
    case 'j':
        options->as_json = true;
        return 0;
    default:
        return opening_parse_model(key, argument, state, &options->model);
    }
}

const char* info_timing_name(TimbrelTiming timing) {
    return timings[timing];
}

const char* info_attribute_type(TimbrelAttributeType type) {
    static const char* const names[] = {"bool", "int", "float", "string", "tensor", "buffer"};
    return type < sizeof names / sizeof *names ? names[type] : "unknown";
}

const char* info_method_kind(uint32_t kind) {
    static const char* const names[] = {"not by itself", "sound", "values"};
    return names[kind];
}

const char* info_latent_kind(const TimbrelLatentMeaning* meaning) {
    static const char* const words[] = {"normal", "pitch", "clearness", "level", "measured"};
    return words[meaning->kind];
}

double info_real_time_factor(const TimbrelModelSummary* model) {
    return model->hop / model->rate / model->hop_seconds[0];
}

// The stream takes the model over.
static bool find_latency(TimbrelModel* model, const InfoQuery* query, TimbrelLatency* latency) {
    const TimbrelStreamConfig config = {.rate = query->rate, .channels = query->dual ? 2 : 1};
    TimbrelError error = {0};
    TimbrelStream* stream = timbrel_stream_new(model, &config, &error);
    if (!stream) {
        message("%s", error.message);
        return false;
    }
    timbrel_stream_latency(stream, query->timing, query->block, query->dual, latency);
    timbrel_stream_free(stream);
    return true;
}

int info_run(int argc, char** argv) {
    static const struct argp_option described[] = {
        {.name = "rate",
         .key = OPTION_RATE,
         .arg = "HZ",
         .doc = "Show the latency at this sample rate of the host (default 48000)"},
        {.name = "block",
         .key = OPTION_BLOCK,
         .arg = "SAMPLES",
         .doc = "Show the latency at this block size of the host (default 64)"},
        {.name = "timing",
         .key = OPTION_TIMING,
         .arg = "TIMING",
         .doc = "Show the latency with the control timing at tight, safe or full (default safe)"},
        {.name = "dual",
         .key = OPTION_DUAL,
         .doc = "Show the latency of two channels that a mono model plays side by side"},
        {.name = "measure",
         .key = OPTION_MEASURE,
         .doc = "Measure anew how fast the model plays on this machine; what was measured once is "
                "used from then on, as the latency depends on it"},
        {.name = "json", .key = 'j', .doc = "Print JSON"},
        {0},
    };
    static const struct argp_child children[] = {{.argp = &model_options_argp}, {0}};
    static const struct argp argp = {
        .options = described,
        .parser = parse,
        .args_doc = "MODEL",
        .doc =
            "Show what is known of MODEL, a file or an installed name: its methods, rate, latents "
            "and attributes, how fast it plays on this machine, and its latency as a sum of its "
            "causes.",
        .children = children,
    };
    Options options = {.model_options.dual = true,
                       .query = {.rate = 48000, .block = 64, .timing = TIMBREL_TIMING_SAFE}};
    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0) {
        return EXIT_USAGE;
    }
    char* path = NULL;
    TimbrelModel* model = opening_open(options.model, &options.model_options, &path);
    if (!model) {
        return EXIT_FAILED;
    }
    const TimbrelModelSummary summary = *timbrel_model_summary(model);
    TimbrelLatency latency = {0};
    int status = EXIT_FAILED;
    if (options.query.dual && summary.lanes < 2) {
        message("\"%s\" does not play two channels side by side; leave --dual out.", summary.name);
        timbrel_model_close(model);
    } else if (find_latency(model, &options.query, &latency)) {
        const Info info = {path, &summary, &options.query, &latency};
        status = options.as_json ? info_print_json(&info) : info_print_text(&info);
    }
    free(path);
    return status;
}
