// SPDX-License-Identifier: ISC
#include "trail.h"

#include <math.h>
#include <string.h>

enum { thickness = 2 };

/// As cairo's ARGB32 keeps it: with the opacity multiplied in.
static guint32 pack(const GdkRGBA* color) {
    const double parts[4] = {color->alpha, color->red * color->alpha, color->green * color->alpha,
                             color->blue * color->alpha};
    guint32 packed = 0;
    for (int i = 0; i < 4; ++i)
        packed = packed << 8 | (guint32)lrint(255.0 * CLAMP(parts[i], 0.0, 1.0));
    return packed;
}

void timbrel_trail_init(TimbrelTrail* t, int width, int height, int factor, const GdkRGBA* before,
                        const GdkRGBA* after) {
    timbrel_trail_clear(t);
    if (width < 1 || height < 1)
        return;
    t->factor = factor;
    t->width = width * factor;
    t->height = height * factor;
    t->colors[0] = pack(before);
    t->colors[1] = pack(after);
    t->picture = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, t->width, t->height);
    cairo_surface_set_device_scale(t->picture, factor, factor);
}

void timbrel_trail_clear(TimbrelTrail* t) {
    if (t->picture)
        cairo_surface_destroy(t->picture);
    *t = (TimbrelTrail){.last = {-1, -1}};
}

/// A line from the row of the last column to that of this one.
static void write_line(const TimbrelTrail* t, guint32* pixels, size_t stride, int from, int to,
                       guint32 color) {
    const int top = MIN(from, to);
    const int bottom = MIN(MAX(from, to) + thickness * t->factor, t->height);
    for (int y = top; y < bottom; ++y)
        pixels[(size_t)y * stride] = color;
}

static int row(const TimbrelTrail* t, double height) {
    return (int)lrint((1.0 - CLAMP(height, 0.0, 1.0)) * (t->height - thickness * t->factor));
}

void timbrel_trail_add(TimbrelTrail* t, double before, double after) {
    if (!t->picture)
        return;
    const int rows[2] = {row(t, before), row(t, after)};
    cairo_surface_flush(t->picture);
    const size_t stride = (size_t)cairo_image_surface_get_stride(t->picture) / sizeof(guint32);
    guint32* picture = (guint32*)(void*)cairo_image_surface_get_data(t->picture);
    for (int i = 0; i < t->factor; ++i) {
        guint32* pixels = picture + t->column;
        for (int y = 0; y < t->height; ++y)
            pixels[(size_t)y * stride] = 0;
        for (int k = 0; k < 2; ++k) {
            write_line(t, pixels, stride, t->last[k] < 0 ? rows[k] : t->last[k], rows[k],
                       t->colors[k]);
            t->last[k] = rows[k];
        }
        t->column = (t->column + 1) % t->width;
    }
    cairo_surface_mark_dirty(t->picture);
}

static void draw_part(const TimbrelTrail* t, cairo_t* cr, double x, double y, int from, int count) {
    if (count < 1)
        return;
    const double factor = t->factor;
    cairo_set_source_surface(cr, t->picture, x - from / factor, y);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
    cairo_rectangle(cr, x, y, count / factor, t->height / factor);
    cairo_fill(cr);
}

void timbrel_trail_draw(const TimbrelTrail* t, cairo_t* cr, double x, double y) {
    if (!t->picture)
        return;
    const int older = t->width - t->column;
    draw_part(t, cr, x, y, t->column, older);
    draw_part(t, cr, x + (double)older / t->factor, y, 0, t->column);
}
