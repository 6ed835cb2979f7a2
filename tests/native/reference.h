// SPDX-License-Identifier: ISC
#ifndef TIMBREL_TESTS_NATIVE_REFERENCE_H
#define TIMBREL_TESTS_NATIVE_REFERENCE_H

#include "engine/model/native/plan.h"

#include <stdbool.h>
#include <stddef.h>

/// What a plan's steps mean, in the plainest form and in double precision: to compare with.

double reference_map(uint32_t function, const float* numbers, double x);
double reference_combine(uint32_t function, const float* numbers, double x, double y);

/// How many elements a view shows.
size_t reference_count(const TimbrelView* view);

/// Where in its buffer the element is that comes as number `index`, the last dimension fastest.
ptrdiff_t reference_place(const TimbrelView* view, size_t index);

/// Do a step of any kind but DRAW. Space n is the buffer spaces[n]; `weights` are those of
/// CONVOLVE, by (group, row, channel, tap).
void reference_step(const TimbrelPlanStep* step, float* const* spaces, const float* weights);

#endif
