// SPDX-License-Identifier: ISC
#include "cut.h"
#include "engine/base/rt.h"

#include <string.h>

static const float low_minimum = 10.0f; // Off
static const float low_maximum = 2000.0f;
static const float high_minimum = 500.0f;
static const float high_maximum = 22000.0f; // Off
static const double highest_share = 0.49;   // Share of the rate

// Damping of the two sections of a fourth-order Butterworth filter: 2 cos(pi/8), 2 cos(3 pi/8).
static const double damping[2] = {1.8477590650225735, 0.7653668647301796};

static void filter_init(TimbrelCutFilter* filter, double rate) {
    memset(filter, 0, sizeof *filter);
    timbrel_smooth_init(&filter->tuning, rate);
    timbrel_smooth_init(&filter->amount, rate);
}

static void filter_reset(TimbrelCutFilter* filter) {
    memset(filter->sections, 0, sizeof filter->sections);
    timbrel_smooth_reset(&filter->tuning);
    timbrel_smooth_reset(&filter->amount);
}

static bool filter_off(const TimbrelCutFilter* filter) {
    return timbrel_smooth_settled(&filter->amount) && filter->amount.value <= 0.0f;
}

static void filter_set(TimbrelCutFilter* filter, bool on, double frequency, double rate) {
    if (on) {
        if (filter_off(filter)) {
            timbrel_smooth_reset(&filter->tuning); // Nobody hears where it was
        }
        timbrel_smooth_set(&filter->tuning, (float)log(timbrel_biquad_tuning(frequency, rate)));
    }
    timbrel_smooth_set(&filter->amount, on ? 1.0f : 0.0f);
}

void timbrel_cut_init(TimbrelCut* cut, double rate, uint32_t channels) TIMBREL_RT {
    filter_init(&cut->low, rate);
    filter_init(&cut->high, rate);
    cut->rate = rate;
    cut->channels = channels;
}

void timbrel_cut_reset(TimbrelCut* cut) TIMBREL_RT {
    filter_reset(&cut->low);
    filter_reset(&cut->high);
}

static bool low_is_on(float low) {
    return low > low_minimum;
}

static bool high_is_on(float high, double rate) {
    return high < high_maximum && (double)high < highest_share * rate;
}

void timbrel_cut_set(TimbrelCut* cut, float low, float high) TIMBREL_RT {
    if (!isnan(low)) {
        filter_set(&cut->low, low_is_on(low), (double)fminf(low, low_maximum), cut->rate);
    }
    if (!isnan(high)) {
        filter_set(&cut->high, high_is_on(high, cut->rate), (double)fmaxf(high, high_minimum),
                   cut->rate);
    }
}

static void filter_process(TimbrelCutFilter* filter, bool high_pass, float* const* buffers,
                           uint32_t channels, uint32_t frames) {
    double g = exp((double)filter->tuning.value);
    double factor[2] = {timbrel_biquad_factor(g, damping[0]), timbrel_biquad_factor(g, damping[1])};
    for (uint32_t i = 0; i < frames && !filter_off(filter); ++i) {
        if (!timbrel_smooth_settled(&filter->tuning)) {
            g = exp((double)timbrel_smooth_next(&filter->tuning));
            factor[0] = timbrel_biquad_factor(g, damping[0]);
            factor[1] = timbrel_biquad_factor(g, damping[1]);
        }
        double sample[2] = {0.0, 0.0};
        for (uint32_t c = 0; c < channels; ++c) {
            sample[c] = (double)buffers[c][i];
        }
        for (int s = 0; s < 2; ++s) {
            const TimbrelBiquadOut out =
                timbrel_biquad_step(&filter->sections[s], sample, g, factor[s]);
            for (int c = 0; c < 2; ++c) {
                sample[c] =
                    high_pass ? sample[c] - damping[s] * out.band[c] - out.low[c] : out.low[c];
            }
        }
        const double amount = (double)timbrel_smooth_next(&filter->amount);
        for (uint32_t c = 0; c < channels; ++c) {
            const double dry = (double)buffers[c][i];
            buffers[c][i] = (float)(dry + amount * (sample[c] - dry));
        }
    }
    // Switched off, or overflowed (what the first section does ends in the second): start afresh.
    if (filter_off(filter) || !timbrel_biquad_finite(&filter->sections[1])) {
        memset(filter->sections, 0, sizeof filter->sections);
    }
}

void timbrel_cut_process(TimbrelCut* cut, float* const* buffers, uint32_t frames) TIMBREL_RT {
    filter_process(&cut->low, true, buffers, cut->channels, frames);
    filter_process(&cut->high, false, buffers, cut->channels, frames);
}

/// Loss in dB of one cut: of fourth order, so |H|^2 = 1 / (1 + ratio^8), where `ratio` says how far
/// the frequency lies beyond the cut.
static double loss(double ratio) {
    return fmin(10.0 * log10(1.0 + pow(ratio, 8.0)), 100.0);
}

double timbrel_cut_response(float low, float high, double rate, double frequency) {
    const double tuning = timbrel_biquad_tuning(frequency, rate);
    double gain = 0.0;
    if (low_is_on(low)) {
        gain -= loss(timbrel_biquad_tuning((double)fminf(low, low_maximum), rate) / tuning);
    }
    if (high_is_on(high, rate)) {
        gain -= loss(tuning / timbrel_biquad_tuning((double)fmaxf(high, high_minimum), rate));
    }
    return gain;
}
