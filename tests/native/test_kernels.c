// SPDX-License-Identifier: ISC
// Every set of kernels that this machine can run, against plain loops in double precision.
#include "engine/model/native/execute.h"
#include "engine/model/native/half.h"
#include "plans.h"
#include "reference.h"
#include "tests/check.h"
#include "tests/measure.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { convolutions = 500, points = 6000, draws = 1 << 18 };

static float* noise(size_t count, uint32_t* seed) {
    float* values = calloc(count + 1, sizeof *values);
    for (size_t i = 0; values && i < count; ++i) {
        values[i] = measure_noise(seed);
    }
    return values;
}

/// Strides for `view` within a new buffer, the dimensions in any order, with gaps.
static void place(TimbrelBuilder* builder, TimbrelView* view, uint32_t* seed) {
    uint32_t order[TIMBREL_PLAN_DIMS] = {0};
    for (uint32_t d = 0; d < view->dims; ++d) {
        const uint32_t at = measure_pick(seed, 3) ? d : measure_pick(seed, d + 1);
        order[d] = order[at];
        order[at] = d;
    }
    uint32_t stride = measure_pick(seed, 4) ? 1 : 2;
    for (uint32_t k = view->dims; k-- > 0;) {
        view->stride[order[k]] = (int32_t)stride;
        stride = stride * view->size[order[k]] + measure_pick(seed, 2);
    }
    view->offset = (int32_t)measure_pick(seed, 5);
    view->space = 1 + timbrel_builder_buffer(builder, TIMBREL_BUFFER_TEMPORARY, stride + 16, NULL);
}

/// One CONVOLVE step of any form; returns its weights. May share its input's windows among taps.
static float* random_convolution(TimbrelBuilder* builder, uint32_t* seed) {
    static const uint32_t functions[] = {TIMBREL_MAP_COPY, TIMBREL_MAP_LEAKY, TIMBREL_MAP_TANH};
    TimbrelPlanStep step = {.kind = TIMBREL_PLAN_CONVOLVE,
                            .function = functions[measure_pick(seed, 3)],
                            .numbers = {0.2f}};
    const uint32_t batch = 1 + measure_pick(seed, 2);
    const uint32_t groups = 1 + measure_pick(seed, 3);
    const uint32_t rows = 1 + measure_pick(seed, measure_pick(seed, 2) ? 50 : 10);
    const uint32_t channels = 1 + measure_pick(seed, measure_pick(seed, 2) ? 70 : 5);
    const uint32_t taps = 1 + measure_pick(seed, 7);
    const uint32_t columns = 1 + measure_pick(seed, measure_pick(seed, 3) ? 40 : 150);
    step.out = (TimbrelView){.dims = 4, .size = {batch, groups, rows, columns}};
    place(builder, &step.out, seed);
    step.in[0] = (TimbrelView){.dims = 5, .size = {batch, groups, channels, taps, columns}};
    if (measure_pick(seed, 4)) { // windows of a signal, with a stride and a dilation
        const uint32_t dilation = 1 + measure_pick(seed, 3);
        const uint32_t hop = measure_pick(seed, 3) ? 1 : 2;
        const uint32_t length = dilation * (taps - 1) + hop * (columns - 1) + 1;
        TimbrelView signal = {.dims = 4, .size = {batch, groups, channels, length}};
        place(builder, &signal, seed);
        step.in[0].space = signal.space;
        step.in[0].offset = signal.offset;
        memcpy(step.in[0].stride, signal.stride, 3 * sizeof *signal.stride);
        step.in[0].stride[3] = (int32_t)dilation * signal.stride[3];
        step.in[0].stride[4] = (int32_t)hop * signal.stride[3];
    } else {
        place(builder, &step.in[0], seed);
    }
    if (measure_pick(seed, 2)) {
        float* bias = noise((size_t)groups * rows, seed);
        const uint32_t sizes[] = {groups, rows};
        step.in[1] = plans_view(
            timbrel_builder_buffer(builder, TIMBREL_BUFFER_CONSTANT, (size_t)groups * rows, bias),
            2, sizes);
        free(bias);
    }
    if (measure_pick(seed, 2)) {
        step.in[2] = (TimbrelView){.dims = 4, .size = {batch, groups, rows, columns}};
        if (measure_pick(seed, 4)) {
            place(builder, &step.in[2], seed);
        } else { // one number, of the plan's own
            const float number = measure_noise(seed);
            step.in[2].space =
                1 + timbrel_builder_buffer(builder, TIMBREL_BUFFER_CONSTANT, 1, &number);
        }
    }
    const size_t count = (size_t)groups * rows * channels * taps;
    float* weights = noise(count, seed);
    // What float16 has itself, or the form they are kept in would matter here.
    for (size_t i = 0; i < count; ++i) {
        weights[i] = timbrel_half_to_float(timbrel_half_from_float(weights[i]));
    }
    step.weights = timbrel_builder_weights(builder, weights, count, measure_pick(seed, 3) == 0);
    timbrel_builder_step(builder, &step);
    return weights;
}

/// What the arena must hold after the plan's one step (`weights` NULL: without it), from what it
/// holds.
static float* expected(const TimbrelPlanFile* plan, const float* arena, const float* weights) {
    const size_t count = plan->header->arena_count;
    float* after = calloc(count + 1, sizeof *after);
    float* constants = calloc((size_t)plan->header->constant_count + 1, sizeof *constants);
    if (!after || !constants) {
        abort();
    }
    memcpy(after, arena, count * sizeof *after);
    memcpy(constants, plan->constants, plan->header->constant_count * sizeof *constants);
    float* const spaces[] = {NULL, after, constants};
    if (weights) {
        reference_step(plan->steps, spaces, weights);
    }
    free(constants);
    return after;
}

static int check_convolution(const TimbrelKernels* kernels, uint32_t number) {
    uint32_t seed = number * 2654435761u + 1u;
    TimbrelBuilder builder = {0};
    float* weights = random_convolution(&builder, &seed);
    // The ports are of no use here, but a plan has some.
    const uint32_t port[] = {1, PLANS_RATIO};
    TimbrelPlanMethod* method = &builder.methods[2];
    method->count = 1;
    method->in = method->out = plans_temporary(&builder, 2, port);
    method->amounts[0] = method->amounts[1] = plans_temporary(&builder, 0, NULL);
    const TimbrelModelInfo info = plans_info(true);
    size_t size = 0;
    void* bytes = plans_bytes(&builder, &info, number % 3 == 0, &size);
    TimbrelPlanFile plan;
    CHECK(weights && bytes && !timbrel_plan_check(&plan, bytes, size));
    enum { lanes = TIMBREL_MAX_LANES };
    TimbrelExecutor* executor = timbrel_executor_new(&plan, kernels, lanes, 1);
    CHECK(executor);
    // Any set; often one of a few lanes, or all.
    const uint32_t played = number % 4 == 0   ? timbrel_lanes_first(1 + number / 4 % 2)
                            : number % 4 == 1 ? TIMBREL_ALL_LANES
                                              : 1 + measure_pick(&seed, TIMBREL_ALL_LANES);
    float* after[lanes] = {NULL};
    for (uint32_t lane = 0; lane < lanes; ++lane) {
        float* arena = timbrel_executor_arena(executor, lane);
        for (uint32_t i = 0; i < plan.header->arena_count; ++i) {
            arena[i] = measure_noise(&seed);
        }
        after[lane] = expected(&plan, arena, played >> lane & 1u ? weights : NULL);
    }
    timbrel_executor_run(executor, 2, played);
    bool good = true;
    for (uint32_t lane = 0; lane < lanes; ++lane) {
        const float* arena = timbrel_executor_arena(executor, lane);
        for (uint32_t i = 0; i < plan.header->arena_count; ++i) {
            const float right = after[lane][i];
            good = good && fabsf(arena[i] - right) <= 5e-5f * fmaxf(1.0f, fabsf(right));
        }
        free(after[lane]);
    }
    timbrel_executor_free(executor);
    free(bytes);
    free(weights);
    CHECK(good);
    return 0;
}

static int check_convolutions(const TimbrelKernels* kernels) {
    for (uint32_t i = 0; i < convolutions; ++i) {
        if (check_convolution(kernels, i)) {
            (void)fprintf(stderr, "convolution %u\n", i);
            return 1;
        }
    }
    return 0;
}

/// Whether a result is right: not a number or infinite where that is, else within both errors.
static bool near(float given, double right, double relative, double absolute) {
    if (isnan(right)) {
        return isnan(given);
    }
    const float rounded = (float)right;
    if (isinf(rounded)) {
        return given == rounded || (isfinite(right) && fabsf(given) > 0.99999f * FLT_MAX);
    }
    return fabs((double)given - right) <= relative * fabs(right) + absolute;
}

/// How a function is tried: all of a range in even steps, and all that is odd.
typedef struct {
    uint32_t function;
    float numbers[3];
    double low, high;
    double relative, absolute; // errors
} Trial;

static const float odd[] = {
    0.0f,    -0.0f,   1e-45f,   -1e-45f,  1e-40f,    -1e-40f, FLT_MIN,    -FLT_MIN,    1e-30f,
    -1e-30f, 1e-10f,  -1e-10f,  0.5f,     -0.5f,     1.0f,    -1.0f,      1.5f,        -1.5f,
    2.5f,    -2.5f,   19.99f,   -20.01f,  87.2f,     -87.2f,  88.72f,     -88.72f,     88.73f,
    -88.73f, -103.0f, -104.0f,  104.0f,   1e4f,      -1e4f,   8388609.0f, -8388609.0f, 1e18f,
    -1e18f,  FLT_MAX, -FLT_MAX, INFINITY, -INFINITY, NAN,
};
enum { odds = sizeof odd / sizeof *odd };

static int check_map(const TimbrelKernels* kernels, const Trial* trial) {
    static float in[points + odds];
    static float out[points + odds];
    for (uint32_t i = 0; i < points; ++i) {
        in[i] = (float)(trial->low + (trial->high - trial->low) * i / points);
    }
    memcpy(in + points, odd, sizeof odd);
    // In pieces of all lengths, from all places.
    for (uint32_t at = 0, length = 1; at < points + odds; at += length, length = length % 67 + 1) {
        const uint32_t left = points + odds - at;
        kernels->map(trial->function, trial->numbers, left < length ? left : length, out + at,
                     in + at);
    }
    for (uint32_t i = 0; i < points + odds; ++i) {
        const double right = reference_map(trial->function, trial->numbers, (double)in[i]);
        double absolute = trial->absolute;
        // One turn is 6 and some of a sine's argument: the larger, the fewer digits are behind.
        const bool turns = trial->function == TIMBREL_MAP_SIN || trial->function == TIMBREL_MAP_COS;
        if (turns && fabs((double)in[i]) > 1e9 && isfinite(in[i])) {
            CHECK(fabsf(out[i]) <= 1.000001f);
            continue;
        }
        const bool good = near(out[i], right, trial->relative, absolute);
        if (!good) {
            (void)fprintf(stderr, "%s, function %u of %.9g: %.9g, not %.9g\n", kernels->name,
                          trial->function, (double)in[i], (double)out[i], right);
        }
        CHECK(good);
    }
    return 0;
}

static int check_maps(const TimbrelKernels* kernels) {
    const double ulps = 3.0 * 1.2e-7; // relative
    const double none = 3e-45;        // what is smaller than every float
    const Trial trials[] = {
        {TIMBREL_MAP_COPY, {0}, -10.0, 10.0, 0.0, 0.0},
        {TIMBREL_MAP_LEAKY, {0.2f}, -10.0, 10.0, ulps, none},
        {TIMBREL_MAP_CLAMP, {-0.5f, 0.7f}, -1.0, 1.0, 0.0, 0.0},
        {TIMBREL_MAP_TANH, {0}, -12.0, 12.0, ulps, none},
        {TIMBREL_MAP_SIGMOID, {0}, -80.0, 80.0, ulps, (double)FLT_MIN},
        {TIMBREL_MAP_SOFTPLUS, {1.0f, 20.0f}, -80.0, 30.0, 2.0 * ulps, (double)FLT_MIN},
        {TIMBREL_MAP_SOFTPLUS, {3.0f, 20.0f}, -20.0, 10.0, 1e-5, (double)FLT_MIN},
        {TIMBREL_MAP_ELU, {1.0f, 1.0f, 1.0f}, -20.0, 10.0, ulps, 1.2e-7},
        {TIMBREL_MAP_GELU, {0}, -6.0, 6.0, ulps, 4e-7},
        {TIMBREL_MAP_GELU_TANH, {0}, -6.0, 6.0, ulps, 4e-7},
        {TIMBREL_MAP_SILU, {0}, -80.0, 80.0, 2.0 * ulps, 1e-36},
        {TIMBREL_MAP_EXP, {0}, -103.0, 88.7, ulps, none},
        {TIMBREL_MAP_LOG, {1.0f}, 1e-4, 100.0, ulps, none},
        {TIMBREL_MAP_LOG, {0.30103f}, 0.9, 1.1, ulps, none},
        {TIMBREL_MAP_LOG1P, {0}, -0.999, 10.0, 2.0 * ulps, none},
        {TIMBREL_MAP_LOG1P, {0}, -1e-3, 1e-3, 2.0 * ulps, none},
        {TIMBREL_MAP_SIN, {0}, -10.0, 10.0, 0.0, 1.5e-7},
        {TIMBREL_MAP_SIN, {0}, -1e6, 1e6, 0.0, 1.5e-7},
        {TIMBREL_MAP_SIN, {0}, -1e-2, 1e-2, ulps, 1e-8},
        {TIMBREL_MAP_COS, {0}, -10.0, 10.0, 0.0, 1.5e-7},
        {TIMBREL_MAP_COS, {0}, -1e6, 1e6, 0.0, 1.5e-7},
        {TIMBREL_MAP_ACOS, {0}, -1.0, 1.0, ulps, 0.0},
        {TIMBREL_MAP_SQRT, {0}, 0.0, 100.0, ulps, none},
        {TIMBREL_MAP_RECIPROCAL, {0}, -10.0, 10.0, ulps, none},
        {TIMBREL_MAP_ABS, {0}, -10.0, 10.0, 0.0, 0.0},
        {TIMBREL_MAP_SIGN, {0}, -1.0, 1.0, 0.0, 0.0},
        {TIMBREL_MAP_FLOOR, {0}, -4.0, 4.0, 0.0, 0.0},
        {TIMBREL_MAP_CEIL, {0}, -4.0, 4.0, 0.0, 0.0},
        {TIMBREL_MAP_ROUND, {0}, -4.0, 4.0, 0.0, 0.0},
        {TIMBREL_MAP_TRUNCATE, {0}, -4.0, 4.0, 0.0, 0.0},
        {TIMBREL_MAP_TRUTH, {0}, -1.0, 1.0, 0.0, 0.0},
        {TIMBREL_MAP_NOT, {0}, -1.0, 1.0, 0.0, 0.0},
        {TIMBREL_MAP_AFFINE, {0.3f, -2.0f}, -10.0, 10.0, ulps, 1e-6},
        {TIMBREL_MAP_POWER, {2.5f}, 0.0, 10.0, ulps, none},
        {TIMBREL_MAP_POWER, {-0.5f}, 0.0, 10.0, ulps, none},
        {TIMBREL_MAP_RAISE, {10.0f}, -10.0, 10.0, ulps, none},
        {TIMBREL_MAP_FILL, {0.25f}, -1.0, 1.0, 0.0, 0.0},
        {TIMBREL_MAP_SQUARE, {0}, -10.0, 10.0, ulps, none},
    };
    bool tried[TIMBREL_MAP_COUNT] = {false};
    for (size_t i = 0; i < sizeof trials / sizeof *trials; ++i) {
        CHECK(!check_map(kernels, &trials[i]));
        tried[trials[i].function] = true;
    }
    for (uint32_t i = 0; i < TIMBREL_MAP_COUNT; ++i) {
        CHECK(tried[i]);
    }
    return 0;
}

static int check_combines(const TimbrelKernels* kernels) {
    static float a[points + odds * odds];
    static float b[points + odds * odds];
    static float out[points + odds * odds];
    uint32_t seed = 3;
    for (uint32_t i = 0; i < points; ++i) {
        a[i] = i % 5 ? 4.0f * measure_noise(&seed) : floorf(4.0f * measure_noise(&seed));
        b[i] = i % 7 ? 4.0f * measure_noise(&seed) : a[i];
    }
    for (uint32_t i = 0; i < odds * odds; ++i) {
        a[points + i] = odd[i % odds];
        b[points + i] = odd[i / odds];
    }
    for (uint32_t function = 0; function < TIMBREL_COMBINE_COUNT; ++function) {
        const float numbers[] = {function == TIMBREL_COMBINE_ADD ? -0.5f : 0.0f};
        for (uint32_t at = 0, length = 1; at < points + odds * odds;
             at += length, length = length % 67 + 1) {
            const uint32_t left = points + odds * odds - at;
            kernels->combine(function, numbers, left < length ? left : length, out + at, a + at,
                             b + at);
        }
        for (uint32_t i = 0; i < points + odds * odds; ++i) {
            const double right = reference_combine(function, numbers, (double)a[i], (double)b[i]);
            const bool good = near(out[i], right, 4e-7, 3e-45);
            if (!good) {
                (void)fprintf(stderr, "%s, function %u of %.9g and %.9g: %.9g, not %.9g\n",
                              kernels->name, function, (double)a[i], (double)b[i], (double)out[i],
                              right);
            }
            CHECK(good);
        }
    }
    return 0;
}

static int check_sums(const TimbrelKernels* kernels) {
    enum { most = 200 };
    float a[most];
    float b[most];
    float out[most];
    uint32_t seed = 5;
    for (uint32_t i = 0; i < most; ++i) {
        a[i] = measure_noise(&seed);
        b[i] = measure_noise(&seed);
    }
    for (uint32_t count = 0; count <= most; ++count) {
        memcpy(out, a, sizeof out);
        kernels->add_scaled(count, out, b, 0.75f);
        double sum = 0.0;
        for (uint32_t i = 0; i < most; ++i) {
            const double more = i < count ? 0.75 * (double)b[i] : 0.0;
            CHECK(near(out[i], (double)a[i] + more, 0.0, 1.2e-7));
            sum += i < count ? (double)a[i] * (double)b[i] : 0.0;
        }
        CHECK(near(kernels->dot(count, a, b), sum, 0.0, 1e-5));
    }
    return 0;
}

static int by_value(const void* a, const void* b) {
    const float x = *(const float*)a;
    const float y = *(const float*)b;
    return x < y ? -1 : x > y ? 1 : 0;
}

/// Mean, deviation, and how much one draw says of the next.
static void measure(const float* values, double* mean, double* deviation, double* next) {
    double sums[3] = {0.0, 0.0, 0.0};
    for (uint32_t i = 0; i < draws; ++i) {
        sums[0] += (double)values[i] / draws;
    }
    for (uint32_t i = 0; i < draws; ++i) {
        const double x = (double)values[i] - sums[0];
        sums[1] += x * x / draws;
        sums[2] += x * ((double)values[(i + 1) % draws] - sums[0]) / draws;
    }
    *mean = sums[0];
    *deviation = sqrt(sums[1]);
    *next = sums[2] / sums[1];
}

static int check_draws(const TimbrelKernels* kernels) {
    static float values[draws];
    static float others[draws];
    const uint32_t keys[][2] = {{0u, 0u}, {1u, 0u},         {0u, 1u},
                                {2u, 2u}, {12345u, 54321u}, {0xdeadbeefu, UINT32_MAX}};
    for (uint32_t k = 0; k < sizeof keys / sizeof *keys; ++k) {
        double mean;
        double deviation;
        double next;
        const float uniform[] = {-1.0f, 3.0f};
        kernels->draw(TIMBREL_DRAW_UNIFORM, uniform, draws, values, keys[k], 0);
        measure(values, &mean, &deviation, &next);
        // Within 5 standard errors of what they are for a uniform distribution.
        CHECK(fabs(mean - 1.0) < 5.0 * 4.0 / sqrt(12.0 * draws));
        CHECK(fabs(deviation - 4.0 / sqrt(12.0)) < 0.01);
        CHECK(fabs(next) < 5.0 / sqrt(draws));
        for (uint32_t i = 0; i < draws; ++i) {
            CHECK(values[i] >= -1.0f && values[i] < 3.0f);
        }
        // Each of 64 parts of the range has its share.
        uint32_t shares[64] = {0};
        for (uint32_t i = 0; i < draws; ++i) {
            ++shares[(uint32_t)((values[i] + 1.0f) * 16.0f)];
        }
        for (uint32_t i = 0; i < 64; ++i) {
            CHECK(fabs(shares[i] - draws / 64.0) < 5.5 * sqrt(draws / 64.0));
        }
        // Another place in the series begins elsewhere; the same one gives the same.
        kernels->draw(TIMBREL_DRAW_UNIFORM, uniform, 100, others, keys[k], 37);
        CHECK(memcmp(others, values + 37, 100 * sizeof *others) == 0);

        const float normal[] = {0.5f, 2.0f};
        kernels->draw(TIMBREL_DRAW_NORMAL, normal, draws, values, keys[k], 1000);
        measure(values, &mean, &deviation, &next);
        CHECK(fabs(mean - 0.5) < 5.0 * 2.0 / sqrt(draws));
        CHECK(fabs(deviation - 2.0) < 5.0 * 2.0 / sqrt(2.0 * draws));
        CHECK(fabs(next) < 5.0 / sqrt(draws));
        // Its distribution function (Kolmogorov and Smirnov), to one in a million.
        memcpy(others, values, sizeof others);
        qsort(others, draws, sizeof *others, by_value);
        double most = 0.0;
        for (uint32_t i = 0; i < draws; ++i) {
            const double right = 0.5 * erfc(-((double)others[i] - 0.5) / 2.0 * M_SQRT1_2);
            most = fmax(most, fabs(right - (i + 0.5) / draws));
        }
        CHECK(most < 2.7 / sqrt(draws));
        // Other keys, other numbers: of 2^24 values, few pairs agree.
        for (uint32_t half = 0; half < 2; ++half) {
            uint32_t other[] = {keys[k][0], keys[k][1]};
            other[half] += 77u;
            kernels->draw(TIMBREL_DRAW_NORMAL, normal, draws, others, other, 1000);
            uint32_t alike = 0;
            for (uint32_t i = 0; i < draws; ++i) {
                alike += values[i] == others[i];
            }
            CHECK(alike < 20);
        }
    }
    return 0;
}

/// float16 to float32 and back for all, and roundings in between.
static int check_half(void) {
    for (uint32_t i = 0; i < 0x10000; ++i) {
        const uint16_t half = (uint16_t)i;
        const float value = timbrel_half_to_float(half);
        const int exponent = (int)(i >> 10 & 31);
        const double mantissa = i & 0x3ff;
        const double size =
            exponent == 0 ? ldexp(mantissa, -24) : ldexp(1024.0 + mantissa, exponent - 25);
        if (exponent == 31) {
            CHECK(mantissa > 0.0 ? isnan(value) : isinf(value));
            CHECK(mantissa > 0.0 || (signbit(value) != 0) == (i >> 15 == 1));
            if (mantissa > 0.0) {
                CHECK(isnan(timbrel_half_to_float(timbrel_half_from_float(value))));
                continue;
            }
        } else {
            CHECK((double)value == (i & 0x8000 ? -size : size));
        }
        CHECK(timbrel_half_from_float(value) == half);
        if (exponent == 31 || (i & 0x7fff) == 0x7bff) {
            continue;
        }
        // Half way to the next: to the even one; a little less or more: to the nearer.
        const double step = exponent == 0 ? ldexp(1.0, -24) : ldexp(1.0, exponent - 25);
        const float between = (float)((i & 0x8000 ? -1.0 : 1.0) * (size + 0.5 * step));
        CHECK(timbrel_half_from_float(between) == (i & 1 ? i + 1 : i));
        CHECK(timbrel_half_from_float(nextafterf(between, 0.0f)) == i);
        CHECK(timbrel_half_from_float(nextafterf(between, between > 0.0f ? 1e9f : -1e9f)) == i + 1);
    }
    CHECK(timbrel_half_from_float(65519.996f) == 0x7bff);
    CHECK(timbrel_half_from_float(65520.0f) == 0x7c00);
    CHECK(timbrel_half_from_float(-FLT_MAX) == 0xfc00);
    CHECK(timbrel_half_from_float(1e-45f) == 0 && timbrel_half_from_float(-1e-45f) == 0x8000);
    return 0;
}

int main(void) {
    static const char* const names[] = {"plain", "avx2", "avx512"};
    CHECK(!check_half());
    CHECK(timbrel_kernels("plain") && timbrel_kernels(NULL) && !timbrel_kernels("none"));
    int failed = 0;
    for (uint32_t i = 0; i < sizeof names / sizeof *names; ++i) {
        const TimbrelKernels* kernels = timbrel_kernels(names[i]);
        (void)printf("%s: %s\n", names[i], kernels ? "tested" : "not on this machine");
        if (kernels) {
            failed |= check_maps(kernels) | check_combines(kernels) | check_sums(kernels) |
                      check_draws(kernels) | check_convolutions(kernels);
        }
    }
    return failed;
}
