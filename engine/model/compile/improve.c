// SPDX-License-Identifier: ISC
#include "improve.h"

#include "view.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    TimbrelBuilder* builder;
    const TimbrelPlanMethod* method; // the one that is improved
} Job;

static TimbrelPlanStep* step_at(const Job* job, uint32_t index) {
    return &job->builder->steps[index];
}

static uint32_t end_of(const Job* job) {
    return job->method->first + job->method->count;
}

/// Dropped steps stay in the list, without a kind.
static bool gone(const TimbrelPlanStep* step) {
    return step->kind == 0;
}

static bool reads(const TimbrelPlanStep* step, uint32_t space) {
    if (gone(step)) {
        return false;
    }
    for (uint32_t i = 0; i < TIMBREL_PLAN_INPUTS; ++i) {
        if (step->in[i].space == space &&
            !(step->kind == TIMBREL_PLAN_MAP && step->function == TIMBREL_MAP_FILL)) {
            return true;
        }
    }
    return false;
}

static bool writes(const TimbrelPlanStep* step, uint32_t space) {
    return !gone(step) && step->out.space == space;
}

static bool temporary(const Job* job, uint32_t space) {
    return space > 0 && job->builder->buffers[space - 1].kind == TIMBREL_BUFFER_TEMPORARY;
}

/// The method's own inputs and outputs, which have readers and writers outside.
static bool outside(const Job* job, uint32_t space) {
    return space == job->method->in.space || space == job->method->out.space ||
           space == job->method->amounts[0].space || space == job->method->amounts[1].space;
}

static void drop_unread(const Job* job) {
    bool* wanted = calloc(job->builder->buffer_count + 1, sizeof *wanted);
    if (!wanted) {
        return;
    }
    wanted[job->method->out.space] = true;
    for (uint32_t i = end_of(job); i-- > job->method->first;) {
        TimbrelPlanStep* step = step_at(job, i);
        if (gone(step)) {
            continue;
        }
        if (temporary(job, step->out.space) && !wanted[step->out.space]) {
            step->kind = 0;
            continue;
        }
        for (uint32_t in = 0; in < TIMBREL_PLAN_INPUTS; ++in) {
            wanted[step->in[in].space] = true;
        }
    }
    free(wanted);
}

/// True if no step in [from, to) touches the part of a buffer that `view` shows.
static bool untouched(const Job* job, const TimbrelView* view, uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; ++i) {
        const TimbrelPlanStep* step = step_at(job, i);
        if (gone(step)) {
            continue;
        }
        if (step->out.space == view->space && !timbrel_view_apart(&step->out, view)) {
            return false;
        }
        for (uint32_t in = 0; in < TIMBREL_PLAN_INPUTS; ++in) {
            if (step->in[in].space == view->space && !timbrel_view_apart(&step->in[in], view)) {
                return false;
            }
        }
    }
    return true;
}

/// True if a step in [from, to) writes to the part of a buffer that `view` shows.
static bool overwritten(const Job* job, const TimbrelView* view, uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; ++i) {
        if (writes(step_at(job, i), view->space) &&
            !timbrel_view_apart(&step_at(job, i)->out, view)) {
            return true;
        }
    }
    return false;
}

static bool written_between(const Job* job, uint32_t space, uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; ++i) {
        if (writes(step_at(job, i), space)) {
            return true;
        }
    }
    return false;
}

static uint32_t first_writer(const Job* job, uint32_t space) {
    uint32_t i = job->method->first;
    while (i < end_of(job) && !writes(step_at(job, i), space)) {
        ++i;
    }
    return i;
}

/// Whether no other step than `last` reads the buffer.
static bool read_only_by(const Job* job, uint32_t space, uint32_t last) {
    for (uint32_t i = job->method->first; i < end_of(job); ++i) {
        if (i != last && reads(step_at(job, i), space)) {
            return false;
        }
    }
    return true;
}

/// `in` shows all of a temporary buffer that lives in this method alone.
static bool whole_temporary(const Job* job, const TimbrelView* in) {
    return temporary(job, in->space) && !outside(job, in->space) &&
           timbrel_view_dense(in, job->builder->buffers[in->space - 1].count);
}

/// Step `at` copies a whole buffer to elsewhere: let the buffer lie there from the start.
static bool avoid_copy(const Job* job, uint32_t at) {
    TimbrelPlanStep* copy = step_at(job, at);
    const TimbrelView from = copy->in[0];
    const TimbrelView to = copy->out;
    if (copy->kind != TIMBREL_PLAN_MAP || copy->function != TIMBREL_MAP_COPY ||
        !temporary(job, to.space) || to.space == job->method->in.space || from.space == to.space ||
        !whole_temporary(job, &from) || !timbrel_view_injective(&to)) {
        return false;
    }
    const uint32_t first = first_writer(job, from.space);
    if (first >= at || !untouched(job, &to, first, at) ||
        written_between(job, from.space, at, end_of(job))) {
        return false;
    }
    for (uint32_t pass = 0; pass < 2; ++pass) { // the first only tries
        for (uint32_t i = job->method->first; i < end_of(job); ++i) {
            TimbrelPlanStep* step = step_at(job, i);
            if (gone(step) || i == at) {
                continue;
            }
            TimbrelView* const views[] = {&step->out, &step->in[0], &step->in[1], &step->in[2]};
            for (uint32_t v = 0; v < 4; ++v) {
                if (views[v]->space != from.space) {
                    continue;
                }
                TimbrelView moved;
                if (!timbrel_view_move(views[v], &from, &to, &moved)) {
                    return false;
                }
                // A later reader must not find something else there, nor write where it reads.
                if (i > at && overwritten(job, &moved, at + 1, i + 1)) {
                    return false;
                }
                if (pass == 1) {
                    *views[v] = moved;
                }
            }
        }
    }
    copy->kind = 0;
    return true;
}

/// True if convolutions that can take on more write all of a buffer before step `at`.
static bool by_convolutions(const Job* job, uint32_t space, uint32_t at, bool for_sum) {
    bool any = false;
    for (uint32_t i = job->method->first; i < at; ++i) {
        const TimbrelPlanStep* step = step_at(job, i);
        if (!writes(step, space)) {
            continue;
        }
        if (step->kind != TIMBREL_PLAN_CONVOLVE || step->in[2].space != 0 ||
            (!for_sum && step->function != TIMBREL_MAP_COPY)) {
            return false;
        }
        any = true;
    }
    return any;
}

/// `in` shows what only convolutions make and only step `at` reads.
static bool made_for(const Job* job, const TimbrelView* in, uint32_t at, bool for_sum) {
    return whole_temporary(job, in) && read_only_by(job, in->space, at) &&
           by_convolutions(job, in->space, at, for_sum) &&
           !written_between(job, in->space, at, end_of(job));
}

static void give_function(TimbrelPlanStep* step, const TimbrelPlanStep* map) {
    step->function = map->function;
    memcpy(step->numbers, map->numbers, sizeof map->numbers);
}

/// Let the convolutions that write all of `from`, another buffer, write to `to` instead, through
/// the function of `map` or adding `sum`, if any. Changes nothing unless all can.
static bool redirect(const Job* job, uint32_t at, const TimbrelView* from, const TimbrelView* to,
                     const TimbrelPlanStep* map, const TimbrelView* sum) {
    const uint32_t first = first_writer(job, from->space);
    const bool in_place = sum && timbrel_view_same(to, sum);
    if (!untouched(job, to, first, at) || (sum && overwritten(job, sum, first, at)) ||
        (sum && !in_place && sum->space == to->space && !timbrel_view_apart(sum, to))) {
        return false;
    }
    for (uint32_t pass = 0; pass < 2; ++pass) { // the first only tries
        for (uint32_t i = first; i < at; ++i) {
            TimbrelPlanStep* step = step_at(job, i);
            if (!writes(step, from->space)) {
                continue;
            }
            TimbrelView out;
            TimbrelView other = {0};
            if (!timbrel_view_move(&step->out, from, to, &out) ||
                (sum && !timbrel_view_move(&step->out, from, sum, &other)) ||
                (pass == 0 && in_place && overwritten(job, &step->out, first, i))) { // added twice
                return false;
            }
            if (pass == 0) {
                continue;
            }
            step->out = out;
            step->in[2] = other;
            if (map) {
                give_function(step, map);
            }
        }
    }
    return true;
}

/// Step `at` applies a function, in place, to what convolutions made: let them do it.
static bool join_function_in_place(const Job* job, uint32_t at) {
    TimbrelPlanStep* map = step_at(job, at);
    const uint32_t space = map->out.space;
    if (!timbrel_view_same(&map->out, &map->in[0]) || !by_convolutions(job, space, at, false)) {
        return false;
    }
    for (uint32_t i = job->method->first; i < at; ++i) {
        if (reads(step_at(job, i), space)) {
            return false;
        }
    }
    for (uint32_t i = job->method->first; i < at; ++i) {
        if (writes(step_at(job, i), space)) {
            give_function(step_at(job, i), map);
        }
    }
    map->kind = 0;
    return true;
}

/// Step `at` applies a function to what convolutions made: let them do it.
static bool join_function(const Job* job, uint32_t at) {
    TimbrelPlanStep* map = step_at(job, at);
    if (map->kind != TIMBREL_PLAN_MAP || map->function == TIMBREL_MAP_FILL ||
        !whole_temporary(job, &map->in[0])) {
        return false;
    }
    if (map->out.space == map->in[0].space) {
        return join_function_in_place(job, at);
    }
    const TimbrelView in = map->in[0];
    const TimbrelView out = map->out;
    if (!made_for(job, &in, at, false) || !timbrel_view_injective(&out) ||
        !redirect(job, at, &in, &out, map, NULL)) {
        return false;
    }
    map->kind = 0;
    return true;
}

/// Step `at` adds something to what convolutions made: let them do it.
static bool join_sum(const Job* job, uint32_t at) {
    TimbrelPlanStep* sum = step_at(job, at);
    if (sum->kind != TIMBREL_PLAN_COMBINE || sum->function != TIMBREL_COMBINE_ADD ||
        sum->numbers[0] != 1.0F || !timbrel_view_injective(&sum->out)) {
        return false;
    }
    for (uint32_t which = 0; which < 2; ++which) {
        const TimbrelView made = sum->in[which];
        const TimbrelView other = sum->in[1 - which];
        const TimbrelView out = sum->out;
        if (other.space == made.space || out.space == made.space ||
            !made_for(job, &made, at, true) || !redirect(job, at, &made, &out, NULL, &other)) {
            continue;
        }
        sum->kind = 0;
        return true;
    }
    return false;
}

static void improve_method(const Job* job) {
    drop_unread(job);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = job->method->first; i < end_of(job); ++i) {
            if (!gone(step_at(job, i)) &&
                (avoid_copy(job, i) || join_function(job, i) || join_sum(job, i))) {
                changed = true;
            }
        }
    }
    drop_unread(job);
}

/// Close the gaps that dropped steps leave.
static void close_gaps(TimbrelBuilder* builder) {
    uint32_t kept = 0;
    uint32_t next = 0;
    for (uint32_t m = 0; m < TIMBREL_PLAN_METHODS; ++m) {
        TimbrelPlanMethod* method = &builder->methods[m];
        const uint32_t end = method->first + method->count;
        const uint32_t first = kept;
        for (next = method->first; next < end; ++next) {
            if (!gone(&builder->steps[next])) {
                builder->steps[kept++] = builder->steps[next];
            }
        }
        if (method->count > 0) {
            method->first = first;
            method->count = kept - first;
        }
    }
    builder->step_count = kept;
}

void timbrel_improve(TimbrelBuilder* builder) {
    for (uint32_t m = 0; m < TIMBREL_PLAN_METHODS; ++m) {
        const Job job = {builder, &builder->methods[m]};
        if (job.method->count > 0) {
            improve_method(&job);
        }
    }
    close_gaps(builder);
}
