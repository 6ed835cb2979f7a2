// SPDX-License-Identifier: ISC
// Steps on whole matrices: PRODUCT and LOOK_UP.
#include "extent.h"
#include "steps.h"

#include <math.h>
#include <string.h>

bool timbrel_product_fits(const TimbrelPlanStep* step) {
    const TimbrelView* a = &step->in[0];
    const TimbrelView* b = &step->in[1];
    const TimbrelView* out = &step->out;
    return a->dims == 3 && b->dims == 3 && out->dims == 3 && a->size[0] == out->size[0] &&
           b->size[0] == out->size[0] && a->size[1] == out->size[1] && b->size[2] == out->size[2] &&
           a->size[2] == b->size[1];
}

uint64_t timbrel_product_work(const TimbrelPlanStep* step) {
    return timbrel_view_elements(&step->out) *
           ((uint64_t)step->in[0].size[2] + TIMBREL_ELEMENT_WORK);
}

static void multiply(const TimbrelPlanStep* step, const TimbrelStepRun* run, uint32_t lane) {
    const TimbrelView* a = &step->in[0];
    const TimbrelView* b = &step->in[1];
    const TimbrelView* out = &step->out;
    const float* from_a = timbrel_step_space(run, a, lane) + a->offset;
    const float* from_b = timbrel_step_space(run, b, lane) + b->offset;
    float* to = run->arenas + run->behind[lane] + out->offset;
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
                    run->kernels->add_scaled(columns, z, y + (ptrdiff_t)k * b->stride[1],
                                             x[(ptrdiff_t)k * a->stride[2]]);
                }
                continue;
            }
            for (uint32_t column = 0; column < columns; ++column) {
                const float* yc = y + (ptrdiff_t)column * b->stride[2];
                float sum = 0.0f;
                if (along_k) {
                    sum = run->kernels->dot(across, x, yc);
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

void timbrel_product_play(const TimbrelReadyStep* step, const TimbrelStepRun* run) {
    for (uint32_t lane = 0; lane < run->lanes; ++lane) {
        multiply(step->step, run, lane);
    }
}

bool timbrel_look_up_fits(const TimbrelPlanStep* step) {
    const TimbrelView* index = &step->in[0];
    const TimbrelView* table = &step->in[1];
    const TimbrelView* out = &step->out;
    return index->dims == 1 && table->dims == 2 && out->dims == 2 &&
           index->size[0] == out->size[0] && table->size[1] == out->size[1];
}

static void look_up(const TimbrelPlanStep* step, const TimbrelStepRun* run, uint32_t lane) {
    const TimbrelView* index = &step->in[0];
    const TimbrelView* table = &step->in[1];
    const TimbrelView* out = &step->out;
    const float* indices = timbrel_step_space(run, index, lane) + index->offset;
    const float* from = timbrel_step_space(run, table, lane) + table->offset;
    float* to = run->arenas + run->behind[lane] + out->offset;
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

void timbrel_look_up_play(const TimbrelReadyStep* step, const TimbrelStepRun* run) {
    for (uint32_t lane = 0; lane < run->lanes; ++lane) {
        look_up(step->step, run, lane);
    }
}
