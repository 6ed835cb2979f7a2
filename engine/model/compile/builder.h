// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_COMPILE_BUILDER_H
#define TIMBREL_ENGINE_MODEL_COMPILE_BUILDER_H

#include "engine/base/status.h"
#include "engine/model/native/plan.h"

#include <stddef.h>

/// A plan while it is made: steps on buffers that have no place yet. Filled by what reads a model
/// (engine/torch/), improved by improve.h, laid out and written by layout.h. Within timbrel-torch
/// only; one thread.

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    TIMBREL_BUFFER_TEMPORARY, ///< Lives within one call
    TIMBREL_BUFFER_STATE,     ///< Lives from call to call
    TIMBREL_BUFFER_CONSTANT,
} TimbrelBufferKind;

typedef struct {
    TimbrelBufferKind kind;
    uint32_t count; ///< Floats
    float* values;  ///< Values of a constant, or the first ones of state; else NULL. Owned
    uint32_t low;   ///< Once laid out: the first and the last float that is used
    uint32_t high;
    uint32_t place; ///< Where `low` is then: in the arena, or of a constant, in the constants
} TimbrelBuffer;

/// Weights of a CONVOLVE step, (group, row, channel, tap), as its views have them.
typedef struct {
    float* values; ///< Owned
    uint32_t count;
    bool exact;    ///< Not to be rounded to float16
    uint32_t step; ///< Once laid out: the step they belong to
} TimbrelWeights;

/// In the steps, a view's `space` is the number of its buffer plus one, and `weights` the number of
/// the weights. In `methods`, views likewise; `first` and `count` are steps.
typedef struct {
    TimbrelBuffer* buffers;
    TimbrelWeights* weights;
    TimbrelPlanStep* steps;
    uint32_t buffer_count, buffer_room;
    uint32_t weights_count, weights_room;
    uint32_t step_count, step_room;
    TimbrelPlanMethod methods[TIMBREL_PLAN_METHODS];
    bool failed; ///< There was not enough memory, or something is larger than a plan can be
} TimbrelBuilder;

void timbrel_builder_free(TimbrelBuilder* builder);

/// A new buffer; `values` are copied, NULL stands for zeros. Returns its number.
uint32_t timbrel_builder_buffer(TimbrelBuilder* builder, TimbrelBufferKind kind, size_t count,
                                const float* values);

/// New weights, copied. Returns their number.
uint32_t timbrel_builder_weights(TimbrelBuilder* builder, const float* values, size_t count,
                                 bool exact);

/// A new last step: a copy of `step`.
void timbrel_builder_step(TimbrelBuilder* builder, const TimbrelPlanStep* step);

#ifdef __cplusplus
}
#endif

#endif
