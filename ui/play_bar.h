// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_PLAY_BAR_H
#define TIMBREL_UI_PLAY_BAR_H

#include "mirror.h"

#include <gtk/gtk.h>

/// The bar at the foot of the first page: how the model is played.
GtkWidget* timbrel_play_bar_new(TimbrelMirror* mirror);

#endif
