// SPDX-License-Identifier: ISC
#include "model.h"

#include "probe.h"
#include "window.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    least_hop = 64,           // Below it, waking the threads costs more than the model
    largest_grown_hop = 4096, // A hop is made longer than needed only up to here
    largest_window = TIMBREL_LARGEST_CALL,
    warm_calls = 24,
    few_calls = 4
};

/// A plan has no warming up to do and is to be ready at once: so many seconds of calls are timed.
static const double at_once = 0.02;

/// A hop is long enough if inference takes at most this share of it.
static const double keeps_up = 0.75;
/// A hop whose very first call takes at most this share of it needs no look at longer ones.
static const double surely = 0.3;
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
    const char* const slash = strrchr(path, '/');
    (void)snprintf(name, size, "%s", slash ? slash + 1 : path);
    char* const dot = strrchr(name, '.');
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

/// Double the hop until inference fits well into it, or a longer one does not help. Judged by the
/// shortest times: what else the machine does while a model loads must not choose the hop.
static TimbrelStatus grow_hop(TimbrelModel* model, uint32_t* hop, const _Atomic(bool)* cancel,
                              TimbrelError* error) {
    uint32_t best = *hop;
    double best_share = HUGE_VAL;
    for (uint32_t size = *hop; size <= largest_grown_hop || size == *hop; size *= 2) {
        // The first calls at a new size are slow: not counted.
        const uint32_t frames = size / model->summary.info.ratio;
        if (timbrel_probe_time(model->backend, 1, frames, 3, 0.5, cancel, error) < 0.0) {
            return error->status;
        }
        const double seconds = timbrel_probe_time(model->backend, 1, frames, 7, 0.0, cancel, error);
        if (seconds < 0.0) {
            return error->status;
        }
        const double share = seconds * model->summary.rate / size;
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

static uint32_t timed_calls(const TimbrelModelSummary* summary) {
    if (strcmp(summary->backend, "native") != 0)
        return warm_calls;
    const double calls = at_once / fmax(summary->first_seconds, at_once / warm_calls);
    return calls > few_calls ? (uint32_t)calls : few_calls;
}

static TimbrelStatus measure(TimbrelModel* model, const TimbrelModelConfig* config,
                             const _Atomic(bool)* cancel, TimbrelError* error) {
    const uint32_t min_hop = config->min_hop;
    TimbrelModelSummary* const summary = &model->summary;
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
    while (find_window(model, &samples, &summary->first_seconds, error)) {
        if (unusable(error->status) || !summary->info.streaming || samples / 2 < ratio ||
            samples <= least_hop) {
            return error->status;
        }
        samples /= 2;
    }
    summary->window = samples;
    summary->hop = samples;
    if (summary->info.streaming) {
        const double share = summary->first_seconds * summary->rate / samples;
        if (min_hop == 0 && share > surely && grow_hop(model, &summary->hop, cancel, error)) {
            return error->status;
        }
        summary->window = summary->hop;
    } else {
        summary->hop = samples - 2 * timbrel_window_context(ratio);
        summary->overlap = TIMBREL_WINDOW_OVERLAP;
    }

    const uint32_t frames = summary->window / ratio;
    const uint32_t calls = timed_calls(summary);
    const uint32_t batches = config->dual && summary->info.in_channels == 1 ? 2 : 1;
    for (uint32_t batch = 1; batch <= batches; ++batch) {
        // The second batch is a luxury: a model that refuses it plays a mono sum.
        if (batch == 2 &&
            (timbrel_probe_time(model->backend, 2, frames, 3, 0.5, cancel, error) < 0.0)) {
            if (unusable(error->status)) {
                return error->status;
            }
            break;
        }
        summary->hop_seconds[batch - 1] =
            timbrel_probe_time(model->backend, batch, frames, calls, 0.95, cancel, error);
        if (summary->hop_seconds[batch - 1] < 0.0) {
            return error->status;
        }
    }
    TimbrelStatus status = model->backend->ops->reset(model->backend, error);
    if (summary->info.play_mode == TIMBREL_PLAY_VALUES) {
        summary->delay = 0.0; // The sound does not go through it
    } else if (summary->info.layers_delay >= 0.0) {
        summary->delay = summary->info.layers_delay;
    } else if (!status && summary->info.streaming) {
        status = timbrel_probe_delay(model->backend, frames, summary->rate, &summary->delay, cancel,
                                     error);
        if (!status) {
            status = model->backend->ops->reset(model->backend, error);
        }
    }
    return status;
}

TimbrelModel* timbrel_model_new(TimbrelBackend* backend, const char* path, const char* why,
                                double load_seconds, const TimbrelModelConfig* config,
                                const _Atomic(bool)* cancel, TimbrelError* error) {
    TimbrelModel* const model = calloc(1, sizeof *model);
    if (!model) {
        backend->ops->close(backend);
        (void)timbrel_error_set(error, TIMBREL_NO_MEMORY, "There is not enough memory.");
        return NULL;
    }
    model->backend = backend;
    TimbrelModelSummary* const summary = &model->summary;
    summary->info = backend->info;
    name_from_path(summary->name, sizeof summary->name, path);
    (void)snprintf(summary->backend, sizeof summary->backend, "%s", backend->name);
    summary->load_seconds = load_seconds;
    (void)snprintf(summary->backend_why, sizeof summary->backend_why, "%s", why);
    summary->rate = summary->info.rate;
    if (!summary->info.rate_known) {
        summary->rate = config->assumed_rate > 0.0 ? config->assumed_rate : 44100.0;
    }
    TimbrelError failure = {0};
    if (measure(model, config, cancel, &failure)) {
        if (error) {
            *error = failure;
        }
        timbrel_model_close(model);
        return NULL;
    }
    return model;
}
