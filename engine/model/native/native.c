// SPDX-License-Identifier: ISC
#include "native.h"

#include "execute.h"
#include "extent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { lines = 64 };

typedef struct {
    TimbrelBackend base; // first: a Native is a TimbrelBackend
    TimbrelPlanFile plan;
    TimbrelExecutor* executor;
    bool tied; // decode reads what encode remembers: they take turns, one plan's length at a time
    char name[256]; // the model's, for messages
} Native;

/// Between a call's buffer, (lane, channels, length) from `at` on, and a port of the plan.
static void move(Native* native, const TimbrelView* port, float* buffer, uint32_t length,
                 uint32_t at, uint32_t lanes, bool into_plan) {
    float* outside = buffer + at;
    for (uint32_t lane = 0; lane < native->base.max_lanes; ++lane) {
        if (!(lanes >> lane & 1u)) {
            continue;
        }
        float* arena = timbrel_executor_arena(native->executor, lane) + port->offset;
        for (uint32_t channel = 0; channel < port->size[0]; ++channel, outside += length) {
            float* inside = arena + (ptrdiff_t)channel * port->stride[0];
            const ptrdiff_t stride = port->stride[1];
            if (into_plan) {
                for (uint32_t i = 0; i < port->size[1]; ++i) {
                    inside[(ptrdiff_t)i * stride] = outside[i];
                }
            } else {
                for (uint32_t i = 0; i < port->size[1]; ++i) {
                    outside[i] = inside[(ptrdiff_t)i * stride];
                }
            }
        }
    }
}

static TimbrelStatus native_call(TimbrelBackend* self, const TimbrelCall* call,
                                 TimbrelError* error) {
    Native* native = (Native*)self;
    const TimbrelPlanHeader* header = native->plan.header;
    const TimbrelPlanMethod* method = &header->methods[call->step];
    if (call->lanes >> self->max_lanes) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT, "%s was opened for %u lanes.",
                                 native->name, self->max_lanes);
    }
    if (!call->lanes || call->frames < 1 || call->frames > self->max_frames ||
        call->frames % header->frames != 0 ||
        ((native->tied || !self->info.streaming) && call->frames != header->frames) ||
        method->count == 0) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                 "%s cannot do step %d for %u x %u frames.", native->name,
                                 (int)call->step, timbrel_lanes_count(call->lanes), call->frames);
    }
    const bool decodes = call->step == TIMBREL_STEP_DECODE;
    const bool encodes = call->step == TIMBREL_STEP_ENCODE;
    const uint32_t ratio = self->info.ratio;
    for (uint32_t frame = 0; frame < call->frames; frame += header->frames) {
        // Each time: once read, their memory is used for other things.
        const TimbrelAmounts amounts = timbrel_call_amounts(call, frame, header->frames);
        for (uint32_t lane = 0; lane < self->max_lanes; ++lane) {
            float* arena = timbrel_executor_arena(native->executor, lane);
            if (call->lanes >> lane & 1u) {
                arena[method->amounts[0].offset] = amounts.normal;
                arena[method->amounts[1].offset] = amounts.uniform;
            }
        }
        move(native, &method->in, decodes ? self->latents : self->audio_in,
             call->frames * (decodes ? 1 : ratio), frame * (decodes ? 1 : ratio), call->lanes,
             true);
        timbrel_executor_run(native->executor, call->step, call->lanes);
        move(native, &method->out, encodes ? self->latents : self->audio_out,
             call->frames * (encodes ? 1 : ratio), frame * (encodes ? 1 : ratio), call->lanes,
             false);
    }
    return TIMBREL_OK;
}

static TimbrelStatus native_reset(TimbrelBackend* self, uint32_t lanes, TimbrelError* error) {
    (void)error;
    timbrel_executor_reset(((Native*)self)->executor, lanes);
    return TIMBREL_OK;
}

static TimbrelStatus native_set_attribute(TimbrelBackend* self, const char* name, const char* value,
                                          TimbrelError* error) {
    const Native* native = (const Native*)self;
    for (uint32_t i = 0; i < self->info.attribute_count; ++i) {
        if (strcmp(self->info.attributes[i].name, name) == 0 &&
            strcmp(self->info.attributes[i].value, value) == 0) {
            return TIMBREL_OK;
        }
    }
    return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                             "%s: %s is fixed in a plan; choose the model file that the plan was "
                             "made from.",
                             native->name, name);
}

static bool native_set_priority(TimbrelBackend* self, int priority) {
    (void)self; // runs on the calling thread
    (void)priority;
    return true;
}

static void native_interrupt(TimbrelBackend* self) {
    (void)self; // no call takes long
}

static void native_close(TimbrelBackend* self) {
    Native* native = (Native*)self;
    timbrel_executor_free(native->executor);
    timbrel_plan_file_close(&native->plan);
    free(self->audio_in);
    free(self->latents);
    free(self->audio_out);
    free(native);
}

/// Whether any state that `write` writes is read by `read`.
static bool shares_state(const TimbrelPlanFile* plan, const TimbrelPlanMethod* write,
                         const TimbrelPlanMethod* read) {
    for (uint32_t i = write->first; i < write->first + write->count; ++i) {
        int64_t low;
        int64_t high;
        timbrel_view_range(&plan->steps[i].out, &low, &high);
        if (low >= plan->header->state_count) {
            continue;
        }
        for (uint32_t j = read->first; j < read->first + read->count; ++j) {
            for (uint32_t in = 0; in < TIMBREL_PLAN_INPUTS; ++in) {
                const TimbrelView* view = &plan->steps[j].in[in];
                int64_t from;
                int64_t to;
                if (view->space != TIMBREL_SPACE_ARENA) {
                    continue; // where there is no view, nothing of it is checked
                }
                timbrel_view_range(view, &from, &to);
                if (from <= high && to >= low) {
                    return true;
                }
            }
        }
    }
    return false;
}

static const TimbrelBackendOps native_ops = {
    .call = native_call,
    .reset = native_reset,
    .set_attribute = native_set_attribute,
    .set_priority = native_set_priority,
    .interrupt = native_interrupt,
    .close = native_close,
};

static float* new_buffer(size_t floats) {
    const size_t bytes = (floats * sizeof(float) + lines) / lines * lines;
    float* buffer = aligned_alloc(lines, bytes);
    if (buffer) {
        memset(buffer, 0, bytes);
    }
    return buffer;
}

TimbrelBackend* timbrel_native_open(const TimbrelNativeConfig* config, int file, const char* name,
                                    TimbrelError* error) {
    Native* native = calloc(1, sizeof *native);
    if (!native) {
        (void)timbrel_error_set(error, TIMBREL_NO_MEMORY, "There is not enough memory to load %s.",
                                name);
        return NULL;
    }
    (void)snprintf(native->name, sizeof native->name, "%s", name);
    TimbrelBackend* base = &native->base;
    base->ops = &native_ops;
    base->kind = TIMBREL_BACKEND_NATIVE;
    if (timbrel_plan_file_open(&native->plan, file, name, error)) {
        native_close(base);
        return NULL;
    }
    const TimbrelKernels* kernels = timbrel_kernels(config->kernels);
    base->info = native->plan.info;
    base->max_lanes = config->lanes ? config->lanes : 1;
    native->tied = shares_state(&native->plan, &native->plan.header->methods[TIMBREL_STEP_ENCODE],
                                &native->plan.header->methods[TIMBREL_STEP_DECODE]);
    const uint32_t ratio = base->info.ratio;
    base->max_frames = (config->max_samples + ratio - 1) / ratio;
    if (base->max_frames < native->plan.header->frames) {
        base->max_frames = native->plan.header->frames;
    }
    const size_t frames = (size_t)base->max_frames * base->max_lanes;
    base->audio_in = new_buffer(frames * ratio * base->info.in_channels);
    base->latents = new_buffer(frames * base->info.latents);
    base->audio_out = new_buffer(frames * ratio * base->info.out_channels);
    // The size of the weights tells float16 from float32.
    if (kernels) {
        (void)snprintf(base->engine, sizeof base->engine, "native %s, %llu", kernels->name,
                       (unsigned long long)native->plan.header->weight_size);
    }
    native->executor =
        kernels ? timbrel_executor_new(&native->plan, kernels, base->max_lanes, config->seed)
                : NULL;
    if (!native->executor || !base->audio_in || !base->latents || !base->audio_out) {
        native_close(base);
        if (!kernels) {
            (void)timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                    "This machine has no instructions of the kind %s.",
                                    config->kernels);
        } else {
            (void)timbrel_error_set(error, TIMBREL_NO_MEMORY,
                                    "There is not enough memory to play %s.", name);
        }
        return NULL;
    }
    return base;
}

const char* timbrel_native_model_hash(const TimbrelBackend* backend) {
    return ((const Native*)backend)->plan.header->model_hash;
}

uint32_t timbrel_native_frames(const TimbrelBackend* backend) {
    return ((const Native*)backend)->plan.header->frames;
}

bool timbrel_native_exact(const TimbrelBackend* backend) {
    const TimbrelPlanFile* plan = &((const Native*)backend)->plan;
    for (uint32_t i = 0; i < plan->header->step_count; ++i) {
        if (plan->steps[i].flags & TIMBREL_PLAN_HALF) {
            return false;
        }
    }
    return true;
}
