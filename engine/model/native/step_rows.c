// SPDX-License-Identifier: ISC
// Steps that go row by row: MAP, COMBINE, CHOOSE and DRAW in rows of any dimension, REDUCE and SCAN
// along the last.
#include "extent.h"
#include "mathematics.h"
#include "steps.h"

enum { chunk = 256 };

/// A step that is being played in one lane.
typedef struct {
    const TimbrelReadyStep* ready;
    const TimbrelKernels* kernels;
    uint32_t key[2]; ///< Of the random numbers that it draws
    uint32_t drawn;  ///< So many so far
} Playing;

typedef void (*PlayRow)(Playing* playing, float* out, const float* const* in);

bool timbrel_reduce_fits(const TimbrelPlanStep* step) {
    const TimbrelView* in = &step->in[0];
    const TimbrelView* out = &step->out;
    return in->dims > 0 && in->dims == out->dims &&
           timbrel_view_same_sizes(in, out, in->dims - 1) && out->size[in->dims - 1] == 1;
}

bool timbrel_scan_fits(const TimbrelPlanStep* step) {
    return step->in[0].dims > 0;
}

uint64_t timbrel_elements_work(const TimbrelPlanStep* step) {
    return timbrel_view_elements(&step->out) * TIMBREL_ELEMENT_WORK;
}

uint64_t timbrel_reduce_work(const TimbrelPlanStep* step) {
    return timbrel_view_elements(&step->in[0]) * TIMBREL_ELEMENT_WORK;
}

void timbrel_rows_ready(const TimbrelPlanFile* plan, TimbrelReadyStep* steps, uint32_t at,
                        TimbrelStepTables* tables) {
    (void)plan;
    (void)tables;
    const TimbrelStepKind* kind = steps[at].kind;
    const TimbrelPlanStep* step = steps[at].step;
    const TimbrelView* views[TIMBREL_LOOP_VIEWS] = {&step->out, &step->in[0], &step->in[1],
                                                    &step->in[2]};
    timbrel_loops_init(&steps[at].loops, views, 1 + kind->inputs, kind->along);
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
static void elements_row(Playing* playing, float* out, const float* const* in) {
    const TimbrelReadyStep* ready = playing->ready;
    const TimbrelKernels* kernels = playing->kernels;
    const TimbrelPlanStep* step = ready->step;
    const ptrdiff_t* strides = ready->loops.row_stride;
    float rooms[TIMBREL_LOOP_VIEWS][chunk];
    for (uint32_t at = 0; at < ready->loops.row; at += chunk) {
        const uint32_t left = ready->loops.row - at;
        const size_t count = left < chunk ? left : chunk;
        const float* x[TIMBREL_PLAN_INPUTS] = {in[0], in[1], in[2]};
        for (uint32_t i = 0; i < ready->kind->inputs; ++i) {
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
            kernels->draw(step->function, step->numbers, count, to, playing->key, playing->drawn);
            playing->drawn += (uint32_t)count; // a view has fewer elements than there are counters
        }
        if (to != out + at) {
            scatter(out + at * strides[0], strides[0], count, to);
        }
    }
}

static void reduce_row(Playing* playing, float* out, const float* const* in) {
    const TimbrelPlanStep* step = playing->ready->step;
    const TimbrelLoops* loops = &playing->ready->loops;
    const ptrdiff_t stride = loops->row_stride[1];
    double sum = step->function == TIMBREL_REDUCE_PRODUCT ? 1.0 : 0.0;
    uint32_t best = 0;
    for (uint32_t i = 0; i < loops->row; ++i) {
        const float x = in[0][(ptrdiff_t)i * stride];
        const float most = in[0][(ptrdiff_t)best * stride];
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
        *out = in[0][(ptrdiff_t)best * stride];
        break;
    }
}

static void scan_row(Playing* playing, float* out, const float* const* in) {
    const TimbrelLoops* loops = &playing->ready->loops;
    const ptrdiff_t* strides = loops->row_stride;
    const bool adds = playing->ready->step->function == TIMBREL_SCAN_SUM;
    double all = adds ? 0.0 : 1.0;
    for (uint32_t i = 0; i < loops->row; ++i) {
        const double x = (double)in[0][(ptrdiff_t)i * strides[1]];
        all = adds ? all + x : all * x;
        out[(ptrdiff_t)i * strides[0]] = (float)all;
    }
}

/// From the first again for each step, lane and time it is played.
static void begin_draws(Playing* playing, const TimbrelStepRun* run, uint32_t lane) {
    const uint64_t time = run->played[lane];
    const uint32_t words[] = {(uint32_t)run->seed, (uint32_t)(run->seed >> 32),
                              run->lane[lane],     playing->ready->number,
                              (uint32_t)time,      (uint32_t)(time >> 32)};
    uint32_t* key = playing->key;
    key[0] = 0x243f6a88u; // any two numbers that differ
    key[1] = 0x85a308d3u;
    for (uint32_t half = 0; half < 2; ++half) {
        for (uint32_t i = 0; i < sizeof words / sizeof *words; ++i) {
            key[half] = timbrel_mix(key[half] + timbrel_mix(words[i] + i + 1u));
        }
    }
}

static void play_rows(const TimbrelReadyStep* ready, const TimbrelStepRun* run, uint32_t lane,
                      PlayRow play) {
    const TimbrelPlanStep* step = ready->step;
    const TimbrelLoops* loops = &ready->loops;
    float* to = run->arenas + run->behind[lane];
    const float* from[TIMBREL_PLAN_INPUTS];
    for (uint32_t i = 0; i < TIMBREL_PLAN_INPUTS; ++i) {
        from[i] = timbrel_step_space(run, &step->in[i], lane);
    }
    Playing playing = {.ready = ready, .kernels = run->kernels};
    if (step->kind == TIMBREL_PLAN_DRAW) {
        begin_draws(&playing, run, lane);
    }
    TimbrelWalk walk;
    timbrel_walk_start(&walk, loops);
    do {
        const float* const in[] = {from[0] + walk.at[1], from[1] + walk.at[2],
                                   from[2] + walk.at[3]};
        play(&playing, to + walk.at[0], in);
    } while (timbrel_walk_next(&walk, loops));
}

static void play_lanes(const TimbrelReadyStep* ready, const TimbrelStepRun* run, PlayRow play) {
    for (uint32_t lane = 0; lane < run->lanes; ++lane) {
        play_rows(ready, run, lane, play);
    }
}

void timbrel_elements_play(const TimbrelReadyStep* step, const TimbrelStepRun* run) {
    play_lanes(step, run, elements_row);
}

void timbrel_reduce_play(const TimbrelReadyStep* step, const TimbrelStepRun* run) {
    play_lanes(step, run, reduce_row);
}

void timbrel_scan_play(const TimbrelReadyStep* step, const TimbrelStepRun* run) {
    play_lanes(step, run, scan_row);
}
