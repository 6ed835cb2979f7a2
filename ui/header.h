// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_HEADER_H
#define TIMBREL_UI_HEADER_H

#include "view.h"

/// The top of the window: which model plays, how late it is, how hard it works.

#define TIMBREL_TYPE_HEADER (timbrel_header_get_type())

/// Signals: "step" (int): to the previous (-1) or next (1) model.
G_DECLARE_FINAL_TYPE(TimbrelHeader, timbrel_header, TIMBREL, HEADER, GtkBox)

GtkWidget* timbrel_header_new(TimbrelMirror* mirror);

/// The button that shows and hides the list of models.
GtkWidget* timbrel_header_list_button(TimbrelHeader* header);

#endif
