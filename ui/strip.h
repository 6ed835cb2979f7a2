// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_STRIP_H
#define TIMBREL_UI_STRIP_H

#include "fader.h"

/// One latent: a meter of its value before and after control with a short trail in time and its
/// recent range, which is also the fader of its bias (and, with Ctrl, of its scale).

#define TIMBREL_TYPE_STRIP (timbrel_strip_get_type())
G_DECLARE_FINAL_TYPE(TimbrelStrip, timbrel_strip, TIMBREL, STRIP, TimbrelFader)

/// The strip of latent `index`, counted from 0. One without controls only shows.
GtkWidget* timbrel_strip_new(TimbrelMirror* mirror, uint32_t index);

/// What stands above it: the latent's label, or its number.
void timbrel_strip_name(TimbrelStrip* strip, const char* label);

/// The next value before and after control; drawn with those before it once `show` is set.
void timbrel_strip_feed(TimbrelStrip* strip, float before, float after, bool show);

#endif
