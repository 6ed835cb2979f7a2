// SPDX-License-Identifier: ISC
#include "theme.h"

static const char style[] =
    "window.timbrel, .timbrel-window { background-color: @theme_bg_color; color: @theme_fg_color; }"
    ".timbrel-window { font-size: 10pt; }"
    ".timbrel-card { background-color: mix(@theme_bg_color, @theme_base_color, 0.45);"
    "  border: 1px solid alpha(@theme_fg_color, 0.09); border-radius: 8px; }"
    ".timbrel-side { background-color: mix(@theme_bg_color, @theme_base_color, 0.45);"
    "  border-right: 1px solid alpha(@theme_fg_color, 0.10); }"
    ".timbrel-head { border-bottom: 1px solid alpha(@theme_fg_color, 0.10); }"
    ".timbrel-name { font-size: 13pt; font-weight: 600; }"
    ".timbrel-section { font-size: 8.5pt; font-weight: 700; letter-spacing: 1px;"
    "  color: alpha(@theme_fg_color, 0.62); }"
    ".timbrel-dim { color: alpha(@theme_fg_color, 0.66); font-size: 8.5pt; }"
    ".timbrel-figure { font-size: 11pt; font-weight: 600; font-feature-settings: \"tnum\"; }"
    "button.timbrel-power { color: alpha(@theme_fg_color, 0.55); }"
    "button.timbrel-power:checked { color: mix(@theme_selected_bg_color, @theme_fg_color, 0.25); }"
    ".timbrel-flat { padding: 3px 6px; min-height: 22px; min-width: 18px; }"
    "button.timbrel-small { padding: 1px 8px; min-height: 20px; font-size: 8.5pt; }"
    "combobox.timbrel-small { font-size: 8.5pt; }"
    "combobox.timbrel-small button { padding: 0 6px; min-height: 22px; }"
    "levelbar.timbrel-load block { min-height: 4px; border: none; border-radius: 2px; }"
    "levelbar.timbrel-load trough { padding: 0; border: none; border-radius: 2px;"
    "  background-color: alpha(@theme_fg_color, 0.16); }"
    "levelbar.timbrel-load block.filled { background-color: @theme_selected_bg_color; }"
    "levelbar.timbrel-load block.empty { background-color: transparent; }"
    "levelbar.timbrel-overload block.filled { background-color: @error_color; }"
    "list.timbrel-models { background: none; }"
    "list.timbrel-models row { padding: 6px 10px; border-radius: 6px; margin: 1px 6px; }"
    "list.timbrel-models row:hover { background-color: alpha(@theme_fg_color, 0.06); }"
    "list.timbrel-models row:selected { color: @theme_fg_color;"
    "  background-color: alpha(@theme_selected_bg_color, 0.20); }"
    "list.timbrel-models row.timbrel-playing { box-shadow: inset 3px 0 @theme_selected_bg_color; }"
    ".timbrel-note { padding: 6px 12px; background-color: alpha(@theme_selected_bg_color, 0.14); }"
    ".timbrel-problem { padding: 6px 12px; background-color: alpha(@error_color, 0.20); }"
    ".timbrel-empty { color: alpha(@theme_fg_color, 0.55); }"
    ".timbrel-drop { box-shadow: inset 0 0 0 3px @theme_selected_bg_color; }";

GdkRGBA timbrel_color_fade(GdkRGBA color, double alpha) {
    color.alpha *= alpha;
    return color;
}

GdkRGBA timbrel_color_mix(GdkRGBA first, GdkRGBA second, double share) {
    return (GdkRGBA){first.red + share * (second.red - first.red),
                     first.green + share * (second.green - first.green),
                     first.blue + share * (second.blue - first.blue),
                     first.alpha + share * (second.alpha - first.alpha)};
}

static GdkRGBA look_up(GtkStyleContext* context, const char* name, GdkRGBA otherwise) {
    GdkRGBA color;
    return gtk_style_context_lookup_color(context, name, &color) ? color : otherwise;
}

static double luminance(GdkRGBA color) {
    return 0.2126 * color.red + 0.7152 * color.green + 0.0722 * color.blue;
}

void timbrel_palette_read(TimbrelPalette* p, GtkWidget* widget) {
    GtkStyleContext* context = gtk_widget_get_style_context(widget);
    const GdkRGBA black = {0.08, 0.09, 0.10, 1};
    const GdkRGBA white = {1, 1, 1, 1};
    const GdkRGBA ground = look_up(context, "theme_bg_color", (GdkRGBA){0.95, 0.95, 0.95, 1});
    p->text = look_up(context, "theme_fg_color", black);
    p->accent = look_up(context, "theme_selected_bg_color", (GdkRGBA){0.21, 0.52, 0.89, 1});
    p->dark = luminance(ground) < 0.45;
    if (p->dark) { // made for white letters upon it, it is too heavy for lines and dots
        p->accent = timbrel_color_mix(p->accent, white, 0.14);
    }
    p->warn = look_up(context, "warning_color", (GdkRGBA){0.90, 0.62, 0.10, 1});
    p->bad = look_up(context, "error_color", (GdkRGBA){0.86, 0.20, 0.18, 1});
    p->dim = timbrel_color_fade(p->text, 0.68);
    p->faint = timbrel_color_fade(p->text, 0.16);
    // A well is sunk: darker than its surroundings in both kinds of theme.
    p->well =
        p->dark ? timbrel_color_mix(ground, black, 0.62) : timbrel_color_mix(ground, black, 0.055);
    p->trough = timbrel_color_fade(p->text, p->dark ? 0.20 : 0.16);
    p->raised = p->dark ? timbrel_color_mix(ground, white, 0.82) : white;
    p->trace = p->dark ? timbrel_color_mix(p->accent, white, 0.34) : p->accent;
}

void timbrel_rounded(cairo_t* cr, double x, double y, double width, double height, double radius) {
    const double r = MAX(0.0, MIN(radius, MIN(width, height) / 2));
    cairo_new_sub_path(cr);
    cairo_arc(cr, x + width - r, y + r, r, -G_PI_2, 0);
    cairo_arc(cr, x + width - r, y + height - r, r, 0, G_PI_2);
    cairo_arc(cr, x + r, y + height - r, r, G_PI_2, G_PI);
    cairo_arc(cr, x + r, y + r, r, G_PI, 3 * G_PI_2);
    cairo_close_path(cr);
}

void timbrel_theme_install(GdkScreen* screen) {
    GtkCssProvider* provider = gtk_css_provider_new();
    (void)gtk_css_provider_load_from_data(provider, style, -1, NULL);
    gtk_style_context_add_provider_for_screen(screen, GTK_STYLE_PROVIDER(provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    g_object_unref(provider);
}
