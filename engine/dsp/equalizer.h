// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_DSP_EQUALIZER_H
#define TIMBREL_ENGINE_DSP_EQUALIZER_H

#include "biquad.h"
#include "engine/base/controls.h"
#include "engine/base/rt.h"

#include <stdint.h>

/// A graphic equalizer at the ISO octave centres whose response passes through all its sliders, for
/// any setting. It is a cascade of peak filters after V. Valimaki and J. Liski, "Accurate Cascade
/// Graphic Equalizer", IEEE Signal Processing Letters 24 (2017): each band spills a fixed share of
/// its gain (in dB) onto its neighbours, and a linear system finds the filters' gains that add up
/// to the sliders. The spill depends a little on the gain, so the system is made and solved again
/// with the gains found: after four rounds every centre is within 0.01 dB.
///
/// Between the centres, with all sliders at 12 dB, the response stays within 11.2 and 12.3 dB from
/// 44.1 kHz up.

/// What is known of a band from the rate alone.
typedef struct {
    double g;     ///< Tuning of its filter
    double width; ///< Its damping k, but for what depends on the gain
} TimbrelEqualizerBand;

/// A band's filter as it runs: the factor of its section, and how much of its output is added.
typedef struct {
    double factor;
    double added;
} TimbrelEqualizerFilter;

typedef struct {
    TimbrelEqualizerBand bands[TIMBREL_EQ_BANDS];
    double detune[TIMBREL_EQ_BANDS][TIMBREL_EQ_BANDS]; ///< [i][j]: what filter j does at centre i
    uint32_t active;                                   ///< Bands below 0.49 times the rate
    uint32_t channels;
    uint32_t steps;                  ///< Steps of a whole move
    float sliders[TIMBREL_EQ_BANDS]; ///< dB, as set
    bool changed;                    ///< Sliders differ from what was solved for
    bool jump;                       ///< The next set holds at once
    bool flat;                       ///< At rest at 0 dB: samples pass bit for bit
    uint32_t left;                   ///< Steps of a move still to go
    uint32_t phase;                  ///< Samples into the step
    double gains[TIMBREL_EQ_BANDS];  ///< The filters' dB at the end of the step
    double goals[TIMBREL_EQ_BANDS];  ///< The filters' dB at the end of the move
    TimbrelEqualizerFilter now[TIMBREL_EQ_BANDS];
    TimbrelEqualizerFilter slope[TIMBREL_EQ_BANDS]; ///< Change for a sample
    TimbrelEqualizerFilter next[TIMBREL_EQ_BANDS];  ///< At the end of the step
    TimbrelBiquad sections[TIMBREL_EQ_BANDS];
} TimbrelEqualizer;

/// `rate` in Hz (16000 or more), 1 or 2 channels. Flat.
void timbrel_equalizer_init(TimbrelEqualizer* equalizer, double rate, uint32_t channels) TIMBREL_RT;

/// Forget the signal and the move under way: the next process starts with the sliders as they are,
/// or as set before it.
void timbrel_equalizer_reset(TimbrelEqualizer* equalizer) TIMBREL_RT;

/// Sliders in dB, clamped to -12..12; NaN leaves one as it is. What was set before a step of 32
/// samples (counted since the reset) is moved to from there on, in 20 ms. Cheap. Thread: audio.
void timbrel_equalizer_set(TimbrelEqualizer* equalizer,
                           const float decibels[TIMBREL_EQ_BANDS]) TIMBREL_RT;

/// In place; cutting time into other blocks changes nothing. The system is solved at most once a
/// step. Thread: audio.
void timbrel_equalizer_process(TimbrelEqualizer* equalizer, float* const* buffers,
                               uint32_t frames) TIMBREL_RT;

/// Gain in dB that sliders at `decibels` have at each of `count` frequencies (Hz, below half of
/// `rate`), once they are at rest. Thread: any.
void timbrel_equalizer_response(const float decibels[TIMBREL_EQ_BANDS], double rate,
                                const double* frequencies, double* gains, uint32_t count);

#endif
