// SPDX-License-Identifier: ISC
#ifndef TIMBREL_TESTS_NATIVE_PLANS_H
#define TIMBREL_TESTS_NATIVE_PLANS_H

#include "engine/model/compile/builder.h"
#include "engine/model/native/plan_file.h"

/// Small plans for the tests, made as timbrel-torch makes its own.

/// How many plans_sample() makes; together they have every kind of step.
enum { PLANS_SAMPLES = 4, PLANS_RATIO = 8, PLANS_LATENTS = 3 };

/// All of a buffer as an array of these sizes, the last one side by side.
TimbrelView plans_view(uint32_t buffer, uint32_t dims, const uint32_t* sizes);

/// A temporary buffer of these sizes.
TimbrelView plans_temporary(TimbrelBuilder* builder, uint32_t dims, const uint32_t* sizes);

/// Information on a model of one channel and PLANS_RATIO.
TimbrelModelInfo plans_info(bool forward);

/// The plan's bytes, aligned to 64, to be freed; frees the builder. NULL if it cannot be written.
void* plans_bytes(TimbrelBuilder* builder, const TimbrelModelInfo* info, bool full, size_t* size);

/// The checksum that a plan of `size` bytes has to hold.
uint64_t plans_checksum(const void* bytes, size_t size);

/// The bytes of sample `which`, as plans_bytes().
void* plans_sample(uint32_t which, size_t* size);

#endif
