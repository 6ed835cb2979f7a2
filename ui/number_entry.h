// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_NUMBER_ENTRY_H
#define TIMBREL_UI_NUMBER_ENTRY_H

#include "mirror.h"

#include <gtk/gtk.h>

/// A small popover beside `widget` in which a number for `control` is typed, and one for `second`
/// unless that is -1. Enter sets, Escape leaves. `start` (may be NULL) is what was typed already.
void timbrel_number_entry_open(GtkWidget* widget, TimbrelMirror* mirror, int control, int second,
                               const char* start);

#endif
