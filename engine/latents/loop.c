// SPDX-License-Identifier: ISC
#include "loop.h"

#include <math.h>
#include <stdbool.h>

uint64_t timbrel_loop_places(TimbrelDirection direction, uint64_t rows) {
    // There and back is a circle of its own, in which the ends come once.
    return direction == TIMBREL_THERE_AND_BACK && rows > 1 ? 2 * rows - 2 : rows;
}

uint64_t timbrel_loop_row(TimbrelDirection direction, uint64_t rows, uint64_t place) {
    if (direction == TIMBREL_BACKWARD) {
        return rows - 1 - place;
    }
    return place < rows ? place : 2 * rows - 2 - place;
}

uint64_t timbrel_loop_place(TimbrelDirection direction, uint64_t rows, uint64_t row) {
    return direction == TIMBREL_BACKWARD ? rows - 1 - row : row;
}

uint64_t timbrel_loop_step(uint64_t least, uint64_t most, TimbrelRandom* random) {
    return most > least ? least + timbrel_random_below(random, most - least + 1) : least;
}

TimbrelLoopPlaces timbrel_loop_at(uint64_t places, double turns) {
    const double rounding = 1e-6;
    const double pass = floor(turns);
    const double place = (turns - pass) * (double)places;
    const uint64_t near = (uint64_t)(place + 0.5);
    const bool there = fabs(place - (double)near) < rounding;
    const uint64_t before = there ? near : (uint64_t)place;
    const bool wraps = before >= places;
    const uint64_t at = wraps ? 0 : before;
    return (TimbrelLoopPlaces){
        .pass = (int64_t)pass + (wraps ? 1 : 0),
        .before = at,
        .after = at + 1 < places ? at + 1 : 0,
        .part = there ? 0.0f : (float)(place - (double)before),
    };
}
