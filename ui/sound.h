// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_SOUND_H
#define TIMBREL_UI_SOUND_H

#include "mirror.h"

#include <gtk/gtk.h>

/// The card of what happens around the model: input gain and level, equalizer and cuts, output
/// gain and level.
GtkWidget* timbrel_sound_new(TimbrelMirror* mirror);

#endif
