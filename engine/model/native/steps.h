// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_NATIVE_STEPS_H
#define TIMBREL_ENGINE_MODEL_NATIVE_STEPS_H

#include "kernels.h"
#include "loops.h"
#include "plan_file.h"

/// The kinds of a plan's steps: what the check of a plan and the executor know of each stands in
/// one table, steps.c. Thread: any, nothing allocated.

typedef struct TimbrelStepKind TimbrelStepKind;

/// A step made ready to be played.
typedef struct {
    const TimbrelPlanStep* step;
    const TimbrelStepKind* kind;
    uint32_t number; ///< In the plan
    union {
        TimbrelLoops loops;
        TimbrelConvolution convolution;
    };
} TimbrelReadyStep;

/// What convolutions keep beside that: how many there are, or where the next ones go.
typedef struct {
    size_t bias_count, offset_count;
    float* biases;
    int32_t* offsets;
} TimbrelStepTables;

/// What steps are played with: the memory of an instance, and the lanes of a run.
typedef struct {
    const TimbrelKernels* kernels;
    const float* constants;
    float* arenas;  ///< Lane 0's
    float* scratch; ///< TIMBREL_SCRATCH floats, 64-byte aligned
    uint64_t seed;
    uint32_t lanes;                     ///< So many in the run
    uint32_t lane[TIMBREL_MAX_LANES];   ///< Their numbers
    size_t behind[TIMBREL_MAX_LANES];   ///< How far behind lane 0's their floats are
    uint64_t played[TIMBREL_MAX_LANES]; ///< How often each has played the method since its reset
} TimbrelStepRun;

struct TimbrelStepKind {
    uint32_t needed;    ///< So many of in[] it must have,
    uint32_t inputs;    ///< and at most so many
    bool alike;         ///< All of them have out's sizes
    bool along;         ///< It goes along the last dimension, in rows of the whole of it
    uint32_t functions; ///< `function` is less; 0: it has none

    /// What else there is to check, once all views are known to lie in their spaces; may be NULL.
    bool (*fits)(const TimbrelPlanStep* step);

    /// Bytes of a good step's weights; NULL: it has none.
    uint64_t (*weights)(const TimbrelPlanStep* step);

    /// Numbers that an executor keeps of a good step, at most; NULL: none.
    uint64_t (*kept)(const TimbrelPlanStep* step);

    /// Multiply-adds of a good step, about. Its views have so few elements that nothing overflows.
    uint64_t (*work)(const TimbrelPlanStep* step);

    /// Make step `at` of those of a plan ready, whose `step`, `kind` and `number` are set; may be
    /// NULL.
    void (*ready)(const TimbrelPlanFile* plan, TimbrelReadyStep* steps, uint32_t at,
                  TimbrelStepTables* tables);

    /// Thread: inference.
    void (*play)(const TimbrelReadyStep* step, const TimbrelStepRun* run);
};

/// NULL: there is no such kind.
const TimbrelStepKind* timbrel_step_kind(uint32_t kind);

/// Where a view's space begins in the run's lane of this index.
static inline const float* timbrel_step_space(const TimbrelStepRun* run, const TimbrelView* view,
                                              uint32_t lane) {
    return view->space == TIMBREL_SPACE_CONSTANT ? run->constants : run->arenas + run->behind[lane];
}

#define TIMBREL_ELEMENT_WORK 64u ///< Of an element, beside its weights: in a row of its own

// What the table is made of. step_rows.c: what goes row by row.
bool timbrel_reduce_fits(const TimbrelPlanStep* step);
bool timbrel_scan_fits(const TimbrelPlanStep* step);
uint64_t timbrel_elements_work(const TimbrelPlanStep* step);
uint64_t timbrel_reduce_work(const TimbrelPlanStep* step);
void timbrel_rows_ready(const TimbrelPlanFile* plan, TimbrelReadyStep* steps, uint32_t at,
                        TimbrelStepTables* tables);
void timbrel_elements_play(const TimbrelReadyStep* step, const TimbrelStepRun* run);
void timbrel_reduce_play(const TimbrelReadyStep* step, const TimbrelStepRun* run);
void timbrel_scan_play(const TimbrelReadyStep* step, const TimbrelStepRun* run);

// step_matrix.c
bool timbrel_product_fits(const TimbrelPlanStep* step);
uint64_t timbrel_product_work(const TimbrelPlanStep* step);
void timbrel_product_play(const TimbrelReadyStep* step, const TimbrelStepRun* run);
bool timbrel_look_up_fits(const TimbrelPlanStep* step);
void timbrel_look_up_play(const TimbrelReadyStep* step, const TimbrelStepRun* run);

// step_convolve.c
bool timbrel_convolve_fits(const TimbrelPlanStep* step);
uint64_t timbrel_convolve_kept(const TimbrelPlanStep* step);
uint64_t timbrel_convolve_work(const TimbrelPlanStep* step);
void timbrel_convolve_ready(const TimbrelPlanFile* plan, TimbrelReadyStep* steps, uint32_t at,
                            TimbrelStepTables* tables);
void timbrel_convolve_play(const TimbrelReadyStep* step, const TimbrelStepRun* run);

/// What all of a plan's convolutions keep; offsets that are the same are kept once.
TimbrelStepTables timbrel_convolve_tables(const TimbrelPlanFile* plan);

#endif
