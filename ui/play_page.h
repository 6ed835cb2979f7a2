// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_PLAY_PAGE_H
#define TIMBREL_UI_PLAY_PAGE_H

#include "mirror.h"

#include <gtk/gtk.h>

/// The page to play with: latents, the sound around the model, and how it is played.
GtkWidget* timbrel_play_page_new(TimbrelMirror* mirror);

#endif
