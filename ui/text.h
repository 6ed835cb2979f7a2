// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_TEXT_H
#define TIMBREL_UI_TEXT_H

#include <gtk/gtk.h>

/// Letters in what we draw ourselves, in the theme's font.

typedef enum {
    TIMBREL_TEXT_TINY, ///< Marks of a scale
    TIMBREL_TEXT_SMALL,
    TIMBREL_TEXT_NORMAL,
} TimbrelTextSizeClass;

/// Draw `text` on one line in the given field, upright in its middle, at `align` (0 left .. 1
/// right) of its width; what does not fit is cut with an ellipsis.
void timbrel_text(GtkWidget* widget, cairo_t* cr, const char* text, TimbrelTextSizeClass size,
                  const GdkRGBA* color, double x, double y, double width, double height,
                  double align);

int timbrel_text_width(GtkWidget* widget, const char* text, TimbrelTextSizeClass size);
int timbrel_text_height(GtkWidget* widget, TimbrelTextSizeClass size);

#endif
