// SPDX-License-Identifier: ISC
#include "reference.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

double reference_map(uint32_t function, const float* numbers, double x) {
    const double n0 = (double)numbers[0];
    const double n1 = (double)numbers[1];
    const double n2 = (double)numbers[2];
    switch ((TimbrelMap)function) {
    case TIMBREL_MAP_COPY:
        return x;
    case TIMBREL_MAP_LEAKY:
        return x < 0.0 ? n0 * x : x;
    case TIMBREL_MAP_CLAMP:
        return x < n0 ? n0 : x > n1 ? n1 : x;
    case TIMBREL_MAP_TANH:
        return tanh(x);
    case TIMBREL_MAP_SIGMOID:
        return 1.0 / (1.0 + exp(-x));
    case TIMBREL_MAP_SOFTPLUS:
        return n0 * x > n1 ? x : log1p(exp(n0 * x)) / n0;
    case TIMBREL_MAP_ELU:
        return x < 0.0 ? n0 * expm1(n1 * x) : n2 * x;
    case TIMBREL_MAP_GELU:
        return x * 0.5 * erfc(-x * M_SQRT1_2);
    case TIMBREL_MAP_GELU_TANH:
        return x / (1.0 + exp(-2.0 * M_2_SQRTPI * M_SQRT1_2 * (x + 0.044715 * x * x * x)));
    case TIMBREL_MAP_SILU:
        return x / (1.0 + exp(-x));
    case TIMBREL_MAP_EXP:
        return exp(x);
    case TIMBREL_MAP_LOG:
        return n0 * log(x);
    case TIMBREL_MAP_LOG1P:
        return log1p(x);
    case TIMBREL_MAP_SIN:
        return sin(x);
    case TIMBREL_MAP_COS:
        return cos(x);
    case TIMBREL_MAP_ACOS:
        return acos(x);
    case TIMBREL_MAP_SQRT:
        return sqrt(x);
    case TIMBREL_MAP_RECIPROCAL:
        return 1.0 / x;
    case TIMBREL_MAP_ABS:
        return fabs(x);
    case TIMBREL_MAP_SIGN:
        return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : 0.0;
    case TIMBREL_MAP_FLOOR:
        return floor(x);
    case TIMBREL_MAP_CEIL:
        return ceil(x);
    case TIMBREL_MAP_ROUND:
        return nearbyint(x); // halves to even
    case TIMBREL_MAP_TRUNCATE:
        return trunc(x);
    case TIMBREL_MAP_TRUTH:
        return x != 0.0 ? 1.0 : 0.0;
    case TIMBREL_MAP_NOT:
        return x == 0.0 ? 1.0 : 0.0;
    case TIMBREL_MAP_AFFINE:
        return n0 * x + n1;
    case TIMBREL_MAP_POWER:
        return pow(x, n0);
    case TIMBREL_MAP_RAISE:
        return pow(n0, x);
    case TIMBREL_MAP_FILL:
        return n0;
    case TIMBREL_MAP_SQUARE:
        return x * x;
    case TIMBREL_MAP_COUNT:
        break;
    }
    return (double)NAN;
}

double reference_combine(uint32_t function, const float* numbers, double x, double y) {
    const bool lost = isnan(x) || isnan(y);
    switch ((TimbrelCombine)function) {
    case TIMBREL_COMBINE_ADD:
        return x + (double)numbers[0] * y;
    case TIMBREL_COMBINE_MULTIPLY:
        return x * y;
    case TIMBREL_COMBINE_DIVIDE:
        return x / y;
    case TIMBREL_COMBINE_REMAINDER: {
        const double rest = fmod(x, y);
        return rest != 0.0 && (rest < 0.0) != (y < 0.0) ? rest + y : rest;
    }
    case TIMBREL_COMBINE_POWER:
        return pow(x, y);
    case TIMBREL_COMBINE_MAXIMUM:
        return lost ? (double)NAN : fmax(x, y);
    case TIMBREL_COMBINE_MINIMUM:
        return lost ? (double)NAN : fmin(x, y);
    case TIMBREL_COMBINE_ATAN2:
        return atan2(x, y);
    case TIMBREL_COMBINE_EQUAL:
        return x == y ? 1.0 : 0.0;
    case TIMBREL_COMBINE_LESS:
        return x < y ? 1.0 : 0.0;
    case TIMBREL_COMBINE_LESS_EQUAL:
        return x <= y ? 1.0 : 0.0;
    case TIMBREL_COMBINE_COUNT:
        break;
    }
    return (double)NAN;
}

size_t reference_count(const TimbrelView* view) {
    size_t count = 1;
    for (uint32_t d = 0; d < view->dims; ++d) {
        count *= view->size[d];
    }
    return count;
}

ptrdiff_t reference_place(const TimbrelView* view, size_t index) {
    ptrdiff_t place = view->offset;
    for (uint32_t d = view->dims; d-- > 0; index /= view->size[d]) {
        place += (ptrdiff_t)(index % view->size[d]) * view->stride[d];
    }
    return place;
}

static float* element(const TimbrelView* view, float* const* spaces, size_t index) {
    return spaces[view->space] + reference_place(view, index);
}

static void convolve(const TimbrelPlanStep* step, float* const* spaces, const float* weights) {
    const TimbrelView* in = &step->in[0];
    const TimbrelView* out = &step->out;
    const size_t groups = out->size[1];
    const size_t rows = out->size[2];
    const size_t columns = out->size[3];
    const size_t across = (size_t)in->size[2] * in->size[3];
    for (size_t index = 0; index < reference_count(out); ++index) {
        const size_t column = index % columns;
        const size_t row = index / columns % rows;
        const size_t group = index / columns / rows % groups;
        const size_t batch = index / columns / rows / groups;
        double sum = 0.0;
        for (size_t j = 0; j < across; ++j) {
            sum += (double)weights[(group * rows + row) * across + j] *
                   (double)*element(in, spaces,
                                    ((batch * groups + group) * across + j) * columns + column);
        }
        if (step->in[1].space) {
            sum += (double)*element(&step->in[1], spaces, group * rows + row);
        }
        sum = reference_map(step->function, step->numbers, sum);
        if (step->in[2].space) {
            sum += (double)*element(&step->in[2], spaces, index);
        }
        *element(out, spaces, index) = (float)sum;
    }
}

static double reduce(const TimbrelPlanStep* step, float* const* spaces, size_t row) {
    const TimbrelView* in = &step->in[0];
    const size_t count = in->size[in->dims - 1];
    double sum = 0.0;
    double product = 1.0;
    size_t most = row * count;
    size_t least = row * count;
    for (size_t i = row * count; i < (row + 1) * count; ++i) {
        const double x = (double)*element(in, spaces, i);
        sum += x;
        product *= x;
        if (x > (double)*element(in, spaces, most)) {
            most = i;
        }
        if (x < (double)*element(in, spaces, least)) {
            least = i;
        }
    }
    switch ((TimbrelReduce)step->function) {
    case TIMBREL_REDUCE_SUM:
        return (double)step->numbers[0] * sum;
    case TIMBREL_REDUCE_PRODUCT:
        return product;
    case TIMBREL_REDUCE_MAXIMUM:
        return (double)*element(in, spaces, most);
    case TIMBREL_REDUCE_MINIMUM:
        return (double)*element(in, spaces, least);
    case TIMBREL_REDUCE_WHERE_MAXIMUM:
        return (double)(most - row * count);
    case TIMBREL_REDUCE_WHERE_MINIMUM:
        return (double)(least - row * count);
    case TIMBREL_REDUCE_COUNT:
        break;
    }
    return (double)NAN;
}

static void scan(const TimbrelPlanStep* step, float* const* spaces, size_t row) {
    const size_t count = step->out.size[step->out.dims - 1];
    double all = step->function == TIMBREL_SCAN_SUM ? 0.0 : 1.0;
    for (size_t i = row * count; i < (row + 1) * count; ++i) {
        const double x = (double)*element(&step->in[0], spaces, i);
        all = step->function == TIMBREL_SCAN_SUM ? all + x : all * x;
        *element(&step->out, spaces, i) = (float)all;
    }
}

static void product(const TimbrelPlanStep* step, float* const* spaces) {
    const size_t across = step->in[0].size[2];
    const size_t columns = step->out.size[2];
    const size_t rows = step->out.size[1];
    for (size_t index = 0; index < reference_count(&step->out); ++index) {
        double sum = 0.0;
        for (size_t k = 0; k < across; ++k) {
            sum +=
                (double)*element(&step->in[0], spaces, index / columns * across + k) *
                (double)*element(&step->in[1], spaces,
                                 (index / columns / rows * across + k) * columns + index % columns);
        }
        *element(&step->out, spaces, index) = (float)sum;
    }
}

static void look_up(const TimbrelPlanStep* step, float* const* spaces) {
    const size_t width = step->out.size[1];
    for (size_t index = 0; index < reference_count(&step->out); ++index) {
        const double wanted = (double)*element(&step->in[0], spaces, index / width);
        const double row = fmin(fmax(trunc(wanted), 0.0), (double)(step->in[1].size[0] - 1));
        *element(&step->out, spaces, index) =
            *element(&step->in[1], spaces, (size_t)row * width + index % width);
    }
}

void reference_step(const TimbrelPlanStep* step, float* const* spaces, const float* weights) {
    const TimbrelView* in = step->in;
    if (step->kind == TIMBREL_PLAN_CONVOLVE) {
        convolve(step, spaces, weights);
    } else if (step->kind == TIMBREL_PLAN_PRODUCT) {
        product(step, spaces);
    } else if (step->kind == TIMBREL_PLAN_LOOK_UP) {
        look_up(step, spaces);
    } else if (step->kind == TIMBREL_PLAN_SCAN) {
        for (size_t row = 0; row < reference_count(in) / in->size[in->dims - 1]; ++row) {
            scan(step, spaces, row);
        }
    } else {
        for (size_t i = 0; i < reference_count(&step->out); ++i) {
            double x = (double)NAN;
            if (step->kind == TIMBREL_PLAN_REDUCE) {
                x = reduce(step, spaces, i);
            } else if (step->kind == TIMBREL_PLAN_MAP) {
                x = reference_map(step->function, step->numbers, (double)*element(in, spaces, i));
            } else if (step->kind == TIMBREL_PLAN_COMBINE) {
                x = reference_combine(step->function, step->numbers,
                                      (double)*element(in, spaces, i),
                                      (double)*element(in + 1, spaces, i));
            } else if (step->kind == TIMBREL_PLAN_CHOOSE) {
                x = (double)*element(*element(in, spaces, i) != 0.0f ? in + 1 : in + 2, spaces, i);
            }
            *element(&step->out, spaces, i) = (float)x;
        }
    }
}
