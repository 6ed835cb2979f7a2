// SPDX-License-Identifier: ISC
#include "extent.h"
#include "steps.h"

#include <string.h>

bool timbrel_convolve_fits(const TimbrelPlanStep* step) {
    const TimbrelView* in = &step->in[0];
    const TimbrelView* bias = &step->in[1];
    const TimbrelView* other = &step->in[2];
    const TimbrelView* out = &step->out;
    if (in->dims != 5 || out->dims != 4 || in->space != TIMBREL_SPACE_ARENA ||
        in->size[0] != out->size[0] || in->size[1] != out->size[1] || in->size[4] != out->size[3]) {
        return false;
    }
    if (bias->space != TIMBREL_SPACE_NONE &&
        (bias->space != TIMBREL_SPACE_CONSTANT || bias->dims != 2 ||
         bias->size[0] != out->size[1] || bias->size[1] != out->size[2])) {
        return false;
    }
    return other->space == TIMBREL_SPACE_NONE ||
           (other->dims == 4 && timbrel_view_same_sizes(other, out, 4));
}

static size_t across_of(const TimbrelPlanStep* step) {
    return (size_t)step->in[0].size[2] * step->in[0].size[3];
}

/// Biases, filled up to whole panels.
static size_t padded_rows(const TimbrelPlanStep* step) {
    return timbrel_whole_panels(step->out.size[2]) * step->out.size[1];
}

uint64_t timbrel_convolve_work(const TimbrelPlanStep* step) {
    return timbrel_view_elements(&step->out) / step->out.size[2] * timbrel_weight_rows(step) *
           (across_of(step) + TIMBREL_ELEMENT_WORK);
}

uint64_t timbrel_convolve_kept(const TimbrelPlanStep* step) {
    return across_of(step) + padded_rows(step);
}

/// Whether two steps look for their inputs at the same distances.
static bool same_offsets(const TimbrelPlanStep* a, const TimbrelPlanStep* b) {
    const TimbrelView* x = &a->in[0];
    const TimbrelView* y = &b->in[0];
    return x->size[2] == y->size[2] && x->size[3] == y->size[3] && x->stride[2] == y->stride[2] &&
           x->stride[3] == y->stride[3];
}

/// An earlier step's number with the same offsets, or `at`.
static uint32_t shared_offsets(const TimbrelPlanFile* plan, uint32_t at) {
    const uint32_t window = at > 64 ? at - 64 : 0; // like follows like
    for (uint32_t i = window; i < at; ++i) {
        if (plan->steps[i].kind == TIMBREL_PLAN_CONVOLVE &&
            same_offsets(&plan->steps[i], &plan->steps[at])) {
            return i;
        }
    }
    return at;
}

TimbrelStepTables timbrel_convolve_tables(const TimbrelPlanFile* plan) {
    TimbrelStepTables tables = {0};
    for (uint32_t i = 0; i < plan->header->step_count; ++i) {
        const TimbrelPlanStep* step = &plan->steps[i];
        if (step->kind == TIMBREL_PLAN_CONVOLVE) {
            tables.bias_count += step->in[1].space ? padded_rows(step) : 0;
            tables.offset_count += shared_offsets(plan, i) == i ? across_of(step) : 0;
        }
    }
    return tables;
}

void timbrel_convolve_ready(const TimbrelPlanFile* plan, TimbrelReadyStep* steps, uint32_t at,
                            TimbrelStepTables* tables) {
    const TimbrelPlanStep* step = &plan->steps[at];
    const TimbrelView* in = &step->in[0];
    const TimbrelView* bias = &step->in[1];
    const TimbrelView* other = &step->in[2];
    const TimbrelView* out = &step->out;
    TimbrelConvolution* work = &steps[at].convolution;
    *work = (TimbrelConvolution){
        .weights = plan->weights + step->weights,
        .batch = out->size[0],
        .groups = out->size[1],
        .rows = out->size[2],
        .columns = out->size[3],
        .across = (uint32_t)across_of(step),
        .flags = step->flags,
        .in_batch = in->stride[0],
        .in_group = in->stride[1],
        .in_column = in->stride[4],
        .out_batch = out->stride[0],
        .out_group = out->stride[1],
        .out_row = out->stride[2],
        .out_column = out->stride[3],
        .other_batch = other->stride[0],
        .other_group = other->stride[1],
        .other_row = other->stride[2],
        .other_column = other->stride[3],
        .function = step->function,
    };
    memcpy(work->numbers, step->numbers, sizeof work->numbers);
    const uint32_t shared = shared_offsets(plan, at);
    if (shared != at) {
        work->offsets = steps[shared].convolution.offsets;
    } else {
        work->offsets = tables->offsets;
        for (uint32_t channel = 0; channel < in->size[2]; ++channel) {
            for (uint32_t tap = 0; tap < in->size[3]; ++tap) {
                *tables->offsets++ =
                    (int32_t)channel * in->stride[2] + (int32_t)tap * in->stride[3];
            }
        }
    }
    if (bias->space == TIMBREL_SPACE_NONE) {
        return;
    }
    work->bias = tables->biases;
    const size_t pitch = padded_rows(step) / out->size[1];
    for (uint32_t group = 0; group < out->size[1]; ++group, tables->biases += pitch) {
        for (uint32_t row = 0; row < out->size[2]; ++row) {
            tables->biases[row] = plan->constants[bias->offset + (int32_t)group * bias->stride[0] +
                                                  (int32_t)row * bias->stride[1]];
        }
    }
}

void timbrel_convolve_play(const TimbrelReadyStep* ready, const TimbrelStepRun* run) {
    const TimbrelPlanStep* step = ready->step;
    const TimbrelView* other = &step->in[2];
    TimbrelConvolutionCall call = {
        .in = run->arenas + step->in[0].offset,
        .out = run->arenas + step->out.offset,
        .scratch = run->scratch,
        .behind = run->behind,
        .lanes = run->lanes,
    };
    if (other->space != TIMBREL_SPACE_CONSTANT) {
        call.other = other->space ? run->arenas + other->offset : NULL;
        run->kernels->convolve(&ready->convolution, &call);
        return;
    }
    call.other = run->constants + other->offset;
    static const size_t nothing = 0; // a constant is not in the lanes
    const float* in = call.in;
    float* out = call.out;
    call.behind = &nothing;
    call.lanes = 1;
    for (uint32_t i = 0; i < run->lanes; ++i) {
        call.in = in + run->behind[i];
        call.out = out + run->behind[i];
        run->kernels->convolve(&ready->convolution, &call);
    }
}
