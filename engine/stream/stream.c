// SPDX-License-Identifier: ISC
#include "stream.h"
#include "engine/base/rt.h"

#include "inference.h"

#include <stdlib.h>
#include <string.h>

enum { backlog_hops = 8 }; // Hops of input that are kept when inference is late

struct TimbrelStream {
    TimbrelStreamConfig config;
    TimbrelModel* model;
    TimbrelModelSummary summary; ///< As of the load
    TimbrelClock clock;
    TimbrelFeed feed;
    TimbrelOutput output;
    TimbrelInference* inference;
};

static bool allocate(TimbrelStream* s) {
    if (!timbrel_clock_init(&s->clock, &s->summary, s->config.rate, !s->config.no_input)) {
        return false;
    }
    const uint64_t in = (uint64_t)s->clock.span + (uint64_t)backlog_hops * s->clock.hop +
                        (uint64_t)2 * TIMBREL_MAX_BLOCK + TIMBREL_CHUNK;
    const uint64_t out = (uint64_t)timbrel_stream_max_latency(s) + s->clock.hop + 4096;
    return timbrel_feed_init(&s->feed, &s->clock, s->config.no_input ? 0 : s->config.channels,
                             in) &&
           timbrel_output_init(&s->output, s->config.channels, out);
}

/// Why such a model cannot be played so; false if it can.
static bool is_refused(const TimbrelStream* s, TimbrelError* error) {
    const uint32_t latency = timbrel_stream_max_latency(s);
    if (latency > TIMBREL_MAX_LATENCY) {
        (void)timbrel_error_set(
            error, TIMBREL_BAD_MODEL,
            "The model %s would play %.1f s late, which is more than a host can "
            "make up for; use one with a smaller ratio.",
            s->summary.name, latency / s->config.rate);
        return true;
    }
    if (s->config.no_input && s->summary.info.play_mode != TIMBREL_PLAY_ENCODE_DECODE) {
        (void)timbrel_error_set(
            error, TIMBREL_BAD_MODEL,
            "The model %s cannot play without sound coming in; choose one with encode and decode.",
            s->summary.name);
        return true;
    }
    return false;
}

static TimbrelStatus start(TimbrelStream* s, TimbrelError* error) {
    if (!allocate(s)) {
        return timbrel_error_no_memory(error);
    }
    if (is_refused(s, error)) {
        return TIMBREL_BAD_MODEL;
    }
    const TimbrelInferenceConfig config = {
        .clock = &s->clock,
        .feed = &s->feed,
        .output = &s->output,
        // One input sample may give several model samples beyond the window's end.
        .most = s->summary.hop + 64 + s->clock.model_rate / s->clock.host_rate,
        .changed = s->config.changed,
        .handle = s->config.handle};
    s->inference = timbrel_inference_new(s->model, &config, error);
    return s->inference ? timbrel_inference_start(s->inference, error) : TIMBREL_NO_MEMORY;
}

TimbrelStream* timbrel_stream_new(TimbrelModel* model, const TimbrelStreamConfig* config,
                                  TimbrelError* error) {
    TimbrelStream* s = calloc(1, sizeof *s);
    if (!s) {
        timbrel_model_close(model);
        (void)timbrel_error_no_memory(error);
        return NULL;
    }
    s->config = *config;
    s->model = model;
    s->summary = *timbrel_model_summary(model);
    if (start(s, error)) {
        timbrel_stream_free(s);
        return NULL;
    }
    return s;
}

void timbrel_stream_free(TimbrelStream* s) {
    if (!s) {
        return;
    }
    if (s->inference) {
        timbrel_inference_stop(s->inference, true);
        timbrel_inference_free(s->inference);
    }
    timbrel_model_close(s->model);
    timbrel_feed_free(&s->feed);
    timbrel_output_free(&s->output);
    timbrel_clock_free(&s->clock);
    free(s);
}

TimbrelStatus timbrel_stream_reset(TimbrelStream* s, TimbrelError* error) {
    if (s->feed.time == 0) {
        return TIMBREL_OK;
    }
    timbrel_inference_stop(s->inference, false);
    const TimbrelStatus status = timbrel_inference_reset(s->inference, error);
    timbrel_feed_reset(&s->feed, &s->clock);
    timbrel_output_reset(&s->output);
    return status ? status : timbrel_inference_start(s->inference, error);
}

const TimbrelModelSummary* timbrel_stream_summary(const TimbrelStream* s) TIMBREL_RT {
    return &s->summary;
}

void timbrel_stream_latency(const TimbrelStream* s, TimbrelTiming timing, uint32_t block, bool dual,
                            TimbrelLatency* latency) TIMBREL_RT {
    const bool two = dual && s->summary.lanes > 1 && s->config.channels == 2;
    timbrel_clock_latency(&s->clock, s->config.rate, s->summary.hop_seconds[two ? 1 : 0], timing,
                          block < TIMBREL_MAX_BLOCK ? block : TIMBREL_MAX_BLOCK, latency);
}

uint32_t timbrel_stream_max_latency(const TimbrelStream* s) TIMBREL_RT {
    TimbrelLatency latency;
    timbrel_stream_latency(s, TIMBREL_TIMING_FULL, TIMBREL_MAX_BLOCK, false, &latency);
    return latency.total + TIMBREL_MAX_BLOCK;
}

void timbrel_stream_write(TimbrelStream* s, const TimbrelStreamInput* input, bool wait) TIMBREL_RT {
    timbrel_inference_freewheel(s->inference, wait);
    uint64_t hops = timbrel_inference_done(s->inference);
    while (wait && !timbrel_feed_fits(&s->feed, &s->clock, input->frames) &&
           !timbrel_stream_failed(s)) {
        TIMBREL_RT_UNCHECKED
        timbrel_inference_wait(s->inference, hops);
        TIMBREL_RT_CHECKED
        hops = timbrel_inference_done(s->inference);
    }
    if (timbrel_feed_write(&s->feed, &s->clock, input)) {
        timbrel_inference_post(s->inference, s->feed.hop);
    }
}

uint32_t timbrel_stream_read(TimbrelStream* s, int64_t first, float* const* out, uint32_t frames,
                             bool wait) TIMBREL_RT {
    uint64_t hops = timbrel_inference_done(s->inference);
    uint32_t there = timbrel_output_ready(&s->output, first, frames);
    while (wait && there < frames && s->feed.hop > hops && !timbrel_stream_failed(s)) {
        TIMBREL_RT_UNCHECKED
        timbrel_inference_wait(s->inference, hops);
        TIMBREL_RT_CHECKED
        hops = timbrel_inference_done(s->inference);
        there = timbrel_output_ready(&s->output, first, frames);
    }
    timbrel_output_read(&s->output, first, out, there, frames);
    return there;
}

bool timbrel_stream_failed(const TimbrelStream* s) TIMBREL_RT {
    return timbrel_inference_failed(s->inference);
}

void timbrel_stream_error(TimbrelStream* s, TimbrelError* error) {
    timbrel_inference_error(s->inference, error);
}

float timbrel_stream_load(const TimbrelStream* s) TIMBREL_RT {
    return timbrel_inference_load(s->inference);
}

float timbrel_stream_share(const TimbrelStream* s) {
    return timbrel_inference_share(s->inference);
}

uint32_t timbrel_stream_latents(const TimbrelStream* s, float raw[TIMBREL_MAX_LATENTS],
                                float controlled[TIMBREL_MAX_LATENTS]) TIMBREL_RT {
    timbrel_inference_latents(s->inference, raw, controlled);
    return s->summary.info.latents;
}

void timbrel_stream_set_attribute(TimbrelStream* s, const char* name, const char* value) {
    timbrel_inference_set_attribute(s->inference, name, value);
}

bool timbrel_stream_fixes_attribute(TimbrelStream* s, const char* name, const char* value) {
    const TimbrelModelInfo* info = &s->summary.info;
    for (uint32_t i = 0; i < info->attribute_count; ++i) {
        const TimbrelAttribute* attribute = &info->attributes[i];
        if (attribute->settable && strcmp(attribute->name, name) == 0) {
            return s->summary.backend == TIMBREL_BACKEND_NATIVE &&
                   strcmp(attribute->value, value) != 0;
        }
    }
    return false;
}

void timbrel_stream_summary_now(TimbrelStream* s, TimbrelModelSummary* summary) {
    *summary = s->summary;
    timbrel_inference_attributes(s->inference, summary->info.attributes);
}

void timbrel_stream_set_source(TimbrelStream* s, TimbrelSource* source) {
    timbrel_inference_set_source(s->inference, source);
}
