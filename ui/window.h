// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_WINDOW_H
#define TIMBREL_UI_WINDOW_H

#include "mirror.h"

#include <gtk/gtk.h>

/// All that is in the window, as one widget to be put into a window or a plug. `bundle` is the
/// folder of the LV2 bundle.
GtkWidget* timbrel_window_content_new(TimbrelMirror* mirror, const char* bundle);

/// Say that the effect and the window are of different versions.
void timbrel_window_content_mismatch(GtkWidget* content);

/// The size below which things are cut off, and the one to begin with.
#define TIMBREL_WINDOW_LEAST_WIDTH  640
#define TIMBREL_WINDOW_LEAST_HEIGHT 420
#define TIMBREL_WINDOW_WIDTH        940
#define TIMBREL_WINDOW_HEIGHT       620

#endif
