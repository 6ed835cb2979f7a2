// SPDX-License-Identifier: ISC
#include "execute.h"

#include "extent.h"
#include "loops.h"
#include "mathematics.h"

#include <stdlib.h>
#include <string.h>

enum { line = 64, chunk = 256 };

/// A step made ready.
typedef struct {
    const TimbrelPlanStep* step;
    union {
        TimbrelLoops loops;
        TimbrelConvolution convolution;
    };
} Ready;

struct TimbrelExecutor {
    const TimbrelPlanFile* plan;
    const TimbrelKernels* kernels;
    Ready* ready;
    float* arenas;
    float* scratch;
    float* biases;
    int32_t* offsets;
    size_t lane; // floats from one arena to the next
    uint32_t lanes;
    uint64_t seed;
    uint64_t played[TIMBREL_MAX_LANES][TIMBREL_PLAN_METHODS]; // times since the lane's reset
};

/// The lanes of a run: their numbers, and how far behind lane 0's their floats are.
typedef struct {
    uint32_t count;
    uint32_t lane[TIMBREL_MAX_LANES];
    size_t behind[TIMBREL_MAX_LANES];
} Lanes;

/// Which random numbers a step draws.
typedef struct {
    uint32_t key[2];
    uint32_t drawn;
} Draws;

/// Where a view's space begins in a lane.
static const float* space_of(const TimbrelExecutor* executor, const TimbrelView* view,
                             uint32_t lane) {
    return view->space == TIMBREL_SPACE_CONSTANT ? executor->plan->constants
                                                 : executor->arenas + lane * executor->lane;
}

/// `count` values at a stride, side by side: where they lie, or gathered in `room`.
static const float* gather(const float* from, ptrdiff_t stride, size_t count, float* room) {
    if (stride == 1) {
        return from;
    }
    for (size_t i = 0; i < count; ++i) {
        room[i] = from[(ptrdiff_t)i * stride];
    }
    return room;
}

static void scatter(float* to, ptrdiff_t stride, size_t count, const float* from) {
    for (size_t i = 0; i < count; ++i) {
        to[(ptrdiff_t)i * stride] = from[i];
    }
}

static void choose_each(size_t count, float* out, const float* condition, const float* yes,
                        const float* no) {
    for (size_t i = 0; i < count; ++i) {
        out[i] = condition[i] != 0.0f ? yes[i] : no[i];
    }
}

/// A row of MAP, COMBINE, CHOOSE or DRAW, in pieces that fit the cache.
static void play_row(const TimbrelExecutor* executor, const Ready* ready, float* out,
                     const float* const* in, Draws* draws) {
    const TimbrelPlanStep* step = ready->step;
    const TimbrelKernels* kernels = executor->kernels;
    const ptrdiff_t* strides = ready->loops.row_stride;
    float rooms[TIMBREL_LOOP_VIEWS][chunk];
    const uint32_t inputs = step->kind == TIMBREL_PLAN_MAP       ? 1
                            : step->kind == TIMBREL_PLAN_COMBINE ? 2
                            : step->kind == TIMBREL_PLAN_CHOOSE  ? 3
                                                                 : 0;
    for (uint32_t at = 0; at < ready->loops.row; at += chunk) {
        const uint32_t left = ready->loops.row - at;
        const size_t count = left < chunk ? left : chunk;
        const float* x[TIMBREL_PLAN_INPUTS] = {NULL, NULL, NULL};
        for (uint32_t i = 0; i < inputs; ++i) {
            x[i] = gather(in[i] + at * strides[i + 1], strides[i + 1], count, rooms[i + 1]);
        }
        float* to = strides[0] == 1 ? out + at : rooms[0];
        if (step->kind == TIMBREL_PLAN_MAP) {
            kernels->map(step->function, step->numbers, count, to, x[0]);
        } else if (step->kind == TIMBREL_PLAN_COMBINE) {
            kernels->combine(step->function, step->numbers, count, to, x[0], x[1]);
        } else if (step->kind == TIMBREL_PLAN_CHOOSE) {
            choose_each(count, to, x[0], x[1], x[2]);
        } else {
            kernels->draw(step->function, step->numbers, count, to, draws->key, draws->drawn);
            draws->drawn += (uint32_t)count; // a view has fewer elements than there are counters
        }
        if (to != out + at) {
            scatter(out + at * strides[0], strides[0], count, to);
        }
    }
}

static void reduce_row(const TimbrelPlanStep* step, uint32_t count, float* out, const float* in,
                       ptrdiff_t stride) {
    double sum = step->function == TIMBREL_REDUCE_PRODUCT ? 1.0 : 0.0;
    uint32_t best = 0;
    for (uint32_t i = 0; i < count; ++i) {
        const float x = in[(ptrdiff_t)i * stride];
        const float most = in[(ptrdiff_t)best * stride];
        switch ((TimbrelReduce)step->function) {
        case TIMBREL_REDUCE_SUM:
            sum += (double)x;
            break;
        case TIMBREL_REDUCE_PRODUCT:
            sum *= (double)x;
            break;
        case TIMBREL_REDUCE_MAXIMUM:
        case TIMBREL_REDUCE_WHERE_MAXIMUM:
            best = x > most || (x != x && most == most) ? i : best;
            break;
        default:
            best = x < most || (x != x && most == most) ? i : best;
            break;
        }
    }
    switch ((TimbrelReduce)step->function) {
    case TIMBREL_REDUCE_SUM:
        *out = step->numbers[0] * (float)sum;
        break;
    case TIMBREL_REDUCE_PRODUCT:
        *out = (float)sum;
        break;
    case TIMBREL_REDUCE_WHERE_MAXIMUM:
    case TIMBREL_REDUCE_WHERE_MINIMUM:
        *out = (float)best;
        break;
    default:
        *out = in[(ptrdiff_t)best * stride];
        break;
    }
}

static void scan_row(const TimbrelPlanStep* step, uint32_t count, float* out, ptrdiff_t out_stride,
                     const float* in, ptrdiff_t in_stride) {
    const bool adds = step->function == TIMBREL_SCAN_SUM;
    double all = adds ? 0.0 : 1.0;
    for (uint32_t i = 0; i < count; ++i) {
        const double x = (double)in[(ptrdiff_t)i * in_stride];
        all = adds ? all + x : all * x;
        out[(ptrdiff_t)i * out_stride] = (float)all;
    }
}

/// From the first again for each step, lane and time it is played.
static Draws begin_draws(const TimbrelExecutor* executor, uint32_t step, uint32_t lane,
                         uint64_t time) {
    const uint32_t words[] = {
        (uint32_t)executor->seed, (uint32_t)(executor->seed >> 32), lane, step, (uint32_t)time,
        (uint32_t)(time >> 32)};
    Draws draws = {.key = {0x243f6a88u, 0x85a308d3u}}; // any two numbers that differ
    for (uint32_t half = 0; half < 2; ++half) {
        for (uint32_t i = 0; i < sizeof words / sizeof *words; ++i) {
            draws.key[half] = timbrel_mix(draws.key[half] + timbrel_mix(words[i] + i + 1u));
        }
    }
    return draws;
}

/// Steps that go row by row.
static void play_rows(TimbrelExecutor* executor, const Ready* ready, uint32_t lane,
                      uint32_t method) {
    const TimbrelPlanStep* step = ready->step;
    const TimbrelLoops* loops = &ready->loops;
    float* to = executor->arenas + lane * executor->lane;
    const float* from[TIMBREL_PLAN_INPUTS];
    for (uint32_t i = 0; i < TIMBREL_PLAN_INPUTS; ++i) {
        from[i] = space_of(executor, &step->in[i], lane);
    }
    Draws draws = {0};
    if (step->kind == TIMBREL_PLAN_DRAW) {
        draws = begin_draws(executor, (uint32_t)(ready - executor->ready), lane,
                            executor->played[lane][method]);
    }
    TimbrelWalk walk;
    timbrel_walk_start(&walk, loops);
    do {
        float* out = to + walk.at[0];
        const float* const in[] = {from[0] + walk.at[1], from[1] + walk.at[2],
                                   from[2] + walk.at[3]};
        if (step->kind == TIMBREL_PLAN_REDUCE) {
            reduce_row(step, loops->row, out, in[0], loops->row_stride[1]);
        } else if (step->kind == TIMBREL_PLAN_SCAN) {
            scan_row(step, loops->row, out, loops->row_stride[0], in[0], loops->row_stride[1]);
        } else {
            play_row(executor, ready, out, in, &draws);
        }
    } while (timbrel_walk_next(&walk, loops));
}

static void play_product(TimbrelExecutor* executor, const TimbrelPlanStep* step, uint32_t lane) {
    const TimbrelView* a = &step->in[0];
    const TimbrelView* b = &step->in[1];
    const TimbrelView* out = &step->out;
    const float* from_a = space_of(executor, a, lane) + a->offset;
    const float* from_b = space_of(executor, b, lane) + b->offset;
    float* to = executor->arenas + lane * executor->lane + out->offset;
    const uint32_t across = a->size[2];
    const uint32_t columns = out->size[2];
    const bool along_columns = b->stride[2] == 1 && out->stride[2] == 1 && columns > 1;
    const bool along_k = a->stride[2] == 1 && b->stride[1] == 1;
    for (uint32_t batch = 0; batch < out->size[0]; ++batch) {
        for (uint32_t row = 0; row < out->size[1]; ++row) {
            const float* x =
                from_a + (ptrdiff_t)batch * a->stride[0] + (ptrdiff_t)row * a->stride[1];
            const float* y = from_b + (ptrdiff_t)batch * b->stride[0];
            float* z = to + (ptrdiff_t)batch * out->stride[0] + (ptrdiff_t)row * out->stride[1];
            if (along_columns) {
                memset(z, 0, columns * sizeof *z);
                for (uint32_t k = 0; k < across; ++k) {
                    executor->kernels->add_scaled(columns, z, y + (ptrdiff_t)k * b->stride[1],
                                                  x[(ptrdiff_t)k * a->stride[2]]);
                }
                continue;
            }
            for (uint32_t column = 0; column < columns; ++column) {
                const float* yc = y + (ptrdiff_t)column * b->stride[2];
                float sum = 0.0f;
                if (along_k) {
                    sum = executor->kernels->dot(across, x, yc);
                } else {
                    for (uint32_t k = 0; k < across; ++k) {
                        sum += x[(ptrdiff_t)k * a->stride[2]] * yc[(ptrdiff_t)k * b->stride[1]];
                    }
                }
                z[(ptrdiff_t)column * out->stride[2]] = sum;
            }
        }
    }
}

static void play_look_up(TimbrelExecutor* executor, const TimbrelPlanStep* step, uint32_t lane) {
    const TimbrelView* index = &step->in[0];
    const TimbrelView* table = &step->in[1];
    const TimbrelView* out = &step->out;
    const float* indices = space_of(executor, index, lane) + index->offset;
    const float* from = space_of(executor, table, lane) + table->offset;
    float* to = executor->arenas + lane * executor->lane + out->offset;
    for (uint32_t i = 0; i < out->size[0]; ++i) {
        const float wanted = indices[(ptrdiff_t)i * index->stride[0]];
        const ptrdiff_t last = (ptrdiff_t)table->size[0] - 1;
        // Compared as a float, the last may be rounded up.
        ptrdiff_t row = wanted > 0.0f ? (ptrdiff_t)fminf(wanted, 0x1p30f) : 0;
        row = row < last ? row : last;
        for (uint32_t k = 0; k < out->size[1]; ++k) {
            to[(ptrdiff_t)i * out->stride[0] + (ptrdiff_t)k * out->stride[1]] =
                from[row * table->stride[0] + (ptrdiff_t)k * table->stride[1]];
        }
    }
}

static void play_convolution(TimbrelExecutor* executor, const Ready* ready, const Lanes* lanes) {
    const TimbrelPlanStep* step = ready->step;
    const TimbrelView* other = &step->in[2];
    TimbrelConvolutionCall call = {
        .in = executor->arenas + step->in[0].offset,
        .other = other->space ? space_of(executor, other, 0) + other->offset : NULL,
        .out = executor->arenas + step->out.offset,
        .scratch = executor->scratch,
        .behind = lanes->behind,
        .lanes = lanes->count,
    };
    if (other->space != TIMBREL_SPACE_CONSTANT) {
        executor->kernels->convolve(&ready->convolution, &call);
        return;
    }
    static const size_t nothing = 0; // a constant is not in the lanes
    const float* in = call.in;
    float* out = call.out;
    call.behind = &nothing;
    call.lanes = 1;
    for (uint32_t i = 0; i < lanes->count; ++i) {
        call.in = in + lanes->behind[i];
        call.out = out + lanes->behind[i];
        executor->kernels->convolve(&ready->convolution, &call);
    }
}

static Lanes lanes_of(const TimbrelExecutor* executor, uint32_t set) {
    Lanes lanes = {.count = 0};
    for (uint32_t lane = 0; lane < executor->lanes; ++lane) {
        if (set >> lane & 1u) {
            lanes.lane[lanes.count] = lane;
            lanes.behind[lanes.count++] = lane * executor->lane;
        }
    }
    return lanes;
}

void timbrel_executor_run(TimbrelExecutor* executor, uint32_t method, uint32_t set) {
    const TimbrelPlanMethod* run = &executor->plan->header->methods[method];
    const Lanes lanes = lanes_of(executor, set);
    for (uint32_t i = run->first; i < run->first + run->count; ++i) {
        const Ready* ready = &executor->ready[i];
        if (ready->step->kind == TIMBREL_PLAN_CONVOLVE) {
            play_convolution(executor, ready, &lanes);
            continue;
        }
        for (uint32_t k = 0; k < lanes.count; ++k) {
            if (ready->step->kind == TIMBREL_PLAN_PRODUCT) {
                play_product(executor, ready->step, lanes.lane[k]);
            } else if (ready->step->kind == TIMBREL_PLAN_LOOK_UP) {
                play_look_up(executor, ready->step, lanes.lane[k]);
            } else {
                play_rows(executor, ready, lanes.lane[k], method);
            }
        }
    }
    for (uint32_t k = 0; k < lanes.count; ++k) {
        ++executor->played[lanes.lane[k]][method];
    }
}

float* timbrel_executor_arena(TimbrelExecutor* executor, uint32_t lane) {
    return executor->arenas + lane * executor->lane;
}

void timbrel_executor_reset(TimbrelExecutor* executor, uint32_t set) {
    const TimbrelPlanHeader* header = executor->plan->header;
    const Lanes lanes = lanes_of(executor, set);
    for (uint32_t i = 0; i < lanes.count; ++i) {
        float* arena = timbrel_executor_arena(executor, lanes.lane[i]);
        memset(arena, 0, executor->lane * sizeof *arena);
        memcpy(arena, executor->plan->constants + header->state_values,
               header->state_count * sizeof *arena);
        memset(executor->played[lanes.lane[i]], 0, sizeof executor->played[0]);
    }
}

static size_t padded_rows(const TimbrelPlanStep* step) {
    return timbrel_whole_panels(step->out.size[2]) * step->out.size[1];
}

static size_t across_of(const TimbrelPlanStep* step) {
    return (size_t)step->in[0].size[2] * step->in[0].size[3];
}

/// Whether two steps look for their inputs at the same distances.
static bool same_offsets(const TimbrelPlanStep* a, const TimbrelPlanStep* b) {
    const TimbrelView* x = &a->in[0];
    const TimbrelView* y = &b->in[0];
    return x->size[2] == y->size[2] && x->size[3] == y->size[3] && x->stride[2] == y->stride[2] &&
           x->stride[3] == y->stride[3];
}

/// An earlier step's number with the same offsets, or `at`.
static uint32_t shared_offsets(const TimbrelPlanFile* plan, uint32_t at) {
    const uint32_t window = at > 64 ? at - 64 : 0; // like follows like
    for (uint32_t i = window; i < at; ++i) {
        if (plan->steps[i].kind == TIMBREL_PLAN_CONVOLVE &&
            same_offsets(&plan->steps[i], &plan->steps[at])) {
            return i;
        }
    }
    return at;
}

static void ready_convolution(TimbrelExecutor* executor, uint32_t at, float** biases,
                              int32_t** offsets) {
    const TimbrelPlanFile* plan = executor->plan;
    const TimbrelPlanStep* step = &plan->steps[at];
    const TimbrelView* in = &step->in[0];
    const TimbrelView* bias = &step->in[1];
    const TimbrelView* other = &step->in[2];
    const TimbrelView* out = &step->out;
    TimbrelConvolution* work = &executor->ready[at].convolution;
    *work = (TimbrelConvolution){
        .weights = plan->weights + step->weights,
        .batch = out->size[0],
        .groups = out->size[1],
        .rows = out->size[2],
        .columns = out->size[3],
        .across = (uint32_t)across_of(step),
        .flags = step->flags,
        .in_batch = in->stride[0],
        .in_group = in->stride[1],
        .in_column = in->stride[4],
        .out_batch = out->stride[0],
        .out_group = out->stride[1],
        .out_row = out->stride[2],
        .out_column = out->stride[3],
        .other_batch = other->stride[0],
        .other_group = other->stride[1],
        .other_row = other->stride[2],
        .other_column = other->stride[3],
        .function = step->function,
    };
    memcpy(work->numbers, step->numbers, sizeof work->numbers);
    const uint32_t shared = shared_offsets(plan, at);
    if (shared != at) {
        work->offsets = executor->ready[shared].convolution.offsets;
    } else {
        work->offsets = *offsets;
        for (uint32_t channel = 0; channel < in->size[2]; ++channel) {
            for (uint32_t tap = 0; tap < in->size[3]; ++tap) {
                *(*offsets)++ = (int32_t)channel * in->stride[2] + (int32_t)tap * in->stride[3];
            }
        }
    }
    if (bias->space == TIMBREL_SPACE_NONE) {
        return;
    }
    work->bias = *biases;
    const size_t pitch = padded_rows(step) / out->size[1];
    for (uint32_t group = 0; group < out->size[1]; ++group, *biases += pitch) {
        for (uint32_t row = 0; row < out->size[2]; ++row) {
            (*biases)[row] = plan->constants[bias->offset + (int32_t)group * bias->stride[0] +
                                             (int32_t)row * bias->stride[1]];
        }
    }
}

static void ready_rows(Ready* ready) {
    const TimbrelPlanStep* step = ready->step;
    const TimbrelView* views[TIMBREL_LOOP_VIEWS] = {&step->out};
    uint32_t count = 1;
    while (count <= TIMBREL_PLAN_INPUTS && step->in[count - 1].space != TIMBREL_SPACE_NONE) {
        views[count] = &step->in[count - 1];
        ++count;
    }
    const bool along = step->kind == TIMBREL_PLAN_REDUCE || step->kind == TIMBREL_PLAN_SCAN;
    timbrel_loops_init(&ready->loops, views, count, along);
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
    size_t bias_count = 0;
    size_t offset_count = 0;
    for (uint32_t i = 0; i < header->step_count; ++i) {
        if (plan->steps[i].kind == TIMBREL_PLAN_CONVOLVE) {
            bias_count += plan->steps[i].in[1].space ? padded_rows(&plan->steps[i]) : 0;
            offset_count += shared_offsets(plan, i) == i ? across_of(&plan->steps[i]) : 0;
        }
    }
    executor->plan = plan;
    executor->kernels = kernels;
    executor->lanes = lanes;
    executor->seed = seed;
    executor->lane = ((size_t)header->arena_count + 15) / 16 * 16 + 16;
    executor->ready = calloc((size_t)header->step_count + 1, sizeof *executor->ready);
    executor->arenas = aligned(executor->lane * lanes * sizeof(float));
    executor->scratch = aligned(TIMBREL_SCRATCH * sizeof(float));
    executor->biases = aligned(bias_count * sizeof(float));
    executor->offsets = calloc(offset_count + 1, sizeof *executor->offsets);
    if (!executor->ready || !executor->arenas || !executor->scratch || !executor->biases ||
        !executor->offsets) {
        timbrel_executor_free(executor);
        return NULL;
    }
    float* biases = executor->biases;
    int32_t* offsets = executor->offsets;
    for (uint32_t i = 0; i < header->step_count; ++i) {
        executor->ready[i].step = &plan->steps[i];
        const uint32_t kind = plan->steps[i].kind;
        if (kind == TIMBREL_PLAN_CONVOLVE) {
            ready_convolution(executor, i, &biases, &offsets);
        } else if (kind != TIMBREL_PLAN_PRODUCT && kind != TIMBREL_PLAN_LOOK_UP) {
            ready_rows(&executor->ready[i]);
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
