// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_NATIVE_LOOPS_H
#define TIMBREL_ENGINE_MODEL_NATIVE_LOOPS_H

#include "plan.h"

#include <stdbool.h>
#include <stddef.h>

/// Several strided views of one size, walked through together: dimensions that lie side by side in
/// all of them are joined, and the innermost is the one that is best done in one go.

#define TIMBREL_LOOP_VIEWS 4u ///< The output first, then the inputs

typedef struct {
    uint32_t dims; ///< Outer ones; the innermost is apart
    uint32_t size[TIMBREL_PLAN_DIMS];
    ptrdiff_t stride[TIMBREL_PLAN_DIMS][TIMBREL_LOOP_VIEWS];
    uint32_t row; ///< Elements of the innermost dimension
    ptrdiff_t row_stride[TIMBREL_LOOP_VIEWS];
    ptrdiff_t offset[TIMBREL_LOOP_VIEWS];
} TimbrelLoops;

/// `keep_last`: the innermost stays the last dimension, whole (for functions along it); views[0]
/// may then have another size there.
void timbrel_loops_init(TimbrelLoops* loops, const TimbrelView* const* views, uint32_t count,
                        bool keep_last);

/// Where a walk is. Begins zeroed.
typedef struct {
    uint32_t index[TIMBREL_PLAN_DIMS];
    ptrdiff_t at[TIMBREL_LOOP_VIEWS];
} TimbrelWalk;

/// To the first row.
static inline void timbrel_walk_start(TimbrelWalk* walk, const TimbrelLoops* loops) {
    for (uint32_t d = 0; d < loops->dims; ++d) {
        walk->index[d] = 0;
    }
    for (uint32_t v = 0; v < TIMBREL_LOOP_VIEWS; ++v) {
        walk->at[v] = loops->offset[v];
    }
}

/// To the next row; false after the last.
static inline bool timbrel_walk_next(TimbrelWalk* walk, const TimbrelLoops* loops) {
    for (uint32_t d = loops->dims; d-- > 0;) {
        for (uint32_t v = 0; v < TIMBREL_LOOP_VIEWS; ++v) {
            walk->at[v] += loops->stride[d][v];
        }
        if (++walk->index[d] < loops->size[d]) {
            return true;
        }
        for (uint32_t v = 0; v < TIMBREL_LOOP_VIEWS; ++v) {
            walk->at[v] -= (ptrdiff_t)loops->size[d] * loops->stride[d][v];
        }
        walk->index[d] = 0;
    }
    return false;
}

#endif
