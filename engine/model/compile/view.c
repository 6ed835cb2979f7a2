// SPDX-License-Identifier: ISC
#include "view.h"

#include "engine/model/native/extent.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    int64_t size;
    int64_t stride;
    int64_t other; // stride of the same dimension in a second view
} Dim;

/// The dimensions of more than one element, longest stride first.
static uint32_t sorted(const TimbrelView* view, const TimbrelView* other, Dim* dims) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < view->dims; ++i) {
        if (view->size[i] == 1) {
            continue;
        }
        const Dim dim = {view->size[i], view->stride[i], other ? other->stride[i] : 0};
        uint32_t at = count++;
        for (; at > 0 && dims[at - 1].stride < dim.stride; --at) {
            dims[at] = dims[at - 1];
        }
        dims[at] = dim;
    }
    return count;
}

bool timbrel_view_same(const TimbrelView* a, const TimbrelView* b) {
    if (a->space != b->space || a->offset != b->offset) {
        return false;
    }
    uint32_t i = 0;
    uint32_t j = 0;
    for (;; ++i, ++j) { // dimensions of one element do not count
        while (i < a->dims && a->size[i] == 1) {
            ++i;
        }
        while (j < b->dims && b->size[j] == 1) {
            ++j;
        }
        if (i >= a->dims || j >= b->dims) {
            return i >= a->dims && j >= b->dims;
        }
        if (a->size[i] != b->size[j] || a->stride[i] != b->stride[j]) {
            return false;
        }
    }
}

bool timbrel_view_dense(const TimbrelView* view, uint32_t count) {
    Dim dims[TIMBREL_PLAN_DIMS];
    const uint32_t used = sorted(view, NULL, dims);
    int64_t expected = 1;
    for (uint32_t i = used; i-- > 0;) {
        if (dims[i].stride != expected) {
            return false;
        }
        expected *= dims[i].size;
    }
    return view->offset == 0 && expected == count;
}

bool timbrel_view_injective(const TimbrelView* view) {
    Dim dims[TIMBREL_PLAN_DIMS];
    const uint32_t used = sorted(view, NULL, dims);
    int64_t reach = 0;
    for (uint32_t i = used; i-- > 0;) {
        if (dims[i].stride <= reach) {
            return false;
        }
        reach += (dims[i].size - 1) * dims[i].stride;
    }
    return true;
}

/// The shortest stride of rows, of which all longer ones are multiples; 0 if there is none.
static int64_t row_stride(const TimbrelView* view, int64_t inside) {
    int64_t row = 0;
    for (uint32_t i = 0; i < view->dims; ++i) {
        const int64_t stride = llabs(view->stride[i]);
        if (view->size[i] > 1 && stride > inside && (row == 0 || stride < row)) {
            row = stride;
        }
    }
    return row;
}

/// How far a view reaches along strides shorter than `row`; -1 if its others are no multiples.
static int64_t reach_within(const TimbrelView* view, int64_t row) {
    int64_t reach = 0;
    for (uint32_t i = 0; i < view->dims; ++i) {
        if (view->size[i] == 1 || view->stride[i] == 0) {
            continue;
        }
        if (view->stride[i] < 0) {
            return -1;
        }
        if (view->stride[i] < row) {
            reach += ((int64_t)view->size[i] - 1) * view->stride[i];
        } else if (view->stride[i] % row != 0) {
            return -1;
        }
    }
    return reach;
}

/// Both lie in rows of `row` floats, in columns that do not meet.
static bool apart_in_rows(const TimbrelView* a, const TimbrelView* b, int64_t row) {
    if (row <= 0) {
        return false;
    }
    const int64_t reach_a = reach_within(a, row);
    const int64_t reach_b = reach_within(b, row);
    if (reach_a < 0 || reach_b < 0) {
        return false;
    }
    const int64_t at_a = a->offset % row;
    const int64_t at_b = b->offset % row;
    return at_a + reach_a < row && at_b + reach_b < row &&
           (at_a + reach_a < at_b || at_b + reach_b < at_a);
}

/// Interleaved: both step by `unit`, from different places.
static bool interleaved(const TimbrelView* a, const TimbrelView* b) {
    int64_t unit = 0;
    const TimbrelView* const views[] = {a, b};
    for (uint32_t v = 0; v < 2; ++v) {
        for (uint32_t i = 0; i < views[v]->dims; ++i) {
            const int64_t stride = llabs(views[v]->stride[i]);
            if (views[v]->size[i] > 1 && stride > 0 && (unit == 0 || stride < unit)) {
                unit = stride;
            }
        }
    }
    if (unit < 2) {
        return false;
    }
    for (uint32_t v = 0; v < 2; ++v) {
        for (uint32_t i = 0; i < views[v]->dims; ++i) {
            if (views[v]->size[i] > 1 && views[v]->stride[i] % unit != 0) {
                return false;
            }
        }
    }
    return a->offset % unit != b->offset % unit;
}

bool timbrel_view_apart(const TimbrelView* a, const TimbrelView* b) {
    int64_t low_a;
    int64_t high_a;
    int64_t low_b;
    int64_t high_b;
    timbrel_view_range(a, &low_a, &high_a);
    timbrel_view_range(b, &low_b, &high_b);
    return high_a < low_b || high_b < low_a || interleaved(a, b) ||
           apart_in_rows(a, b, row_stride(a, 1)) || apart_in_rows(a, b, row_stride(b, 1));
}

bool timbrel_view_move(const TimbrelView* view, const TimbrelView* from, const TimbrelView* to,
                       TimbrelView* moved) {
    Dim dims[TIMBREL_PLAN_DIMS];
    uint32_t count = sorted(from, to, dims);
    for (uint32_t i = 0; i + 1 < count;) { // those that stay together count as one
        if (dims[i].other == dims[i + 1].other * dims[i + 1].size) {
            dims[i + 1].size *= dims[i].size;
            memmove(&dims[i], &dims[i + 1], (count - i - 1) * sizeof *dims);
            --count;
            if (i > 0) {
                --i;
            }
        } else {
            ++i;
        }
    }
    int64_t at[TIMBREL_PLAN_DIMS];
    int64_t offset = to->offset;
    for (uint32_t k = 0; k < count; ++k) {
        at[k] = view->offset / dims[k].stride % dims[k].size;
        offset += at[k] * dims[k].other;
    }
    *moved = *view;
    moved->space = to->space;
    moved->offset = (int32_t)offset;
    for (uint32_t i = 0; i < view->dims; ++i) {
        const int64_t stride = view->stride[i];
        if (view->size[i] == 1 || stride == 0) {
            moved->stride[i] = 0;
            continue;
        }
        if (stride < 0) {
            return false;
        }
        uint32_t k = 0;
        while (k < count && stride < dims[k].stride) {
            ++k;
        }
        if (k == count || stride % dims[k].stride != 0) {
            return false;
        }
        const int64_t step = stride / dims[k].stride;
        at[k] += step * ((int64_t)view->size[i] - 1);
        if (at[k] >= dims[k].size) {
            return false;
        }
        moved->stride[i] = (int32_t)(step * dims[k].other);
    }
    return true;
}
