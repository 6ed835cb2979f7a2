// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_TAKE_H
#define TIMBREL_ENGINE_LATENTS_TAKE_H

#include "history.h"
#include "table.h"
#include "wish.h"

/// Rows out of what was played. Thread: any but audio and inference.

/// The frames of the history that a wish names, as rows of this model. NULL when they are gone, or
/// memory ran out.
TimbrelTable* timbrel_take_rows(const TimbrelHistory* history, const TimbrelWish* wish,
                                const TimbrelModelInfo* info, double frame_rate);

/// The rows of `table`, each half way to where `pass` is at its time: both have the model's
/// latents, and where they differ in length, the pass is read between its rows. NULL when memory
/// ran out.
TimbrelTable* timbrel_take_blend(const TimbrelModelInfo* info, const TimbrelTable* table,
                                 const TimbrelTable* pass);

#endif
