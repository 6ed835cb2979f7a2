// SPDX-License-Identifier: ISC
#ifndef TIMBREL_TESTS_NATIVE_PROGRAMS_H
#define TIMBREL_TESTS_NATIVE_PROGRAMS_H

#include "engine/model/compile/builder.h"

/// Random lists of steps of the patterns that models give: copies into parts of larger buffers,
/// functions and sums in place, convolutions in phases, caches, overlap-add, padding, dead ends.

enum { PROGRAMS_CHANNELS = 3, PROGRAMS_LENGTH = 16 };

/// Fill an empty builder with the forward method that `seed` chooses, of PROGRAMS_CHANNELS by
/// PROGRAMS_LENGTH in and out. Never reads what it has not written, nor within one step what that
/// writes elsewhere.
void programs_make(TimbrelBuilder* builder, uint32_t seed);

#endif
