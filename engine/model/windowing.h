// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_WINDOWING_H
#define TIMBREL_ENGINE_MODEL_WINDOWING_H

#include <stdint.h>

/// How a model without caches is played: in windows that overlap. The sound around a hop is its
/// context, which is played again with the hops before and after; all are whole frames of `ratio`.

enum { TIMBREL_WINDOW_HOP = 8192, TIMBREL_WINDOW_CONTEXT = 4096, TIMBREL_WINDOW_OVERLAP = 1024 };

static inline uint32_t timbrel_whole_frames(uint32_t samples, uint32_t ratio) {
    return (samples + ratio - 1) / ratio * ratio;
}

/// Samples before a window's hop, and as many behind it.
static inline uint32_t timbrel_window_context(uint32_t ratio) {
    return timbrel_whole_frames(TIMBREL_WINDOW_CONTEXT, ratio);
}

/// Samples of a window.
static inline uint32_t timbrel_window_size(uint32_t ratio) {
    return timbrel_whole_frames(TIMBREL_WINDOW_HOP, ratio) + 2 * timbrel_window_context(ratio);
}

#endif
