// SPDX-License-Identifier: ISC
// Compiled once for each instruction set, with TIMBREL_KERNELS naming what it defines.
#include "kernels.h"

#include "half.h"
#include "mathematics.h"

#if defined(__F16C__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// VEC: floats of a vector register; TILE: columns whose sums are kept in registers at once.
#if defined(__AVX512F__)
enum { VEC = 16, TILE = 12 };
#elif defined(__AVX2__)
enum { VEC = 8, TILE = 6 };
#elif defined(__aarch64__)
enum { VEC = 4, TILE = 6 };
#else
enum { VEC = 4, TILE = 2 };
#endif
enum { PARTS = TIMBREL_PANEL / VEC, CHUNK = 64, AHEAD = 1024 };

typedef float Vec __attribute__((vector_size(sizeof(float) * VEC)));

#define INLINE static inline __attribute__((always_inline))
#ifdef __clang__
#define UNROLL
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

INLINE Vec load(const float* from) {
    Vec vec;
    memcpy(&vec, from, sizeof vec);
    return vec;
}

INLINE void store(float* to, Vec vec) {
    memcpy(to, &vec, sizeof vec);
}

INLINE Vec spread(float value) {
#if defined(__AVX512F__)
    return _mm512_set1_ps(value);
#elif defined(__AVX2__)
    return _mm256_set1_ps(value);
#else
    return (Vec){value, value, value, value};
#endif
}

INLINE Vec load_half(const uint16_t* from) {
#if defined(__AVX512F__)
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i*)from));
#elif defined(__F16C__)
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i*)from));
#elif defined(__aarch64__)
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from)));
#else
    return (Vec){timbrel_half_to_float(from[0]), timbrel_half_to_float(from[1]),
                 timbrel_half_to_float(from[2]), timbrel_half_to_float(from[3])};
#endif
}

/// Sums for `n` columns of one panel, begun with `start`, from `across` weights a row, taking
/// `deep` of them at a time into sums of their own: few columns would wait for each other's
/// additions.
INLINE void sum_panel(uint32_t n, uint32_t deep, bool half, const void* weights,
                      const int32_t* offsets, uint32_t across, const float* in, ptrdiff_t column,
                      const float* start, float* out) {
    Vec sums[4][TILE][PARTS];
    UNROLL
    for (uint32_t d = 0; d < deep; ++d) {
        UNROLL
        for (uint32_t i = 0; i < n; ++i) {
            UNROLL
            for (size_t p = 0; p < PARTS; ++p) {
                sums[d][i][p] = start && d == 0 ? load(start + p * VEC) : spread(0.0f);
            }
        }
    }
    const uint16_t* halves = weights;
    const float* floats = weights;
    uint32_t j = 0;
    for (; j + deep <= across; j += deep) {
        // The processor's own prefetching stops at each page; this goes on.
        if (half) {
            __builtin_prefetch(halves + (size_t)j * TIMBREL_PANEL + AHEAD);
        }
        UNROLL
        for (uint32_t d = 0; d < deep; ++d) {
            Vec w[PARTS];
            UNROLL
            for (size_t p = 0; p < PARTS; ++p) {
                w[p] = half ? load_half(halves + (size_t)(j + d) * TIMBREL_PANEL + p * VEC)
                            : load(floats + (size_t)(j + d) * TIMBREL_PANEL + p * VEC);
            }
            const float* x = in + offsets[j + d];
            UNROLL
            for (uint32_t i = 0; i < n; ++i) {
                const Vec value = spread(x[(ptrdiff_t)i * column]);
                UNROLL
                for (size_t p = 0; p < PARTS; ++p) {
                    sums[d][i][p] += w[p] * value;
                }
            }
        }
    }
    for (; j < across; ++j) {
        UNROLL
        for (uint32_t i = 0; i < n; ++i) {
            const Vec value = spread(in[offsets[j] + (ptrdiff_t)i * column]);
            UNROLL
            for (size_t p = 0; p < PARTS; ++p) {
                sums[0][i][p] += (half ? load_half(halves + (size_t)j * TIMBREL_PANEL + p * VEC)
                                       : load(floats + (size_t)j * TIMBREL_PANEL + p * VEC)) *
                                 value;
            }
        }
    }
    UNROLL
    for (size_t i = 0; i < n; ++i) {
        UNROLL
        for (size_t p = 0; p < PARTS; ++p) {
            Vec sum = sums[0][i][p];
            UNROLL
            for (uint32_t d = 1; d < deep; ++d) {
                sum += sums[d][i][p];
            }
            store(out + i * TIMBREL_PANEL + p * VEC, sum);
        }
    }
}

typedef void SumPanel(const void* weights, const int32_t* offsets, uint32_t across, const float* in,
                      ptrdiff_t column, const float* start, float* out);

#define SUM_PANEL(n, deep)                                                                         \
    static void sum_##n(const void* weights, const int32_t* offsets, uint32_t across,              \
                        const float* in, ptrdiff_t column, const float* start, float* out) {       \
        sum_panel(n, deep, false, weights, offsets, across, in, column, start, out);               \
    }                                                                                              \
    static void sum_half_##n(const void* weights, const int32_t* offsets, uint32_t across,         \
                             const float* in, ptrdiff_t column, const float* start, float* out) {  \
        sum_panel(n, deep, true, weights, offsets, across, in, column, start, out);                \
    }

SUM_PANEL(1, 4)
SUM_PANEL(2, 2)
#if !defined(__SSE2__) || defined(__AVX2__)
SUM_PANEL(3, 2)
SUM_PANEL(4, 1)
SUM_PANEL(5, 1)
SUM_PANEL(6, 1)
#endif
#if defined(__AVX512F__)
SUM_PANEL(7, 1)
SUM_PANEL(8, 1)
SUM_PANEL(9, 1)
SUM_PANEL(10, 1)
SUM_PANEL(11, 1)
SUM_PANEL(12, 1)
#endif

static SumPanel* const sums_float[TILE + 1] = {NULL,   sum_1, sum_2,
#if !defined(__SSE2__) || defined(__AVX2__)
                                               sum_3,  sum_4, sum_5, sum_6,
#endif
#if defined(__AVX512F__)
                                               sum_7,  sum_8, sum_9, sum_10,
                                               sum_11, sum_12
#endif
};
static SumPanel* const sums_half[TILE + 1] = {NULL,        sum_half_1, sum_half_2,
#if !defined(__SSE2__) || defined(__AVX2__)
                                              sum_half_3,  sum_half_4, sum_half_5, sum_half_6,
#endif
#if defined(__AVX512F__)
                                              sum_half_7,  sum_half_8, sum_half_9, sum_half_10,
                                              sum_half_11, sum_half_12
#endif
};

#define EACH(expression)                                                                           \
    for (size_t i = 0; i < count; ++i) {                                                           \
        const float x = in[i];                                                                     \
        out[i] = (expression);                                                                     \
    }                                                                                              \
    break

static void map(uint32_t function, const float* numbers, size_t count, float* out,
                const float* in) {
    const float n0 = numbers[0];
    const float n1 = numbers[1];
    const float n2 = numbers[2];
    switch ((TimbrelMap)function) {
    case TIMBREL_MAP_COPY:
        memmove(out, in, count * sizeof *out);
        break;
    case TIMBREL_MAP_LEAKY:
        EACH(x < 0.0f ? n0 * x : x);
    case TIMBREL_MAP_CLAMP:
        EACH(x < n0 ? n0 : x > n1 ? n1 : x);
    case TIMBREL_MAP_TANH:
        EACH(timbrel_tanh(x));
    case TIMBREL_MAP_SIGMOID:
        EACH(timbrel_sigmoid(x));
    case TIMBREL_MAP_SOFTPLUS:
        EACH(n0 * x > n1 ? x : timbrel_log1p(timbrel_exp(n0 * x)) / n0);
    case TIMBREL_MAP_ELU:
        EACH(x < 0.0f ? n0 * (timbrel_exp(n1 * x) - 1.0f) : n2 * x);
    case TIMBREL_MAP_GELU:
        EACH(0.5f * x * (1.0f + erff(x * 0.70710678f)));
    case TIMBREL_MAP_GELU_TANH:
        EACH(0.5f * x * (1.0f + timbrel_tanh(0.79788456f * (x + 0.044715f * x * x * x))));
    case TIMBREL_MAP_SILU:
        EACH(x * timbrel_sigmoid(x));
    case TIMBREL_MAP_EXP:
        EACH(timbrel_exp(x));
    case TIMBREL_MAP_LOG:
        EACH(n0 * timbrel_log(x));
    case TIMBREL_MAP_LOG1P:
        EACH(timbrel_log1p(x));
    case TIMBREL_MAP_SIN:
        EACH(timbrel_sin(x));
    case TIMBREL_MAP_COS:
        EACH(timbrel_cos(x));
    case TIMBREL_MAP_ACOS:
        EACH(acosf(x));
    case TIMBREL_MAP_SQRT:
        EACH(sqrtf(x));
    case TIMBREL_MAP_RECIPROCAL:
        EACH(1.0f / x);
    case TIMBREL_MAP_ABS:
        EACH(fabsf(x));
    case TIMBREL_MAP_SIGN:
        EACH(x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : 0.0f);
    case TIMBREL_MAP_FLOOR:
        EACH(floorf(x));
    case TIMBREL_MAP_CEIL:
        EACH(ceilf(x));
    case TIMBREL_MAP_ROUND:
        EACH(nearbyintf(x));
    case TIMBREL_MAP_TRUNCATE:
        EACH(truncf(x));
    case TIMBREL_MAP_TRUTH:
        EACH(x != 0.0f ? 1.0f : 0.0f);
    case TIMBREL_MAP_NOT:
        EACH(x == 0.0f ? 1.0f : 0.0f);
    case TIMBREL_MAP_AFFINE:
        EACH(n0 * x + n1);
    case TIMBREL_MAP_POWER:
        EACH(powf(x, n0));
    case TIMBREL_MAP_RAISE:
        EACH(powf(n0, x));
    case TIMBREL_MAP_FILL:
        for (size_t i = 0; i < count; ++i) {
            out[i] = n0;
        }
        break;
    case TIMBREL_MAP_SQUARE:
        EACH(x * x);
    case TIMBREL_MAP_COUNT:
        break;
    }
}
#undef EACH

#define EACH(expression)                                                                           \
    for (size_t i = 0; i < count; ++i) {                                                           \
        const float x = a[i];                                                                      \
        const float y = b[i];                                                                      \
        out[i] = (expression);                                                                     \
    }                                                                                              \
    break

static float remainder_of(float x, float y) {
    const float rest = fmodf(x, y);
    return rest != 0.0f && (rest < 0.0f) != (y < 0.0f) ? rest + y : rest;
}

static void combine(uint32_t function, const float* numbers, size_t count, float* out,
                    const float* a, const float* b) {
    const float n0 = numbers[0];
    switch ((TimbrelCombine)function) {
    case TIMBREL_COMBINE_ADD:
        EACH(x + n0 * y);
    case TIMBREL_COMBINE_MULTIPLY:
        EACH(x * y);
    case TIMBREL_COMBINE_DIVIDE:
        EACH(x / y);
    case TIMBREL_COMBINE_REMAINDER:
        EACH(remainder_of(x, y));
    case TIMBREL_COMBINE_POWER:
        EACH(powf(x, y));
    case TIMBREL_COMBINE_MAXIMUM:
        EACH(x > y || x != x ? x : y); // not a number, if either is not
    case TIMBREL_COMBINE_MINIMUM:
        EACH(x < y || x != x ? x : y);
    case TIMBREL_COMBINE_ATAN2:
        EACH(atan2f(x, y));
    case TIMBREL_COMBINE_EQUAL:
        EACH(x == y ? 1.0f : 0.0f);
    case TIMBREL_COMBINE_LESS:
        EACH(x < y ? 1.0f : 0.0f);
    case TIMBREL_COMBINE_LESS_EQUAL:
        EACH(x <= y ? 1.0f : 0.0f);
    case TIMBREL_COMBINE_COUNT:
        break;
    }
}
#undef EACH

/// Sums of `n` columns by `rows` rows, (column, row) with `pitch` floats to a column, through the
/// activation to where they go.
static void finish(const TimbrelConvolution* work, float* sums, uint32_t n, uint32_t rows,
                   uint32_t pitch, float* out, const float* other) {
    if (work->function != TIMBREL_MAP_COPY) {
        map(work->function, work->numbers, (size_t)n * pitch, sums, sums);
    }
    const ptrdiff_t down = work->out_row;
    const ptrdiff_t along = work->out_column;
    if (!other) {
        for (uint32_t row = 0; row < rows; ++row) {
            for (uint32_t i = 0; i < n; ++i) {
                out[row * down + i * along] = sums[i * pitch + row];
            }
        }
        return;
    }
    for (uint32_t row = 0; row < rows; ++row) {
        for (uint32_t i = 0; i < n; ++i) {
            out[row * down + i * along] =
                sums[i * pitch + row] + other[row * work->other_row + i * work->other_column];
        }
    }
}

/// All columns of one panel in one lane and batch.
static void play_panel(const TimbrelConvolution* work, const void* weights, bool half,
                       const float* bias, uint32_t rows, const float* in, float* out,
                       const float* other) {
    float sums[TILE * TIMBREL_PANEL] __attribute__((aligned(64)));
    // Tiles of about one size: a small rest would waste as much as a whole one.
    const uint32_t tiles = (work->columns + TILE - 1) / TILE;
    for (uint32_t tile = 0, at = 0; tile < tiles; ++tile) {
        const uint32_t n = (work->columns - at) / (tiles - tile);
        (half ? sums_half : sums_float)[n](weights, work->offsets, work->across,
                                           in + (ptrdiff_t)at * work->in_column, work->in_column,
                                           bias, sums);
        finish(work, sums, n, rows, TIMBREL_PANEL, out + (ptrdiff_t)at * work->out_column,
               other ? other + (ptrdiff_t)at * work->other_column : NULL);
        at += n;
    }
}

/// Lanes that are done in one go.
typedef struct {
    const TimbrelConvolution* work;
    size_t behind;
} Run;

/// One column in each lane is as good as a column for each lane in one, where they lie at equal
/// distances: the weights are unpacked once. `joined` has room for half of the most lanes.
static uint32_t find_runs(const TimbrelConvolution* work, const TimbrelConvolutionCall* call,
                          Run* runs, TimbrelConvolution* joined) {
    uint32_t count = 0;
    for (uint32_t lane = 0; lane < call->lanes;) {
        const size_t behind = call->behind[lane];
        uint32_t end = lane + 1;
        while (work->columns == 1 && end < call->lanes &&
               call->behind[end] - call->behind[end - 1] == call->behind[lane + 1] - behind) {
            ++end;
        }
        runs[count] = (Run){work, behind};
        if (end > lane + 1) {
            *joined = *work;
            joined->columns = end - lane;
            joined->in_column = joined->out_column = joined->other_column =
                (ptrdiff_t)(call->behind[lane + 1] - behind);
            runs[count].work = joined++;
        }
        ++count;
        lane = end;
    }
    return count;
}

static void play_panels(const TimbrelConvolution* work, const TimbrelConvolutionCall* call) {
    Run runs[TIMBREL_MAX_LANES];
    TimbrelConvolution joined[TIMBREL_MAX_LANES / 2];
    const uint32_t run_count = find_runs(work, call, runs, joined);
    uint64_t uses = 0;
    for (uint32_t run = 0; run < run_count; ++run) {
        uses += (uint64_t)work->batch * ((runs[run].work->columns + TILE - 1) / TILE);
    }
    const uint32_t panels = (work->rows + TIMBREL_PANEL - 1) / TIMBREL_PANEL;
    const size_t count = (size_t)work->across * TIMBREL_PANEL;
    const bool half = work->flags & TIMBREL_PLAN_HALF;
    const bool widen = half && uses > 2 && count <= TIMBREL_SCRATCH;
    const char* weights = work->weights;
    for (uint32_t group = 0; group < work->groups; ++group) {
        for (uint32_t panel = 0; panel < panels; ++panel) {
            const void* here = weights;
            if (widen) {
                const uint16_t* halves = (const uint16_t*)(const void*)weights;
                for (size_t i = 0; i < count; i += VEC) {
                    store(call->scratch + i, load_half(halves + i));
                }
                here = call->scratch;
            }
            const uint32_t row = panel * TIMBREL_PANEL;
            const uint32_t left = work->rows - row;
            const float* bias =
                work->bias ? work->bias + ((size_t)group * panels + panel) * TIMBREL_PANEL : NULL;
            for (uint32_t run = 0; run < run_count; ++run) {
                for (uint32_t batch = 0; batch < work->batch; ++batch) {
                    const size_t away = runs[run].behind;
                    play_panel(runs[run].work, here, half && !widen, bias,
                               left < TIMBREL_PANEL ? left : TIMBREL_PANEL,
                               call->in + away + batch * work->in_batch + group * work->in_group,
                               call->out + away + batch * work->out_batch +
                                   group * work->out_group + row * work->out_row,
                               call->other ? call->other + away + batch * work->other_batch +
                                                 group * work->other_group + row * work->other_row
                                           : NULL);
                }
            }
            weights += count * (half ? sizeof(uint16_t) : sizeof(float));
        }
    }
}

/// One row of weights over up to CHUNK columns.
static void sum_row(const TimbrelConvolution* work, const float* weights, float start,
                    const float* in, uint32_t n, float* sums) {
    uint32_t i = 0;
    if (work->in_column == 1) {
        for (; i + 4 * VEC <= n; i += 4 * VEC) {
            Vec parts[4] = {spread(start), spread(start), spread(start), spread(start)};
            for (uint32_t j = 0; j < work->across; ++j) {
                const Vec weight = spread(weights[j]);
                const float* x = in + work->offsets[j] + i;
                UNROLL
                for (size_t p = 0; p < 4; ++p) {
                    parts[p] += weight * load(x + p * VEC);
                }
            }
            UNROLL
            for (size_t p = 0; p < 4; ++p) {
                store(sums + i + p * VEC, parts[p]);
            }
        }
    }
    for (; i < n; ++i) {
        float four[4] = {start, 0.0f, 0.0f, 0.0f};
        const float* x = in + (ptrdiff_t)i * work->in_column;
        uint32_t j = 0;
        for (; j + 4 <= work->across; j += 4) {
            for (uint32_t k = 0; k < 4; ++k) {
                four[k] += weights[j + k] * x[work->offsets[j + k]];
            }
        }
        for (; j < work->across; ++j) {
            four[0] += weights[j] * x[work->offsets[j]];
        }
        sums[i] = (four[0] + four[1]) + (four[2] + four[3]);
    }
}

static void play_narrow(const TimbrelConvolution* work, const TimbrelConvolutionCall* call) {
    const float* weights = work->weights;
    const uint32_t panels = (work->rows + TIMBREL_PANEL - 1) / TIMBREL_PANEL;
    float sums[CHUNK];
    for (uint32_t group = 0; group < work->groups; ++group) {
        for (uint32_t row = 0; row < work->rows; ++row, weights += work->across) {
            for (uint32_t lane = 0; lane < call->lanes; ++lane) {
                for (uint32_t batch = 0; batch < work->batch; ++batch) {
                    for (uint32_t at = 0; at < work->columns; at += CHUNK) {
                        const uint32_t n = work->columns - at < CHUNK ? work->columns - at : CHUNK;
                        const float start =
                            work->bias ? work->bias[(size_t)group * panels * TIMBREL_PANEL + row]
                                       : 0.0f;
                        const size_t away = call->behind[lane];
                        sum_row(work, weights, start,
                                call->in + away + batch * work->in_batch + group * work->in_group +
                                    at * work->in_column,
                                n, sums);
                        finish(work, sums, n, 1, 1,
                               call->out + away + batch * work->out_batch +
                                   group * work->out_group + row * work->out_row +
                                   at * work->out_column,
                               call->other ? call->other + away + batch * work->other_batch +
                                                 group * work->other_group + row * work->other_row +
                                                 at * work->other_column
                                           : NULL);
                    }
                }
            }
        }
    }
}

static void convolve(const TimbrelConvolution* work, const TimbrelConvolutionCall* call) {
    if (work->flags & TIMBREL_PLAN_NARROW) {
        play_narrow(work, call);
    } else {
        play_panels(work, call);
    }
}

static void add_scaled(size_t count, float* out, const float* in, float factor) {
    for (size_t i = 0; i < count; ++i) {
        out[i] += factor * in[i];
    }
}

static float dot(size_t count, const float* a, const float* b) {
    Vec sums[2] = {spread(0.0f), spread(0.0f)};
    size_t i = 0;
    for (; i + (size_t)2 * VEC <= count; i += (size_t)2 * VEC) {
        sums[0] += load(a + i) * load(b + i);
        sums[1] += load(a + i + VEC) * load(b + i + VEC);
    }
    const Vec both = sums[0] + sums[1];
    float sum = 0.0f;
    for (uint32_t k = 0; k < VEC; ++k) {
        sum += both[k];
    }
    for (; i < count; ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

static float unit(uint32_t bits) {
    return (float)(int32_t)(bits >> 8) * 0x1p-24f; // [0, 1)
}

/// Mixed before the key's second half comes in, too: else near keys would give the same numbers in
/// another order.
static uint32_t random_bits(uint32_t counter, uint32_t first, uint32_t second) {
    return timbrel_mix(timbrel_mix(counter ^ first) ^ second);
}

static void draw(uint32_t function, const float* numbers, size_t count, float* out,
                 const uint32_t key[2], uint32_t first) {
    const uint32_t k0 = key[0];
    const uint32_t k1 = key[1];
    const float n0 = numbers[0];
    const float n1 = numbers[1];
    if (function == TIMBREL_DRAW_UNIFORM) {
        for (size_t i = 0; i < count; ++i) {
            out[i] = n0 + (n1 - n0) * unit(random_bits(first + (uint32_t)i, k0, k1));
        }
        return;
    }
    for (size_t i = 0; i < count; ++i) { // Box and Muller (1958)
        const uint32_t bits = random_bits(first + (uint32_t)i, k0, k1);
        const float u = unit(bits) + 0x1p-25f;
        const float v = unit(timbrel_mix(bits + 0x9e3779b9u));
        out[i] = n0 + n1 * sqrtf(-2.0f * timbrel_log(u)) * timbrel_cos(6.28318531f * v);
    }
}

extern const TimbrelKernels TIMBREL_KERNELS;
const TimbrelKernels TIMBREL_KERNELS = {
    .name = TIMBREL_KERNELS_NAME,
    .convolve = convolve,
    .map = map,
    .combine = combine,
    .add_scaled = add_scaled,
    .dot = dot,
    .draw = draw,
};
