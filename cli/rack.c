// SPDX-License-Identifier: ISC
#include "rack.h"

#include "effect_rows.h"
#include "engine/dsp/delay_line.h"
#include "engine/effect/effect.h"
#include "message.h"
#include "stopping.h"

#include <stdlib.h>
#include <string.h>

enum { DELAY_CHUNK = 4096 };

typedef struct {
    TimbrelEffect* effect;
    uint32_t channels; // 1 or 2
    uint32_t latency;
    // What the unit with the largest latency has more than this one: how long a model takes decides
    // on the latency, and without a cache it is measured at each opening.
    TimbrelDelayLine delay;
    uint32_t delay_length;
} Unit;

struct Rack {
    uint32_t count;
    uint32_t latency;
    uint32_t failed;                                   // Index, once a unit has
    char told[sizeof((TimbrelRowsReport*)0)->message]; // Of rows and points, last
    Unit units[];
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

static bool open_effect(Unit* unit, const RackConfig* config, const Places* places,
                        uint32_t index) {
    TimbrelError error = {0};
    const TimbrelEffectConfig effect_config = {
        .rate = config->rate,
        .channels = unit->channels,
        .torch_program = places->torch_program,
        .model_dir = places->model_dir,
        .seed = config->options.seed + index,
        .assumed_rate = config->options.assumed_rate,
        .backend = config->options.backend,
        .min_hop = OPENING_MIN_HOP,
    };
    unit->effect = timbrel_effect_new(&effect_config, &error);
    if (unit->effect) {
        timbrel_effect_request(unit->effect, config->model,
                               config->options.method ? config->options.method : "");
    }
    if (unit->effect && !await_model(unit->effect)) {
        return false;
    }
    if (!unit->effect || timbrel_effect_wait(unit->effect, &error) != TIMBREL_OK) {
        message("%s", error.message);
        return false;
    }
    if (!effect_rows_load(unit->effect, config->rows, config->points)) {
        return false;
    }
    // The latency is known after a process(), be it of nothing.
    float nothing[2] = {0};
    float* const out[2] = {&nothing[0], &nothing[1]};
    const float* const in[2] = {&nothing[0], &nothing[1]};
    const TimbrelBlock block = {.in = in, .out = out, .controls = config->controls, .waits = true};
    timbrel_effect_process(unit->effect, &block);
    float reports[TIMBREL_REPORT_COUNT];
    timbrel_effect_reports(unit->effect, reports);
    unit->latency = (uint32_t)reports[TIMBREL_REPORT_LATENCY];

    const TimbrelModelReport* report = timbrel_effect_report_rt(unit->effect);
    const bool keeps_up = report->share <= 1.0f; // Else it says so: no matter
    if (index == 0 && keeps_up && report->message[0]) {
        message("%s", report->message);
    }
    return true;
}

static bool align(Rack* rack) {
    for (uint32_t i = 0; i < rack->count; ++i) {
        if (rack->units[i].latency > rack->latency) {
            rack->latency = rack->units[i].latency;
        }
    }
    for (uint32_t i = 0; i < rack->count; ++i) {
        Unit* unit = &rack->units[i];
        unit->delay_length = rack->latency - unit->latency;
        if (!timbrel_delay_line_init(&unit->delay, unit->channels, unit->delay_length,
                                     DELAY_CHUNK)) {
            message_no_memory();
            return false;
        }
    }
    return true;
}

Rack* rack_open(const RackConfig* config) {
    Places places;
    if (!places_find(&places, true)) {
        return NULL;
    }
    const uint32_t count = config->channels > 2 ? config->channels : 1;
    Rack* rack = calloc(1, sizeof *rack + count * sizeof *rack->units);
    bool good = rack != NULL;
    if (good) {
        rack->count = count;
    } else {
        message_no_memory();
    }
    for (uint32_t i = 0; good && i < count; ++i) {
        rack->units[i].channels = config->channels / count;
        good = open_effect(&rack->units[i], config, &places, i);
    }
    places_free(&places);
    if (!good || !align(rack)) {
        rack_close(rack);
        return NULL;
    }
    return rack;
}

void rack_close(Rack* rack) {
    if (!rack) {
        return;
    }
    for (uint32_t i = 0; i < rack->count; ++i) {
        if (rack->units[i].effect) {
            timbrel_effect_free(rack->units[i].effect);
        }
        timbrel_delay_line_free(&rack->units[i].delay);
    }
    free(rack);
}

uint32_t rack_latency(const Rack* rack) {
    return rack->latency;
}

static void delay_unit(Unit* unit, float* const* audio, uint32_t frames) {
    for (uint32_t done = 0; unit->delay_length > 0 && done < frames;) {
        const uint32_t left = frames - done;
        const uint32_t chunk = left < DELAY_CHUNK ? left : DELAY_CHUNK;
        float* out[2] = {NULL, NULL};
        const float* in[2] = {NULL, NULL};
        for (uint32_t c = 0; c < unit->channels; ++c) {
            in[c] = out[c] = audio[c] + done;
        }
        timbrel_delay_line_write(&unit->delay, in, chunk);
        timbrel_delay_line_read(&unit->delay, out, chunk, unit->delay_length);
        done += chunk;
    }
}

// What became of keep, add and store, which is the same in all units.
static void tell_rows(Rack* rack) {
    const char* now = timbrel_effect_rows_rt(rack->units[0].effect)->message;
    if (strcmp(now, rack->told) != 0) {
        memcpy(rack->told, now, sizeof rack->told);
        if (now[0] != '\0') {
            message("%s", now);
        }
    }
}

bool rack_process(Rack* rack, const RackBlock* block) {
    uint32_t channel = 0;
    for (uint32_t i = 0; i < rack->count; ++i) {
        Unit* unit = &rack->units[i];
        float* out[2] = {NULL, NULL};
        const float* in[2] = {NULL, NULL};
        for (uint32_t c = 0; c < unit->channels; ++c) {
            in[c] = out[c] = block->audio[channel++] + block->offset;
        }
        const TimbrelBlock effect_block = {.in = in,
                                           .out = out,
                                           .controls = block->controls,
                                           .events = block->events,
                                           .event_count = block->event_count,
                                           .frames = block->frames,
                                           .waits = true};
        timbrel_effect_process(unit->effect, &effect_block);
        if (timbrel_effect_report_rt(unit->effect)->state != TIMBREL_MODEL_READY) {
            rack->failed = i;
            return false;
        }
        delay_unit(unit, out, block->frames);
    }
    tell_rows(rack);
    return true;
}

const char* rack_problem(const Rack* rack) {
    return timbrel_effect_report_rt(rack->units[rack->failed].effect)->message;
}
