// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_AXES_H
#define TIMBREL_ENGINE_LATENTS_AXES_H

#include "engine/model/model_info.h"

#include <stddef.h>
#include <stdint.h>

/// The two directions in which rows of latents differ most (their first principal components), and
/// the place from which they go out. All numbers are finite.
typedef struct {
    uint32_t latents;
    float mean[TIMBREL_MAX_LATENTS];
    float axes[2][TIMBREL_MAX_LATENTS]; ///< Of length 1, at right angles to each other; with one
                                        ///< latent, the second is all 0
    float deviations[2];                ///< Of the rows along them; above 0
} TimbrelAxes;

/// Where no rows are known, and for codes: latents 1 and 2, mean 0, deviation 1, as RAVE orders
/// them.
void timbrel_axes_plain(TimbrelAxes* axes, uint32_t latents);

/// Of `rows` rows, values[row * latents + latent]: those of timbrel_axes_plain() where there are
/// fewer than 3, all are alike, or memory ran out. Where all differ in one direction only, the
/// second axis is near latent 1 or 2, with the deviation 1. Rows that are not all numbers do not
/// count. The largest part of each axis is positive, so that like rows have like axes.
/// Thread: any but audio and inference.
void timbrel_axes_find(TimbrelAxes* axes, const float* values, size_t rows, uint32_t latents);

#endif
