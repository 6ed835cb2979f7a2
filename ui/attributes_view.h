// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_ATTRIBUTES_VIEW_H
#define TIMBREL_UI_ATTRIBUTES_VIEW_H

#include "mirror.h"

#include <gtk/gtk.h>

/// A button with a popover in which the attributes of the model that plays are shown and set, each
/// value by the widget for its type. Hidden while a model has none.
GtkWidget* timbrel_attributes_view_new(TimbrelMirror* mirror);

#endif
