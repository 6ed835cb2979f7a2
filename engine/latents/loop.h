// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_LOOP_H
#define TIMBREL_ENGINE_LATENTS_LOOP_H

#include "engine/base/controls.h"
#include "engine/base/random.h"

#include <stdint.h>

/// Which row of a loop of `rows` rows, at least 1, is at which place. Places are counted from 0 in
/// the order in which they are played, one row each; there and back, the first and the last row
/// come once a turn. Thread: any.

/// How many places the loop has.
uint64_t timbrel_loop_places(TimbrelDirection direction, uint64_t rows);

/// The row at a place: 0..rows-1 for any place below timbrel_loop_places().
uint64_t timbrel_loop_row(TimbrelDirection direction, uint64_t rows, uint64_t place);

/// A place at which `row` is played: the first.
uint64_t timbrel_loop_place(TimbrelDirection direction, uint64_t rows, uint64_t row);

/// How many places to go on: at random from `least` to `most`; nothing is drawn where they are
/// equal.
uint64_t timbrel_loop_step(uint64_t least, uint64_t most, TimbrelRandom* random);

/// Two places that follow one another, and what lies between them.
typedef struct {
    int64_t pass; ///< Of `before`: how many times the loop was gone through until then
    uint64_t before;
    uint64_t after; ///< 0 behind the last one, where the next pass begins
    float part;     ///< 0 at `before`, below 1
} TimbrelLoopPlaces;

/// After so many turns through a loop of so many places: 1.5 is the middle of pass 1, and below 0
/// one is in pass -1. `turns` is between -2^53 and 2^53. What is only a rounding error away from a
/// place is at it.
TimbrelLoopPlaces timbrel_loop_at(uint64_t places, double turns);

#endif
