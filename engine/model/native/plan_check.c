// SPDX-License-Identifier: ISC
#include "plan_file.h"

#include "engine/model/methods.h"
#include "engine/model/validate.h"
#include "extent.h"

#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    most_floats = 1 << 28,    // a gibibyte
    most_of_arena = 1 << 26,  // for each instance and lane
    most_of_tables = 1 << 26, // what an executor makes of the steps: these can share weights
    most_steps = 1 << 20,
    least_frames = 1,
    element_work = 64 // of a step's element, beside its weights: in a row of its own
};

/// Multiply-adds. The largest call is a third of a second, in which no machine's core does as many.
static const uint64_t most_work = UINT64_C(1) << 34;

/// Part of the file: `count` elements of `size` bytes at `place`.
static bool inside(uint64_t file, uint64_t place, uint64_t count, uint64_t size) {
    return place % 64 == 0 && place <= file && count <= (file - place) / size;
}

/// A view whose every float lies in its space.
static bool view_good(const TimbrelPlanHeader* header, const TimbrelView* view) {
    if (view->space != TIMBREL_SPACE_ARENA && view->space != TIMBREL_SPACE_CONSTANT) {
        return false;
    }
    const int64_t count =
        view->space == TIMBREL_SPACE_ARENA ? header->arena_count : header->constant_count;
    uint64_t elements = 1;
    if (view->dims > TIMBREL_PLAN_DIMS) {
        return false;
    }
    for (uint32_t i = 0; i < view->dims; ++i) {
        if (view->size[i] < 1 || view->size[i] > most_floats) {
            return false;
        }
        elements *= view->size[i];
        if (elements > most_floats) {
            return false;
        }
    }
    int64_t low;
    int64_t high;
    timbrel_view_range(view, &low, &high);
    return low >= 0 && high < count;
}

/// Rows whose weights a convolution multiplies.
static uint64_t rows_of(const TimbrelPlanStep* step) {
    const uint64_t rows = step->out.size[2];
    return step->flags & TIMBREL_PLAN_NARROW ? rows : timbrel_whole_panels(rows);
}

/// Multiply-adds of a good step, about. Views have at most most_floats elements: nothing overflows.
static uint64_t work_of(const TimbrelPlanStep* step) {
    const TimbrelView* in = &step->in[0];
    const uint64_t elements = timbrel_view_elements(&step->out);
    switch ((TimbrelPlanKind)step->kind) {
    case TIMBREL_PLAN_CONVOLVE:
        return elements / step->out.size[2] * rows_of(step) *
               ((uint64_t)in->size[2] * in->size[3] + element_work);
    case TIMBREL_PLAN_PRODUCT:
        return elements * (in->size[2] + (uint64_t)element_work);
    case TIMBREL_PLAN_REDUCE:
        return timbrel_view_elements(in) * element_work;
    default:
        return elements * element_work;
    }
}

/// Numbers that an executor keeps of a good step: where its inputs are, and biases.
static uint64_t table_of(const TimbrelPlanStep* step) {
    if (step->kind != TIMBREL_PLAN_CONVOLVE) {
        return 0;
    }
    return (uint64_t)step->in[0].size[2] * step->in[0].size[3] +
           timbrel_whole_panels(step->out.size[2]) * step->out.size[1];
}

static bool convolution_good(const TimbrelPlanHeader* header, const TimbrelPlanStep* step) {
    const TimbrelView* in = &step->in[0];
    const TimbrelView* out = &step->out;
    if (in->dims != 5 || out->dims != 4 || !view_good(header, in) ||
        in->space != TIMBREL_SPACE_ARENA || in->size[0] != out->size[0] ||
        in->size[1] != out->size[1] || in->size[4] != out->size[3] ||
        step->function >= TIMBREL_MAP_COUNT) {
        return false;
    }
    const TimbrelView* bias = &step->in[1];
    if (bias->space != TIMBREL_SPACE_NONE &&
        (bias->space != TIMBREL_SPACE_CONSTANT || !view_good(header, bias) || bias->dims != 2 ||
         bias->size[0] != out->size[1] || bias->size[1] != out->size[2])) {
        return false;
    }
    const TimbrelView* other = &step->in[2];
    if (other->space != TIMBREL_SPACE_NONE && (!view_good(header, other) || other->dims != 4 ||
                                               !timbrel_view_same_sizes(other, out, 4))) {
        return false;
    }
    const bool halves = step->flags & TIMBREL_PLAN_HALF && !(step->flags & TIMBREL_PLAN_NARROW);
    uint64_t bytes = halves ? sizeof(uint16_t) : sizeof(float);
    // Each factor is at most most_floats; looked at one by one, no product overflows.
    const uint64_t factors[] = {in->size[1], in->size[2], in->size[3], rows_of(step)};
    for (uint32_t i = 0; i < 4; ++i) {
        bytes *= factors[i];
        if (bytes > header->weight_size) {
            return false;
        }
    }
    return inside(header->weight_size, step->weights, bytes, 1);
}

static bool inputs_good(const TimbrelPlanHeader* header, const TimbrelPlanStep* step,
                        uint32_t count, bool same) {
    for (uint32_t i = 0; i < TIMBREL_PLAN_INPUTS; ++i) {
        if (i >= count) {
            if (step->in[i].space != TIMBREL_SPACE_NONE) {
                return false;
            }
        } else if (!view_good(header, &step->in[i]) ||
                   (same && (step->in[i].dims != step->out.dims ||
                             !timbrel_view_same_sizes(&step->in[i], &step->out, step->out.dims)))) {
            return false;
        }
    }
    return true;
}

static bool step_good(const TimbrelPlanHeader* header, const TimbrelPlanStep* step) {
    const TimbrelView* out = &step->out;
    const TimbrelView* a = &step->in[0];
    const TimbrelView* b = &step->in[1];
    if (!view_good(header, out) || out->space != TIMBREL_SPACE_ARENA) {
        return false;
    }
    switch ((TimbrelPlanKind)step->kind) {
    case TIMBREL_PLAN_CONVOLVE:
        return convolution_good(header, step);
    case TIMBREL_PLAN_MAP:
        return inputs_good(header, step, 1, true) && step->function < TIMBREL_MAP_COUNT;
    case TIMBREL_PLAN_COMBINE:
        return inputs_good(header, step, 2, true) && step->function < TIMBREL_COMBINE_COUNT;
    case TIMBREL_PLAN_CHOOSE:
        return inputs_good(header, step, 3, true);
    case TIMBREL_PLAN_REDUCE:
        return inputs_good(header, step, 1, false) && step->function < TIMBREL_REDUCE_COUNT &&
               a->dims > 0 && a->dims == out->dims &&
               timbrel_view_same_sizes(a, out, a->dims - 1) && out->size[a->dims - 1] == 1;
    case TIMBREL_PLAN_SCAN:
        return inputs_good(header, step, 1, true) && step->function < TIMBREL_SCAN_COUNT &&
               a->dims > 0;
    case TIMBREL_PLAN_PRODUCT:
        return inputs_good(header, step, 2, false) && a->dims == 3 && b->dims == 3 &&
               out->dims == 3 && a->size[0] == out->size[0] && b->size[0] == out->size[0] &&
               a->size[1] == out->size[1] && b->size[2] == out->size[2] && a->size[2] == b->size[1];
    case TIMBREL_PLAN_LOOK_UP:
        return inputs_good(header, step, 2, false) && a->dims == 1 && b->dims == 2 &&
               out->dims == 2 && a->size[0] == out->size[0] && b->size[1] == out->size[1];
    case TIMBREL_PLAN_DRAW:
        return inputs_good(header, step, 0, false) && step->function < TIMBREL_DRAW_COUNT;
    case TIMBREL_PLAN_KINDS:
        break;
    }
    return false;
}

/// A method's input or output: in the arena, of the sizes that the model says.
static bool port_good(const TimbrelPlanHeader* header, const TimbrelView* view, uint32_t channels,
                      uint64_t samples) {
    return view_good(header, view) && view->space == TIMBREL_SPACE_ARENA && view->dims == 2 &&
           view->size[0] == channels && view->size[1] == samples;
}

static bool methods_good(const TimbrelPlanHeader* header, const TimbrelModelInfo* info) {
    const uint64_t samples = (uint64_t)header->frames * info->ratio;
    for (uint32_t m = 0; m < TIMBREL_PLAN_METHODS; ++m) {
        const TimbrelPlanMethod* method = &header->methods[m];
        if (!timbrel_methods_step(info, (TimbrelStep)m)) {
            if (method->count != 0) {
                return false;
            }
            continue;
        }
        const bool decodes = m == TIMBREL_STEP_DECODE;
        const bool encodes = m == TIMBREL_STEP_ENCODE;
        if (method->count < 1 || method->first > header->step_count ||
            method->count > header->step_count - method->first ||
            !port_good(header, &method->in, decodes ? info->latents : info->in_channels,
                       decodes ? header->frames : samples) ||
            !port_good(header, &method->out, encodes ? info->latents : info->out_channels,
                       encodes ? header->frames : samples)) {
            return false;
        }
        for (uint32_t a = 0; a < 2; ++a) {
            if (!view_good(header, &method->amounts[a]) ||
                method->amounts[a].space != TIMBREL_SPACE_ARENA || method->amounts[a].dims != 0) {
                return false;
            }
        }
    }
    return true;
}

const char* timbrel_plan_check(TimbrelPlanFile* plan, const void* bytes, size_t size) {
    *plan = (TimbrelPlanFile){0};
    const TimbrelPlanHeader* header = bytes;
    const char* start = bytes;
    if (size < sizeof *header + sizeof(TimbrelModelInfo) ||
        memcmp(header->magic, TIMBREL_PLAN_MAGIC, sizeof header->magic) != 0) {
        return "contents are not a plan";
    }
    if (header->version != TIMBREL_PLAN_VERSION || header->header_size != sizeof *header) {
        return "version is not this Timbrel's";
    }
    const size_t summed = offsetof(TimbrelPlanHeader, checksum) + sizeof header->checksum;
    if (header->file_size != size) {
        return "end is missing";
    }
    if (XXH3_64bits(start + summed, size - summed) != header->checksum) {
        return "contents are damaged";
    }
    memcpy(&plan->info, start + sizeof *header, sizeof plan->info);
    if (!timbrel_validate_info(&plan->info) || header->frames < least_frames ||
        (uint64_t)header->frames * plan->info.ratio > TIMBREL_MAX_RATIO ||
        header->arena_count > most_of_arena || header->constant_count > most_floats ||
        header->step_count > most_steps || header->state_count > header->arena_count ||
        header->state_values > header->constant_count ||
        header->state_count > header->constant_count - header->state_values ||
        !inside(size, header->steps, header->step_count, sizeof(TimbrelPlanStep)) ||
        !inside(size, header->constants, header->constant_count, sizeof(float)) ||
        !inside(size, header->weights, header->weight_size, 1)) {
        return "contents make no sense";
    }
    plan->header = header;
    plan->steps = (const TimbrelPlanStep*)(const void*)(start + header->steps);
    plan->constants = (const float*)(const void*)(start + header->constants);
    plan->weights = start + header->weights;
    plan->size = size;
    if (!methods_good(header, &plan->info)) {
        return "contents make no sense";
    }
    uint64_t tables = 0;
    for (uint32_t i = 0; i < header->step_count; ++i) {
        if (!step_good(header, &plan->steps[i])) {
            return "contents make no sense";
        }
        plan->work += work_of(&plan->steps[i]);
        tables += table_of(&plan->steps[i]);
        if (plan->work > most_work || tables > most_of_tables) {
            return "model is larger than any machine can play";
        }
    }
    return NULL;
}
