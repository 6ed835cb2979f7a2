// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_TRAIL_H
#define TIMBREL_UI_TRAIL_H

#include <gtk/gtk.h>

/// A short trail in time of one latent before and after control: a picture into which each new pair
/// of values is written as one column, so that a new one costs next to nothing however long the
/// trail is. The picture lies where the window's own does, and need not be sent there.
typedef struct {
    cairo_surface_t* picture; ///< Ring of columns; NULL until there is a size
    int width;
    int height;
    int column;  ///< Column that comes next
    int last[2]; ///< Rows of the last pair; -1: none
    GdkRGBA colors[2];
} TimbrelTrail;

/// Change size or colours: begins empty. `before` and `after` are the colours of the two lines.
void timbrel_trail_init(TimbrelTrail* trail, GdkWindow* window, int width, int height,
                        const GdkRGBA* before, const GdkRGBA* after);
void timbrel_trail_clear(TimbrelTrail* trail);

/// Add a pair of heights, 0 bottom .. 1 top.
void timbrel_trail_add(TimbrelTrail* trail, double before, double after);

/// Draw it with its upper left corner at x, y; the newest is at the right.
void timbrel_trail_draw(const TimbrelTrail* trail, cairo_t* cr, double x, double y);

#endif
