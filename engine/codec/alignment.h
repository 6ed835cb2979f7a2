// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_CODEC_ALIGNMENT_H
#define TIMBREL_ENGINE_CODEC_ALIGNMENT_H

#include "engine/model/model.h"

/// Where in time a frame lies, for encoding and decoding apart.
///
/// A model's encode gives raw frames, of which the one that stands for the input's first samples
/// comes `lead` frames late. Frame 0 is that one. Fed with `lead` raw frames, the frames, and
/// `trail` more, decode gives the sound of the frames `delay` samples late.
typedef struct {
    uint32_t lead;
    uint32_t trail; ///< lead + trail frames are at least `delay` samples
    uint32_t delay; ///< Model samples, that of the whole model
} TimbrelAlignment;

TimbrelAlignment timbrel_alignment(const TimbrelModelSummary* summary);

#endif
