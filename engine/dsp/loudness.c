// SPDX-License-Identifier: ISC
#include "loudness.h"
#include "engine/base/rt.h"

#include <math.h>

static const double block_seconds = 0.05;
static const double silence = 1e-5; // -50 dB
static const double depth = 0.01;   // -20 dB

void timbrel_loudness_start(TimbrelLoudness* l, double rate, uint32_t channels) TIMBREL_RT {
    *l = (TimbrelLoudness){.length = (uint32_t)(block_seconds * rate) + 1, .channels = channels};
}

static void finish_block(TimbrelLoudness* l) {
    const double mean = l->sum / (double)(l->length * l->channels);
    if (mean > silence) {
        l->blocks[l->count++] = mean;
    }
    l->sum = 0.0;
    l->filled = 0;
}

bool timbrel_loudness_process(TimbrelLoudness* l, const float* const* in,
                              uint32_t frames) TIMBREL_RT {
    for (uint32_t i = 0; i < frames && l->count < TIMBREL_LOUDNESS_BLOCKS; ++i) {
        for (uint32_t c = 0; c < l->channels; ++c) {
            l->sum += (double)in[c][i] * (double)in[c][i];
        }
        if (++l->filled == l->length) {
            finish_block(l);
        }
    }
    return l->count == TIMBREL_LOUDNESS_BLOCKS;
}

/// Mean of the blocks that are above `gate`.
static double mean_above(const TimbrelLoudness* l, double gate) {
    double sum = 0.0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < l->count; ++i) {
        if (l->blocks[i] > gate) {
            sum += l->blocks[i];
            ++count;
        }
    }
    return count > 0 ? sum / count : silence;
}

float timbrel_loudness_level(const TimbrelLoudness* l) TIMBREL_RT {
    return (float)(10.0 * log10(mean_above(l, depth * mean_above(l, 0.0))));
}
