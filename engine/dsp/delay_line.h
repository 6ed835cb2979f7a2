// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_DSP_DELAY_LINE_H
#define TIMBREL_ENGINE_DSP_DELAY_LINE_H

#include "engine/base/rt.h"

#include <stdbool.h>
#include <stdint.h>

/// A delay line of one or two channels that any number of taps read, each at its own delay.
typedef struct {
    float* samples[2]; ///< A ring each; NULL past `channels`
    uint32_t channels;
    uint32_t mask;  ///< Ring length - 1
    uint32_t write; ///< Where the next sample goes
} TimbrelDelayLine;

/// Silence. `max_chunk`: most samples written or read at once. False when memory ran out; then, as
/// after free, `line` holds nothing. Thread: any but audio.
bool timbrel_delay_line_init(TimbrelDelayLine* line, uint32_t channels, uint32_t max_delay,
                             uint32_t max_chunk);

/// A zeroed or freed line is fine.
void timbrel_delay_line_free(TimbrelDelayLine* line);

/// Silence again. Its time grows with the length, so not for the audio thread.
void timbrel_delay_line_reset(TimbrelDelayLine* line);

/// Append `frames` samples, at most `max_chunk`.
void timbrel_delay_line_write(TimbrelDelayLine* line, const float* const* in,
                              uint32_t frames) TIMBREL_RT;

/// What was written `delay_frames` (at most `max_delay`) before the last `frames` samples: 0 gives
/// those themselves.
void timbrel_delay_line_read(const TimbrelDelayLine* line, float* const* out, uint32_t frames,
                             uint32_t delay_frames) TIMBREL_RT;

#endif
