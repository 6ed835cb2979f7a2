// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_NATIVE_EXECUTE_H
#define TIMBREL_ENGINE_MODEL_NATIVE_EXECUTE_H

#include "kernels.h"
#include "plan_file.h"

/// A plan made ready to run, and the memory of one instance: an arena for each lane. Lanes share
/// every pass over the weights. All memory is taken by _new.
typedef struct TimbrelExecutor TimbrelExecutor;

/// For 1 to TIMBREL_MAX_LANES lanes. `plan` must outlive it. Random numbers depend on `seed`, the
/// lane, the step of the plan, and how often the lane has played the method since its reset, and on
/// nothing else. NULL when memory runs out. Thread: any but audio.
TimbrelExecutor* timbrel_executor_new(const TimbrelPlanFile* plan, const TimbrelKernels* kernels,
                                      uint32_t lanes, uint64_t seed);
void timbrel_executor_free(TimbrelExecutor* executor);

/// State of a set of lanes to its first values, their random numbers to the first ones.
void timbrel_executor_reset(TimbrelExecutor* executor, uint32_t lanes);

/// Run `method` (0 to 2, one that the plan has) in a set of lanes that it has. Thread: inference.
void timbrel_executor_run(TimbrelExecutor* executor, uint32_t method, uint32_t lanes);

/// The floats of a lane: the views of the plan's methods are places in it.
float* timbrel_executor_arena(TimbrelExecutor* executor, uint32_t lane);

#endif
