// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_TOGGLE_H
#define TIMBREL_UI_TOGGLE_H

#include "mirror.h"

#include <gtk/gtk.h>

/// GTK's own widgets for what is no slider.

/// A button that stays down while the control is on.
GtkWidget* timbrel_toggle_new(TimbrelMirror* mirror, int control);

/// The same with an icon for its name.
GtkWidget* timbrel_icon_toggle_new(TimbrelMirror* mirror, int control, const char* icon);

/// A list to choose one of the control's named values from.
GtkWidget* timbrel_choice_new(TimbrelMirror* mirror, int control);

#endif
