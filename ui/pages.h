// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_PAGES_H
#define TIMBREL_UI_PAGES_H

#include "mirror.h"

#include <gtk/gtk.h>

/// The pages of the window, one of which is seen; with more than one, a switcher above them.
GtkWidget* timbrel_pages_new(TimbrelMirror* mirror);

#endif
