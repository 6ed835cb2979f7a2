// SPDX-License-Identifier: ISC
#include "execute.h"

#include "steps.h"

#include <stdlib.h>
#include <string.h>

enum { line = 64 };

struct TimbrelExecutor {
    const TimbrelPlanFile* plan;
    const TimbrelKernels* kernels;
    TimbrelReadyStep* ready;
    float* arenas;
    float* scratch;
    float* biases;
    int32_t* offsets;
    size_t lane; // floats from one arena to the next
    uint32_t lanes;
    uint64_t seed;
    uint64_t played[TIMBREL_MAX_LANES][TIMBREL_PLAN_METHODS]; // times since the lane's reset
};

/// What `method` is played with in a set of lanes.
static TimbrelStepRun begin_run(const TimbrelExecutor* executor, uint32_t method, uint32_t set) {
    TimbrelStepRun run = {.kernels = executor->kernels,
                          .constants = executor->plan->constants,
                          .arenas = executor->arenas,
                          .scratch = executor->scratch,
                          .seed = executor->seed};
    for (uint32_t lane = 0; lane < executor->lanes; ++lane) {
        if (set >> lane & 1u) {
            run.lane[run.lanes] = lane;
            run.behind[run.lanes] = lane * executor->lane;
            run.played[run.lanes++] = executor->played[lane][method];
        }
    }
    return run;
}

void timbrel_executor_run(TimbrelExecutor* executor, uint32_t method, uint32_t set) {
    const TimbrelPlanMethod* steps = &executor->plan->header->methods[method];
    const TimbrelStepRun run = begin_run(executor, method, set);
    for (uint32_t i = steps->first; i < steps->first + steps->count; ++i) {
        executor->ready[i].kind->play(&executor->ready[i], &run);
    }
    for (uint32_t k = 0; k < run.lanes; ++k) {
        ++executor->played[run.lane[k]][method];
    }
}

float* timbrel_executor_arena(TimbrelExecutor* executor, uint32_t lane) {
    return executor->arenas + lane * executor->lane;
}

void timbrel_executor_reset(TimbrelExecutor* executor, uint32_t set) {
    const TimbrelPlanHeader* header = executor->plan->header;
    for (uint32_t lane = 0; lane < executor->lanes; ++lane) {
        if (set >> lane & 1u) {
            float* arena = timbrel_executor_arena(executor, lane);
            memset(arena, 0, executor->lane * sizeof *arena);
            memcpy(arena, executor->plan->constants + header->state_values,
                   header->state_count * sizeof *arena);
            memset(executor->played[lane], 0, sizeof executor->played[lane]);
        }
    }
}

static void* aligned(size_t bytes) {
    void* memory = aligned_alloc(line, (bytes + line) / line * line);
    if (memory) {
        memset(memory, 0, (bytes + line) / line * line); // also brings the pages
    }
    return memory;
}

TimbrelExecutor* timbrel_executor_new(const TimbrelPlanFile* plan, const TimbrelKernels* kernels,
                                      uint32_t lanes, uint64_t seed) {
    const TimbrelPlanHeader* header = plan->header;
    TimbrelExecutor* executor = calloc(1, sizeof *executor);
    if (!executor) {
        return NULL;
    }
    TimbrelStepTables tables = timbrel_convolve_tables(plan);
    executor->plan = plan;
    executor->kernels = kernels;
    executor->lanes = lanes;
    executor->seed = seed;
    executor->lane = ((size_t)header->arena_count + 15) / 16 * 16 + 16;
    executor->ready = calloc((size_t)header->step_count + 1, sizeof *executor->ready);
    executor->arenas = aligned(executor->lane * lanes * sizeof(float));
    executor->scratch = aligned(TIMBREL_SCRATCH * sizeof(float));
    executor->biases = aligned(tables.bias_count * sizeof(float));
    executor->offsets = calloc(tables.offset_count + 1, sizeof *executor->offsets);
    if (!executor->ready || !executor->arenas || !executor->scratch || !executor->biases ||
        !executor->offsets) {
        timbrel_executor_free(executor);
        return NULL;
    }
    tables.biases = executor->biases;
    tables.offsets = executor->offsets;
    for (uint32_t i = 0; i < header->step_count; ++i) {
        TimbrelReadyStep* ready = &executor->ready[i];
        ready->step = &plan->steps[i];
        ready->kind = timbrel_step_kind(ready->step->kind);
        ready->number = i;
        if (ready->kind->ready) {
            ready->kind->ready(plan, executor->ready, i, &tables);
        }
    }
    timbrel_executor_reset(executor, TIMBREL_ALL_LANES);
    return executor;
}

void timbrel_executor_free(TimbrelExecutor* executor) {
    if (!executor) {
        return;
    }
    free(executor->ready);
    free(executor->arenas);
    free(executor->scratch);
    free(executor->biases);
    free(executor->offsets);
    free(executor);
}
