// SPDX-License-Identifier: ISC
#include "loops.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t size;
    ptrdiff_t stride[TIMBREL_LOOP_VIEWS];
} Dim;

enum { short_row = 8 };

static bool joins(const Dim* outer, const Dim* inner) {
    for (uint32_t v = 0; v < TIMBREL_LOOP_VIEWS; ++v) {
        if (outer->stride[v] != inner->stride[v] * (ptrdiff_t)inner->size) {
            return false;
        }
    }
    return true;
}

/// Longest stride of the output outermost.
static uint32_t sort_in(Dim* dims, uint32_t count, Dim dim) {
    uint32_t at = count;
    for (; at > 0 && labs(dims[at - 1].stride[0]) < labs(dim.stride[0]); --at) {
        dims[at] = dims[at - 1];
    }
    dims[at] = dim;
    return count + 1;
}

/// The innermost dimension; a short one gives way to the longest.
static uint32_t choose_row(const Dim* dims, uint32_t count) {
    uint32_t row = count - 1;
    if (dims[row].size < short_row) {
        for (uint32_t d = 0; d < count; ++d) {
            if (dims[d].size > 2 * dims[row].size) {
                row = d;
            }
        }
    }
    return row;
}

void timbrel_loops_init(TimbrelLoops* loops, const TimbrelView* const* views, uint32_t count,
                        bool keep_last) {
    *loops = (TimbrelLoops){.row = 1};
    for (uint32_t v = 0; v < count; ++v) {
        loops->offset[v] = views[v]->offset;
    }
    Dim dims[TIMBREL_PLAN_DIMS];
    uint32_t used = 0;
    const TimbrelView* shape = views[count - 1];
    for (uint32_t d = 0; d < shape->dims; ++d) {
        Dim dim = {.size = shape->size[d]};
        for (uint32_t v = 0; v < count; ++v) {
            dim.stride[v] = views[v]->stride[d];
        }
        if (keep_last && d + 1 == shape->dims) {
            loops->row = dim.size;
            memcpy(loops->row_stride, dim.stride, sizeof dim.stride);
        } else if (dim.size > 1) {
            used = sort_in(dims, used, dim);
        }
    }
    for (uint32_t d = 0; d + 1 < used;) {
        if (joins(&dims[d], &dims[d + 1])) {
            dims[d + 1].size *= dims[d].size;
            memmove(&dims[d], &dims[d + 1], (used - d - 1) * sizeof *dims);
            --used;
            if (d > 0) {
                --d;
            }
        } else {
            ++d;
        }
    }
    if (!keep_last && used > 0) {
        const uint32_t row = choose_row(dims, used);
        loops->row = dims[row].size;
        memcpy(loops->row_stride, dims[row].stride, sizeof dims[row].stride);
        memmove(&dims[row], &dims[row + 1], (used - row - 1) * sizeof *dims);
        --used;
    }
    loops->dims = used;
    for (uint32_t d = 0; d < used; ++d) {
        loops->size[d] = dims[d].size;
        memcpy(loops->stride[d], dims[d].stride, sizeof dims[d].stride);
    }
}
