// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_PLUG_H
#define TIMBREL_UI_PLUG_H

#include "mirror.h"

#include <gtk/gtk.h>

/// The window that is put into the shim's container `window`. No window manager gives it the
/// keyboard: it takes it when it is clicked, and passes on the keys that it does not use. It is no
/// GtkPlug, for that is hidden from assistive technology unless the host shows it.
GtkWidget* timbrel_plug_new(TimbrelMirror* mirror, unsigned long window);

/// Whether a top-level widget is one of these.
bool timbrel_plug_is(GtkWidget* top);

#endif
