// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_BAND_H
#define TIMBREL_UI_BAND_H

#include "fader.h"

/// One slider of the equalizer: only its knob is drawn, over whatever lies beneath.

#define TIMBREL_TYPE_BAND (timbrel_band_get_type())
G_DECLARE_FINAL_TYPE(TimbrelBand, timbrel_band, TIMBREL, BAND, TimbrelFader)

/// Pixels that stay free above the highest and below the lowest place of a knob.
#define TIMBREL_BAND_MARGIN 8

GtkWidget* timbrel_band_new(TimbrelMirror* mirror, int band);

#endif
