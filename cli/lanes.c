// SPDX-License-Identifier: ISC
#include "lanes.h"

#include "engine/dsp/delay.h"
#include "engine/effect/effect.h"
#include "message.h"
#include "stopping.h"

#include <stdlib.h>

enum { DELAY_CHUNK = 4096 };

typedef struct {
    TimbrelEffect* effect;
    uint32_t channels; // 1 or 2
    uint32_t latency;
    // What the lane with the largest latency has more than this one: how long a model takes decides
    // on the latency, and without a cache it is measured at each opening.
    TimbrelDelay delay;
    uint32_t delay_length;
} Lane;

struct Lanes {
    uint32_t count;
    uint32_t latency;
    uint32_t failed; // Index, once a lane has
    Lane lanes[];
};

// False if a signal came first.
static bool await_model(TimbrelEffect* effect) {
    TimbrelModelReport report;
    do {
        timbrel_effect_settle(effect, 100);
        timbrel_effect_report(effect, &report);
    } while (report.state == TIMBREL_MODEL_LOADING && !stopping_asked());
    return !stopping_asked();
}

static bool open_effect(Lane* lane, const LanesConfig* config, const Places* places,
                        uint32_t index) {
    TimbrelError error = {0};
    const TimbrelEffectConfig effect_config = {
        .rate = config->rate,
        .channels = lane->channels,
        .torch_program = places->torch_program,
        .model_dir = places->model_dir,
        .seed = config->options.seed + index,
        .assumed_rate = config->options.assumed_rate,
        .backend = config->options.backend,
        .min_hop = 2048, // Else the hop, and with it every draw, would follow the machine's speed
    };
    lane->effect = timbrel_effect_new(&effect_config, &error);
    if (lane->effect) {
        timbrel_effect_request(lane->effect, config->model,
                               config->options.method ? config->options.method : "");
    }
    if (lane->effect && !await_model(lane->effect)) {
        return false;
    }
    if (!lane->effect || timbrel_effect_wait(lane->effect, &error) != TIMBREL_OK) {
        message("%s", error.message);
        return false;
    }
    // The latency is known after a process(), be it of nothing.
    float nothing[2] = {0};
    float* const out[2] = {&nothing[0], &nothing[1]};
    const float* const in[2] = {&nothing[0], &nothing[1]};
    const TimbrelBlock block = {.in = in, .out = out, .controls = config->controls, .waits = true};
    timbrel_effect_process(lane->effect, &block);
    float reports[TIMBREL_REPORT_COUNT];
    timbrel_effect_reports(lane->effect, reports);
    lane->latency = (uint32_t)reports[TIMBREL_REPORT_LATENCY];

    const TimbrelModelReport* report = timbrel_effect_report_rt(lane->effect);
    const bool keeps_up = report->share <= 1.0f; // Else it says so: no matter
    if (index == 0 && keeps_up && report->message[0]) {
        message("%s", report->message);
    }
    return true;
}

static bool align(Lanes* lanes) {
    for (uint32_t i = 0; i < lanes->count; ++i) {
        if (lanes->lanes[i].latency > lanes->latency) {
            lanes->latency = lanes->lanes[i].latency;
        }
    }
    for (uint32_t i = 0; i < lanes->count; ++i) {
        Lane* lane = &lanes->lanes[i];
        lane->delay_length = lanes->latency - lane->latency;
        if (!timbrel_delay_init(&lane->delay, lane->channels, lane->delay_length, DELAY_CHUNK)) {
            message_no_memory();
            return false;
        }
    }
    return true;
}

Lanes* lanes_open(const LanesConfig* config) {
    Places places;
    if (!places_find(&places, true)) {
        return NULL;
    }
    const uint32_t count = config->channels > 2 ? config->channels : 1;
    Lanes* lanes = calloc(1, sizeof *lanes + count * sizeof *lanes->lanes);
    bool good = lanes != NULL;
    if (good) {
        lanes->count = count;
    } else {
        message_no_memory();
    }
    for (uint32_t i = 0; good && i < count; ++i) {
        lanes->lanes[i].channels = config->channels / count;
        good = open_effect(&lanes->lanes[i], config, &places, i);
    }
    places_free(&places);
    if (!good || !align(lanes)) {
        lanes_close(lanes);
        return NULL;
    }
    return lanes;
}

void lanes_close(Lanes* lanes) {
    if (!lanes) {
        return;
    }
    for (uint32_t i = 0; i < lanes->count; ++i) {
        if (lanes->lanes[i].effect) {
            timbrel_effect_free(lanes->lanes[i].effect);
        }
        timbrel_delay_free(&lanes->lanes[i].delay);
    }
    free(lanes);
}

uint32_t lanes_latency(const Lanes* lanes) {
    return lanes->latency;
}

static void delay_lane(Lane* lane, float* const* audio, uint32_t frames) {
    for (uint32_t done = 0; lane->delay_length > 0 && done < frames;) {
        const uint32_t left = frames - done;
        const uint32_t chunk = left < DELAY_CHUNK ? left : DELAY_CHUNK;
        float* out[2] = {NULL, NULL};
        const float* in[2] = {NULL, NULL};
        for (uint32_t c = 0; c < lane->channels; ++c) {
            in[c] = out[c] = audio[c] + done;
        }
        timbrel_delay_write(&lane->delay, in, chunk);
        timbrel_delay_read(&lane->delay, out, chunk, lane->delay_length);
        done += chunk;
    }
}

bool lanes_process(Lanes* lanes, float* const* audio, uint32_t offset, uint32_t frames,
                   const float controls[TIMBREL_CONTROL_COUNT]) {
    uint32_t channel = 0;
    for (uint32_t i = 0; i < lanes->count; ++i) {
        Lane* lane = &lanes->lanes[i];
        float* out[2] = {NULL, NULL};
        const float* in[2] = {NULL, NULL};
        for (uint32_t c = 0; c < lane->channels; ++c) {
            in[c] = out[c] = audio[channel++] + offset;
        }
        const TimbrelBlock block = {
            .in = in, .out = out, .controls = controls, .frames = frames, .waits = true};
        timbrel_effect_process(lane->effect, &block);
        if (timbrel_effect_report_rt(lane->effect)->state != TIMBREL_MODEL_READY) {
            lanes->failed = i;
            return false;
        }
        delay_lane(lane, out, frames);
    }
    return true;
}

const char* lanes_problem(const Lanes* lanes) {
    return timbrel_effect_report_rt(lanes->lanes[lanes->failed].effect)->message;
}
