// SPDX-License-Identifier: ISC
#include "gain.h"
#include "engine/base/rt.h"

static const float limit = 24.0f;

void timbrel_gain_init(TimbrelGain* gain, double rate, uint32_t channels) TIMBREL_RT {
    timbrel_smooth_init(&gain->factor, rate);
    gain->factor.value = gain->factor.target = 1.0f;
    gain->channels = channels;
}

void timbrel_gain_reset(TimbrelGain* gain) TIMBREL_RT {
    timbrel_smooth_reset(&gain->factor);
}

void timbrel_gain_set(TimbrelGain* gain, float decibels) TIMBREL_RT {
    if (!isnan(decibels)) {
        timbrel_smooth_set(&gain->factor,
                           powf(10.0f, fminf(fmaxf(decibels, -limit), limit) / 20.0f));
    }
}

void timbrel_gain_process(TimbrelGain* gain, float* const* buffers, uint32_t frames) TIMBREL_RT {
    uint32_t i = 0;
    for (; i < frames && !timbrel_smooth_settled(&gain->factor); ++i) {
        const float factor = timbrel_smooth_next(&gain->factor);
        for (uint32_t c = 0; c < gain->channels; ++c) {
            buffers[c][i] *= factor;
        }
    }
    const float factor = gain->factor.value;
    if (factor == 1.0f) {
        return;
    }
    for (uint32_t c = 0; c < gain->channels; ++c) {
        for (uint32_t k = i; k < frames; ++k) {
            buffers[c][k] *= factor;
        }
    }
}
