// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_LEARN_H
#define TIMBREL_UI_LEARN_H

#include "mirror.h"

#include <gtk/gtk.h>

/// The switch *learn level* as a button that says what was learnt, or that it listens.
GtkWidget* timbrel_learn_new(TimbrelMirror* mirror);

#endif
