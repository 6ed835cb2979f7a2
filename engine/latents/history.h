// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_HISTORY_H
#define TIMBREL_ENGINE_LATENTS_HISTORY_H

#include "beat.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/// The latents of the last minute, as they went to be bent, so that what was played can still be
/// kept. The inference thread writes; another thread may copy what is not about to be overwritten.
typedef struct {
    uint32_t latents;
    uint64_t room;              ///< Frames
    atomic_uint_fast64_t count; ///< Frames written since the reset
    float* values;              ///< [frame % room][latent]
    double* beats;              ///< [frame % room]; a NaN where the transport stood or jumped
} TimbrelHistory;

#define TIMBREL_HISTORY_SECONDS 60
#define TIMBREL_HISTORY_BYTES   ((size_t)16 << 20) ///< At most

/// False when memory ran out.
bool timbrel_history_init(TimbrelHistory* history, uint32_t latents, double frame_rate);
void timbrel_history_free(TimbrelHistory* history);

/// Nothing was played yet. No other call may be in progress.
void timbrel_history_reset(TimbrelHistory* history);

/// The next frame: latent i is frame[i * stride]. Thread: inference.
void timbrel_history_put(TimbrelHistory* history, const float* frame, uint32_t stride,
                         const TimbrelMoment* moment);

/// Copy frames first .. first + count - 1 into values[frame][latent]. False if some of them are
/// gone, about to be overwritten, or not there yet. Thread: any but audio and inference.
bool timbrel_history_copy(const TimbrelHistory* history, uint64_t first, uint32_t count,
                          float* values);

#endif
