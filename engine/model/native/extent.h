// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_NATIVE_EXTENT_H
#define TIMBREL_ENGINE_MODEL_NATIVE_EXTENT_H

#include "plan.h"

#include <stdbool.h>

/// How much a view shows, and where it lies. Views have at most TIMBREL_PLAN_DIMS dimensions of 1
/// or more elements.

/// First and last float.
static inline void timbrel_view_range(const TimbrelView* view, int64_t* low, int64_t* high) {
    *low = *high = view->offset;
    for (uint32_t i = 0; i < view->dims; ++i) {
        const int64_t reach = ((int64_t)view->size[i] - 1) * view->stride[i];
        *(reach < 0 ? low : high) += reach;
    }
}

static inline uint64_t timbrel_view_elements(const TimbrelView* view) {
    uint64_t elements = 1;
    for (uint32_t i = 0; i < view->dims; ++i) {
        elements *= view->size[i];
    }
    return elements;
}

/// Whether two views have the same sizes in their first `dims` dimensions.
static inline bool timbrel_view_same_sizes(const TimbrelView* a, const TimbrelView* b,
                                           uint32_t dims) {
    for (uint32_t i = 0; i < dims; ++i) {
        if (a->size[i] != b->size[i]) {
            return false;
        }
    }
    return a->dims >= dims && b->dims >= dims;
}

/// Rows filled up to whole panels.
static inline uint64_t timbrel_whole_panels(uint64_t rows) {
    return (rows + TIMBREL_PANEL - 1) / TIMBREL_PANEL * TIMBREL_PANEL;
}

/// Rows whose weights a CONVOLVE step has.
static inline uint64_t timbrel_weight_rows(const TimbrelPlanStep* step) {
    const uint64_t rows = step->out.size[2];
    return step->flags & TIMBREL_PLAN_NARROW ? rows : timbrel_whole_panels(rows);
}

/// Bytes of a CONVOLVE step's weights, whose views are good: no more than 2^28 floats each.
static inline uint64_t timbrel_weight_bytes(const TimbrelPlanStep* step) {
    const TimbrelView* in = &step->in[0];
    const bool halves = step->flags & TIMBREL_PLAN_HALF && !(step->flags & TIMBREL_PLAN_NARROW);
    return (uint64_t)in->size[1] * in->size[2] * in->size[3] * timbrel_weight_rows(step) *
           (halves ? sizeof(uint16_t) : sizeof(float));
}

#endif
