// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_SOURCE_POINTS_H
#define TIMBREL_ENGINE_LATENTS_SOURCE_POINTS_H

#include "source.h"

/// The material's points, recalled by notes; without a note, what is heard: see the controls of the
/// group *points*. It follows notes while it does not play too (`values` of the block is NULL
/// then). NULL when memory ran out.
TimbrelSource* timbrel_source_points(const TimbrelModelInfo* info, double frame_rate);

/// The point that a note played last, from 0; -1: none yet. Thread: inference.
int timbrel_source_points_last(const TimbrelSource* source);

#endif
