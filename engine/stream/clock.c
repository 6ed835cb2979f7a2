// SPDX-License-Identifier: ISC
#include "clock.h"
#include "engine/base/rt.h"

#include "engine/codec/alignment.h"

#include <math.h>

enum { span_hops = 1024 }; // Enough to see every phase that two usual rates have to each other

/// How the model's delay and the rates' ratio place the wet signal in time. The up-sampler starts
/// at a phase that makes the whole delay an integer number of host samples.
static void place(TimbrelClock* clock, const TimbrelModelSummary* summary) {
    const double ratio = (double)clock->model_rate / clock->host_rate;
    const uint32_t lead = timbrel_alignment(summary).lead;
    double delay = summary->delay + summary->overlap;
    if (clock->hears) {
        clock->lead = lead;
    } else { // Frames come from nothing: only decode's delay is left
        delay -= (double)lead * summary->info.ratio;
    }
    if (clock->same_rate) {
        clock->delay = (uint32_t)lround(delay);
    } else {
        clock->delay = (uint32_t)(delay / ratio);
        clock->phase = delay - clock->delay * ratio;
    }
}

bool timbrel_clock_init(TimbrelClock* clock, const TimbrelModelSummary* summary, double rate,
                        bool hears) {
    *clock = (TimbrelClock){.framing = timbrel_framing(summary),
                            .host_rate = (uint32_t)lround(rate),
                            .model_rate = (uint32_t)lround(summary->rate),
                            .hears = hears};
    clock->same_rate = clock->host_rate == clock->model_rate;
    place(clock, summary);
    if (!clock->same_rate) {
        clock->down = timbrel_resampler_new(clock->host_rate, clock->model_rate, 0.0);
        clock->up = timbrel_resampler_new(clock->model_rate, clock->host_rate, clock->phase);
        if (!clock->down || !clock->up) {
            timbrel_clock_free(clock);
            return false;
        }
    }
    for (uint64_t k = 0; k < span_hops; ++k) {
        const uint64_t first = timbrel_clock_out_total(clock, k);
        const uint64_t complete = timbrel_clock_hop_time(clock, k);
        if (complete > first + clock->span) {
            clock->span = (uint32_t)(complete - first);
        }
    }
    clock->hop = (uint32_t)(((uint64_t)summary->hop * clock->host_rate + clock->model_rate - 1) /
                            clock->model_rate);
    return true;
}

void timbrel_clock_free(TimbrelClock* clock) {
    timbrel_resampler_free(clock->down);
    timbrel_resampler_free(clock->up);
    *clock = (TimbrelClock){0};
}

/// Time at which so many samples at the model's rate have passed.
static uint64_t host_time(const TimbrelClock* clock, uint64_t model_samples) {
    return (model_samples * clock->host_rate + clock->model_rate - 1) / clock->model_rate;
}

uint64_t timbrel_clock_hop_time(const TimbrelClock* clock, uint64_t hop) TIMBREL_RT {
    const uint64_t samples = (hop + 1) * clock->framing.hop + clock->framing.context;
    return clock->hears && !clock->same_rate ? timbrel_resampler_needed(clock->down, samples)
                                             : host_time(clock, samples);
}

uint64_t timbrel_clock_frame_time(const TimbrelClock* clock, uint64_t frame) TIMBREL_RT {
    return host_time(clock, (frame + 1) * clock->framing.ratio);
}

uint64_t timbrel_clock_event_frame(const TimbrelClock* clock, uint64_t time,
                                   double* position) TIMBREL_RT {
    const uint64_t length = (uint64_t)clock->host_rate * clock->framing.ratio;
    const uint64_t passed = time * clock->model_rate;
    const uint64_t frame = passed / length + clock->lead;
    *position = (double)frame + (double)(passed % length) / (double)length;
    return frame;
}

uint64_t timbrel_clock_out_total(const TimbrelClock* clock, uint64_t hops) TIMBREL_RT {
    const uint64_t samples = hops * clock->framing.hop;
    return clock->same_rate ? samples : timbrel_resampler_available(clock->up, samples);
}

void timbrel_clock_latency(const TimbrelClock* clock, double rate, double hop_seconds,
                           TimbrelTiming timing, uint32_t block,
                           TimbrelLatency* latency) TIMBREL_RT {
    const TimbrelDeadlineQuery query = {.rate = rate,
                                        .hop_seconds = hop_seconds,
                                        .hop = clock->hop,
                                        .block = block,
                                        .same_rate = clock->same_rate,
                                        .timing = timing};
    timbrel_deadline(&query, latency);
    latency->hop = clock->hop;
    latency->context = (uint32_t)host_time(clock, clock->framing.context);
    const uint32_t known = latency->hop + latency->context;
    // Rounding up twice may exceed the span by a sample or two at other rates.
    latency->resampler = clock->span > known ? clock->span - known : 0;
    latency->model = clock->delay;
    timbrel_latency_sum(latency);
}
