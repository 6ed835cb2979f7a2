// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_DSP_LOUDNESS_H
#define TIMBREL_ENGINE_DSP_LOUDNESS_H

#include "engine/base/rt.h"

#include <stdbool.h>
#include <stdint.h>

/// How loud someone plays: five seconds of playing, in blocks of 50 ms. A block whose root of the
/// mean square (over all channels) is below -50 dBFS is silence and does not count as playing. The
/// loudness is the root of the mean square of the blocks that count, without those that are more
/// than 20 dB below it: what hums on between notes. A sine at full scale has -3 dBFS. Thread:
/// audio.

#define TIMBREL_LOUDNESS_BLOCKS 100

typedef struct {
    double blocks[TIMBREL_LOUDNESS_BLOCKS]; ///< Mean squares of those that count
    double sum;                             ///< Sum of squares of the block under way
    uint32_t filled;                        ///< Frames of it
    uint32_t length;                        ///< Frames of a block
    uint32_t count;
    uint32_t channels;
} TimbrelLoudness;

/// Begin anew. `rate` in Hz, 1 or 2 channels.
void timbrel_loudness_start(TimbrelLoudness* loudness, double rate, uint32_t channels) TIMBREL_RT;

/// Listen; true once five seconds were played. How time is cut into calls changes nothing.
bool timbrel_loudness_process(TimbrelLoudness* loudness, const float* const* in,
                              uint32_t frames) TIMBREL_RT;

/// Frames until it may know more: a call of that many or fewer ends where a block does.
static inline uint32_t timbrel_loudness_left(const TimbrelLoudness* loudness) {
    return loudness->length - loudness->filled;
}

/// dBFS of what was played, -50 or more; call only after process() gave true.
float timbrel_loudness_level(const TimbrelLoudness* loudness) TIMBREL_RT;

#endif
