// SPDX-License-Identifier: ISC
#include "band.h"

#include "text.h"
#include "value.h"

#include <math.h>

struct _TimbrelBand {
    TimbrelFader parent;
};

enum { knob_size = 16 };

G_DEFINE_FINAL_TYPE(TimbrelBand, timbrel_band, TIMBREL_TYPE_FADER)

static void paint_knob(TimbrelFader* fader, cairo_t* cr, double x, double y) {
    const TimbrelPalette* p = timbrel_view_palette(TIMBREL_VIEW(fader));
    const bool lit = timbrel_fader_lit(fader);
    cairo_arc(cr, x, y, lit ? 6.5 : 5, 0, 2 * G_PI);
    gdk_cairo_set_source_rgba(cr, &p->raised);
    cairo_fill_preserve(cr);
    gdk_cairo_set_source_rgba(cr, &p->trace);
    cairo_set_line_width(cr, lit ? 2 : 1.5);
    cairo_stroke(cr);
}

static void paint_picture(TimbrelView* view, cairo_t* cr, int width, int height) {
    paint_knob(TIMBREL_FADER(view), cr, width / 2.0, height / 2.0);
}

static void paint(TimbrelFader* fader, cairo_t* cr, int width, int height) {
    const TimbrelPalette* p = timbrel_view_palette(TIMBREL_VIEW(fader));
    const bool lit = timbrel_fader_lit(fader);
    const double length = height - 2.0 * TIMBREL_BAND_MARGIN;
    const double y = round(TIMBREL_BAND_MARGIN + (1 - timbrel_fader_place(fader)) * length);
    const double middle = round(TIMBREL_BAND_MARGIN + length / 2);
    const double x = floor(width / 2.0);
    const GdkRGBA stem = timbrel_color_fade(p->trace, lit ? 0.8 : 0.35);
    gdk_cairo_set_source_rgba(cr, &stem);
    cairo_rectangle(cr, x - 1, fmin(y, middle), 2, fabs(y - middle));
    cairo_fill(cr);
    if (lit) {
        paint_knob(fader, cr, x, y);
    } else { // the spectrum beneath moves, and with it all knobs are drawn: from a finished picture
        timbrel_view_put(TIMBREL_VIEW(fader), cr, 0, paint_picture, x - knob_size / 2.0,
                         y - knob_size / 2.0, knob_size, knob_size);
    }
    if (lit) { // away from the knob
        char text[TIMBREL_TEXT_SIZE];
        timbrel_value_text(timbrel_fader_control(fader), timbrel_fader_value(fader), text);
        const double line = timbrel_text_height(GTK_WIDGET(fader), TIMBREL_TEXT_TINY);
        timbrel_text(GTK_WIDGET(fader), cr, text, TIMBREL_TEXT_TINY, &p->text, 0,
                     y > middle ? y - 9 - line : y + 9, width, line, 0.5);
    }
}

static double travel(TimbrelFader* fader) {
    return -(gtk_widget_get_allocated_height(GTK_WIDGET(fader)) - 2.0 * TIMBREL_BAND_MARGIN);
}

static void timbrel_band_class_init(TimbrelBandClass* class) {
    TIMBREL_FADER_CLASS(class)->paint = paint;
    TIMBREL_FADER_CLASS(class)->travel = travel;
}

static void timbrel_band_init(TimbrelBand* band) {
    (void)band;
}

GtkWidget* timbrel_band_new(TimbrelMirror* mirror, int band) {
    TimbrelBand* b = g_object_new(TIMBREL_TYPE_BAND, NULL);
    timbrel_fader_bind(TIMBREL_FADER(b), mirror, TIMBREL_CONTROL_EQ_FIRST + band);
    return GTK_WIDGET(b);
}
