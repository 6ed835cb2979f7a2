// SPDX-License-Identifier: ISC
#include "programs.h"

#include "plans.h"
#include "reference.h"
#include "tests/measure.h"

#include <math.h>
#include <string.h>

enum { most_known = 64, most_channels = 20, most_length = 40, most_values = 4096 };

/// A program while it is made: what there is to go on with, (channels, length).
typedef struct {
    TimbrelBuilder* builder;
    uint32_t seed;
    uint32_t known_count;
    TimbrelView known[most_known];
} Program;

static const TimbrelView none;

static uint32_t pick(Program* program, uint32_t below) {
    return measure_pick(&program->seed, below);
}

static bool chance(Program* program, uint32_t in) {
    return pick(program, in) == 0;
}

static void know(Program* program, TimbrelView view) {
    if (program->known_count < most_known) {
        program->known[program->known_count++] = view;
    }
}

static TimbrelView part(TimbrelView view, uint32_t dim, uint32_t from, uint32_t size) {
    view.offset += (int32_t)from * view.stride[dim];
    view.size[dim] = size;
    return view;
}

static TimbrelView turned(TimbrelView view) {
    const TimbrelView old = view;
    for (uint32_t d = 0; d < 2; ++d) {
        view.size[d] = old.size[1 - d];
        view.stride[d] = old.stride[1 - d];
    }
    return view;
}

/// Something known, the later the likelier, or a part of it.
static TimbrelView any(Program* program) {
    const uint32_t back = chance(program, 2) ? 0 : pick(program, program->known_count);
    TimbrelView view = program->known[program->known_count - 1 - back];
    const uint32_t dim = pick(program, 2);
    if (chance(program, 4) && view.size[dim] > 1) {
        const uint32_t from = pick(program, view.size[dim] - 1);
        view = part(view, dim, from, 1 + pick(program, view.size[dim] - from));
    } else if (chance(program, 12) && view.size[dim] > 3) {
        view.size[dim] = view.size[dim] / 2;
        view.stride[dim] *= 2;
    }
    return chance(program, 12) ? turned(view) : view;
}

/// Not both in one place in part only.
static bool compatible(const TimbrelView* out, const TimbrelView* in) {
    if (out->space != in->space) {
        return true;
    }
    bool same = true;
    bool apart = true;
    for (size_t i = 0; i < reference_count(out); ++i) {
        same = same && reference_place(out, i) == reference_place(in, i);
        for (size_t k = 0; k < reference_count(in); ++k) {
            apart = apart && reference_place(out, i) != reference_place(in, k);
        }
    }
    return same || apart;
}

static bool is_constant(const Program* program, const TimbrelView* view) {
    return program->builder->buffers[view->space - 1].kind == TIMBREL_BUFFER_CONSTANT;
}

static TimbrelView temporary(Program* program, uint32_t channels, uint32_t length) {
    const uint32_t sizes[] = {channels, length};
    // Some lie the other way round, as after a permute.
    if (!chance(program, 6)) {
        return plans_temporary(program->builder, 2, sizes);
    }
    const uint32_t other[] = {length, channels};
    return turned(plans_temporary(program->builder, 2, other));
}

static TimbrelView filled(Program* program, TimbrelBufferKind kind, uint32_t channels,
                          uint32_t length) {
    float values[most_values];
    const uint32_t sizes[] = {channels, length};
    for (uint32_t i = 0; i < channels * length; ++i) {
        values[i] = 0.5f * measure_noise(&program->seed);
    }
    return plans_view(
        timbrel_builder_buffer(program->builder, kind, (size_t)channels * length, values), 2,
        sizes);
}

static void emit(Program* program, TimbrelPlanKind kind, uint32_t function, float number,
                 TimbrelView out, TimbrelView a, TimbrelView b) {
    const TimbrelPlanStep step = {.kind = kind,
                                  .function = function,
                                  .numbers = {number, 0.1f, 1.0f},
                                  .out = out,
                                  .in = {a, b}};
    timbrel_builder_step(program->builder, &step);
}

static void copy(Program* program, TimbrelView to, TimbrelView from) {
    emit(program, TIMBREL_PLAN_MAP, TIMBREL_MAP_COPY, 0.0f, to, from, none);
}

static uint32_t any_function(Program* program) {
    static const uint32_t functions[] = {TIMBREL_MAP_COPY, TIMBREL_MAP_LEAKY, TIMBREL_MAP_TANH,
                                         TIMBREL_MAP_SIN, TIMBREL_MAP_AFFINE};
    return functions[pick(program, sizeof functions / sizeof *functions)];
}

static void apply_function(Program* program) {
    const TimbrelView in = any(program);
    const bool in_place = chance(program, 2) && !is_constant(program, &in);
    const TimbrelView out = in_place ? in : temporary(program, in.size[0], in.size[1]);
    emit(program, TIMBREL_PLAN_MAP, any_function(program), 0.25f, out, in, none);
    know(program, out);
}

/// Something known of the sizes that `like` has; else a constant, at times a repeated one.
static TimbrelView of_sizes(Program* program, const TimbrelView* like) {
    for (uint32_t i = program->known_count; i-- > 0;) {
        TimbrelView view = program->known[i];
        if (view.size[0] < like->size[0] || view.size[1] < like->size[1] || chance(program, 4)) {
            continue;
        }
        for (uint32_t d = 0; d < 2; ++d) {
            view = part(view, d, pick(program, view.size[d] - like->size[d] + 1), like->size[d]);
        }
        if (compatible(like, &view)) {
            return view;
        }
    }
    const bool repeated = chance(program, 2);
    TimbrelView view =
        filled(program, TIMBREL_BUFFER_CONSTANT, like->size[0], repeated ? 1 : like->size[1]);
    if (repeated) {
        view.size[1] = like->size[1];
        view.stride[1] = 0;
    }
    return view;
}

static void add(Program* program) {
    const TimbrelView a = any(program);
    const TimbrelView b = of_sizes(program, &a);
    const bool in_place = chance(program, 2) && !is_constant(program, &a);
    const TimbrelView out = in_place ? a : temporary(program, a.size[0], a.size[1]);
    const bool swapped = chance(program, 2);
    emit(program, TIMBREL_PLAN_COMBINE,
         chance(program, 6) ? TIMBREL_COMBINE_MULTIPLY : TIMBREL_COMBINE_ADD,
         chance(program, 6) ? -0.5f : 1.0f, out, swapped ? b : a, swapped ? a : b);
    know(program, out);
}

/// One CONVOLVE step from `in` to `out`.
static void convolve_to(Program* program, TimbrelView in, TimbrelView out, uint32_t taps) {
    const uint32_t groups =
        in.size[0] % 2 == 0 && out.size[0] % 2 == 0 && chance(program, 3) ? 2 : 1;
    const uint32_t each = in.size[0] / groups;
    const uint32_t rows = out.size[0] / groups;
    const uint32_t across = each * taps;
    float weights[most_values];
    for (uint32_t i = 0; i < groups * rows * across; ++i) {
        weights[i] = measure_noise(&program->seed) / sqrtf((float)across);
    }
    TimbrelPlanStep step = {
        .kind = TIMBREL_PLAN_CONVOLVE,
        .function = chance(program, 3) ? any_function(program) : TIMBREL_MAP_COPY,
        .numbers = {0.25f, 0.1f, 1.0f},
        .weights = timbrel_builder_weights(program->builder, weights,
                                           (size_t)groups * rows * across, false),
    };
    step.in[0] = (TimbrelView){
        .space = in.space,
        .dims = 5,
        .offset = in.offset,
        .size = {1, groups, each, taps, out.size[1]},
        .stride = {0, (int32_t)each * in.stride[0], in.stride[0], in.stride[1], in.stride[1]},
    };
    step.out = (TimbrelView){
        .space = out.space,
        .dims = 4,
        .offset = out.offset,
        .size = {1, groups, rows, out.size[1]},
        .stride = {0, (int32_t)rows * out.stride[0], out.stride[0], out.stride[1]},
    };
    if (chance(program, 2)) {
        step.in[1] = filled(program, TIMBREL_BUFFER_CONSTANT, groups, rows);
    }
    timbrel_builder_step(program->builder, &step);
}

/// Add what convolutions made to something else, at times in place.
static void residual(Program* program, TimbrelView made) {
    const TimbrelView other = of_sizes(program, &made);
    if (chance(program, 2)) { // which something else reads too
        const TimbrelView read = temporary(program, made.size[0], made.size[1]);
        emit(program, TIMBREL_PLAN_MAP, any_function(program), 0.25f, read, other, none);
        know(program, read);
    }
    const bool in_place = chance(program, 2) && !is_constant(program, &other);
    const TimbrelView sum = in_place ? other : temporary(program, made.size[0], made.size[1]);
    emit(program, TIMBREL_PLAN_COMBINE, TIMBREL_COMBINE_ADD, 1.0f, sum, other, made);
    know(program, sum);
}

static void convolve(Program* program) {
    const TimbrelView in = any(program);
    const uint32_t taps = 1 + pick(program, in.size[1] < 3 ? in.size[1] : 3);
    const uint32_t length = in.size[1] - taps + 1;
    const uint32_t rows = 1 + pick(program, chance(program, 4) ? most_channels : 4);
    const uint32_t form = pick(program, 4);
    TimbrelView out;
    if (form == 0 && length * 2 <= most_length) { // transposed, in two phases
        out = temporary(program, rows, 2 * length);
        for (uint32_t phase = 0; phase < 2; ++phase) {
            TimbrelView columns = part(out, 1, phase, length);
            columns.stride[1] *= 2;
            convolve_to(program, in, columns, taps);
        }
    } else if (form == 1 && rows > 1) { // in two parts, the second at times over the first
        out = temporary(program, rows, length);
        const uint32_t first = 1 + pick(program, rows - 1);
        const uint32_t again = chance(program, 3) ? 1 : 0;
        convolve_to(program, in, part(out, 0, 0, first), taps);
        if (chance(program, 3)) { // with something else between them
            apply_function(program);
        }
        convolve_to(program, in, part(out, 0, first - again, rows - first + again), taps);
    } else {
        out = temporary(program, rows, length);
        convolve_to(program, in, out, taps);
    }
    know(program, out);
    if (chance(program, 3)) {
        residual(program, out);
    }
}

static void concatenate(Program* program) {
    const TimbrelView first = any(program);
    const uint32_t along = pick(program, 2);
    TimbrelView parts[3] = {first};
    uint32_t sizes[2] = {first.size[0], first.size[1]};
    uint32_t count = 1;
    while (count < 2 + pick(program, 2)) {
        const TimbrelView next = of_sizes(program, &first);
        const uint32_t size = 1 + pick(program, next.size[along]);
        parts[count++] = part(next, along, 0, size);
        sizes[along] += size;
    }
    if (sizes[0] > most_channels || sizes[1] > most_length) {
        return;
    }
    const TimbrelView all = temporary(program, sizes[0], sizes[1]);
    for (uint32_t i = 0, at = 0; i < count; at += parts[i++].size[along]) {
        copy(program, part(all, along, at, parts[i].size[along]), parts[i]);
    }
    know(program, all);
    if (chance(program, 3)) { // and again into the middle
        const TimbrelView again = parts[pick(program, count)];
        TimbrelView here = all;
        for (uint32_t d = 0; d < 2; ++d) {
            here = part(here, d, pick(program, all.size[d] - again.size[d] + 1), again.size[d]);
        }
        emit(program, TIMBREL_PLAN_COMBINE, TIMBREL_COMBINE_ADD, 1.0f, here, here, again);
    }
}

/// Convolutions side by side, functions of some, then all in one.
static void branch(Program* program) {
    enum { branches = 3 };
    const TimbrelView in = any(program);
    const uint32_t rows = 1 + pick(program, 4);
    TimbrelView made[branches];
    for (uint32_t i = 0; i < branches; ++i) {
        made[i] = temporary(program, rows, in.size[1]);
        convolve_to(program, in, made[i], 1);
    }
    for (uint32_t i = 0; i < branches; ++i) {
        const TimbrelView before = made[i];
        if (chance(program, 2)) {
            made[i] = temporary(program, rows, in.size[1]);
        }
        if (made[i].space != before.space || chance(program, 2)) {
            emit(program, TIMBREL_PLAN_MAP, any_function(program), 0.25f, made[i], before, none);
        }
    }
    const uint32_t first = pick(program, branches);
    const uint32_t along = pick(program, 2);
    const uint32_t length = in.size[1];
    if (chance(program, 2) || (along == 1 && length * branches > most_length)) {
        for (uint32_t i = 1; i < branches; ++i) {
            emit(program, TIMBREL_PLAN_COMBINE, TIMBREL_COMBINE_ADD, 1.0f, made[first], made[first],
                 made[(first + i) % branches]);
        }
        know(program, made[first]);
        return;
    }
    const TimbrelView all = temporary(program, along == 0 ? rows * branches : rows,
                                      along == 1 ? length * branches : length);
    for (uint32_t i = 0; i < branches; ++i) {
        copy(program, part(all, along, i * made[i].size[along], made[i].size[along]),
             made[(first + i) % branches]);
    }
    know(program, all);
}

static void pad(Program* program) {
    const TimbrelView in = any(program);
    const uint32_t before = pick(program, 3);
    const uint32_t length = in.size[1] + before + pick(program, 3);
    if (length > most_length) {
        return;
    }
    const TimbrelView out = temporary(program, in.size[0], length);
    emit(program, TIMBREL_PLAN_MAP, TIMBREL_MAP_FILL, 0.0f, out, out, none);
    copy(program, part(out, 1, before, in.size[1]), in);
    know(program, out);
}

/// What came last in the call before comes first.
static void cache(Program* program) {
    const TimbrelView in = any(program);
    const uint32_t kept = 1 + pick(program, 4);
    if (in.size[1] + kept > most_length) {
        return;
    }
    const TimbrelView state = filled(program, TIMBREL_BUFFER_STATE, in.size[0], kept);
    const TimbrelView all = temporary(program, in.size[0], kept + in.size[1]);
    copy(program, part(all, 1, 0, kept), state);
    copy(program, part(all, 1, kept, in.size[1]), in);
    copy(program, state, part(all, 1, in.size[1], kept));
    know(program, all);
    if (chance(program, 4)) {
        know(program, state);
    }
}

static void overlap_add(Program* program) {
    const TimbrelView in = any(program);
    if (in.size[1] < 2 || is_constant(program, &in)) {
        return;
    }
    const uint32_t kept = 1 + pick(program, in.size[1] / 2);
    const TimbrelView state = filled(program, TIMBREL_BUFFER_STATE, in.size[0], kept);
    const TimbrelView first = part(in, 1, 0, kept);
    emit(program, TIMBREL_PLAN_COMBINE, TIMBREL_COMBINE_ADD, 1.0f, first, first, state);
    copy(program, state, part(in, 1, in.size[1] - kept, kept));
    know(program, part(in, 1, 0, in.size[1] - kept));
}

/// Into a part of what there is already.
static void overwrite(Program* program) {
    const TimbrelView out = any(program);
    if (is_constant(program, &out)) {
        return;
    }
    const TimbrelView in = of_sizes(program, &out);
    copy(program, out, in);
}

static void total(Program* program) {
    const TimbrelView in = any(program);
    const TimbrelView out = temporary(program, in.size[0], 1);
    emit(program, TIMBREL_PLAN_REDUCE, TIMBREL_REDUCE_SUM, 1.0f / (float)in.size[1], out, in, none);
    TimbrelView repeated = out;
    repeated.size[1] = in.size[1];
    repeated.stride[1] = 0;
    const TimbrelView scaled = temporary(program, in.size[0], in.size[1]);
    emit(program, TIMBREL_PLAN_COMBINE, TIMBREL_COMBINE_ADD, 1.0f, scaled, in, repeated);
    know(program, scaled);
}

/// The output: what came last, or sums of all that fits.
static TimbrelView finish(Program* program) {
    const uint32_t sizes[] = {PROGRAMS_CHANNELS, PROGRAMS_LENGTH};
    const TimbrelView out = plans_temporary(program->builder, 2, sizes);
    if (chance(program, 2)) {
        copy(program, out, of_sizes(program, &out));
        return out;
    }
    emit(program, TIMBREL_PLAN_MAP, TIMBREL_MAP_FILL, 0.0f, out, out, none);
    for (uint32_t i = program->known_count > 8 ? program->known_count - 8 : 0;
         i < program->known_count; ++i) {
        TimbrelView view = program->known[i];
        for (uint32_t d = 0; d < 2; ++d) {
            view = part(view, d, 0, view.size[d] < sizes[d] ? view.size[d] : sizes[d]);
        }
        const TimbrelView here = part(part(out, 0, 0, view.size[0]), 1, 0, view.size[1]);
        emit(program, TIMBREL_PLAN_COMBINE, TIMBREL_COMBINE_ADD, 1.0f, here, here, view);
    }
    return out;
}

void programs_make(TimbrelBuilder* builder, uint32_t seed) {
    static void (*const patterns[])(Program*) = {
        apply_function, apply_function, add,         convolve, convolve,
        convolve,       cache,          concatenate, pad,      overlap_add,
        total,          overwrite,      branch,      branch};
    Program program = {.builder = builder, .seed = seed * 2654435761u + 1u};
    TimbrelPlanMethod* method = &builder->methods[2];
    const uint32_t sizes[] = {PROGRAMS_CHANNELS, PROGRAMS_LENGTH};
    method->in = plans_temporary(builder, 2, sizes);
    for (uint32_t a = 0; a < 2; ++a) {
        method->amounts[a] = plans_temporary(builder, 0, NULL);
    }
    know(&program, method->in);
    const uint32_t count = 1 + pick(&program, 14);
    for (uint32_t i = 0; i < count; ++i) {
        patterns[pick(&program, sizeof patterns / sizeof *patterns)](&program);
    }
    method->out = finish(&program);
    method->count = builder->step_count;
}
