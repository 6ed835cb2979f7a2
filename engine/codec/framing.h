// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_CODEC_FRAMING_H
#define TIMBREL_ENGINE_CODEC_FRAMING_H

#include "engine/model/model.h"

/// How calls of a model follow one another in time. Each call plays a window of sound or of frames,
/// of which one hop is new; a model that keeps no state between calls has context on both sides of
/// the hop, which is played again with the hops before and after. All in model samples, or frames.
typedef struct {
    uint32_t ratio;   ///< Samples to a frame
    uint32_t hop;     ///< Samples
    uint32_t window;  ///< Samples; hop + 2 context
    uint32_t context; ///< Samples
    uint32_t overlap; ///< Samples by which the sound of two windows is crossfaded
    uint32_t frames;  ///< In a window
    uint32_t advance; ///< Frames in a hop
    uint32_t before;  ///< Frames of context
} TimbrelFraming;

static inline TimbrelFraming timbrel_framing(const TimbrelModelSummary* summary) {
    const uint32_t ratio = summary->info.ratio;
    const uint32_t context = (summary->window - summary->hop) / 2;
    return (TimbrelFraming){.ratio = ratio,
                            .hop = summary->hop,
                            .window = summary->window,
                            .context = context,
                            .overlap = summary->overlap,
                            .frames = summary->window / ratio,
                            .advance = summary->hop / ratio,
                            .before = context / ratio};
}

/// The frame since the start that is frame `g` of the window of `hop`; negative before the start.
static inline int64_t timbrel_framing_frame(const TimbrelFraming* framing, uint64_t hop,
                                            uint32_t g) {
    return (int64_t)(hop * framing->advance + g) - (int64_t)framing->before;
}

#endif
