// SPDX-License-Identifier: ISC
#include "text.h"

/// Share of the window's font size.
static double scale_of(TimbrelTextSizeClass size) {
    switch (size) {
    case TIMBREL_TEXT_TINY:
        return 0.74;
    case TIMBREL_TEXT_SMALL:
        return 0.86;
    default:
        return 1.0;
    }
}

static PangoLayout* make_layout(GtkWidget* widget, const char* text, TimbrelTextSizeClass size) {
    PangoLayout* layout = gtk_widget_create_pango_layout(widget, text);
    PangoFontDescription* font = pango_font_description_copy(
        pango_context_get_font_description(gtk_widget_get_pango_context(widget)));
    const int points = (int)(scale_of(size) * pango_font_description_get_size(font));
    if (pango_font_description_get_size_is_absolute(font)) {
        pango_font_description_set_absolute_size(font, points);
    } else {
        pango_font_description_set_size(font, points);
    }
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    return layout;
}

void timbrel_text(GtkWidget* widget, cairo_t* cr, const char* text, TimbrelTextSizeClass size,
                  const GdkRGBA* color, double x, double y, double width, double height,
                  double align) {
    double left = 0;
    double top = 0;
    double right = 0;
    double bottom = 0;
    cairo_clip_extents(cr, &left, &top, &right, &bottom);
    // Setting letters is the dearest part of a drawing: not where nothing is to be drawn.
    if (width <= 0 || x > right || x + width < left || y > bottom || y + height < top) {
        return;
    }
    PangoLayout* layout = make_layout(widget, text, size);
    int layout_width = 0;
    int layout_height = 0;
    pango_layout_get_pixel_size(layout, &layout_width, &layout_height);
    if (layout_width > width) {
        pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
        layout_width = (int)width;
    }
    gdk_cairo_set_source_rgba(cr, color);
    cairo_move_to(cr, x + (width - layout_width) * align, y + (height - layout_height) / 2);
    pango_cairo_show_layout(cr, layout);
    g_object_unref(layout);
}

int timbrel_text_width(GtkWidget* widget, const char* text, TimbrelTextSizeClass size) {
    PangoLayout* layout = make_layout(widget, text, size);
    int width = 0;
    pango_layout_get_pixel_size(layout, &width, NULL);
    g_object_unref(layout);
    return width;
}

int timbrel_text_height(GtkWidget* widget, TimbrelTextSizeClass size) {
    PangoLayout* layout = make_layout(widget, "Xg", size);
    int height = 0;
    pango_layout_get_pixel_size(layout, NULL, &height);
    g_object_unref(layout);
    return height;
}
