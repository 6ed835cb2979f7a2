// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_SOURCE_POINTS_H
#define TIMBREL_ENGINE_LATENTS_SOURCE_POINTS_H

#include "source.h"

/// The material's points, recalled by notes of any channel; without a note, what is heard: see the
/// controls of the group *points*. Of the notes held, the last one struck plays; a note whose point
/// is not there does not count. What is chosen is on its way from the frame of the note on, and
/// there after the time of the glide. Pitch bend and modulation wheel move the point.
///
/// It is filled one frame at a time, and follows notes while it does not play too (`values` of the
/// block is NULL then). Where nothing is heard, what was heard last stands in.

/// The point that a note played last, from 0; -1: none yet. Thread: inference.
int timbrel_source_points_last(const TimbrelSource* source);

#endif
