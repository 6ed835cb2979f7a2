// SPDX-License-Identifier: ISC
// libFuzzer's target and mutator: a plan that passes the check must run without harm.
#include "engine/model/native/execute.h"
#include "plans.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed);

/// What takes longer or more memory than this is checked, but not run.
enum { most_work = 1 << 22, most_floats = 1 << 20 };

/// Make right what no fuzzer would guess.
static void sign(TimbrelPlanHeader* header, size_t size) {
    memcpy(header->magic, TIMBREL_PLAN_MAGIC, sizeof header->magic);
    header->version = TIMBREL_PLAN_VERSION;
    header->header_size = sizeof *header;
    header->file_size = size;
    header->checksum = plans_checksum(header, size);
}

/// Nothing was written behind the first lane's floats, where there is some room, or to the plan.
static void check_unharmed(const TimbrelPlanFile* plan, TimbrelExecutor* executor) {
    const float* end = timbrel_executor_arena(executor, 1);
    for (const float* behind = timbrel_executor_arena(executor, 0) + plan->header->arena_count;
         behind < end; ++behind) {
        if (*behind != 0.0f) {
            abort();
        }
    }
    if (plans_checksum(plan->header, plan->size) != plan->header->checksum) {
        abort();
    }
}

static void play(const TimbrelPlanFile* plan) {
    static const char* const names[] = {"plain", "avx2", "avx512"};
    for (uint32_t i = 0; i < 3; ++i) {
        const TimbrelKernels* kernels = timbrel_kernels(names[i]);
        TimbrelExecutor* executor = kernels ? timbrel_executor_new(plan, kernels, 2, 1) : NULL;
        if (!executor) {
            continue;
        }
        float* arena = timbrel_executor_arena(executor, 0);
        for (uint32_t k = plan->header->state_count; k < plan->header->arena_count; ++k) {
            arena[k] = (float)(k % 7) - 2.5f;
        }
        for (uint32_t method = 0; method < TIMBREL_PLAN_METHODS; ++method) {
            if (plan->header->methods[method].count > 0) {
                timbrel_executor_run(executor, method, 3);
            }
        }
        check_unharmed(plan, executor);
        timbrel_executor_free(executor);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    void* bytes = NULL; // of just this size: what reads on is found out
    if (posix_memalign(&bytes, 64, size ? size : 1) != 0) {
        return 0;
    }
    memcpy(bytes, data, size);
    if (size >= sizeof(TimbrelPlanHeader)) {
        sign(bytes, size);
    }
    TimbrelPlanFile plan;
    if (!timbrel_plan_check(&plan, bytes, size) && plan.work <= most_work &&
        plan.header->arena_count <= most_floats) {
        play(&plan);
    }
    free(bytes);
    return 0;
}

static uint32_t pick(uint32_t* seed, uint32_t below) {
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

static uint32_t odd_number(uint32_t* seed, uint32_t old) {
    static const uint32_t odd[] = {
        0,        1,        2,          3,         7,           8,
        16,       17,       64,         1u << 24,  (1u << 28),  (1u << 28) + 1,
        1u << 30, 1u << 31, UINT32_MAX, INT32_MAX, 0xfffffff0u, 0x7fc00000u};
    switch (pick(seed, 4)) {
    case 0:
        return odd[pick(seed, sizeof odd / sizeof *odd)];
    case 1:
        return old + pick(seed, 9) - 4;
    case 2:
        return pick(seed, 48);
    default:
        return old ^ 1u << pick(seed, 32);
    }
}

/// Another size where the views of a step have to agree, so that it may pass the check.
static void change_size(TimbrelPlanStep* step, uint32_t* seed) {
    // By (batch, group, row, column) of a convolution: where in out, in[0], in[1] and in[2].
    enum { no = TIMBREL_PLAN_DIMS };
    static const uint8_t convolution[][4] = {{0, 0, no, 0}, {1, 1, 0, 1},    {2, no, 1, 2},
                                             {3, 4, no, 3}, {no, 2, no, no}, {no, 3, no, no}};
    static const uint8_t product[][4] = {
        {0, 0, 0, no}, {1, 1, no, no}, {2, no, 2, no}, {no, 2, 1, no}};
    TimbrelView* const views[] = {&step->out, &step->in[0], &step->in[1], &step->in[2]};
    const uint32_t dim = pick(seed, TIMBREL_PLAN_DIMS);
    const uint32_t size = 1 + pick(seed, 40);
    for (uint32_t v = 0; v < 4; ++v) {
        uint32_t at = dim;
        if (step->kind == TIMBREL_PLAN_CONVOLVE) {
            at = convolution[dim % 6][v];
        } else if (step->kind == TIMBREL_PLAN_PRODUCT) {
            at = product[dim % 4][v];
        }
        if (at < no) {
            views[v]->size[at] = size;
        }
    }
}

static void change_kind(TimbrelPlanStep* step, uint32_t* seed) {
    step->kind = 1 + pick(seed, TIMBREL_PLAN_KINDS);
    step->function = pick(seed, TIMBREL_MAP_COUNT);
    for (uint32_t i = 0; i < TIMBREL_PLAN_INPUTS; ++i) {
        if (pick(seed, 2) == 0) {
            step->in[i] = pick(seed, 2) ? step->out : (TimbrelView){0};
        }
    }
}

static void change_step(TimbrelPlanStep* step, uint32_t* seed) {
    TimbrelView* const views[] = {&step->out, &step->in[0], &step->in[1], &step->in[2]};
    TimbrelView* view = views[pick(seed, 4)];
    uint32_t number = 0;
    switch (pick(seed, 8)) {
    case 0:
        change_kind(step, seed);
        break;
    case 1:
    case 2:
        change_size(step, seed);
        break;
    case 3:
        step->flags = pick(seed, 4);
        step->weights = UINT64_C(64) * pick(seed, 64);
        break;
    case 4:
        view->offset = (int32_t)odd_number(seed, (uint32_t)view->offset);
        break;
    case 5:
    case 6:
        number = pick(seed, TIMBREL_PLAN_DIMS);
        view->stride[number] = (int32_t)odd_number(seed, (uint32_t)view->stride[number]);
        break;
    default:
        number = odd_number(seed, 0);
        memcpy(&step->numbers[pick(seed, 4)], &number, sizeof number);
        break;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
    TimbrelPlanHeader header;
    uint32_t random = seed;
    if (size < sizeof header || pick(&random, 16) == 0) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    memcpy(&header, data, sizeof header);
    const bool has_steps = header.step_count > 0 && header.steps < size &&
                           header.step_count <= (size - header.steps) / sizeof(TimbrelPlanStep);
    if (has_steps && pick(&random, 8) > 0) {
        TimbrelPlanStep step;
        uint8_t* place =
            data + header.steps + (size_t)pick(&random, header.step_count) * sizeof step;
        memcpy(&step, place, sizeof step);
        change_step(&step, &random);
        memcpy(place, &step, sizeof step);
    } else { // the header's numbers, which end it
        const size_t first = offsetof(TimbrelPlanHeader, steps) / sizeof(uint32_t);
        const size_t count = sizeof header / sizeof(uint32_t) - first;
        uint8_t* place = data + (first + pick(&random, (uint32_t)count)) * sizeof(uint32_t);
        uint32_t number;
        memcpy(&number, place, sizeof number);
        number = odd_number(&random, number);
        memcpy(place, &number, sizeof number);
    }
    return size;
}
