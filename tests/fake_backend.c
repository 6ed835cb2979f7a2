// SPDX-License-Identifier: ISC
#include "fake_backend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static Fake* fake_of(TimbrelBackend* self) {
    return (Fake*)self;
}

/// The latents of one call, `late` frames later.
static void hold_back(Fake* f, const TimbrelCall* call) {
    const uint32_t latents = f->backend.info.latents;
    for (uint32_t b = 0; b < timbrel_lanes_count(call->lanes); ++b) {
        memset(f->frame[b], 0, sizeof f->frame[b]);
        for (uint32_t i = 0; i < latents; ++i) {
            float* values = f->backend.latents + ((size_t)b * latents + i) * call->frames;
            for (uint32_t g = 0; g < call->frames; ++g) {
                float* past = f->past[b][i];
                const float value = past[0];
                memmove(past, past + 1, (f->late - 1) * sizeof(float));
                past[f->late - 1] = values[g];
                values[g] = value;
            }
        }
    }
}

static void encode(Fake* f, const TimbrelCall* call) {
    const uint32_t ratio = f->backend.info.ratio;
    const uint32_t samples = call->frames * ratio;
    const uint32_t latents = f->backend.info.latents;
    for (uint32_t b = 0; b < timbrel_lanes_count(call->lanes); ++b) {
        const float* in = f->backend.audio_in + (size_t)b * samples;
        memcpy(f->frame[b], in, samples * sizeof(float));
        for (uint32_t i = 0; i < latents; ++i) {
            for (uint32_t g = 0; g < call->frames; ++g) {
                f->backend.latents[((size_t)b * latents + i) * call->frames + g] =
                    in[(size_t)g * ratio + i];
            }
        }
    }
    if (f->late > 0) {
        hold_back(f, call);
    }
    atomic_fetch_add(&f->encodes, 1);
}

static void decode(Fake* f, const TimbrelCall* call) {
    const uint32_t ratio = f->backend.info.ratio;
    const uint32_t samples = call->frames * ratio;
    const uint32_t latents = f->backend.info.latents;
    for (uint32_t b = 0; b < timbrel_lanes_count(call->lanes); ++b) {
        for (uint32_t i = 0; i < latents; ++i) {
            for (uint32_t g = 0; g < call->frames; ++g) {
                f->frame[b][(size_t)g * ratio + i] =
                    f->backend.latents[((size_t)b * latents + i) * call->frames + g];
            }
        }
        float* out = f->backend.audio_out + (size_t)b * samples;
        for (uint32_t i = 0; i < samples; ++i) {
            out[i] = i < f->delay ? f->history[b][i] : f->frame[b][i - f->delay];
            out[i] = atomic_load(&f->nan) ? NAN : out[i];
        }
        memcpy(f->history[b], f->frame[b] + samples - f->delay, f->delay * sizeof(float));
    }
    atomic_fetch_add(&f->calls, 1);
}

static TimbrelStatus call_model(TimbrelBackend* self, const TimbrelCall* call,
                                TimbrelError* error) {
    Fake* f = fake_of(self);
    (void)pthread_mutex_lock(&f->gate);
    (void)pthread_mutex_unlock(&f->gate);
    if (atomic_load(&f->raise)) {
        return timbrel_error_set(error, TIMBREL_MODEL_RAISED, "The model raised.");
    }
    if (call->frames * self->info.ratio < f->delay) {
        return timbrel_error_set(error, TIMBREL_MODEL_RAISED, "Shorter than the delay.");
    }
    if (call->step == TIMBREL_STEP_ENCODE) {
        encode(f, call);
    } else {
        decode(f, call);
    }
    return TIMBREL_OK;
}

static TimbrelStatus reset(TimbrelBackend* self, uint32_t lanes, TimbrelError* error) {
    (void)lanes;
    (void)error;
    memset(fake_of(self)->history, 0, sizeof fake_of(self)->history);
    memset(fake_of(self)->frame, 0, sizeof fake_of(self)->frame);
    memset(fake_of(self)->past, 0, sizeof fake_of(self)->past);
    return TIMBREL_OK;
}

static TimbrelStatus set_attribute(TimbrelBackend* self, const char* name, const char* value,
                                   TimbrelError* error) {
    (void)self;
    (void)value;
    return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT, "No attribute %s.", name);
}

static bool set_priority(TimbrelBackend* self, int priority) {
    (void)self;
    (void)priority;
    return false;
}

static void interrupt(TimbrelBackend* self) {
    (void)self;
}

static void close_model(TimbrelBackend* self) {
    free(self->audio_in);
    free(self->latents);
    free(self->audio_out);
    free(self);
}

Fake* fake_new(double rate, uint32_t ratio, uint32_t latents, uint32_t delay, bool streaming) {
    static const TimbrelBackendOps ops = {call_model,   reset,     set_attribute,
                                          set_priority, interrupt, close_model};
    Fake* f = calloc(1, sizeof *f);
    if (!f) {
        abort();
    }
    f->delay = delay;
    (void)pthread_mutex_init(&f->gate, NULL);
    TimbrelBackend* b = &f->backend;
    b->ops = &ops;
    b->kind = TIMBREL_BACKEND_TORCH;
    b->max_lanes = 2;
    b->max_frames = fake_window / ratio;
    b->info.rate = rate;
    b->info.layers_delay = -1.0;
    b->info.rate_known = 1;
    b->info.in_channels = 1;
    b->info.out_channels = 1;
    b->info.latents = latents;
    b->info.ratio = ratio;
    b->info.streaming = streaming;
    b->audio_in = calloc((size_t)2 * fake_window, sizeof(float));
    b->audio_out = calloc((size_t)2 * fake_window, sizeof(float));
    b->latents = calloc((size_t)2 * latents * b->max_frames, sizeof(float));
    if (!b->audio_in || !b->audio_out || !b->latents) {
        abort();
    }
    return f;
}
