// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_METHOD_CHOICE_H
#define TIMBREL_UI_METHOD_CHOICE_H

#include "mirror.h"

#include <gtk/gtk.h>

/// A list to choose one of the model's methods from; seen only where there is a choice.
GtkWidget* timbrel_method_choice_new(TimbrelMirror* mirror);

#endif
