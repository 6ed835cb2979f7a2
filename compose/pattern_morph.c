// SPDX-License-Identifier: ISC
#include "patterns.h"

#include "engine/latents/blend.h"

#include <math.h>

static double share_at(const TimbrelMorph* morph, double row) {
    const TimbrelMorphPoint* points = morph->points;
    size_t next = 0;
    while (next < morph->point_count && points[next].row <= row) {
        ++next;
    }
    if (next == 0) {
        return points[0].share;
    }
    if (next == morph->point_count) {
        return points[next - 1].share;
    }
    const TimbrelMorphPoint* from = &points[next - 1];
    const TimbrelMorphPoint* to = &points[next];
    return from->share + (to->share - from->share) * (row - from->row) / (to->row - from->row);
}

static double length_of(const double* row, uint32_t count) {
    double squares = 0;
    for (uint32_t i = 0; i < count; ++i) {
        squares += row[i] * row[i];
    }
    return sqrt(squares);
}

// How much of each row is in the mix.
static TimbrelBlendWeights find_weights(const double* a, const double* b, uint32_t count,
                                        double share, bool spherical) {
    if (!spherical) {
        return (TimbrelBlendWeights){1 - share, share};
    }
    double product = 0;
    for (uint32_t i = 0; i < count; ++i) {
        product += a[i] * b[i];
    }
    return timbrel_blend_weights(product, length_of(a, count), length_of(b, count), share);
}

TimbrelStatus timbrel_pattern_morph(const TimbrelLatents* a, const TimbrelLatents* b,
                                    const TimbrelMorph* morph, TimbrelLatents* out,
                                    TimbrelError* error) {
    const uint32_t count = a->count;
    timbrel_latents_init(out, count, &a->origin);
    const TimbrelStatus status = timbrel_latents_append(out, NULL, morph->rows, error);
    for (size_t r = 0; !status && r < morph->rows; ++r) {
        const double* from = a->values + r % a->rows * count;
        const double* to = b->values + r % b->rows * count;
        const TimbrelBlendWeights weights =
            find_weights(from, to, count, share_at(morph, (double)r), morph->spherical);
        for (uint32_t i = 0; i < count; ++i) {
            out->values[r * count + i] = weights.from * from[i] + weights.to * to[i];
        }
    }
    return status;
}
