// SPDX-License-Identifier: ISC
#include "costs.h"

#include "engine/model/native/cache.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Compiled in, so that the plugin needs no library more.
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { text_size = 4096, steps_an_octave = 2 };

/// The least step.
static const double base = 0.00016;

static double step_seconds(double step) {
    return base * exp2(step / steps_an_octave);
}

double timbrel_cost_round(double seconds) {
    return step_seconds(ceil(steps_an_octave * log2(fmax(seconds / 1.001, base) / base)));
}

/// The processor's name, as the kernel tells it (there is no call that gives it on all machines).
static void name_processor(char* name, size_t size) {
    static const char* const fields[] = {"model name", "Model", "Hardware", "CPU part"};
    (void)snprintf(name, size, "unknown");
    FILE* file = fopen("/proc/cpuinfo", "re");
    char line[512];
    size_t best = sizeof fields / sizeof *fields;
    while (file && fgets(line, sizeof line, file)) {
        const char* colon = strchr(line, ':');
        for (size_t f = 0; colon && f < best; ++f) {
            if (strncmp(line, fields[f], strlen(fields[f])) == 0) {
                (void)snprintf(name, size, "%.*s", (int)strcspn(colon + 1, "\n"), colon + 1);
                best = f;
            }
        }
    }
    if (file) {
        (void)fclose(file);
    }
}

/// The name of the file that holds the figures of this processor and engine: a home may be shared
/// by several machines. The key itself is its first line.
static void name_kind(const char* key, char* kind, size_t size) {
    const uint64_t hash = XXH3_64bits(key, strlen(key));
    (void)snprintf(kind, size, "%016" PRIx64 ".costs", hash);
}

/// One line of the file; false if it makes no sense.
static bool parse_cost(const char* line, TimbrelCost* cost) {
    char* end = NULL;
    cost->lanes = (uint32_t)strtoul(line, &end, 10);
    cost->frames = (uint32_t)strtoul(end, &end, 10);
    const long step = strtol(end, &end, 10);
    cost->seconds = step_seconds((double)step);
    return cost->lanes > 0 && cost->frames > 0 && *end == '\n' && step >= 0 && step < 40;
}

void timbrel_costs_read(TimbrelCosts* costs, const char* model_hash, const char* engine) {
    char processor[96];
    char kind[32];
    char text[text_size];
    name_processor(processor, sizeof processor);
    *costs = (TimbrelCosts){.model_hash = model_hash};
    (void)snprintf(costs->key, sizeof costs->key, "%s;%s", processor, engine);
    name_kind(costs->key, kind, sizeof kind);
    if (!model_hash[0] || !timbrel_cache_read(model_hash, kind, text, sizeof text)) {
        return;
    }
    const size_t length = strlen(costs->key);
    const char* line = strchr(text, '\n');
    if (!line || (size_t)(line - text) != length || strncmp(text, costs->key, length) != 0) {
        return;
    }
    TimbrelCost cost;
    for (; line && costs->count < TIMBREL_COSTS_MOST; line = strchr(line + 1, '\n')) {
        if (line[1] && parse_cost(line + 1, &cost)) {
            costs->costs[costs->count++] = cost;
        }
    }
}

double timbrel_costs_find(const TimbrelCosts* costs, uint32_t lanes, uint32_t frames) {
    for (uint32_t i = 0; i < costs->count; ++i) {
        if (costs->costs[i].lanes == lanes && costs->costs[i].frames == frames) {
            return costs->costs[i].seconds;
        }
    }
    return 0.0;
}

void timbrel_costs_note(TimbrelCosts* costs, uint32_t lanes, uint32_t frames, double seconds) {
    if (costs->count < TIMBREL_COSTS_MOST) {
        costs->costs[costs->count++] = (TimbrelCost){lanes, frames, timbrel_cost_round(seconds)};
    }
}

void timbrel_costs_write(const TimbrelCosts* costs) {
    char kind[32];
    char text[text_size];
    size_t length = (size_t)snprintf(text, sizeof text, "%s\n", costs->key);
    for (uint32_t i = 0; i < costs->count; ++i) {
        length += (size_t)snprintf(text + length, sizeof text - length, "%u %u %ld\n",
                                   costs->costs[i].lanes, costs->costs[i].frames,
                                   lround(steps_an_octave * log2(costs->costs[i].seconds / base)));
    }
    name_kind(costs->key, kind, sizeof kind);
    if (costs->model_hash[0]) {
        timbrel_cache_write(costs->model_hash, kind, text);
    }
}
