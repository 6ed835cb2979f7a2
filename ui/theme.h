// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_THEME_H
#define TIMBREL_UI_THEME_H

#include <gtk/gtk.h>

#include <stdbool.h>

/// How the window looks. All colours come from the user's GTK theme: one accent, and shades of the
/// text on the background.

typedef struct {
    bool dark;
    GdkRGBA text;
    GdkRGBA dim;    ///< Text that is not looked at first
    GdkRGBA faint;  ///< Marks, grids
    GdkRGBA well;   ///< Ground that meters and graphs lie in
    GdkRGBA trough; ///< The way that a handle slides on
    GdkRGBA raised; ///< Handles
    GdkRGBA accent;
    GdkRGBA trace; ///< The accent, as seen on a well
    GdkRGBA warn;
    GdkRGBA bad;
} TimbrelPalette;

/// The palette of the widget's theme, as it is now; ask again on "style-updated".
void timbrel_palette_read(TimbrelPalette* palette, GtkWidget* widget);

/// The colour with another share of opacity.
GdkRGBA timbrel_color_fade(GdkRGBA color, double alpha);

/// Between two colours: 0 is the first.
GdkRGBA timbrel_color_mix(GdkRGBA first, GdkRGBA second, double share);

/// A path of a rectangle with rounded corners.
void timbrel_rounded(cairo_t* cr, double x, double y, double width, double height, double radius);

/// Sizes and colours of the window's own, for all of `screen`.
void timbrel_theme_install(GdkScreen* screen);

#endif
