// SPDX-License-Identifier: ISC
#include "model.h"

#include "costs.h"
#include "encode_delay.h"
#include "engine/model/native/cache.h"
#include "probe.h"
#include "windowing.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    least_hop = 64,           // Below it, waking the threads costs more than the model
    largest_grown_hop = 4096, // A hop is made longer than needed only up to here
    largest_window = TIMBREL_LARGEST_CALL,
    warm_calls = 4 // libtorch looks at the first ones, then makes the model faster
};

/// A hop is long enough if inference takes at most this share of it.
static const double keeps_up = 0.9;
/// Twice the hop is worth its latency only if it takes at most this share of the time per sample.
static const double gains = 0.8;

struct TimbrelModel {
    TimbrelBackend* backend;
    TimbrelModelSummary summary;
};

const TimbrelModelSummary* timbrel_model_summary(const TimbrelModel* model) {
    return &model->summary;
}

TimbrelBackend* timbrel_model_backend(TimbrelModel* model) {
    return model->backend;
}

void timbrel_model_close(TimbrelModel* model) {
    if (model) {
        model->backend->ops->close(model->backend);
        free(model);
    }
}

static void name_from_path(char* name, size_t size, const char* path) {
    const char* slash = strrchr(path, '/');
    (void)snprintf(name, size, "%s", slash ? slash + 1 : path);
    char* dot = strrchr(name, '.');
    if (dot && dot != name) {
        *dot = '\0';
    }
}

static bool unusable(TimbrelStatus status) {
    return status == TIMBREL_TIMED_OUT || status == TIMBREL_CHILD_DIED ||
           status == TIMBREL_NO_MEMORY;
}

/// The smallest number of samples from `start` on, doubled, that the model takes in one call.
static TimbrelStatus find_window(TimbrelModel* model, uint32_t* samples, double* seconds,
                                 TimbrelError* error) {
    const uint32_t ratio = model->summary.info.ratio;
    TimbrelError first = {0};
    for (uint32_t size = *samples; size <= largest_window; size *= 2) {
        TimbrelError current = {0};
        *seconds = timbrel_probe_time(model->backend, 1, size / ratio, 1, 0.5, NULL, &current);
        if (*seconds >= 0.0) {
            *samples = size;
            return TIMBREL_OK;
        }
        if (!first.status) {
            first = current;
        }
        if (unusable(current.status)) {
            first = current;
            break;
        }
    }
    if (error) {
        *error = first;
    }
    return first.status;
}

/// What a measurement works on.
typedef struct {
    TimbrelModel* model;
    const TimbrelModelConfig* config;
    const _Atomic(bool)* cancel;
    char engine[TIMBREL_COSTS_KEY_SIZE / 2 + TIMBREL_NAME_SIZE]; ///< The back end, and the method
    TimbrelCosts costs;
    int lock; ///< Held while something new is measured, -1 otherwise
    bool measured;
} Measuring;

/// Seconds of one hop: as known of this machine, else measured by one instance at a time, so that
/// none disturbs another and all have the figures of the first. Negative on failure.
static double cost_of(Measuring* m, uint32_t lanes, uint32_t frames, TimbrelError* error) {
    TimbrelModel* model = m->model;
    double seconds = timbrel_costs_find(&m->costs, lanes, frames);
    if (seconds <= 0.0 && !m->measured) {
        m->measured = true;
        m->lock = timbrel_cache_lock(m->costs.model_hash, m->cancel);
        if (!m->config->measure) {
            timbrel_costs_read(&m->costs, m->costs.model_hash, m->engine);
            seconds = timbrel_costs_find(&m->costs, lanes, frames);
        }
    }
    if (seconds > 0.0) {
        return seconds;
    }
    seconds = timbrel_probe_cost(model->backend, lanes, frames, m->cancel, error);
    if (seconds >= 0.0) {
        timbrel_costs_note(&m->costs, lanes, frames, seconds);
        seconds = timbrel_cost_round(seconds);
    }
    return seconds;
}

/// Double the hop until inference fits well into it, or a longer one does not help.
static TimbrelStatus grow_hop(Measuring* m, uint32_t* hop, TimbrelError* error) {
    const TimbrelModelSummary* summary = &m->model->summary;
    uint32_t best = *hop;
    double best_share = HUGE_VAL;
    for (uint32_t size = *hop; size <= largest_grown_hop || size == *hop; size *= 2) {
        const double seconds = cost_of(m, 1, size / summary->info.ratio, error);
        if (seconds < 0.0 && size > *hop && !unusable(error->status)) {
            break; // it takes no calls as long as that
        }
        if (seconds < 0.0) {
            return error->status;
        }
        const double share = seconds * summary->rate / size;
        if (share > gains * best_share) {
            break;
        }
        best_share = share;
        best = size;
        if (share <= keeps_up) {
            break;
        }
    }
    *hop = best;
    return TIMBREL_OK;
}

/// Make calls of so many lanes fast, and learn what they take.
static TimbrelStatus warm_lanes(Measuring* m, uint32_t lanes, uint32_t frames,
                                TimbrelError* error) {
    TimbrelModelSummary* summary = &m->model->summary;
    if (timbrel_probe_time(m->model->backend, lanes, frames, warm_calls, 0.5, m->cancel, error) <
        0.0) {
        return error->status;
    }
    const double seconds = cost_of(m, lanes, frames, error);
    if (seconds < 0.0) {
        return error->status;
    }
    for (; summary->lanes < lanes; ++summary->lanes) {
        summary->hop_seconds[summary->lanes] = seconds;
    }
    return TIMBREL_OK;
}

/// One lane, then as many as were asked for, by doubling. More than one is a luxury: what a model
/// refuses it does not play.
static TimbrelStatus warm_up(Measuring* m, uint32_t frames, TimbrelError* error) {
    TimbrelModelSummary* summary = &m->model->summary;
    const uint32_t least = m->config->dual && summary->info.in_channels == 1 ? 2 : 1;
    const uint32_t wanted = m->config->lanes > least ? m->config->lanes : least;
    uint32_t refused = wanted + 1;
    for (uint32_t lanes = 1; lanes > summary->lanes;) {
        const TimbrelStatus status = warm_lanes(m, lanes, frames, error);
        if (status && (lanes == 1 || unusable(status))) {
            return status;
        }
        refused = status ? lanes : refused;
        lanes = status ? lanes - 1 : 2 * lanes < refused ? 2 * lanes : refused - 1;
    }
    return TIMBREL_OK;
}

/// How much audio one call takes.
static TimbrelStatus choose_hop(Measuring* m, TimbrelError* error) {
    const uint32_t min_hop = m->config->min_hop;
    TimbrelModelSummary* summary = &m->model->summary;
    const uint32_t ratio = summary->info.ratio;
    uint32_t samples = ratio > least_hop ? ratio : least_hop;
    if (summary->info.streaming) {
        while (samples < min_hop && samples < largest_window) {
            samples *= 2;
        }
    } else {
        samples = timbrel_window_size(ratio);
    }
    // Where the model takes no calls as long as wanted, shorter ones will do.
    while (find_window(m->model, &samples, &summary->first_seconds, error)) {
        if (unusable(error->status) || !summary->info.streaming || samples / 2 < ratio ||
            samples <= least_hop) {
            return error->status;
        }
        samples /= 2;
    }
    summary->window = samples;
    summary->hop = samples;
    if (!summary->info.streaming) {
        summary->hop = samples - 2 * timbrel_window_context(ratio);
        summary->overlap = TIMBREL_WINDOW_OVERLAP;
    } else if (min_hop == 0) {
        const TimbrelStatus status = grow_hop(m, &summary->hop, error);
        summary->window = summary->hop;
        return status;
    }
    return TIMBREL_OK;
}

/// How much of the delay is encode's.
static TimbrelStatus split_delay(Measuring* m, uint32_t frames, TimbrelError* error) {
    TimbrelBackend* backend = m->model->backend;
    TimbrelModelSummary* summary = &m->model->summary;
    if (summary->info.play_mode != TIMBREL_PLAY_ENCODE_DECODE || summary->delay < 1.0) {
        return TIMBREL_OK;
    }
    const TimbrelStatus status = timbrel_encode_delay(backend, frames, summary->delay,
                                                      &summary->encode_delay, m->cancel, error);
    summary->encode_delay = fmin(summary->encode_delay, summary->delay);
    return status ? status : backend->ops->reset(backend, TIMBREL_ALL_LANES, error);
}

static TimbrelStatus measure(Measuring* m, TimbrelError* error) {
    TimbrelBackend* backend = m->model->backend;
    TimbrelModelSummary* summary = &m->model->summary;
    TimbrelStatus status = choose_hop(m, error);
    const uint32_t frames = summary->window / summary->info.ratio;
    if (!status) {
        status = warm_up(m, frames, error);
    }
    if (!status) {
        status = backend->ops->reset(backend, TIMBREL_ALL_LANES, error);
    }
    if (summary->info.play_mode == TIMBREL_PLAY_VALUES) {
        summary->delay = 0.0; // The sound does not go through it
    } else if (summary->info.layers_delay >= 0.0) {
        summary->delay = summary->info.layers_delay;
    } else if (!status && summary->info.streaming) {
        status =
            timbrel_probe_delay(backend, frames, summary->rate, &summary->delay, m->cancel, error);
        if (!status) {
            status = backend->ops->reset(backend, TIMBREL_ALL_LANES, error);
        }
    }
    return status ? status : split_delay(m, frames, error);
}

/// Measure what is not known yet, and keep it.
static TimbrelStatus learn(TimbrelModel* model, const char* hash, const TimbrelModelConfig* config,
                           const _Atomic(bool)* cancel, TimbrelError* error) {
    Measuring m = {.model = model, .config = config, .cancel = cancel, .lock = -1};
    (void)snprintf(m.engine, sizeof m.engine, "%s;%s", model->backend->engine,
                   model->summary.info.method);
    timbrel_costs_read(&m.costs, hash, m.engine);
    if (config->measure) {
        m.costs.count = 0;
    }
    const TimbrelStatus status = measure(&m, error);
    if (m.measured && !status) {
        timbrel_costs_write(&m.costs);
    }
    timbrel_cache_unlock(hash, m.lock);
    return status;
}

TimbrelModel* timbrel_model_new(TimbrelBackend* backend, const char* path, const char* hash,
                                const char* why, double load_seconds,
                                const TimbrelModelConfig* config, const _Atomic(bool)* cancel,
                                TimbrelError* error) {
    TimbrelModel* model = calloc(1, sizeof *model);
    if (!model) {
        backend->ops->close(backend);
        (void)timbrel_error_no_memory(error);
        return NULL;
    }
    model->backend = backend;
    TimbrelModelSummary* summary = &model->summary;
    summary->info = backend->info;
    name_from_path(summary->name, sizeof summary->name, path);
    summary->backend = backend->kind;
    summary->load_seconds = load_seconds;
    (void)snprintf(summary->backend_why, sizeof summary->backend_why, "%s", why);
    summary->rate = summary->info.rate;
    if (!summary->info.rate_known) {
        summary->rate = config->assumed_rate > 0.0 ? config->assumed_rate : 44100.0;
    }
    TimbrelError failure = {0};
    if (learn(model, hash, config, cancel, &failure)) {
        if (error) {
            *error = failure;
        }
        timbrel_model_close(model);
        return NULL;
    }
    return model;
}
