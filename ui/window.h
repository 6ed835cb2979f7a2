// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_WINDOW_H
#define TIMBREL_UI_WINDOW_H

#include "mirror.h"
#include "size.h"

#include <gtk/gtk.h>

/// All that is in the window, as one widget to be put into a window or a plug. `bundle` is the
/// folder of the LV2 bundle.
GtkWidget* timbrel_window_content_new(TimbrelMirror* mirror, const char* bundle);

/// Say that the effect and the window are of different versions.
void timbrel_window_content_mismatch(GtkWidget* content);

#endif
