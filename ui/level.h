// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_LEVEL_H
#define TIMBREL_UI_LEVEL_H

#include "view.h"

/// A peak meter with a slow fall, a held peak and a lamp for what is too loud, for one or two
/// channels side by side. A click puts out the lamp.

#define TIMBREL_TYPE_LEVEL (timbrel_level_get_type())
G_DECLARE_FINAL_TYPE(TimbrelLevel, timbrel_level, TIMBREL, LEVEL, GtkDrawingArea)

/// A meter of the input after its gain, or of the output.
GtkWidget* timbrel_level_new(TimbrelMirror* mirror, bool output);

#endif
