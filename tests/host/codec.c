// SPDX-License-Identifier: ISC
#include "codec.h"

#include "sound.h"

#include <math.h>

static double basis(uint32_t t) {
    return sqrt(2.0 / codec_ratio) * cos(M_PI * (t + 0.5) / codec_ratio);
}

bool codec_is_delayed(const float* in, const float* out, uint32_t frames, uint32_t latency) {
    return latency < frames && sound_difference(in, out + latency, frames - latency) <= codec_exact;
}

bool codec_find_frames(const float* out, double bias, uint32_t* begin) {
    uint32_t found = 0;
    for (uint32_t phase = 0; phase < codec_ratio; ++phase) {
        double most = 0.0;
        for (uint32_t i = 0; i < 8 * codec_ratio; ++i) {
            most = fmax(most, fabs((double)out[phase + i] - bias * basis(i % codec_ratio)));
        }
        if (most <= codec_exact) {
            *begin = phase;
            ++found;
        }
    }
    return found == 1;
}

bool codec_is_scaled(const float* in, const float* out, uint32_t frames, uint32_t latency,
                     uint32_t begin, double scale) {
    for (uint32_t first = begin; first + codec_ratio <= frames; first += codec_ratio) {
        const float* x = in + first - latency;
        double latent = 0.0;
        for (uint32_t i = 0; i < codec_ratio; ++i) {
            latent += (double)x[i] * basis(i);
        }
        for (uint32_t i = 0; i < codec_ratio; ++i) {
            const double expected = (double)x[i] + (scale - 1.0) * latent * basis(i);
            if (!(fabs((double)out[first + i] - expected) <= codec_exact)) {
                return false;
            }
        }
    }
    return true;
}
