// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_SOURCE_ROWS_H
#define TIMBREL_ENGINE_LATENTS_SOURCE_ROWS_H

#include "source.h"

/// Rows of the material's table in a loop: see the controls of the group *rows*. For
/// timbrel_sources_new(), which asks for one frame at a time, and only where there are rows;
/// without them it gives what is heard, or zeros. NULL when memory ran out.
///
/// Without beat lock, a row is played each frame. With it, the beat alone says where in the loop
/// one is. The loop then lasts the beats that the control says; or else as long as its rows do by
/// themselves, which there and back is twice, once each way.
///
/// A latent with a length of its own goes round in its own loop, from the same row on; with beat
/// lock, as fast as the others, to the nearest whole row.
TimbrelSource* timbrel_source_rows(const TimbrelModelInfo* info, double frame_rate);

#endif
