// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_STRIP_H
#define TIMBREL_UI_STRIP_H

#include "fader.h"

/// One latent: a meter of its value before and after control with a short trail in time and its
/// recent range, which is also the fader of its bias (and, with Ctrl, of its scale).

#define TIMBREL_TYPE_STRIP (timbrel_strip_get_type())
G_DECLARE_FINAL_TYPE(TimbrelStrip, timbrel_strip, TIMBREL, STRIP, TimbrelFader)

/// The strip of latent `index`, counted from 0. It only shows if `bends` is false or the latent has
/// no controls.
GtkWidget* timbrel_strip_new(TimbrelMirror* mirror, uint32_t index, bool bends);

/// What stands above it, the latent's label or its number; and what a measured one stands for.
void timbrel_strip_tell(TimbrelStrip* strip, const char* label,
                        const TimbrelLatentMeaning* meaning);

/// The next value before and after control; drawn with those before it once `show` is set.
void timbrel_strip_feed(TimbrelStrip* strip, float before, float after, bool show);

#endif
