// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_FADER_H
#define TIMBREL_UI_FADER_H

#include "view.h"

#include <gtk/gtk.h>

/// A widget that holds one control: what the mouse, the wheel, the keyboard and assistive
/// technologies do to it is the same for all; how it looks is its class's.
///
/// Drag moves it (Shift: ten times finer), double click resets, the wheel steps (Shift: finer),
/// arrows and page keys step, Home and End go to the ends, Delete resets; Enter, a digit or the
/// right button asks for a number.

#define TIMBREL_TYPE_FADER (timbrel_fader_get_type())
G_DECLARE_DERIVABLE_TYPE(TimbrelFader, timbrel_fader, TIMBREL, FADER, GtkDrawingArea)

struct _TimbrelFaderClass {
    GtkDrawingAreaClass parent;
    /// Draw it, `width` x `height`. Called with the cairo clip set to what has changed.
    void (*paint)(TimbrelFader* fader, cairo_t* cr, int width, int height);
    /// Pixels that a hand moves for the whole way; negative for a way upwards.
    double (*travel)(TimbrelFader* fader);
    /// Size or theme have changed: as of a view; may be NULL.
    void (*forget)(TimbrelFader* fader);
    /// The value has changed; redraws everything unless overridden.
    void (*moved)(TimbrelFader* fader);
};

/// Give a new fader its control; -1: it only shows something. To be called once.
void timbrel_fader_bind(TimbrelFader* fader, TimbrelMirror* mirror, int control);

/// The second control, which a drag with Ctrl moves; -1 (as at first) is none.
void timbrel_fader_bind_second(TimbrelFader* fader, int control);

int timbrel_fader_control(TimbrelFader* fader);
float timbrel_fader_value(TimbrelFader* fader);

/// 0..1 along its way.
double timbrel_fader_place(TimbrelFader* fader);

/// Whether it is under the pointer or held.
bool timbrel_fader_lit(TimbrelFader* fader);

/// Ask for a number, beside the fader.
void timbrel_fader_type(TimbrelFader* fader, const char* start);

#endif
