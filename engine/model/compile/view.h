// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_COMPILE_VIEW_H
#define TIMBREL_ENGINE_MODEL_COMPILE_VIEW_H

#include "engine/model/native/plan.h"

#include <stdbool.h>

/// What can be said of strided views.

/// The same elements in the same order.
bool timbrel_view_same(const TimbrelView* a, const TimbrelView* b);

/// Shows each of a buffer's `count` floats once.
bool timbrel_view_dense(const TimbrelView* view, uint32_t count);

/// Shows no float twice (may say false where it does not know).
bool timbrel_view_injective(const TimbrelView* view);

/// Two views of one buffer have no float in common (may say false where it does not know).
bool timbrel_view_apart(const TimbrelView* a, const TimbrelView* b);

/// The elements that `from` (dense) shows are moved to where `to` shows them: where `view`, of the
/// same buffer as `from`, then has to look. False where no view shows that.
bool timbrel_view_move(const TimbrelView* view, const TimbrelView* from, const TimbrelView* to,
                       TimbrelView* moved);

#endif
