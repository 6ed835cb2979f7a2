// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_NATIVE_PLAN_FILE_H
#define TIMBREL_ENGINE_MODEL_NATIVE_PLAN_FILE_H

#include "engine/base/status.h"
#include "plan.h"

#include <stddef.h>

/// A plan file, mapped read-only: all instances that play it share its memory. Nothing in it is
/// trusted: once open, every index in it is known to lie inside. Thread: any but audio.
typedef struct {
    const TimbrelPlanHeader* header;
    const TimbrelPlanStep* steps;
    const float* constants;
    const char* weights;
    TimbrelModelInfo info; ///< Validated copy
    uint64_t work;         ///< Multiply-adds of all steps, about
    void* memory;
    size_t size;
} TimbrelPlanFile;

/// Whether an open file begins as a plan does. Its position does not change.
bool timbrel_plan_file_is(int file);

/// Map and check the open file; `file` may be closed then. `name` is for messages.
/// TIMBREL_BAD_MODEL for what is no sound plan of this version.
TimbrelStatus timbrel_plan_file_open(TimbrelPlanFile* plan, int file, const char* name,
                                     TimbrelError* error);

void timbrel_plan_file_close(TimbrelPlanFile* plan);

/// The checks, of bytes in memory (aligned to 64 bytes): sets all but `memory`. NULL, or what is
/// wrong, to follow "its ".
const char* timbrel_plan_check(TimbrelPlanFile* plan, const void* bytes, size_t size);

#endif
