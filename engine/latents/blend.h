// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_BLEND_H
#define TIMBREL_ENGINE_LATENTS_BLEND_H

#include "engine/model/model_info.h"

#include <stdint.h>

/// Between two frames of latents: along the sphere over the normal ones (Shoemake 1985: the
/// direction turns, the length goes from one to the other, so that what is between two is not
/// duller than both), on a straight line over those that are measured, by choice over codes.
/// `share` 0 gives `from` and 1 gives `to`, to the last bit, and equal frames give themselves;
/// where one is zero or they are opposite, there is no one way round, and the line is straight.
/// Near to that the way bends over to the straight line, so that a small turn of either is no leap.
/// Latent i of each is [i * stride]; `out` may be either. Thread: inference.
void timbrel_blend(const TimbrelModelInfo* info, const float* from, const float* to, float share,
                   uint32_t stride, float* out);

/// How much of each of two vectors is in the blend along the sphere, from their inner product and
/// their lengths. Thread: any.
typedef struct {
    double from;
    double to;
} TimbrelBlendWeights;

TimbrelBlendWeights timbrel_blend_weights(double product, double from_length, double to_length,
                                          double share);

#endif
