// SPDX-License-Identifier: ISC
#include "stream_private.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    backlog_hops = 8,  // Hops of input that are kept when inference is late
    span_hops = 1024,  // Enough to see every phase that two usual rates have to each other
    stop_timeout = 200 // ms until a call of the model is interrupted
};

uint64_t timbrel_stream_hop_time(const TimbrelStream* stream, uint64_t hop) {
    const uint64_t model_samples = (hop + 1) * stream->summary.hop + stream->framing.context;
    return stream->same_rate ? model_samples
                             : timbrel_resampler_needed(stream->inference.down[0], model_samples);
}

uint64_t timbrel_stream_out_total(const TimbrelStream* stream, uint64_t hops) {
    const uint64_t model_samples = hops * stream->summary.hop;
    return stream->same_rate ? model_samples
                             : timbrel_resampler_available(stream->inference.up[0], model_samples);
}

/// Time at which the last input sample of latent frame `frame` has been written.
static uint64_t frame_time(const TimbrelStream* stream, uint64_t frame) {
    const uint64_t model_samples = (frame + 1) * stream->summary.info.ratio;
    return (model_samples * stream->host_rate + stream->model_rate - 1) / stream->model_rate;
}

static uint64_t power_of_two(uint64_t least) {
    uint64_t size = 64;
    while (size < least) {
        size *= 2;
    }
    return size;
}

static bool ring_init(TimbrelRing* ring, uint32_t channels, uint64_t least) {
    const uint64_t size = power_of_two(least);
    ring->mask = size - 1;
    bool there = true;
    for (uint32_t c = 0; c < channels; ++c) {
        ring->channel[c] = calloc(size, sizeof(float));
        there = there && ring->channel[c];
    }
    return there;
}

/// The audio half at time 0.
static void reset_audio(TimbrelStream* s) {
    s->audio = (TimbrelStreamAudio){.hop_time = timbrel_stream_hop_time(s, 0),
                                    .frame_time = frame_time(s, 0)};
    atomic_store(&s->posted, 0);
    atomic_store(&s->lost_until, 0);
    atomic_store(&s->read_until, INT64_MIN / 2);
    atomic_store(&s->waiting, false);
    atomic_store(&s->quit, false);
    atomic_store(&s->taken, 0);
    atomic_store(&s->frames_taken, 0);
    atomic_store(&s->hops_done, 0);
    atomic_store(&s->out_written, 0);
    atomic_store(&s->invalid_until, 0);
    while (sem_trywait(&s->work) == 0) {
    }
    while (sem_trywait(&s->done) == 0) {
    }
}

static TimbrelStatus start(TimbrelStream* s, TimbrelError* error) {
    // A host may block signals only in its own threads: ours takes none.
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&s->thread, NULL, timbrel_inference_run, s);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        return timbrel_error_set(error, TIMBREL_NO_MEMORY,
                                 "The inference thread could not be started: %s.",
                                 strerror(failed));
    }
    s->running = true;
    return TIMBREL_OK;
}

static void stop(TimbrelStream* s, bool interrupt) {
    if (!s->running) {
        return;
    }
    atomic_store(&s->quit, true);
    (void)sem_post(&s->work);
    if (interrupt) {
        struct timespec until;
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += stop_timeout * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        if (pthread_timedjoin_np(s->thread, NULL, &until) == 0) {
            s->running = false;
            return;
        }
        s->backend->ops->interrupt(s->backend);
    }
    (void)pthread_join(s->thread, NULL);
    s->running = false;
}

/// How the model's delay and the rates' ratio place the wet signal in time. The up-sampler starts
/// at a phase that makes the whole delay an integer number of host samples.
static double place(TimbrelStream* s) {
    const double ratio = (double)s->model_rate / s->host_rate;
    const double delay = s->summary.delay + s->summary.overlap;
    if (s->same_rate) {
        s->delay_host = (uint32_t)lround(delay);
        return 0.0;
    }
    s->delay_host = (uint32_t)(delay / ratio);
    return delay - s->delay_host * ratio;
}

static bool allocate(TimbrelStream* s) {
    TimbrelStreamInference* const inf = &s->inference;
    const uint32_t hop = s->summary.hop;
    const uint32_t channels = s->config.channels;
    const double phase = place(s);
    bool there = true;
    for (uint32_t c = 0; c < channels && !s->same_rate; ++c) {
        inf->down[c] = timbrel_resampler_new(s->host_rate, s->model_rate, 0.0);
        inf->up[c] = timbrel_resampler_new(s->model_rate, s->host_rate, phase);
        there = there && inf->down[c] && inf->up[c];
    }
    if (!there) {
        return false;
    }
    for (uint64_t k = 0; k < span_hops; ++k) {
        const uint64_t first = timbrel_stream_out_total(s, k);
        const uint64_t complete = timbrel_stream_hop_time(s, k);
        if (complete > first + s->span) {
            s->span = (uint32_t)(complete - first);
        }
    }
    s->hop_host = (uint32_t)(((uint64_t)hop * s->host_rate + s->model_rate - 1) / s->model_rate);
    inf->converted_room = s->hop_host + 64;

    // One input sample may give several model samples beyond the window's end.
    const uint32_t slack = 64 + s->model_rate / s->host_rate;
    there = timbrel_encoder_init(&inf->encoder, s->model, channels, hop + slack) &&
            timbrel_decoder_init(&inf->decoder, s->model, channels);
    inf->converted = calloc(inf->converted_room, sizeof(float));
    const uint64_t in_least = (uint64_t)s->span + (uint64_t)backlog_hops * s->hop_host +
                              (uint64_t)2 * TIMBREL_MAX_BLOCK + TIMBREL_CHUNK;
    const uint64_t out_least = (uint64_t)timbrel_stream_max_latency(s) + s->hop_host + 4096;
    const uint64_t frames = power_of_two(
        (in_least + s->span) * s->model_rate / s->host_rate / s->summary.info.ratio + 64);
    s->controls = calloc(frames, sizeof *s->controls);
    s->controls_mask = frames - 1;
    return ring_init(&s->in_ring, channels, in_least) &&
           ring_init(&s->out_ring, channels, out_least) && inf->converted && s->controls && there;
}

TimbrelStream* timbrel_stream_new(TimbrelModel* model, const TimbrelStreamConfig* config,
                                  TimbrelError* error) {
    TimbrelStream* const s = calloc(1, sizeof *s);
    if (!s) {
        timbrel_model_close(model);
        (void)timbrel_error_set(error, TIMBREL_NO_MEMORY, "There is not enough memory.");
        return NULL;
    }
    s->config = *config;
    s->model = model;
    s->backend = timbrel_model_backend(model);
    s->summary = *timbrel_model_summary(model);
    memcpy(s->attributes, s->summary.info.attributes, sizeof s->attributes);
    s->host_rate = (uint32_t)lround(config->rate);
    s->model_rate = (uint32_t)lround(s->summary.rate);
    s->same_rate = s->host_rate == s->model_rate;
    s->framing = timbrel_framing(&s->summary);
    // The time is rounded up: it may be less by this factor.
    s->share = (float)(M_SQRT1_2 * s->summary.hop_seconds[0] * s->summary.rate / s->summary.hop);
    (void)pthread_mutex_init(&s->mutex, NULL);
    (void)sem_init(&s->work, 0, 0);
    (void)sem_init(&s->done, 0, 0);
    if (!allocate(s)) {
        (void)timbrel_error_set(error, TIMBREL_NO_MEMORY, "There is not enough memory.");
        timbrel_stream_free(s);
        return NULL;
    }
    if (timbrel_stream_max_latency(s) > TIMBREL_MAX_LATENCY) {
        (void)timbrel_error_set(
            error, TIMBREL_BAD_MODEL,
            "The model %s would play %.1f s late, which is more than a host can "
            "make up for; use one with a smaller ratio.",
            s->summary.name, timbrel_stream_max_latency(s) / config->rate);
        timbrel_stream_free(s);
        return NULL;
    }
    timbrel_inference_reset(s);
    reset_audio(s);
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
    stop(s, true);
    timbrel_model_close(s->model);
    for (int c = 0; c < 2; ++c) {
        timbrel_resampler_free(s->inference.down[c]);
        timbrel_resampler_free(s->inference.up[c]);
        free(s->in_ring.channel[c]);
        free(s->out_ring.channel[c]);
    }
    timbrel_encoder_free(&s->inference.encoder);
    timbrel_decoder_free(&s->inference.decoder);
    free(s->inference.converted);
    free(s->controls);
    (void)sem_destroy(&s->work);
    (void)sem_destroy(&s->done);
    (void)pthread_mutex_destroy(&s->mutex);
    free(s);
}

TimbrelStatus timbrel_stream_reset(TimbrelStream* s, TimbrelError* error) {
    if (s->audio.time == 0) {
        return TIMBREL_OK;
    }
    stop(s, false);
    const TimbrelStatus status =
        timbrel_stream_failed(s) ? TIMBREL_OK : s->backend->ops->reset(s->backend, error);
    timbrel_inference_reset(s);
    reset_audio(s);
    return status ? status : start(s, error);
}

const TimbrelModelSummary* timbrel_stream_summary(const TimbrelStream* s) {
    return &s->summary;
}

void timbrel_stream_latency(const TimbrelStream* s, TimbrelTiming timing, uint32_t block, bool dual,
                            TimbrelLatency* latency) {
    const bool two = dual && s->summary.hop_seconds[1] > 0.0 && s->config.channels == 2;
    const TimbrelDeadlineQuery query = {.rate = s->config.rate,
                                        .hop_seconds = s->summary.hop_seconds[two ? 1 : 0],
                                        .hop = s->hop_host,
                                        .block =
                                            block < TIMBREL_MAX_BLOCK ? block : TIMBREL_MAX_BLOCK,
                                        .same_rate = s->same_rate,
                                        .timing = timing};
    timbrel_deadline(&query, latency);
    latency->hop = s->hop_host;
    latency->context =
        (uint32_t)(((uint64_t)s->framing.context * s->host_rate + s->model_rate - 1) /
                   s->model_rate);
    const uint32_t known = latency->hop + latency->context;
    // Rounding up twice may exceed the span by a sample or two at other rates.
    latency->resampler = s->span > known ? s->span - known : 0;
    latency->model = s->delay_host;
    latency->total =
        known + latency->resampler + latency->deadline - latency->alignment + latency->model;
}

uint32_t timbrel_stream_max_latency(const TimbrelStream* s) {
    TimbrelLatency latency;
    timbrel_stream_latency(s, TIMBREL_TIMING_FULL, TIMBREL_MAX_BLOCK, false, &latency);
    return latency.total + TIMBREL_MAX_BLOCK;
}

/// Wait until the inference thread has done something since `hops` was read from hops_done. Only
/// for free-wheeling: the audio thread may wait there.
static void wait_progress(TimbrelStream* s, uint64_t hops) {
    for (;;) {
        // Before each look: a post, also one that came for nothing, takes the flag down.
        atomic_store(&s->waiting, true);
        if (atomic_load(&s->hops_done) != hops || timbrel_stream_failed(s)) {
            break;
        }
        (void)sem_wait(&s->done);
    }
    atomic_store(&s->waiting, false);
}

static void sample_controls(TimbrelStream* s, uint64_t end, const TimbrelLatentControls* controls) {
    TimbrelStreamAudio* const a = &s->audio;
    const uint64_t taken = atomic_load_explicit(&s->frames_taken, memory_order_acquire);
    while (a->frame_time <= end) {
        if (a->frame - taken <= s->controls_mask) {
            s->controls[a->frame & s->controls_mask] = *controls;
        }
        a->frame_time = frame_time(s, ++a->frame);
    }
}

void timbrel_stream_write(TimbrelStream* s, const float* const* in, uint32_t frames,
                          const TimbrelLatentControls* controls, bool wait) {
    TimbrelStreamAudio* const a = &s->audio;
    const uint64_t end = a->time + frames;
    atomic_store_explicit(&s->freewheel, wait, memory_order_relaxed);
    uint64_t hops = atomic_load(&s->hops_done);
    while (wait && end - atomic_load_explicit(&s->taken, memory_order_acquire) > s->in_ring.mask &&
           !timbrel_stream_failed(s)) {
        wait_progress(s, hops);
        hops = atomic_load(&s->hops_done);
    }
    if (end - atomic_load_explicit(&s->taken, memory_order_acquire) <= s->in_ring.mask) {
        for (uint32_t c = 0; c < s->config.channels; ++c) {
            float* const ring = s->in_ring.channel[c];
            for (uint32_t i = 0; i < frames; ++i) {
                ring[(a->time + i) & s->in_ring.mask] = in[c][i];
            }
        }
    } else {
        atomic_store_explicit(&s->lost_until, end, memory_order_release);
    }
    sample_controls(s, end, controls);
    a->time = end;
    bool posted = false;
    while (a->hop_time <= end) {
        a->hop_time = timbrel_stream_hop_time(s, ++a->hop);
        posted = true;
    }
    if (posted) {
        atomic_store_explicit(&s->audio_thread, (int)syscall(SYS_gettid), memory_order_relaxed);
        atomic_store_explicit(&s->posted, a->hop, memory_order_release);
        (void)sem_post(&s->work);
    }
}

/// How many of the wet samples from `first` on can be read now; negative ones always can.
static uint32_t readable(TimbrelStream* s, int64_t first, uint32_t frames) {
    const uint64_t written = atomic_load_explicit(&s->out_written, memory_order_acquire);
    const uint64_t invalid = atomic_load_explicit(&s->invalid_until, memory_order_acquire);
    if (first >= 0 && (uint64_t)first < invalid) {
        return 0;
    }
    const int64_t there = (int64_t)written - first;
    return there <= 0 ? 0 : there < (int64_t)frames ? (uint32_t)there : frames;
}

uint32_t timbrel_stream_read(TimbrelStream* s, int64_t first, float* const* out, uint32_t frames,
                             bool wait) {
    uint64_t hops = atomic_load(&s->hops_done);
    uint32_t there = readable(s, first, frames);
    while (wait && there < frames && s->audio.hop > hops && !timbrel_stream_failed(s)) {
        wait_progress(s, hops);
        hops = atomic_load(&s->hops_done);
        there = readable(s, first, frames);
    }
    for (uint32_t c = 0; c < s->config.channels; ++c) {
        const float* const ring = s->out_ring.channel[c];
        for (uint32_t i = 0; i < frames; ++i) {
            const int64_t index = first + i;
            out[c][i] = i < there && index >= 0 ? ring[(uint64_t)index & s->out_ring.mask] : 0.0f;
        }
    }
    atomic_store_explicit(&s->read_until, first + frames, memory_order_release);
    return there;
}

bool timbrel_stream_failed(const TimbrelStream* s) {
    return atomic_load_explicit(&s->failed, memory_order_acquire);
}

void timbrel_stream_error(TimbrelStream* s, TimbrelError* error) {
    (void)pthread_mutex_lock(&s->mutex);
    *error = s->error;
    (void)pthread_mutex_unlock(&s->mutex);
}

float timbrel_stream_load(const TimbrelStream* s) {
    return atomic_load_explicit(&s->load, memory_order_relaxed);
}

float timbrel_stream_share(const TimbrelStream* s) {
    return atomic_load_explicit(&s->share, memory_order_relaxed);
}

uint32_t timbrel_stream_latents(const TimbrelStream* s, float raw[TIMBREL_MAX_LATENTS],
                                float controlled[TIMBREL_MAX_LATENTS]) {
    const uint32_t latents = s->summary.info.latents;
    for (uint32_t i = 0; i < latents; ++i) {
        raw[i] = atomic_load_explicit(&s->raw[i], memory_order_relaxed);
        controlled[i] = atomic_load_explicit(&s->controlled[i], memory_order_relaxed);
    }
    return latents;
}

void timbrel_stream_set_attribute(TimbrelStream* s, const char* name, const char* value) {
    (void)pthread_mutex_lock(&s->mutex);
    if (timbrel_attributes_set(&s->queue, name, value)) {
        atomic_store(&s->has_queued, true);
    }
    (void)pthread_mutex_unlock(&s->mutex);
    (void)sem_post(&s->work);
}

bool timbrel_stream_fixes_attribute(TimbrelStream* s, const char* name, const char* value) {
    const TimbrelModelInfo* const info = &s->summary.info;
    for (uint32_t i = 0; i < info->attribute_count; ++i) {
        const TimbrelAttribute* const attribute = &info->attributes[i];
        if (attribute->settable && strcmp(attribute->name, name) == 0) {
            return strcmp(s->summary.backend, "native") == 0 &&
                   strcmp(attribute->value, value) != 0;
        }
    }
    return false;
}

void timbrel_stream_summary_now(TimbrelStream* s, TimbrelModelSummary* summary) {
    *summary = s->summary;
    (void)pthread_mutex_lock(&s->mutex);
    memcpy(summary->info.attributes, s->attributes, sizeof s->attributes);
    (void)pthread_mutex_unlock(&s->mutex);
}
