// SPDX-License-Identifier: ISC
#include "probe.h"

#include "costs.h"
#include "engine/base/noise.h"
#include "methods.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/// A user waits for these measurements: no timing takes much longer than this.
static const double timing_seconds = 0.4;

/// Another core's or another machine's work on the same processor makes calls take up to twice as
/// long, for up to a second on end; but then hardly two take the same. So the shortest time holds
/// when enough calls took nearly as little. No pauses: after one, the model has to be fetched into
/// the processor's caches again.
enum { least_calls = 8, most_calls = 8192 };
static const double nearly = 1.05;
static const double enough_seconds = 0.1;
static const double most_seconds = 1.2;
static const double longest_wait = 4.0; // Seconds that pass

/// More time passes than this times what the processor gave: someone else had it meanwhile.
static const double interrupted = 1.2;

/// The delay measurement in samples: the burst is whole frames that last at least so long, from so
/// far on (the caches are full then), and what follows it is heard for so many seconds. Hops of
/// all usual lengths give the model one and the same signal.
enum { least_burst = 512, least_lead = 8192 };
static const double delay_seconds = 1.8;

static double read_clock(clockid_t clock) {
    struct timespec time;
    return clock_gettime(clock, &time) ? 0.0 : (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double now(void) {
    return read_clock(CLOCK_MONOTONIC);
}

TimbrelStatus timbrel_probe_play(TimbrelBackend* backend, const TimbrelCall* shape,
                                 TimbrelError* error) {
    TimbrelStatus status = TIMBREL_OK;
    for (int step = 0; step < TIMBREL_STEP_COUNT && !status; ++step) {
        TimbrelCall call = *shape;
        call.step = (TimbrelStep)step;
        if (timbrel_methods_step(&backend->info, call.step)) {
            status = backend->ops->call(backend, &call, error);
        }
        if (!status && call.step == TIMBREL_STEP_ENCODE) {
            // As a stream does: a decoder's caches would keep them.
            timbrel_latents_mend(backend->latents, (size_t)timbrel_lanes_count(call.lanes) *
                                                       call.frames * backend->info.latents);
        }
    }
    return status;
}

static bool cancelled(const _Atomic(bool)* cancel) {
    return cancel && atomic_load_explicit(cancel, memory_order_relaxed);
}

/// Processor time of what plays the model: this thread, and its process if it has one.
static double busy(const TimbrelBackend* backend) {
    clockid_t child;
    double seconds = read_clock(CLOCK_THREAD_CPUTIME_ID);
    if (backend->pid > 0 && clock_getcpuclockid(backend->pid, &child) == 0) {
        seconds += read_clock(child);
    }
    return seconds;
}

/// Whether the kernel counts processor time finely, and not in ticks.
static bool counts_finely(void) {
    const double most = 0.0005;
    const double begin = now();
    const double before = read_clock(CLOCK_THREAD_CPUTIME_ID);
    double after = before;
    while (after <= before && now() - begin < 4.0 * most) {
        after = read_clock(CLOCK_THREAD_CPUTIME_ID);
    }
    return after > before && after - before < most;
}

static int compare(const void* a, const void* b) {
    const double x = *(const double*)a;
    const double y = *(const double*)b;
    return (x > y) - (x < y);
}

double timbrel_probe_time(TimbrelBackend* backend, uint32_t lanes, uint32_t frames, uint32_t count,
                          double quantile, const _Atomic(bool)* cancel, TimbrelError* error) {
    double* times = malloc(count * sizeof *times);
    if (!times) {
        (void)timbrel_error_no_memory(error);
        return -1.0;
    }
    const TimbrelModelInfo* info = &backend->info;
    const size_t samples = (size_t)lanes * info->in_channels * frames * info->ratio;
    const TimbrelAmounts amounts = {1.0f, 1.0f};
    const TimbrelCall call = {
        .lanes = timbrel_lanes_first(lanes), .frames = frames, .amounts = &amounts};
    uint32_t seed = 1;
    double result = -1.0;
    TimbrelStatus status = TIMBREL_OK;
    uint32_t done = 0;
    double spent = 0.0;
    while (done < count && (done < 3 || spent < timing_seconds) && !cancelled(cancel)) {
        for (size_t i = 0; i < samples; ++i) {
            backend->audio_in[i] = 0.1f * timbrel_noise(&seed);
        }
        const double start = now();
        status = timbrel_probe_play(backend, &call, error);
        if (status) {
            break;
        }
        times[done] = now() - start;
        spent += times[done++];
    }
    if (!status && !cancelled(cancel)) {
        qsort(times, done, sizeof *times, compare);
        result = times[(size_t)(quantile * (double)(done - 1) + 0.5)];
    } else if (!status) {
        (void)timbrel_error_set(error, TIMBREL_TIMED_OUT, "Loading was given up.");
    }
    free(times);
    return result;
}

/// The calls so far.
typedef struct {
    double best;   ///< The shortest
    double alike;  ///< Seconds of those that took nearly as little
    double spent;  ///< Seconds of all
    double passed; ///< Seconds that passed meanwhile
    uint32_t count;
    double seconds[most_calls];
} Calls;

static void take(Calls* calls, double seconds, double passed) {
    const bool shorter = calls->count == 0 || seconds < calls->best;
    const uint32_t first = shorter ? 0 : calls->count; // a shorter one: all are looked at anew
    calls->seconds[calls->count++] = seconds;
    if (shorter) {
        calls->best = seconds;
        calls->alike = 0.0;
    }
    for (uint32_t i = first; i < calls->count; ++i) {
        if (calls->seconds[i] <= nearly * calls->best) {
            calls->alike += calls->seconds[i];
        }
    }
    calls->spent += seconds;
    calls->passed += passed;
}

static bool settled(const Calls* calls) {
    if (calls->count < least_calls) {
        return false;
    }
    return calls->best <= timbrel_cost_round(0.0) || calls->alike >= enough_seconds ||
           calls->spent >= most_seconds || calls->passed >= longest_wait ||
           calls->count == most_calls;
}

double timbrel_probe_cost(TimbrelBackend* backend, uint32_t lanes, uint32_t frames,
                          const _Atomic(bool)* cancel, TimbrelError* error) {
    const TimbrelModelInfo* info = &backend->info;
    const size_t samples = (size_t)lanes * info->in_channels * frames * info->ratio;
    const TimbrelAmounts amounts = {1.0f, 1.0f};
    const TimbrelCall call = {
        .lanes = timbrel_lanes_first(lanes), .frames = frames, .amounts = &amounts};
    const bool fine = counts_finely();
    uint32_t seed = 1;
    Calls calls = {0};
    while (!settled(&calls)) {
        if (cancelled(cancel)) {
            (void)timbrel_error_set(error, TIMBREL_TIMED_OUT, "Loading was given up.");
            return -1.0;
        }
        for (size_t i = 0; i < samples; ++i) {
            backend->audio_in[i] = 0.1f * timbrel_noise(&seed);
        }
        const double start = now();
        const double busy_before = busy(backend);
        if (timbrel_probe_play(backend, &call, error)) {
            return -1.0;
        }
        const double given = busy(backend) - busy_before;
        const double passed = now() - start;
        take(&calls, fine && interrupted * given < passed ? fmax(given, 1e-6) : passed, passed);
    }
    return calls.best;
}

static float energy_of(float value) {
    return isfinite(value) ? value * value : 0.0f;
}

/// The moment, in samples, by which half of the energy has come; 0 where there is none.
static double middle(const float* energy, size_t count) {
    double half = 0.0;
    for (size_t i = 0; i < count; ++i) {
        half += 0.5 * (double)energy[i];
    }
    for (size_t i = 0; half > 0.0 && i < count; half -= (double)energy[i++]) {
        if ((double)energy[i] >= half) {
            return (double)i + half / (double)energy[i];
        }
    }
    return 0.0;
}

/// What the delay is measured with.
typedef struct {
    uint32_t hop;
    uint32_t lead;       ///< Before the burst
    uint32_t burst;      ///< Its length
    uint32_t length;     ///< In all
    float* burst_energy; ///< [burst]
    float* heard;        ///< [length]: the output without the burst, then the energy of the change
} Burst;

static bool burst_init(Burst* b, uint32_t ratio, uint32_t hop, double rate) {
    *b = (Burst){.hop = hop};
    b->lead = (least_lead + hop - 1) / hop * hop;
    b->burst = (least_burst + ratio - 1) / ratio * ratio;
    b->length = b->lead + b->burst + (uint32_t)(delay_seconds * rate);
    b->length = (b->length + hop - 1) / hop * hop;
    b->burst_energy = calloc((size_t)b->burst + b->length, sizeof *b->heard);
    b->heard = b->burst_energy ? b->burst_energy + b->burst : NULL;
    return b->heard != NULL;
}

/// The hop at `start`: quiet noise in all channels, with or without the burst on top.
static void fill_hop(Burst* b, uint32_t start, bool with_burst, float* audio, uint32_t channels,
                     uint32_t* seed) {
    for (uint32_t i = 0; i < b->hop; ++i) {
        const uint32_t at = start + i - b->lead; // wraps before it: beyond its end too
        const float quiet = 0.01f * timbrel_noise(seed);
        const float loud = 0.5f * timbrel_noise(seed);
        if (at < b->burst) {
            b->burst_energy[at] = energy_of(loud);
        }
        for (uint32_t c = 0; c < channels; ++c) {
            audio[(size_t)c * b->hop + i] = quiet + (with_burst && at < b->burst ? loud : 0.0f);
        }
    }
}

static void keep_hop(Burst* b, uint32_t start, bool with_burst, const float* audio) {
    for (uint32_t i = 0; i < b->hop; ++i) {
        float* heard = &b->heard[start + i];
        *heard = with_burst ? energy_of(audio[i] - *heard) : audio[i];
    }
}

TimbrelStatus timbrel_probe_delay(TimbrelBackend* backend, uint32_t frames, double rate,
                                  double* delay, const _Atomic(bool)* cancel, TimbrelError* error) {
    const TimbrelModelInfo* info = &backend->info;
    // No draws, so that nothing but the burst tells the two runs apart.
    const TimbrelCall call = {.lanes = 1, .frames = frames};
    Burst burst;
    if (!burst_init(&burst, info->ratio, frames * info->ratio, rate)) {
        return timbrel_error_no_memory(error);
    }
    TimbrelStatus status = TIMBREL_OK;
    for (int run = 0; run < 2 && !status; ++run) {
        uint32_t seed = 1;
        status = backend->ops->reset(backend, TIMBREL_ALL_LANES, error);
        for (uint32_t start = 0; start < burst.length && !status; start += burst.hop) {
            if (cancelled(cancel)) {
                status = timbrel_error_set(error, TIMBREL_TIMED_OUT, "Loading was given up.");
                break;
            }
            fill_hop(&burst, start, run == 1, backend->audio_in, info->in_channels, &seed);
            status = timbrel_probe_play(backend, &call, error);
            keep_hop(&burst, start, run == 1, backend->audio_out);
        }
    }
    *delay = 0.0;
    if (!status) {
        const uint32_t heard = burst.length - burst.lead;
        *delay = fmax(
            middle(burst.heard + burst.lead, heard) - middle(burst.burst_energy, burst.burst), 0.0);
    }
    free(burst.burst_energy);
    return status;
}
