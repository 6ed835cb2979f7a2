// SPDX-License-Identifier: ISC
#ifndef TIMBREL_EXECUTE_H
#define TIMBREL_EXECUTE_H

#include "kernels.h"
#include "plan_file.h"

/// A plan made ready to run, and the memory of one instance: an arena for each lane. Lanes share
/// every pass over the weights (dual mono is two). All memory is taken by _new.
typedef struct TimbrelExecutor TimbrelExecutor;

/// `plan` must outlive it. NULL when memory runs out. Thread: any but audio.
TimbrelExecutor* timbrel_executor_new(const TimbrelPlanFile* plan, const TimbrelKernels* kernels,
                                      uint32_t lanes);
void timbrel_executor_free(TimbrelExecutor* executor);

/// State to its first values, random numbers from the beginning of those that `seed` chooses.
void timbrel_executor_reset(TimbrelExecutor* executor, uint64_t seed);

/// Run `method` (0 to 2, one that the plan has) in the first `lanes` lanes. Thread: inference.
void timbrel_executor_run(TimbrelExecutor* executor, uint32_t method, uint32_t lanes);

/// The floats of a lane: the views of the plan's methods are places in it.
float* timbrel_executor_arena(TimbrelExecutor* executor, uint32_t lane);

#endif
