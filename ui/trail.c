// SPDX-License-Identifier: ISC
#include "trail.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { thickness = 2 };

void timbrel_trail_init(TimbrelTrail* t, GdkWindow* window, int width, int height,
                        const GdkRGBA* before, const GdkRGBA* after) {
    timbrel_trail_clear(t);
    if (!window || width < 1 || height < 1) {
        return;
    }
    t->width = width;
    t->height = height;
    t->colors[0] = *before;
    t->colors[1] = *after;
    t->picture =
        gdk_window_create_similar_surface(window, CAIRO_CONTENT_COLOR_ALPHA, width, height);
}

void timbrel_trail_clear(TimbrelTrail* t) {
    if (t->picture) {
        cairo_surface_destroy(t->picture);
    }
    *t = (TimbrelTrail){.last = {-1, -1}};
}

static int row(const TimbrelTrail* t, double height) {
    return (int)lrint((1.0 - CLAMP(height, 0.0, 1.0)) * (t->height - thickness));
}

void timbrel_trail_add(TimbrelTrail* t, double before, double after) {
    if (!t->picture) {
        return;
    }
    const int rows[2] = {row(t, before), row(t, after)};
    const bool same = rows[0] == rows[1] && t->last[0] == t->last[1];
    cairo_t* cr = cairo_create(t->picture);
    cairo_set_operator(cr, CAIRO_OPERATOR_CLEAR);
    cairo_rectangle(cr, t->column, 0, 1, t->height);
    cairo_fill(cr);
    cairo_set_operator(cr, CAIRO_OPERATOR_OVER);
    for (int k = 0; k < 2; ++k) { // from the row of the last column to that of this one
        const int last = t->last[k] < 0 ? rows[k] : t->last[k];
        t->last[k] = rows[k];
        if (k == 0 && same) {
            continue; // hidden by the other
        }
        gdk_cairo_set_source_rgba(cr, &t->colors[k]);
        cairo_rectangle(cr, t->column, MIN(last, rows[k]), 1, abs(last - rows[k]) + thickness);
        cairo_fill(cr);
    }
    cairo_destroy(cr);
    t->column = (t->column + 1) % t->width;
}

static void draw_part(const TimbrelTrail* t, cairo_t* cr, double x, double y, int from, int count) {
    if (count < 1) {
        return;
    }
    cairo_set_source_surface(cr, t->picture, x - from, y);
    cairo_rectangle(cr, x, y, count, t->height);
    cairo_fill(cr);
}

void timbrel_trail_draw(const TimbrelTrail* t, cairo_t* cr, double x, double y) {
    if (!t->picture) {
        return;
    }
    const int older = t->width - t->column;
    draw_part(t, cr, x, y, t->column, older);
    draw_part(t, cr, x + older, y, 0, t->column);
}
