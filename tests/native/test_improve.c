// SPDX-License-Identifier: ISC
// Random programs give the same, call after call, as they are, laid out as a plan, and improved.
// With a number as its argument: that one program, its steps written out.
#include "engine/model/compile/improve.h"
#include "engine/model/native/execute.h"
#include "plans.h"
#include "programs.h"
#include "reference.h"
#include "tests/check.h"
#include "tests/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { programs = 10000, calls = 3, samples = PROGRAMS_CHANNELS * PROGRAMS_LENGTH };

typedef struct {
    float values[calls][samples];
} Sound;

static void make_input(float* input, uint32_t call) {
    uint32_t seed = 77 + call;
    for (uint32_t i = 0; i < samples; ++i) {
        input[i] = measure_noise(&seed);
    }
}

/// The steps done one by one, on buffers that share no memory. What is read before it is written is
/// not a number.
static void play_reference(TimbrelBuilder* builder, Sound* sound) {
    float** spaces = calloc((size_t)builder->buffer_count + 1, sizeof *spaces);
    if (!spaces) {
        abort();
    }
    for (uint32_t i = 0; i < builder->buffer_count; ++i) {
        const TimbrelBuffer* buffer = &builder->buffers[i];
        spaces[i + 1] = calloc(buffer->count, sizeof(float));
        if (!spaces[i + 1]) {
            abort();
        }
        if (buffer->values) {
            memcpy(spaces[i + 1], buffer->values, buffer->count * sizeof(float));
        }
    }
    const TimbrelPlanMethod* method = &builder->methods[2];
    for (uint32_t call = 0; call < calls; ++call) {
        for (uint32_t i = 0; i < builder->buffer_count; ++i) {
            for (uint32_t k = 0; k < builder->buffers[i].count; ++k) {
                if (builder->buffers[i].kind == TIMBREL_BUFFER_TEMPORARY) {
                    spaces[i + 1][k] = NAN;
                }
            }
        }
        make_input(spaces[method->in.space], call);
        for (uint32_t i = 0; i < builder->step_count; ++i) {
            TimbrelPlanStep* step = &builder->steps[i];
            const bool convolves = step->kind == TIMBREL_PLAN_CONVOLVE;
            reference_step(step, spaces, convolves ? builder->weights[step->weights].values : NULL);
        }
        memcpy(sound->values[call], spaces[method->out.space], sizeof sound->values[call]);
    }
    for (uint32_t i = 0; i < builder->buffer_count; ++i) {
        free(spaces[i + 1]);
    }
    free(spaces);
}

/// Laid out and run in the second of two lanes; uses the builder up.
static int play_plan(TimbrelBuilder* builder, const char* kernels, Sound* sound) {
    TimbrelModelInfo info = plans_info(true);
    info.in_channels = info.out_channels = PROGRAMS_CHANNELS;
    info.ratio = PROGRAMS_LENGTH;
    size_t size = 0;
    void* bytes = plans_bytes(builder, &info, true, &size);
    TimbrelPlanFile plan;
    CHECK(bytes && !timbrel_plan_check(&plan, bytes, size));
    TimbrelExecutor* executor = timbrel_executor_new(&plan, timbrel_kernels(kernels), 2, 1);
    CHECK(executor);
    float* arena = timbrel_executor_arena(executor, 1);
    const TimbrelPlanMethod* method = &plan.header->methods[2];
    for (uint32_t call = 0; call < calls; ++call) {
        float input[samples];
        make_input(input, call);
        for (uint32_t i = plan.header->state_count; i < plan.header->arena_count; ++i) {
            arena[i] = NAN;
        }
        for (uint32_t i = 0; i < samples; ++i) {
            arena[reference_place(&method->in, i)] = input[i];
        }
        timbrel_executor_run(executor, 2, 3);
        for (uint32_t i = 0; i < samples; ++i) {
            sound->values[call][i] = arena[reference_place(&method->out, i)];
        }
    }
    timbrel_executor_free(executor);
    free(bytes);
    return 0;
}

static int compare(const Sound* right, const Sound* given) {
    for (uint32_t call = 0; call < calls; ++call) {
        for (uint32_t i = 0; i < samples; ++i) {
            const float error = fabsf(right->values[call][i] - given->values[call][i]);
            CHECK(error <= 1e-4f * fmaxf(1.0f, fabsf(right->values[call][i])));
        }
    }
    return 0;
}

static void print_view(const char* text, const TimbrelView* view) {
    (void)printf("%s%u+%d", text, view->space, view->offset);
    for (uint32_t d = 0; d < view->dims; ++d) {
        (void)printf("%c%u*%d", d ? ' ' : '(', view->size[d], view->stride[d]);
    }
    (void)printf("%s", view->dims ? ")" : "");
}

static void print(const TimbrelBuilder* builder) {
    for (uint32_t i = 0; i < builder->step_count; ++i) {
        const TimbrelPlanStep* step = &builder->steps[i];
        (void)printf("%u: kind %u function %u (%g)", i, step->kind, step->function,
                     (double)step->numbers[0]);
        print_view(" out ", &step->out);
        for (uint32_t in = 0; in < TIMBREL_PLAN_INPUTS; ++in) {
            if (step->in[in].space) {
                print_view("  ", &step->in[in]);
            }
        }
        (void)printf("\n");
    }
}

static int check_program(uint32_t seed, bool spoken, uint64_t steps[2]) {
    static const char* const kernels[] = {NULL, "plain"};
    Sound right;
    Sound given;
    TimbrelBuilder builder = {0};
    programs_make(&builder, seed);
    CHECK(!builder.failed);
    if (spoken) {
        print(&builder);
    }
    play_reference(&builder, &right);
    steps[0] += builder.step_count;
    CHECK(!play_plan(&builder, kernels[seed % 2], &given));
    CHECK(!compare(&right, &given));

    TimbrelBuilder improved = {0};
    programs_make(&improved, seed);
    timbrel_improve(&improved);
    if (spoken) {
        (void)printf("improved:\n");
        print(&improved);
    }
    steps[1] += improved.step_count;
    CHECK(!play_plan(&improved, kernels[seed % 2], &given));
    CHECK(!compare(&right, &given));
    return 0;
}

int main(int argc, char** argv) {
    uint64_t steps[2] = {0, 0};
    if (argc > 1) {
        return check_program((uint32_t)strtoul(argv[1], NULL, 10), true, steps);
    }
    uint32_t wrong = 0;
    for (uint32_t seed = 0; seed < programs; ++seed) {
        if (check_program(seed, false, steps)) {
            (void)fprintf(stderr, "program %u\n", seed);
            ++wrong;
        }
    }
    (void)printf("%llu steps improved to %llu\n", (unsigned long long)steps[0],
                 (unsigned long long)steps[1]);
    CHECK(wrong == 0);
    CHECK(steps[1] * 5 < steps[0] * 4); // else there is little to be tested
    return 0;
}
