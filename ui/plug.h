// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_PLUG_H
#define TIMBREL_UI_PLUG_H

#include "mirror.h"

#include <gtk/gtk.h>

/// The window that is put into the shim's container `window`. No window manager gives it the
/// keyboard: it takes it when it is clicked, and passes on the keys that it does not use.
GtkWidget* timbrel_plug_new(TimbrelMirror* mirror, unsigned long window);

#endif
