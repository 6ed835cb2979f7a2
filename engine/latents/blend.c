// SPDX-License-Identifier: ISC
#include "blend.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

static bool is_normal(const TimbrelModelInfo* info, uint32_t latent) {
    return info->latent_meanings[latent].kind == TIMBREL_LATENT_NORMAL;
}

typedef struct {
    double from;
    double to;
} Weights;

/// Of the two directions; on a straight line where there is no one way round.
static Weights find_weights(const TimbrelModelInfo* info, const float* from, const float* to,
                            double share, uint32_t stride) {
    const Weights straight = {1.0 - share, share};
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
    from_length = sqrt(from_length);
    to_length = sqrt(to_length);
    if (!(from_length > 0.0 && to_length > 0.0)) {
        return straight;
    }
    const double angle = acos(fmin(fmax(product / (from_length * to_length), -1.0), 1.0));
    const double across = sin(angle);
    if (across < 1e-6) {
        return straight;
    }
    const double length = from_length + share * (to_length - from_length);
    return (Weights){sin((1.0 - share) * angle) / across * length / from_length,
                     sin(share * angle) / across * length / to_length};
}

void timbrel_blend(const TimbrelModelInfo* info, const float* from, const float* to, float share,
                   uint32_t stride, float* out) {
    const bool chooses = info->discrete != 0 || !(share > 0.0f) || !(share < 1.0f);
    const float* chosen = share < 0.5f ? from : to;
    const double line = (double)share;
    const Weights sphere = chooses ? (Weights){0} : find_weights(info, from, to, line, stride);
    for (uint32_t i = 0; i < info->latents; ++i) {
        const size_t at = (size_t)i * stride;
        const double a = (double)from[at];
        const double b = (double)to[at];
        if (chooses || from[at] == to[at]) {
            out[at] = chosen[at];
        } else if (is_normal(info, i)) {
            out[at] = (float)(sphere.from * a + sphere.to * b);
        } else {
            out[at] = (float)(a + line * (b - a));
        }
    }
}
