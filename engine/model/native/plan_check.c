// SPDX-License-Identifier: ISC
#include "plan_file.h"

#include "engine/model/methods.h"
#include "engine/model/validate.h"
#include "extent.h"
#include "steps.h"

#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    most_floats = 1 << 28,    // a gibibyte
    most_of_arena = 1 << 26,  // for each instance and lane
    most_of_tables = 1 << 26, // what an executor makes of the steps: these can share weights
    most_steps = 1 << 20,
    least_frames = 1
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

static bool input_good(const TimbrelPlanHeader* header, const TimbrelPlanStep* step,
                       const TimbrelView* in, bool alike) {
    return view_good(header, in) && (!alike || (in->dims == step->out.dims &&
                                                timbrel_view_same_sizes(in, &step->out, in->dims)));
}

static bool inputs_good(const TimbrelPlanHeader* header, const TimbrelPlanStep* step,
                        const TimbrelStepKind* kind) {
    for (uint32_t i = 0; i < TIMBREL_PLAN_INPUTS; ++i) {
        const TimbrelView* in = &step->in[i];
        const bool none = in->space == TIMBREL_SPACE_NONE;
        if (none ? i < kind->needed
                 : i >= kind->inputs || !input_good(header, step, in, kind->alike)) {
            return false;
        }
    }
    return true;
}

static bool step_good(const TimbrelPlanHeader* header, const TimbrelPlanStep* step) {
    const TimbrelStepKind* kind = timbrel_step_kind(step->kind);
    return kind && view_good(header, &step->out) && step->out.space == TIMBREL_SPACE_ARENA &&
           inputs_good(header, step, kind) &&
           (!kind->functions || step->function < kind->functions) &&
           (!kind->fits || kind->fits(step)) &&
           (!kind->weights || inside(header->weight_size, step->weights, kind->weights(step), 1));
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
        const TimbrelStepKind* kind = timbrel_step_kind(plan->steps[i].kind);
        plan->work += kind->work(&plan->steps[i]);
        tables += kind->kept ? kind->kept(&plan->steps[i]) : 0;
        if (plan->work > most_work || tables > most_of_tables) {
            return "model is larger than any machine can play";
        }
    }
    return NULL;
}
