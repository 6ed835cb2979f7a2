// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_SOURCE_MAP_H
#define TIMBREL_ENGINE_LATENTS_SOURCE_MAP_H

#include "source.h"

/// A place on the material's two axes, or on the plane between four points: see the controls of the
/// group *map*. NULL when memory ran out.
TimbrelSource* timbrel_source_map(const TimbrelModelInfo* info, double frame_rate);

#endif
