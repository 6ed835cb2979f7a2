// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_MODELS_H
#define TIMBREL_UI_MODELS_H

#include "view.h"

/// The list of models: the installed ones and those used of late, with a filter, and a button for
/// any other file. What a row tells is looked up in the background.

#define TIMBREL_TYPE_MODELS (timbrel_models_get_type())
G_DECLARE_FINAL_TYPE(TimbrelModels, timbrel_models, TIMBREL, MODELS, GtkBox)

/// `bundle` is the folder of the LV2 bundle.
GtkWidget* timbrel_models_new(TimbrelMirror* mirror, const char* bundle);

/// Play the model before (-1) or after (1) the present one in the list.
void timbrel_models_step(TimbrelModels* models, int direction);

/// Play the model in a file, and remember it.
void timbrel_models_play(TimbrelModels* models, const char* path);

/// Let a file be chosen.
void timbrel_models_choose(TimbrelModels* models);

/// Put the keyboard on the filter.
void timbrel_models_search(TimbrelModels* models);

#endif
