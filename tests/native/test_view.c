// SPDX-License-Identifier: ISC
// What engine/compile/view.c says of random views, against lists of their elements.
#include "engine/model/compile/view.h"
#include "reference.h"
#include "tests/check.h"
#include "tests/measure.h"

#include <string.h>

enum { rounds = 200000, most_elements = 256 };

typedef struct {
    size_t count;
    ptrdiff_t places[most_elements];
} List;

static List list_of(const TimbrelView* view) {
    List list = {.count = reference_count(view)};
    for (size_t i = 0; i < list.count; ++i) {
        list.places[i] = reference_place(view, i);
    }
    return list;
}

static bool has(const List* list, ptrdiff_t place) {
    for (size_t i = 0; i < list->count; ++i) {
        if (list->places[i] == place) {
            return true;
        }
    }
    return false;
}

static bool no_two_alike(const List* list) {
    for (size_t i = 0; i < list->count; ++i) {
        for (size_t k = 0; k < i; ++k) {
            if (list->places[i] == list->places[k]) {
                return false;
            }
        }
    }
    return true;
}

static ptrdiff_t end_of(const List* list) {
    ptrdiff_t end = 0;
    for (size_t i = 0; i < list->count; ++i) {
        end = list->places[i] >= end ? list->places[i] + 1 : end;
    }
    return end;
}

/// Sizes of up to 4 dimensions.
static TimbrelView random_sizes(uint32_t* seed) {
    TimbrelView view = {.space = 1, .dims = measure_pick(seed, 5)};
    for (uint32_t d = 0; d < view.dims; ++d) {
        view.size[d] = 1 + measure_pick(seed, 4);
    }
    return view;
}

/// Strides that make it dense, with gaps every now and then, the dimensions in any order.
static void give_strides(TimbrelView* view, uint32_t* seed, bool gaps) {
    uint32_t order[TIMBREL_PLAN_DIMS] = {0};
    for (uint32_t d = 0; d < view->dims; ++d) {
        const uint32_t at = measure_pick(seed, d + 1);
        order[d] = order[at];
        order[at] = d;
    }
    uint32_t stride = 1;
    if (gaps) {
        stride += measure_pick(seed, 2);
    }
    for (uint32_t k = 0; k < view->dims; ++k) {
        view->stride[order[k]] = (int32_t)stride;
        stride *= view->size[order[k]];
        if (gaps && measure_pick(seed, 3) == 0) {
            stride += measure_pick(seed, 4);
        }
    }
    if (gaps) {
        view->offset = (int32_t)measure_pick(seed, 12);
    }
}

/// Like one that a program makes: of a buffer, dimensions turned, parts taken, repeated.
static TimbrelView random_view(uint32_t* seed) {
    TimbrelView view = random_sizes(seed);
    give_strides(&view, seed, measure_pick(seed, 3) > 0);
    for (uint32_t d = 0; d < view.dims; ++d) {
        switch (measure_pick(seed, 6)) {
        case 0: { // a part
            const uint32_t from = measure_pick(seed, view.size[d]);
            view.size[d] -= from;
            view.offset += (int32_t)from * view.stride[d];
            break;
        }
        case 1: // every other
            view.size[d] = (view.size[d] + 1) / 2;
            view.stride[d] *= 2;
            break;
        case 2: { // something else
            const uint32_t what = measure_pick(seed, 6);
            if (what < 2) {
                view.stride[d] = (int32_t)what;
            } else if (what == 2) {
                view.offset += ((int32_t)view.size[d] - 1) * view.stride[d];
                view.stride[d] = -view.stride[d];
            }
            break;
        }
        default:
            break;
        }
    }
    return view;
}

typedef struct {
    uint32_t same, dense, injective, apart, moved;
} Found; // how often the answer was yes, or a view could be moved

static int check_one(uint32_t* seed, Found* found) {
    const TimbrelView view = random_view(seed);
    const List list = list_of(&view);
    const ptrdiff_t end = end_of(&list);
    if (timbrel_view_injective(&view)) {
        CHECK(no_two_alike(&list));
        ++found->injective;
    }
    if (timbrel_view_dense(&view, (uint32_t)end)) {
        CHECK((ptrdiff_t)list.count == end && no_two_alike(&list));
        ++found->dense;
    }
    CHECK(!timbrel_view_dense(&view, (uint32_t)end + 1));
    CHECK(timbrel_view_same(&view, &view));
    return 0;
}

static int check_two(uint32_t* seed, Found* found) {
    const TimbrelView a = random_view(seed);
    TimbrelView b = a;
    // Often a part of the same array.
    if (measure_pick(seed, 2) == 0) {
        b = random_view(seed);
    } else if (b.dims > 0) {
        const uint32_t d = measure_pick(seed, b.dims);
        b.offset += (int32_t)measure_pick(seed, 3);
        b.size[d] = 1 + measure_pick(seed, b.size[d]);
    }
    const List list_a = list_of(&a);
    const List list_b = list_of(&b);
    if (timbrel_view_same(&a, &b)) {
        CHECK(list_a.count == list_b.count &&
              memcmp(list_a.places, list_b.places, list_a.count * sizeof *list_a.places) == 0);
        ++found->same;
    }
    if (timbrel_view_apart(&a, &b)) {
        for (size_t i = 0; i < list_a.count; ++i) {
            CHECK(!has(&list_b, list_a.places[i]));
        }
        ++found->apart;
    }
    return 0;
}

static int check_move(uint32_t* seed, Found* found) {
    TimbrelView from = random_sizes(seed);
    TimbrelView to = from;
    give_strides(&from, seed, false);
    give_strides(&to, seed, true);
    to.space = 2;
    CHECK(timbrel_view_dense(&from, (uint32_t)reference_count(&from)));
    const TimbrelView view = random_view(seed);
    const List list = list_of(&view);
    const List list_from = list_of(&from);
    const List list_to = list_of(&to);
    if (end_of(&list) > (ptrdiff_t)list_from.count) {
        return 0; // not of this buffer
    }
    TimbrelView moved;
    if (!timbrel_view_move(&view, &from, &to, &moved)) {
        return 0;
    }
    ++found->moved;
    const List list_moved = list_of(&moved);
    CHECK(moved.space == 2 && list_moved.count == list.count);
    for (size_t i = 0; i < list.count; ++i) {
        size_t at = 0;
        while (list_from.places[at] != list.places[i]) {
            ++at;
        }
        CHECK(list_moved.places[i] == list_to.places[at]);
    }
    return 0;
}

int main(void) {
    uint32_t seed = 1;
    Found found = {0};
    for (uint32_t i = 0; i < rounds; ++i) {
        if (check_one(&seed, &found) || check_two(&seed, &found) || check_move(&seed, &found)) {
            (void)fprintf(stderr, "in round %u\n", i);
            return 1;
        }
    }
    (void)printf("same %u, dense %u, injective %u, apart %u, moved %u\n", found.same, found.dense,
                 found.injective, found.apart, found.moved);
    // A check that never says yes would pass all of the above.
    CHECK(found.same > rounds / 100 && found.dense > rounds / 100);
    CHECK(found.injective > rounds / 4 && found.apart > rounds / 100 && found.moved > rounds / 100);
    return 0;
}
