// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_LATENTS_H
#define TIMBREL_UI_LATENTS_H

#include "mirror.h"

#include <gtk/gtk.h>

/// The card with a strip for each latent of the model that plays, and what acts on all of them.
GtkWidget* timbrel_latents_new(TimbrelMirror* mirror);

#endif
