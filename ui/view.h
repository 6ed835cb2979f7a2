// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_VIEW_H
#define TIMBREL_UI_VIEW_H

#include "mirror.h"
#include "theme.h"

#include <gtk/gtk.h>

/// What all parts of the window have in common, of whatever kind of GTK widget each is: therefore
/// an interface and no parent class. A view refers to the mirror, whose signals reach those methods
/// that its class has; it knows the theme's colours, keeps pictures of what seldom changes, and
/// shows its share of the meter messages. All of this ends with the widget, by itself.

#define TIMBREL_TYPE_VIEW (timbrel_view_get_type())
G_DECLARE_INTERFACE(TimbrelView, timbrel_view, TIMBREL, VIEW, GtkWidget)

/// How many pictures a view can keep.
#define TIMBREL_VIEW_LAYERS 4

typedef void (*TimbrelViewPaint)(TimbrelView* view, cairo_t* cr, int width, int height);

/// Each method may be NULL: then the class has no use for it.
struct _TimbrelViewInterface {
    GTypeInterface parent;
    /// Draw it, with the cairo clip set to what has changed.
    TimbrelViewPaint paint;
    /// Size or theme have changed: the pictures have been dropped, drop what else depends on them.
    /// Only of a view that paints.
    void (*forget)(TimbrelView* view);
    /// The signals of the mirror; `control` only for what timbrel_view_follow() named.
    void (*control)(TimbrelView* view, int control);
    void (*news)(TimbrelView* view);
    void (*alive)(TimbrelView* view);
    void (*scope)(TimbrelView* view, const TimbrelWireScope* message);
    /// Take in every message (60 a second); show something new only if `show`.
    void (*meters)(TimbrelView* view, const TimbrelWireMeters* message, bool show);
    /// How many meter messages come for one to be shown; 0 is 1. Nothing is shown of a view that is
    /// not on the screen.
    unsigned share;
};

/// Give a new view its mirror. To be called once, as soon as it can take its methods' calls.
void timbrel_view_bind(TimbrelView* view, TimbrelMirror* mirror);

/// Call the view's `control` when this control has another value.
void timbrel_view_follow(TimbrelView* view, int control);

/// NULL once the widget has been destroyed.
TimbrelMirror* timbrel_view_mirror(TimbrelView* view);

/// The colours of the theme as it is now.
const TimbrelPalette* timbrel_view_palette(TimbrelView* view);

/// Draw picture `layer`, `width` x `height`, with its upper left corner at x, y; it is painted
/// only where it has been dropped.
void timbrel_view_put(TimbrelView* view, cairo_t* cr, unsigned layer, TimbrelViewPaint paint,
                      double x, double y, int width, int height);

/// The same picture, to be drawn with otherwise. The view keeps it.
cairo_surface_t* timbrel_view_layer(TimbrelView* view, unsigned layer, TimbrelViewPaint paint,
                                    int width, int height);

/// What is in this picture has changed.
void timbrel_view_drop(TimbrelView* view, unsigned layer);

#endif
