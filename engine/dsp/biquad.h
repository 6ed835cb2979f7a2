// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_DSP_BIQUAD_H
#define TIMBREL_ENGINE_DSP_BIQUAD_H

#include "engine/base/rt.h"

#include <math.h>
#include <stdbool.h>

/// A second-order filter as a trapezoidal state-variable section (V. Zavalishin, "The Art of VA
/// Filter Design", 2018, chapter 4): exact at its tuned frequency, stable while its coefficients
/// move, and in double precision so that the lowest cuts at the highest rates stay accurate. It
/// runs two channels side by side; a mono caller leaves the second silent.

typedef struct {
    double first[2]; ///< Integrator states of each channel
    double second[2];
} TimbrelBiquad;

/// What a section gives: input = high + k * band + low.
typedef struct {
    double band[2];
    double low[2];
} TimbrelBiquadOut;

/// g = tan(pi * f / rate) of the tuned frequency.
static inline double timbrel_biquad_tuning(double frequency, double rate) TIMBREL_RT {
    return tan(3.14159265358979323846 * frequency / rate);
}

/// The factor that step() takes, for a tuning `g` and a damping `k` = 1/Q.
static inline double timbrel_biquad_factor(double g, double k) TIMBREL_RT {
    return 1.0 / (1.0 + g * (g + k));
}

/// One sample of both channels.
static inline TimbrelBiquadOut timbrel_biquad_step(TimbrelBiquad* biquad, const double in[2],
                                                   double g, double factor) TIMBREL_RT {
    TimbrelBiquadOut out;
    for (int c = 0; c < 2; ++c) {
        out.band[c] = factor * (biquad->first[c] + g * (in[c] - biquad->second[c]));
        out.low[c] = biquad->second[c] + g * out.band[c];
        biquad->first[c] = 2.0 * out.band[c] - biquad->first[c];
        biquad->second[c] = 2.0 * out.low[c] - biquad->second[c];
    }
    return out;
}

static inline bool timbrel_biquad_finite(const TimbrelBiquad* biquad) TIMBREL_RT {
    return isfinite(biquad->first[0] + biquad->first[1] + biquad->second[0] + biquad->second[1]);
}

#endif
