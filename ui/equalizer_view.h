// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_EQUALIZER_VIEW_H
#define TIMBREL_UI_EQUALIZER_VIEW_H

#include "mirror.h"

#include <gtk/gtk.h>

/// The equalizer: its sliders on the curve that they and the cuts really give, with the input's
/// spectrum behind, before and after.
GtkWidget* timbrel_equalizer_view_new(TimbrelMirror* mirror);

#endif
