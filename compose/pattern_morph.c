// SPDX-License-Identifier: ISC
#include "patterns.h"

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
static void find_weights(const double* a, const double* b, uint32_t count, double share,
                         bool spherical, double weights[2]) {
    weights[0] = 1 - share;
    weights[1] = share;
    const double a_length = length_of(a, count);
    const double b_length = length_of(b, count);
    if (!spherical || a_length <= 0 || b_length <= 0) {
        return;
    }
    double product = 0;
    for (uint32_t i = 0; i < count; ++i) {
        product += a[i] * b[i];
    }
    const double angle = acos(fmin(fmax(product / (a_length * b_length), -1.0), 1.0));
    const double across = sin(angle);
    if (across < 1e-6) { // In line: there is no one way round
        return;
    }
    const double length = a_length + share * (b_length - a_length);
    weights[0] = sin((1 - share) * angle) / across * length / a_length;
    weights[1] = sin(share * angle) / across * length / b_length;
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
        double weights[2];
        find_weights(from, to, count, share_at(morph, (double)r), morph->spherical, weights);
        for (uint32_t i = 0; i < count; ++i) {
            out->values[r * count + i] = weights[0] * from[i] + weights[1] * to[i];
        }
    }
    return status;
}
