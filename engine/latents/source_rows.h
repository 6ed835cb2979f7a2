// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_SOURCE_ROWS_H
#define TIMBREL_ENGINE_LATENTS_SOURCE_ROWS_H

#include "source.h"

/// Rows of the material's table in a loop: see the controls of the group *rows*. Without rows it
/// gives what is heard. NULL when memory ran out.
TimbrelSource* timbrel_source_rows(const TimbrelModelInfo* info, double frame_rate);

#endif
