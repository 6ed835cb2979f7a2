// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_DSP_CUT_H
#define TIMBREL_ENGINE_DSP_CUT_H

#include "biquad.h"
#include "engine/base/rt.h"
#include "smooth.h"

#include <stdint.h>

/// Low cut and high cut: Butterworth filters of fourth order (24 dB an octave, -3.01 dB at the cut
/// frequency) for one or two channels. A cut that is off passes samples bit for bit.

/// One of the two.
typedef struct {
    TimbrelSmooth tuning; ///< Natural logarithm of the sections' g
    TimbrelSmooth amount; ///< 0 off .. 1 on
    TimbrelBiquad sections[2];
} TimbrelCutFilter;

typedef struct {
    TimbrelCutFilter low;
    TimbrelCutFilter high;
    double rate;
    uint32_t channels;
} TimbrelCut;

/// `rate` in Hz (16000 or more), 1 or 2 channels. Both cuts are off.
void timbrel_cut_init(TimbrelCut* cut, double rate, uint32_t channels) TIMBREL_RT;

/// Forget the signal and moves under way: the next set holds at once.
void timbrel_cut_reset(TimbrelCut* cut) TIMBREL_RT;

/// In Hz, clamped: `low` 10 to 2000, off at 10; `high` 500 to 22000, off at 22000, and from 0.49
/// times the rate on, where there is nothing left to cut. NaN leaves a cut as it is. A move sweeps
/// in octaves and takes 20 ms, switching is a crossfade as long. Thread: audio.
void timbrel_cut_set(TimbrelCut* cut, float low, float high) TIMBREL_RT;

/// In place; cutting time into other blocks changes nothing. Thread: audio.
void timbrel_cut_process(TimbrelCut* cut, float* const* buffers, uint32_t frames) TIMBREL_RT;

/// Gain in dB (at least -200) of cuts at `low` and `high` at `frequency` (Hz, below half of
/// `rate`), once they are at rest. Thread: any.
double timbrel_cut_response(float low, float high, double rate, double frequency);

#endif
