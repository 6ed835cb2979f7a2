// SPDX-License-Identifier: ISC
#include "bar.h"

#include "text.h"
#include "value.h"

#include <math.h>

enum {
    knob = 7,      ///< Radius
    thickness = 4, ///< Pixels of the way
    margin = 2
};

struct _TimbrelBar {
    TimbrelFader parent;
    TimbrelBarLook look;
    char* name;
};

G_DEFINE_FINAL_TYPE(TimbrelBar, timbrel_bar, TIMBREL_TYPE_FADER)

/// Where the fill of the way begins: the default of what goes both ways, else the start.
static double origin(int control) {
    const TimbrelControl* c = &timbrel_controls[control];
    return c->minimum < 0 && c->maximum > 0 ? timbrel_value_place(control, 0) : 0.0;
}

static void paint_way(TimbrelFader* fader, cairo_t* cr, double x, double y, double length,
                      bool upright) {
    const TimbrelPalette* p = timbrel_view_palette(TIMBREL_VIEW(fader));
    const double from = length * origin(timbrel_fader_control(fader));
    const double to = length * timbrel_fader_place(fader);
    const double half = thickness / 2.0;
    const bool sensitive = gtk_widget_is_sensitive(GTK_WIDGET(fader));
    cairo_save(cr);
    cairo_translate(cr, x, y);
    if (upright) {
        cairo_rotate(cr, -G_PI_2);
    }
    gdk_cairo_set_source_rgba(cr, &p->trough);
    timbrel_rounded(cr, -half, -half, length + thickness, thickness, half);
    cairo_fill(cr);
    const GdkRGBA fill = sensitive ? p->accent : p->faint;
    gdk_cairo_set_source_rgba(cr, &fill);
    timbrel_rounded(cr, fmin(from, to) - half, -half, fabs(to - from) + thickness, thickness, half);
    cairo_fill(cr);
    if (sensitive) {
        const double radius = timbrel_fader_lit(fader) ? knob : knob - 1;
        cairo_arc(cr, to, 0, radius, 0, 2 * G_PI);
        gdk_cairo_set_source_rgba(cr, &p->raised);
        cairo_fill_preserve(cr);
        const GdkRGBA edge =
            timbrel_fader_lit(fader) ? p->accent : timbrel_color_fade(p->text, 0.4);
        gdk_cairo_set_source_rgba(cr, &edge);
        cairo_set_line_width(cr, timbrel_fader_lit(fader) ? 1.5 : 1);
        cairo_stroke(cr);
    }
    cairo_restore(cr);
}

static const GdkRGBA* value_color(TimbrelBar* bar) {
    const TimbrelPalette* p = timbrel_view_palette(TIMBREL_VIEW(bar));
    return gtk_widget_is_sensitive(GTK_WIDGET(bar)) ? &p->text : &p->dim;
}

static void paint_wide(TimbrelBar* bar, cairo_t* cr, int width, int height) {
    TimbrelFader* fader = TIMBREL_FADER(bar);
    const TimbrelPalette* p = timbrel_view_palette(TIMBREL_VIEW(fader));
    char value[TIMBREL_TEXT_SIZE];
    timbrel_value_text(timbrel_fader_control(fader), timbrel_fader_value(fader), value);
    const double inset = knob + margin;
    const double text_height = height - 2.0 * knob - 2 * margin;
    const int value_width = timbrel_text_width(GTK_WIDGET(bar), value, TIMBREL_TEXT_SMALL);
    timbrel_text(GTK_WIDGET(bar), cr, value, TIMBREL_TEXT_SMALL, value_color(bar), margin, 0,
                 width - 2 * margin, text_height, 1);
    timbrel_text(GTK_WIDGET(bar), cr, bar->name, TIMBREL_TEXT_SMALL, &p->dim, margin, 0,
                 width - 3 * margin - value_width - 4, text_height, 0);
    paint_way(fader, cr, inset, height - inset, width - 2 * inset, false);
}

static void paint_upright(TimbrelBar* bar, cairo_t* cr, int width, int height) {
    TimbrelFader* fader = TIMBREL_FADER(bar);
    const TimbrelPalette* p = timbrel_view_palette(TIMBREL_VIEW(fader));
    char value[TIMBREL_TEXT_SIZE];
    timbrel_value_text(timbrel_fader_control(fader), timbrel_fader_value(fader), value);
    const double line = timbrel_text_height(GTK_WIDGET(bar), TIMBREL_TEXT_SMALL);
    const double length = height - 2.0 * line - 2 * (knob + margin);
    timbrel_text(GTK_WIDGET(bar), cr, bar->name, TIMBREL_TEXT_SMALL, &p->dim, 0, 0, width, line,
                 0.5);
    timbrel_text(GTK_WIDGET(bar), cr, value, TIMBREL_TEXT_SMALL, value_color(bar), 0, height - line,
                 width, line, 0.5);
    paint_way(fader, cr, width / 2.0, height - line - knob - margin, length, true);
}

static void paint_small(TimbrelBar* bar, cairo_t* cr, int width, int height) {
    TimbrelFader* fader = TIMBREL_FADER(bar);
    const TimbrelPalette* p = timbrel_view_palette(TIMBREL_VIEW(fader));
    const int control = timbrel_fader_control(fader);
    char value[TIMBREL_TEXT_SIZE];
    if (timbrel_controls[control].unit == TIMBREL_UNIT_NONE) {
        timbrel_value_short(control, timbrel_fader_value(fader), width < 40 ? 1 : 2, value);
    } else {
        timbrel_value_text(control, timbrel_fader_value(fader), value);
    }
    const bool sensitive = gtk_widget_is_sensitive(GTK_WIDGET(fader));
    cairo_save(cr);
    timbrel_rounded(cr, 0, 0, width, height, 3);
    cairo_clip(cr);
    gdk_cairo_set_source_rgba(cr, &p->well);
    cairo_paint(cr);
    if (sensitive) {
        const GdkRGBA fill = timbrel_color_fade(p->accent, timbrel_fader_lit(fader) ? 0.55 : 0.35);
        gdk_cairo_set_source_rgba(cr, &fill);
        cairo_rectangle(cr, 0, 0, width * timbrel_fader_place(fader), height);
        cairo_fill(cr);
    }
    cairo_restore(cr);
    char* text = g_strconcat(bar->name, value, NULL);
    timbrel_text(GTK_WIDGET(bar), cr, text, TIMBREL_TEXT_SMALL, value_color(bar), 2, 0, width - 4,
                 height, 0.5);
    g_free(text);
}

static void paint(TimbrelFader* fader, cairo_t* cr, int width, int height) {
    TimbrelBar* bar = TIMBREL_BAR(fader);
    if (bar->look == TIMBREL_BAR_WIDE) {
        paint_wide(bar, cr, width, height);
    } else if (bar->look == TIMBREL_BAR_UPRIGHT) {
        paint_upright(bar, cr, width, height);
    } else {
        paint_small(bar, cr, width, height);
    }
}

static double travel(TimbrelFader* fader) {
    GtkWidget* widget = GTK_WIDGET(fader);
    const TimbrelBar* bar = TIMBREL_BAR(fader);
    if (bar->look == TIMBREL_BAR_UPRIGHT) {
        return -(gtk_widget_get_allocated_height(widget) -
                 2.0 * timbrel_text_height(widget, TIMBREL_TEXT_SMALL) - 2 * (knob + margin));
    }
    if (bar->look == TIMBREL_BAR_WIDE) {
        return gtk_widget_get_allocated_width(widget) - 2.0 * (knob + margin);
    }
    return fmax(gtk_widget_get_allocated_width(widget), 100.0);
}

static void finalize(GObject* object) {
    g_free(TIMBREL_BAR(object)->name);
    G_OBJECT_CLASS(timbrel_bar_parent_class)->finalize(object);
}

static void timbrel_bar_class_init(TimbrelBarClass* class) {
    G_OBJECT_CLASS(class)->finalize = finalize;
    TIMBREL_FADER_CLASS(class)->paint = paint;
    TIMBREL_FADER_CLASS(class)->travel = travel;
}

static void timbrel_bar_init(TimbrelBar* bar) {
    (void)bar;
}

/// Room for the name beside the longest value.
static int least_width(TimbrelBar* bar) {
    const int control = timbrel_fader_control(TIMBREL_FADER(bar));
    char value[TIMBREL_TEXT_SIZE];
    timbrel_value_text(control, timbrel_controls[control].maximum, value);
    return timbrel_text_width(GTK_WIDGET(bar), bar->name, TIMBREL_TEXT_SMALL) +
           timbrel_text_width(GTK_WIDGET(bar), value, TIMBREL_TEXT_SMALL) + 3 * margin + 6;
}

GtkWidget* timbrel_bar_new(TimbrelMirror* mirror, int control, TimbrelBarLook look,
                           const char* name) {
    TimbrelBar* bar = g_object_new(TIMBREL_TYPE_BAR, NULL);
    GtkWidget* widget = GTK_WIDGET(bar);
    bar->look = look;
    bar->name = g_strdup(name ? name : timbrel_controls[control].name);
    timbrel_fader_bind(TIMBREL_FADER(bar), mirror, control);
    const int line = timbrel_text_height(widget, TIMBREL_TEXT_SMALL);
    if (look == TIMBREL_BAR_WIDE) {
        gtk_widget_set_size_request(widget, least_width(bar), line + 2 * knob + 2 * margin);
    } else if (look == TIMBREL_BAR_UPRIGHT) {
        gtk_widget_set_size_request(
            widget, timbrel_text_width(widget, "+24.0 dB", TIMBREL_TEXT_SMALL) + 4, 64);
    } else {
        gtk_widget_set_size_request(widget, 20, line + 2);
    }
    return widget;
}
