// SPDX-License-Identifier: ISC
#include "engine/base/denormal.h"
#include "engine/model/methods.h"
#include "stream_private.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

enum {
    convert_piece = 512, // Host samples handed to a resampler at once
    patience = 3         // Hops with non-finite output in a row until the model is given up
};

static const double judged_seconds = 2.0;

static double now(void) {
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void timbrel_inference_reset(TimbrelStream* s) {
    TimbrelStreamInference* const inf = &s->inference;
    const uint32_t channels = s->config.channels;
    for (uint32_t c = 0; c < channels && !s->same_rate; ++c) {
        timbrel_resampler_reset(inf->down[c]);
        timbrel_resampler_reset(inf->up[c]);
    }
    timbrel_encoder_reset(&inf->encoder);
    timbrel_decoder_reset(&inf->decoder);
    memset(inf->latent, 0, sizeof inf->latent);
    inf->hop = 0;
    inf->taken = 0;
    inf->out = 0;
    inf->bad_hops = 0;
    inf->spent = 0.0;
    inf->played = 0.0;
}

/// Run at a priority one below the audio thread's, and the model's process with us, where
/// permitted.
static void follow_priority(TimbrelStream* s) {
    const int thread = atomic_load_explicit(&s->audio_thread, memory_order_relaxed);
    if (thread == s->inference.followed || thread == 0) {
        return;
    }
    s->inference.followed = thread;
    struct sched_param audio;
    const int policy = sched_getscheduler(thread) & ~SCHED_RESET_ON_FORK; // RealtimeKit sets it
    if ((policy != SCHED_FIFO && policy != SCHED_RR) || sched_getparam(thread, &audio)) {
        return;
    }
    const struct sched_param own = {.sched_priority =
                                        audio.sched_priority > 1 ? audio.sched_priority - 1 : 1};
    (void)pthread_setschedparam(pthread_self(), SCHED_FIFO, &own);
    (void)s->backend->ops->set_priority(s->backend, own.sched_priority);
}

static void fail(TimbrelStream* s, const TimbrelError* error) {
    (void)pthread_mutex_lock(&s->mutex);
    s->error = *error;
    (void)pthread_mutex_unlock(&s->mutex);
    atomic_store(&s->failed, true);
    s->config.changed(s->config.handle);
}

/// Input ring -> window, at the model's rate, up to host sample `target`. False if some of it was
/// lost.
static bool gather(TimbrelStream* s, uint64_t target) {
    TimbrelStreamInference* const inf = &s->inference;
    const uint64_t lost = atomic_load_explicit(&s->lost_until, memory_order_acquire);
    const bool whole = inf->taken >= lost;
    while (inf->taken < target) {
        const uint64_t left = target - inf->taken;
        const uint32_t count = left < convert_piece ? (uint32_t)left : convert_piece;
        uint32_t got = 0;
        for (uint32_t c = 0; c < s->config.channels; ++c) {
            float piece[convert_piece];
            for (uint32_t i = 0; i < count; ++i) {
                const uint64_t index = inf->taken + i;
                piece[i] = index < lost ? 0.0f : s->in_ring.channel[c][index & s->in_ring.mask];
            }
            float* const end = timbrel_encoder_end(&inf->encoder, c);
            if (s->same_rate) {
                memcpy(end, piece, count * sizeof(float));
                got = count;
            } else {
                got = timbrel_resampler_process(inf->down[c], piece, count, end,
                                                timbrel_encoder_room(&inf->encoder));
            }
        }
        timbrel_encoder_put(&inf->encoder, got);
        inf->taken += count;
    }
    atomic_store_explicit(&s->taken, target, memory_order_release);
    return whole;
}

/// The controls of the window's frame `g` (negative times have frame 0's).
static const TimbrelLatentControls* controls_of(const TimbrelStream* s, uint64_t hop, uint32_t g) {
    const int64_t frame = timbrel_framing_frame(&s->framing, hop, g);
    return &s->controls[(uint64_t)(frame > 0 ? frame : 0) & s->controls_mask];
}

static void bend_latents(TimbrelStream* s, uint64_t hop, uint32_t batch) {
    TimbrelStreamInference* const inf = &s->inference;
    const TimbrelModelInfo* const info = &s->summary.info;
    const uint32_t frames = s->framing.frames;
    const uint32_t advance = s->framing.advance;
    const uint32_t shown = s->framing.before + advance - 1;
    const double frame_rate = s->summary.rate / info->ratio;
    for (uint32_t b = 0; b < batch; ++b) {
        float* const latents = s->backend->latents + (size_t)b * info->latents * frames;
        // Windows may overlap: the state that goes on is the one where the next window begins.
        TimbrelLatentState state = inf->latent[b];
        for (uint32_t g = 0; g < frames; ++g) {
            for (uint32_t i = 0; b == 0 && g == shown && i < info->latents; ++i) {
                atomic_store_explicit(&s->raw[i], latents[(size_t)i * frames + g],
                                      memory_order_relaxed);
            }
            timbrel_latent_process(&state, controls_of(s, hop, g), latents + g, frames,
                                   info->latents, info->discrete != 0, frame_rate);
            if (g + 1 == advance) {
                inf->latent[b] = state;
            }
            for (uint32_t i = 0; b == 0 && g == shown && i < info->latents; ++i) {
                atomic_store_explicit(&s->controlled[i], latents[(size_t)i * frames + g],
                                      memory_order_relaxed);
            }
        }
    }
}

/// The input of a model that only measures, as it is.
static bool pass_sound(TimbrelStream* s) {
    for (uint32_t c = 0; c < s->config.channels; ++c) {
        memcpy(s->inference.decoder.out[c], s->inference.encoder.sound[c] + s->framing.context,
               s->framing.hop * sizeof(float));
    }
    return true;
}

static TimbrelStatus run_steps(TimbrelStream* s, uint64_t hop, TimbrelCall* call,
                               TimbrelError* error) {
    TimbrelStatus status = TIMBREL_OK;
    for (int step = 0; step < TIMBREL_STEP_COUNT && !status; ++step) {
        call->step = (TimbrelStep)step;
        if (timbrel_methods_step(&s->summary.info, call->step)) {
            status = s->backend->ops->call(s->backend, call, error);
            if (!status && call->step == TIMBREL_STEP_ENCODE) {
                bend_latents(s, hop, call->batch);
            }
        }
    }
    return status;
}

/// Compare what is believed of the model's speed with what is played, every few seconds of sound.
/// Free-wheeling, nothing drops out.
static void judge(TimbrelStream* s, float share) {
    TimbrelStreamInference* const inf = &s->inference;
    if (atomic_load_explicit(&s->freewheel, memory_order_relaxed)) {
        return;
    }
    const double hop = s->summary.hop / s->summary.rate;
    inf->spent += (double)share * hop;
    inf->played += hop;
    if (inf->played < judged_seconds) {
        return;
    }
    const float before = atomic_load_explicit(&s->share, memory_order_relaxed);
    const float mean = (float)(inf->spent / inf->played);
    inf->spent = inf->played = 0.0;
    // What lies between does not change the verdict.
    if (before > 1.0f ? mean < 0.9f : mean > 1.0f) {
        atomic_store_explicit(&s->share, mean, memory_order_relaxed);
        s->config.changed(s->config.handle);
    }
}

/// Play the window as hop number `hop`. False: the decoder holds nothing of use.
static bool infer(TimbrelStream* s, uint64_t hop) {
    TimbrelStreamInference* const inf = &s->inference;
    const TimbrelLatentControls* const controls = controls_of(s, hop, s->framing.before);
    const bool dual = controls->dual && s->config.channels == 2 && s->summary.hop_seconds[1] > 0.0;
    TimbrelCall call = {.batch = dual ? 2 : 1,
                        .frames = s->framing.frames,
                        .normal_amount = controls->randomness,
                        .uniform_amount = controls->noise};
    const double start = now();
    TimbrelError error = {0};
    timbrel_encoder_fill(&inf->encoder, call.batch);
    if (run_steps(s, hop, &call, &error)) {
        if (!atomic_load(&s->quit)) {
            fail(s, &error);
        }
        return false;
    }
    const bool finite = s->summary.info.play_mode == TIMBREL_PLAY_VALUES
                            ? pass_sound(s)
                            : timbrel_decoder_take(&inf->decoder, call.batch);
    const float share = (float)((now() - start) * s->summary.rate / s->summary.hop);
    judge(s, share);
    inf->load = share > inf->load ? share : 0.95f * inf->load + 0.05f * share;
    atomic_store_explicit(&s->load, inf->load, memory_order_relaxed);
    if (finite) {
        inf->bad_hops = 0;
        return true;
    }
    // Its caches now hold what is no number, and would for ever.
    timbrel_decoder_reset(&inf->decoder);
    if (++inf->bad_hops >= patience) {
        (void)timbrel_error_set(&error, TIMBREL_BAD_MODEL,
                                "The model %s gives values that are no numbers; choose another.",
                                s->summary.name);
        fail(s, &error);
    } else if (s->backend->ops->reset(s->backend, &error)) {
        fail(s, &error);
    }
    return false;
}

/// One hop at the model's rate -> output ring at the host's rate.
static void emit(TimbrelStream* s, bool valid) {
    TimbrelStreamInference* const inf = &s->inference;
    const uint32_t hop = s->summary.hop;
    uint32_t count = 0;
    for (uint32_t c = 0; c < s->config.channels; ++c) {
        const float* from = inf->decoder.out[c];
        if (!valid) {
            memset(inf->decoder.out[c], 0, hop * sizeof(float));
        }
        if (s->same_rate) {
            count = hop;
        } else {
            count = timbrel_resampler_process(inf->up[c], inf->decoder.out[c], hop, inf->converted,
                                              inf->converted_room);
            from = inf->converted;
        }
        float* const ring = s->out_ring.channel[c];
        for (uint32_t i = 0; i < count; ++i) {
            ring[(inf->out + i) & s->out_ring.mask] = from[i];
        }
    }
    inf->out += count;
    if (!valid) {
        atomic_store_explicit(&s->invalid_until, inf->out, memory_order_release);
    }
    atomic_store_explicit(&s->out_written, inf->out, memory_order_release);
}

static void play_hop(TimbrelStream* s) {
    TimbrelStreamInference* const inf = &s->inference;
    const uint64_t hop = inf->hop;
    const bool whole = gather(s, timbrel_stream_hop_time(s, hop));
    // A hop whose every sample is overdue by a hop more is of no use to anyone: catching up is.
    const int64_t useless = (int64_t)timbrel_stream_out_total(s, hop + 1) + s->hop_host;
    const bool skip = !atomic_load_explicit(&s->freewheel, memory_order_relaxed) &&
                      atomic_load_explicit(&s->read_until, memory_order_acquire) > useless;
    const bool valid = whole && !skip && infer(s, hop);
    timbrel_encoder_advance(&inf->encoder);
    emit(s, valid);
    inf->hop = hop + 1;
    const uint64_t kept = s->framing.before;
    const uint64_t needed = inf->hop * s->framing.advance;
    atomic_store_explicit(&s->frames_taken, needed > kept ? needed - kept : 0,
                          memory_order_release);
}

static void set_attributes(TimbrelStream* s) {
    while (atomic_exchange(&s->has_queued, false)) {
        (void)pthread_mutex_lock(&s->mutex);
        const TimbrelAttributeList queue = s->queue;
        s->queue.count = 0;
        (void)pthread_mutex_unlock(&s->mutex);
        for (uint32_t i = 0; i < queue.count; ++i) {
            // A model without the attribute, or one that refuses the value, plays on unchanged.
            TimbrelError error;
            (void)s->backend->ops->set_attribute(s->backend, queue.values[i].name,
                                                 queue.values[i].value, &error);
        }
        (void)pthread_mutex_lock(&s->mutex);
        memcpy(s->attributes, s->backend->info.attributes, sizeof s->attributes);
        (void)pthread_mutex_unlock(&s->mutex);
        s->config.changed(s->config.handle);
    }
}

void* timbrel_inference_run(void* argument) {
    TimbrelStream* const s = argument;
    (void)prctl(PR_SET_NAME, "timbrel-infer");
    timbrel_denormals_off();
    while (!atomic_load(&s->quit)) {
        if (sem_wait(&s->work)) {
            continue; // Interrupted
        }
        follow_priority(s);
        while (!atomic_load(&s->quit) && !timbrel_stream_failed(s)) {
            set_attributes(s);
            if (s->inference.hop >= atomic_load_explicit(&s->posted, memory_order_acquire)) {
                break;
            }
            play_hop(s);
            atomic_store(&s->hops_done, s->inference.hop);
            if (atomic_exchange(&s->waiting, false)) {
                (void)sem_post(&s->done);
            }
        }
        if (atomic_exchange(&s->waiting, false)) {
            (void)sem_post(&s->done); // The model failed: nobody must wait for it
        }
    }
    return NULL;
}
