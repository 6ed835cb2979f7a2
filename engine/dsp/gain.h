// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_DSP_GAIN_H
#define TIMBREL_ENGINE_DSP_GAIN_H

#include "engine/base/rt.h"
#include "smooth.h"

/// A volume control, free of zipper noise; at 0 dB and at rest, samples pass bit for bit.
typedef struct {
    TimbrelSmooth factor;
    uint32_t channels;
} TimbrelGain;

/// `rate` in Hz, 1 or 2 channels.
void timbrel_gain_init(TimbrelGain* gain, double rate, uint32_t channels) TIMBREL_RT;

/// Forget the move under way: the next set holds at once.
void timbrel_gain_reset(TimbrelGain* gain) TIMBREL_RT;

/// -24 to 24 dB, clamped; NaN is ignored. Thread: audio.
void timbrel_gain_set(TimbrelGain* gain, float decibels) TIMBREL_RT;

/// In place; cutting time into other blocks changes nothing. Thread: audio.
void timbrel_gain_process(TimbrelGain* gain, float* const* buffers, uint32_t frames) TIMBREL_RT;

#endif
