// SPDX-License-Identifier: ISC
#include "blend.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

static bool is_normal(const TimbrelModelInfo* info, uint32_t latent) {
    return info->latent_meanings[latent].kind == TIMBREL_LATENT_NORMAL;
}

// Cosine of the angle from which on the way leaves the sphere; it is straight at -1.
static const double leaves_sphere = -0.9;

TimbrelBlendWeights timbrel_blend_weights(double product, double from_length, double to_length,
                                          double share) {
    const TimbrelBlendWeights straight = {1.0 - share, share};
    if (!(from_length > 0.0 && to_length > 0.0)) {
        return straight;
    }
    const double cosine = fmin(fmax(product / (from_length * to_length), -1.0), 1.0);
    const double angle = acos(cosine);
    const double across = sin(angle);
    if (across < 1e-6) {
        return straight;
    }
    const double length = from_length + share * (to_length - from_length);
    const double on_sphere = fmin((cosine + 1.0) / (leaves_sphere + 1.0), 1.0);
    const double from = sin((1.0 - share) * angle) / across * length / from_length;
    const double to = sin(share * angle) / across * length / to_length;
    return (TimbrelBlendWeights){straight.from + on_sphere * (from - straight.from),
                                 straight.to + on_sphere * (to - straight.to)};
}

/// Of the normal latents.
static TimbrelBlendWeights find_weights(const TimbrelModelInfo* info, const float* from,
                                        const float* to, double share, uint32_t stride) {
    double product = 0.0;
    double from_length = 0.0;
    double to_length = 0.0;
    for (uint32_t i = 0; i < info->latents; ++i) {
        const double a = (double)from[(size_t)i * stride];
        const double b = (double)to[(size_t)i * stride];
        if (is_normal(info, i)) {
            product += a * b;
            from_length += a * a;
            to_length += b * b;
        }
    }
    return timbrel_blend_weights(product, sqrt(from_length), sqrt(to_length), share);
}

static bool are_equal(const TimbrelModelInfo* info, const float* from, const float* to,
                      uint32_t stride) {
    for (uint32_t i = 0; i < info->latents; ++i) {
        if (from[(size_t)i * stride] != to[(size_t)i * stride]) {
            return false;
        }
    }
    return true;
}

void timbrel_blend(const TimbrelModelInfo* info, const float* from, const float* to, float share,
                   uint32_t stride, float* out) {
    const bool chooses = info->discrete != 0 || !(share > 0.0f) || !(share < 1.0f) ||
                         are_equal(info, from, to, stride);
    const float* chosen = share < 0.5f ? from : to;
    const double line = (double)share;
    const TimbrelBlendWeights sphere =
        chooses ? (TimbrelBlendWeights){0} : find_weights(info, from, to, line, stride);
    for (uint32_t i = 0; i < info->latents; ++i) {
        const size_t at = (size_t)i * stride;
        const double a = (double)from[at];
        const double b = (double)to[at];
        if (chooses) {
            out[at] = chosen[at];
        } else if (is_normal(info, i)) {
            out[at] = (float)(sphere.from * a + sphere.to * b);
        } else {
            out[at] = (float)(a + line * (b - a));
        }
    }
}
