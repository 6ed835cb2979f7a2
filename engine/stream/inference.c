// SPDX-License-Identifier: ISC
#include "inference.h"
#include "engine/base/rt.h"

#include "engine/base/denormal.h"
#include "engine/base/now.h"
#include "engine/model/attributes.h"
#include "load.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    convert_piece = 512, // Host samples handed to a resampler at once
    patience = 3,        // Hops with non-finite output in a row until the model is given up
    stop_timeout = 200   // ms until a call of the model is interrupted
};

struct TimbrelInference {
    TimbrelInferenceConfig config;
    TimbrelBackend* backend;
    TimbrelModelSummary summary; ///< As of the load; attributes change in `attributes` only

    // The thread's own.
    TimbrelPlayer player;
    TimbrelResampler* down[2];
    TimbrelResampler* up[2];
    float* converted; ///< One hop of output at the host's rate
    uint32_t converted_room;
    uint64_t hop;                    ///< Hops played
    uint64_t taken;                  ///< Host samples converted
    TimbrelLatentControls* controls; ///< Of the hop's window
    TimbrelLatentEvent* events;      ///< Of the hop
    uint32_t bad_hops;               ///< In a row with non-finite output
    int followed;                    ///< Audio thread whose priority was taken over

    pthread_t thread;
    bool running; ///< Whether `thread` is to be joined
    sem_t work;   ///< Posted for each hop, and to quit
    sem_t done;   ///< Posted by the thread if `waiting`

    // From the audio thread.
    atomic_uint_fast64_t posted; ///< Hops complete
    atomic_int audio_thread;     ///< Thread id whose priority to follow
    atomic_bool waiting;
    atomic_bool freewheel;
    atomic_bool quit;

    // To all others.
    atomic_uint_fast64_t hops_done;
    atomic_bool failed;
    TimbrelLoad load;
    _Atomic(float) raw[TIMBREL_MAX_LATENTS];
    _Atomic(float) controlled[TIMBREL_MAX_LATENTS];

    _Atomic(TimbrelSource*) next_source; ///< To be played from the next hop on, or NULL
    TimbrelRing old_sources;             ///< TimbrelSource*, to be freed

    // Between the thread and others; never the audio thread.
    pthread_mutex_t mutex;
    TimbrelError error;
    TimbrelAttributeList queue; ///< To be set between two hops
    TimbrelAttribute attributes[TIMBREL_MAX_ATTRIBUTES];
    atomic_bool has_queued;
};

static bool allocate(TimbrelInference* n, TimbrelModel* model) {
    const TimbrelClock* clock = n->config.clock;
    const uint32_t channels = n->config.output->channels;
    bool there =
        timbrel_player_init(&n->player, model, n->config.feed->channels, channels, n->config.most);
    for (uint32_t c = 0; c < channels && !clock->same_rate; ++c) {
        n->down[c] = timbrel_resampler_new(clock->host_rate, clock->model_rate, 0.0);
        n->up[c] = timbrel_resampler_new(clock->model_rate, clock->host_rate, clock->phase);
        there = there && n->down[c] && n->up[c];
    }
    n->converted_room = clock->hop + 64;
    n->converted = calloc(n->converted_room, sizeof(float));
    n->controls = calloc(clock->framing.frames, sizeof *n->controls);
    n->events = calloc(TIMBREL_FEED_EVENTS, sizeof *n->events);
    return timbrel_ring_init(&n->old_sources, sizeof(TimbrelSource*), 16) && there &&
           n->converted && n->controls && n->events;
}

/// Fresh state of all but the model.
static void reset_state(TimbrelInference* n) {
    for (uint32_t c = 0; c < 2 && n->down[c]; ++c) {
        timbrel_resampler_reset(n->down[c]);
        timbrel_resampler_reset(n->up[c]);
    }
    timbrel_player_reset(&n->player);
    n->hop = 0;
    n->taken = 0;
    n->bad_hops = 0;
    timbrel_load_reset(&n->load);
    atomic_store(&n->posted, 0);
    atomic_store(&n->waiting, false);
    atomic_store(&n->quit, false);
    atomic_store(&n->hops_done, 0);
    while (sem_trywait(&n->work) == 0) {
    }
    while (sem_trywait(&n->done) == 0) {
    }
}

TimbrelInference* timbrel_inference_new(TimbrelModel* model, const TimbrelInferenceConfig* config,
                                        TimbrelError* error) {
    TimbrelInference* n = calloc(1, sizeof *n);
    if (!n) {
        (void)timbrel_error_no_memory(error);
        return NULL;
    }
    n->config = *config;
    n->backend = timbrel_model_backend(model);
    n->summary = *timbrel_model_summary(model);
    memcpy(n->attributes, n->summary.info.attributes, sizeof n->attributes);
    // The time is rounded up: it may be less by this factor.
    n->load.share =
        (float)(M_SQRT1_2 * n->summary.hop_seconds[0] * n->summary.rate / n->summary.hop);
    (void)pthread_mutex_init(&n->mutex, NULL);
    (void)sem_init(&n->work, 0, 0);
    (void)sem_init(&n->done, 0, 0);
    if (!allocate(n, model)) {
        (void)timbrel_error_no_memory(error);
        timbrel_inference_free(n);
        return NULL;
    }
    reset_state(n);
    return n;
}

static void free_source(TimbrelSource* source) {
    if (source) {
        source->free(source);
    }
}

static void free_old_sources(TimbrelInference* n) {
    while (n->old_sources.items && timbrel_ring_count(&n->old_sources) > 0) {
        TimbrelSource* source = NULL;
        (void)timbrel_ring_take(&n->old_sources, &source, 1);
        free_source(source);
    }
}

void timbrel_inference_free(TimbrelInference* n) {
    if (!n) {
        return;
    }
    free_old_sources(n);
    free_source(atomic_load(&n->next_source));
    free_source(n->player.source);
    timbrel_player_free(&n->player);
    for (int c = 0; c < 2; ++c) {
        timbrel_resampler_free(n->down[c]);
        timbrel_resampler_free(n->up[c]);
    }
    timbrel_ring_free(&n->old_sources);
    free(n->converted);
    free(n->controls);
    free(n->events);
    (void)sem_destroy(&n->work);
    (void)sem_destroy(&n->done);
    (void)pthread_mutex_destroy(&n->mutex);
    free(n);
}

TimbrelStatus timbrel_inference_reset(TimbrelInference* n, TimbrelError* error) {
    const TimbrelStatus status = timbrel_inference_failed(n)
                                     ? TIMBREL_OK
                                     : n->backend->ops->reset(n->backend, TIMBREL_ALL_LANES, error);
    reset_state(n);
    return status;
}

/// Run at a priority one below the audio thread's, and the model's process with us, where
/// permitted.
static void follow_priority(TimbrelInference* n) {
    const int thread = atomic_load_explicit(&n->audio_thread, memory_order_relaxed);
    if (thread == n->followed || thread == 0) {
        return;
    }
    n->followed = thread;
    struct sched_param audio;
    const int policy = sched_getscheduler(thread) & ~SCHED_RESET_ON_FORK; // RealtimeKit sets it
    if ((policy != SCHED_FIFO && policy != SCHED_RR) || sched_getparam(thread, &audio)) {
        return;
    }
    const struct sched_param own = {.sched_priority =
                                        audio.sched_priority > 1 ? audio.sched_priority - 1 : 1};
    (void)pthread_setschedparam(pthread_self(), SCHED_FIFO, &own);
    (void)n->backend->ops->set_priority(n->backend, own.sched_priority);
}

static void changed(const TimbrelInference* n) {
    n->config.changed(n->config.handle);
}

static void fail(TimbrelInference* n, const TimbrelError* error) {
    (void)pthread_mutex_lock(&n->mutex);
    n->error = *error;
    (void)pthread_mutex_unlock(&n->mutex);
    atomic_store(&n->failed, true);
    changed(n);
}

/// Sound -> the encoder, at the model's rate, up to host sample `target`. False if some of it was
/// lost.
static bool gather(TimbrelInference* n, uint64_t target) {
    TimbrelFeed* feed = n->config.feed;
    TimbrelEncoder* encoder = &n->player.encoder;
    bool whole = true;
    while (feed->channels > 0 && n->taken < target) {
        const uint64_t left = target - n->taken;
        const uint32_t count = left < convert_piece ? (uint32_t)left : convert_piece;
        float samples[2 * convert_piece];
        whole = timbrel_ring_take(&feed->sound, samples, count) && whole;
        uint32_t got = count;
        for (uint32_t c = 0; c < feed->channels; ++c) {
            float piece[convert_piece];
            for (uint32_t i = 0; i < count; ++i) {
                piece[i] = samples[i * feed->channels + c];
            }
            float* end = timbrel_encoder_end(encoder, c);
            if (n->down[c]) {
                got = timbrel_resampler_process(n->down[c], piece, count, end,
                                                timbrel_encoder_room(encoder));
            } else {
                memcpy(end, piece, count * sizeof(float));
            }
        }
        timbrel_encoder_put(encoder, got);
        n->taken += count;
    }
    return whole;
}

static void show_load(TimbrelInference* n, double seconds) {
    const bool counts = !atomic_load_explicit(&n->freewheel, memory_order_relaxed);
    if (timbrel_load_note(&n->load, seconds, n->summary.hop / n->summary.rate, counts)) {
        changed(n);
    }
}

static void show_latents(TimbrelInference* n) {
    for (uint32_t i = 0; i < n->summary.info.latents; ++i) {
        atomic_store_explicit(&n->raw[i], n->player.raw[i], memory_order_relaxed);
        atomic_store_explicit(&n->controlled[i], n->player.controlled[i], memory_order_relaxed);
    }
}

/// Play the hop. False: the decoder holds nothing of use.
static bool infer(TimbrelInference* n, const TimbrelPlayerHop* hop) {
    const double start = timbrel_now();
    TimbrelError error = {0};
    bool finite = false;
    if (timbrel_player_play(&n->player, hop, &finite, &error)) {
        if (!atomic_load(&n->quit)) {
            fail(n, &error);
        }
        return false;
    }
    show_latents(n);
    show_load(n, timbrel_now() - start);
    if (finite) {
        n->bad_hops = 0;
        return true;
    }
    // Its caches now hold what is no number, and would for ever.
    timbrel_decoder_reset(&n->player.decoder);
    if (++n->bad_hops >= patience) {
        (void)timbrel_error_set(&error, TIMBREL_BAD_MODEL,
                                "The model %s gives no sound but invalid numbers; choose another.",
                                n->summary.name);
        fail(n, &error);
    } else if (n->backend->ops->reset(n->backend, TIMBREL_ALL_LANES, &error)) {
        fail(n, &error);
    }
    return false;
}

/// One hop at the model's rate -> the output at the host's rate.
static void emit(TimbrelInference* n, bool valid) {
    const uint32_t hop = n->summary.hop;
    uint32_t count = hop;
    for (uint32_t c = 0; c < n->config.output->channels; ++c) {
        float* sound = n->player.decoder.out[c];
        if (!valid) {
            memset(sound, 0, hop * sizeof(float));
        }
        if (n->up[c]) {
            count =
                timbrel_resampler_process(n->up[c], sound, hop, n->converted, n->converted_room);
        }
        timbrel_output_put(n->config.output, c, n->up[c] ? n->converted : sound, count);
    }
    timbrel_output_add(n->config.output, count, valid);
}

/// A hop whose every sample is overdue by a hop more is of no use to anyone: catching up is.
static bool is_useless(const TimbrelInference* n) {
    const TimbrelClock* clock = n->config.clock;
    const int64_t end = (int64_t)timbrel_clock_out_total(clock, n->hop + 1) + clock->hop;
    return !atomic_load_explicit(&n->freewheel, memory_order_relaxed) &&
           timbrel_output_read_until(n->config.output) > end;
}

static void play_hop(TimbrelInference* n) {
    TimbrelFeed* feed = n->config.feed;
    const TimbrelClock* clock = n->config.clock;
    bool whole = gather(n, timbrel_clock_hop_time(clock, n->hop));
    whole = timbrel_feed_controls(feed, clock, n->hop, n->controls) && whole;
    const TimbrelPlayerHop hop = {.number = n->hop,
                                  .controls = n->controls,
                                  .events = n->events,
                                  .event_count =
                                      timbrel_feed_events(feed, clock, n->hop, n->events)};
    bool valid = false;
    if (whole && !is_useless(n)) {
        valid = infer(n, &hop);
    } else {
        timbrel_player_skip(&n->player, &hop);
    }
    timbrel_player_advance(&n->player);
    emit(n, valid);
    timbrel_feed_drop(feed, clock, n->hop);
    ++n->hop;
}

static void exchange_source(TimbrelInference* n) {
    if (timbrel_ring_room(&n->old_sources) == 0) {
        return; // Later: the old one must find its way home
    }
    TimbrelSource* source = atomic_exchange(&n->next_source, NULL);
    if (!source) {
        return;
    }
    TimbrelSource* old = n->player.source;
    timbrel_player_exchange(&n->player, source);
    if (old) {
        (void)timbrel_ring_put(&n->old_sources, &old, 1);
    }
}

static void set_attributes(TimbrelInference* n) {
    while (atomic_exchange(&n->has_queued, false)) {
        (void)pthread_mutex_lock(&n->mutex);
        const TimbrelAttributeList queue = n->queue;
        n->queue.count = 0;
        (void)pthread_mutex_unlock(&n->mutex);
        for (uint32_t i = 0; i < queue.count; ++i) {
            // A model without the attribute, or one that refuses the value, plays on unchanged.
            TimbrelError error;
            (void)n->backend->ops->set_attribute(n->backend, queue.values[i].name,
                                                 queue.values[i].value, &error);
        }
        (void)pthread_mutex_lock(&n->mutex);
        memcpy(n->attributes, n->backend->info.attributes, sizeof n->attributes);
        (void)pthread_mutex_unlock(&n->mutex);
        changed(n);
    }
}

static void* run(void* argument) {
    TimbrelInference* n = argument;
    (void)prctl(PR_SET_NAME, "timbrel-infer");
    timbrel_denormals_off();
    while (!atomic_load(&n->quit)) {
        if (sem_wait(&n->work)) {
            continue; // Interrupted
        }
        follow_priority(n);
        while (!atomic_load(&n->quit) && !timbrel_inference_failed(n)) {
            set_attributes(n);
            exchange_source(n);
            if (n->hop >= atomic_load_explicit(&n->posted, memory_order_acquire)) {
                break;
            }
            play_hop(n);
            atomic_store(&n->hops_done, n->hop);
            if (atomic_exchange(&n->waiting, false)) {
                (void)sem_post(&n->done);
            }
        }
        if (atomic_exchange(&n->waiting, false)) {
            (void)sem_post(&n->done); // The model failed: nobody must wait for it
        }
    }
    return NULL;
}

TimbrelStatus timbrel_inference_start(TimbrelInference* n, TimbrelError* error) {
    // A host may block signals only in its own threads: ours takes none.
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&n->thread, NULL, run, n);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        return timbrel_error_set(error, TIMBREL_NO_MEMORY,
                                 "The inference thread could not be started: %s.",
                                 strerror(failed));
    }
    n->running = true;
    return TIMBREL_OK;
}

void timbrel_inference_stop(TimbrelInference* n, bool interrupt) {
    if (!n->running) {
        return;
    }
    atomic_store(&n->quit, true);
    (void)sem_post(&n->work);
    if (interrupt) {
        struct timespec until;
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += stop_timeout * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        if (pthread_timedjoin_np(n->thread, NULL, &until) == 0) {
            n->running = false;
            return;
        }
        n->backend->ops->interrupt(n->backend);
    }
    (void)pthread_join(n->thread, NULL);
    n->running = false;
}

void timbrel_inference_post(TimbrelInference* n, uint64_t hops) TIMBREL_RT {
    TIMBREL_RT_UNCHECKED // A system call that does not block
        const int thread = (int)syscall(SYS_gettid);
    TIMBREL_RT_CHECKED
    atomic_store_explicit(&n->audio_thread, thread, memory_order_relaxed);
    atomic_store_explicit(&n->posted, hops, memory_order_release);
    timbrel_rt_post(&n->work);
}

uint64_t timbrel_inference_done(const TimbrelInference* n) TIMBREL_RT {
    return atomic_load(&n->hops_done);
}

void timbrel_inference_wait(TimbrelInference* n, uint64_t hops) TIMBREL_RT_WAITS {
    for (;;) {
        // Before each look: a post, also one that came for nothing, takes the flag down.
        atomic_store(&n->waiting, true);
        if (atomic_load(&n->hops_done) != hops || timbrel_inference_failed(n)) {
            break;
        }
        (void)sem_wait(&n->done);
    }
    atomic_store(&n->waiting, false);
}

void timbrel_inference_freewheel(TimbrelInference* n, bool freewheel) TIMBREL_RT {
    atomic_store_explicit(&n->freewheel, freewheel, memory_order_relaxed);
}

bool timbrel_inference_failed(const TimbrelInference* n) TIMBREL_RT {
    return atomic_load_explicit(&n->failed, memory_order_acquire);
}

void timbrel_inference_error(TimbrelInference* n, TimbrelError* error) {
    (void)pthread_mutex_lock(&n->mutex);
    *error = n->error;
    (void)pthread_mutex_unlock(&n->mutex);
}

float timbrel_inference_load(const TimbrelInference* n) TIMBREL_RT {
    return atomic_load_explicit(&n->load.load, memory_order_relaxed);
}

float timbrel_inference_share(const TimbrelInference* n) TIMBREL_RT {
    return atomic_load_explicit(&n->load.share, memory_order_relaxed);
}

void timbrel_inference_latents(const TimbrelInference* n, float* raw,
                               float* controlled) TIMBREL_RT {
    for (uint32_t i = 0; i < n->summary.info.latents; ++i) {
        raw[i] = atomic_load_explicit(&n->raw[i], memory_order_relaxed);
        controlled[i] = atomic_load_explicit(&n->controlled[i], memory_order_relaxed);
    }
}

void timbrel_inference_set_attribute(TimbrelInference* n, const char* name, const char* value) {
    (void)pthread_mutex_lock(&n->mutex);
    if (timbrel_attributes_set(&n->queue, name, value)) {
        atomic_store(&n->has_queued, true);
    }
    (void)pthread_mutex_unlock(&n->mutex);
    (void)sem_post(&n->work);
}

void timbrel_inference_attributes(TimbrelInference* n,
                                  TimbrelAttribute attributes[TIMBREL_MAX_ATTRIBUTES]) {
    (void)pthread_mutex_lock(&n->mutex);
    memcpy(attributes, n->attributes, sizeof n->attributes);
    (void)pthread_mutex_unlock(&n->mutex);
}

void timbrel_inference_set_source(TimbrelInference* n, TimbrelSource* source) {
    (void)pthread_mutex_lock(&n->mutex); // One reader of the ring at a time
    free_old_sources(n);
    free_source(atomic_exchange(&n->next_source, source));
    (void)pthread_mutex_unlock(&n->mutex);
    (void)sem_post(&n->work);
}
