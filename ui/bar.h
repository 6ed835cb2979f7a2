// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_BAR_H
#define TIMBREL_UI_BAR_H

#include "fader.h"

/// A fader that looks like a slider: with its name and value above it, upright, or so small that
/// the number is inside.

typedef enum {
    TIMBREL_BAR_WIDE,    ///< Name and value above a horizontal way
    TIMBREL_BAR_UPRIGHT, ///< A vertical way, the value below
    TIMBREL_BAR_SMALL,   ///< A filled field with the value in it
} TimbrelBarLook;

#define TIMBREL_TYPE_BAR (timbrel_bar_get_type())
G_DECLARE_FINAL_TYPE(TimbrelBar, timbrel_bar, TIMBREL, BAR, TimbrelFader)

/// `name` is shown instead of the control's own, if not NULL.
GtkWidget* timbrel_bar_new(TimbrelMirror* mirror, int control, TimbrelBarLook look,
                           const char* name);

#endif
