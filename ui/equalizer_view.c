// SPDX-License-Identifier: ISC
#include "equalizer_view.h"

#include "band.h"
#include "engine/dsp/cut.h"
#include "engine/dsp/equalizer.h"
#include "spectrum.h"
#include "text.h"
#include "view.h"

#include <math.h>

enum {
    points = 240,  // Points of the curve
    columns = 160, // Columns of the spectrum
    foot = 14      // Pixels below for the frequencies
};
static const double span = 12.0;     // dB either way: the sliders' own
static const double loudest = 0.0;   // dB at the top of the spectrum
static const double softest = -78.0; // dB at its bottom
static const double fall = 2.2;      // dB a picture

/// Ground, grid and letters; the curve.
enum { layer_under, layer_over };

#define TIMBREL_TYPE_RESPONSE (timbrel_response_get_type())
G_DECLARE_FINAL_TYPE(TimbrelResponse, timbrel_response, TIMBREL, RESPONSE, GtkDrawingArea)

/// What lies beneath the sliders.
struct _TimbrelResponse {
    GtkDrawingArea parent;
    TimbrelSpectrum* spectrum;
    double edges[columns + 1]; ///< Hz
    double levels[columns];    ///< dB, falling slowly
    double gains[columns];     ///< dB of the curve there
    double rate;
    bool heard; ///< Whether there is a sound to be shown
};

static void view_init(TimbrelViewInterface* view);
G_DEFINE_FINAL_TYPE_WITH_CODE(TimbrelResponse, timbrel_response, GTK_TYPE_DRAWING_AREA,
                              G_IMPLEMENT_INTERFACE(TIMBREL_TYPE_VIEW, view_init))

/// Hz at 0 left .. 1 right: half an octave on either side of the outer bands.
static double frequency_at(double share) {
    const double first = (double)timbrel_eq_centres[0] * M_SQRT1_2;
    return first * exp2(share * TIMBREL_EQ_BANDS);
}

static double share_of(double frequency) {
    return log2(frequency / frequency_at(0)) / TIMBREL_EQ_BANDS;
}

static double graph_height(TimbrelResponse* v) {
    return gtk_widget_get_allocated_height(GTK_WIDGET(v)) - foot;
}

static double row(TimbrelResponse* v, double decibels) {
    const double length = graph_height(v) - 2 * TIMBREL_BAND_MARGIN;
    return TIMBREL_BAND_MARGIN + (1 - decibels / span) / 2 * length;
}

static void find_gains(TimbrelResponse* v, const double* frequencies, double* gains,
                       uint32_t count) {
    const TimbrelMirror* mirror = timbrel_view_mirror(TIMBREL_VIEW(v));
    float sliders[TIMBREL_EQ_BANDS];
    for (int i = 0; i < TIMBREL_EQ_BANDS; ++i) {
        sliders[i] = timbrel_mirror_value(mirror, TIMBREL_CONTROL_EQ_FIRST + i);
    }
    const float low = timbrel_mirror_value(mirror, TIMBREL_CONTROL_LOW_CUT);
    const float high = timbrel_mirror_value(mirror, TIMBREL_CONTROL_HIGH_CUT);
    timbrel_equalizer_response(sliders, v->rate, frequencies, gains, count);
    for (uint32_t i = 0; i < count; ++i) {
        gains[i] += timbrel_cut_response(low, high, v->rate, frequencies[i]);
    }
}

/// As high as the rate allows; above there is nothing.
static double audible(const TimbrelResponse* v, double frequency) {
    return fmin(frequency, 0.499 * v->rate);
}

static void paint_under(TimbrelView* view, cairo_t* cr, int width, int height) {
    TimbrelResponse* v = TIMBREL_RESPONSE(view);
    const TimbrelPalette* p = timbrel_view_palette(view);
    const double bottom = height - foot;
    timbrel_rounded(cr, 0, 0, width, bottom, 4);
    gdk_cairo_set_source_rgba(cr, &p->well);
    cairo_fill(cr);
    for (int decibels = -12; decibels <= 12; decibels += 6) {
        const GdkRGBA line = timbrel_color_fade(p->text, decibels ? 0.07 : 0.20);
        gdk_cairo_set_source_rgba(cr, &line);
        cairo_rectangle(cr, 0, floor(row(v, decibels)), width, 1);
        cairo_fill(cr);
        if (decibels) {
            char text[8];
            (void)g_snprintf(text, sizeof text, "%+d", decibels);
            const GdkRGBA letters = timbrel_color_fade(p->text, 0.45);
            timbrel_text(GTK_WIDGET(v), cr, text, TIMBREL_TEXT_TINY, &letters, 4,
                         row(v, decibels) - 7, 30, 14, 0);
        }
    }
    for (int i = 0; i < TIMBREL_EQ_BANDS; ++i) {
        const double hertz = (double)timbrel_eq_centres[i];
        const double x = width * share_of(hertz);
        char text[16];
        if (hertz < 1000) {
            (void)g_snprintf(text, sizeof text, "%.0f", floor(hertz));
        } else {
            (void)g_snprintf(text, sizeof text, "%.0fk", hertz / 1000);
        }
        timbrel_text(GTK_WIDGET(v), cr, text, TIMBREL_TEXT_TINY, &p->dim, x - 20, bottom, 40, foot,
                     0.5);
    }
}

static void paint_over(TimbrelView* view, cairo_t* cr, int width, int height) {
    TimbrelResponse* v = TIMBREL_RESPONSE(view);
    const TimbrelPalette* p = timbrel_view_palette(view);
    double frequencies[points];
    double gains[points];
    for (int i = 0; i < points; ++i) {
        frequencies[i] = audible(v, frequency_at(i / (points - 1.0)));
    }
    find_gains(v, frequencies, gains, points);
    cairo_rectangle(cr, 0, 0, width, height - foot);
    cairo_clip(cr);
    for (int i = 0; i < points; ++i) {
        cairo_line_to(cr, width * i / (points - 1.0), row(v, fmax(gains[i], -30)));
    }
    cairo_path_t* curve = cairo_copy_path(cr);
    cairo_line_to(cr, width, row(v, 0));
    cairo_line_to(cr, 0, row(v, 0));
    const GdkRGBA fill = timbrel_color_fade(p->accent, 0.18);
    gdk_cairo_set_source_rgba(cr, &fill);
    cairo_fill(cr);
    cairo_append_path(cr, curve);
    cairo_path_destroy(curve);
    gdk_cairo_set_source_rgba(cr, &p->trace);
    cairo_set_line_width(cr, 2);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke(cr);
    double middles[columns];
    for (int i = 0; i < columns; ++i) {
        middles[i] = audible(v, sqrt(v->edges[i] * v->edges[i + 1]));
    }
    find_gains(v, middles, v->gains, columns);
}

static double spectrum_row(TimbrelResponse* v, double decibels) {
    const double share = CLAMP((decibels - softest) / (loudest - softest), 0.0, 1.0);
    return graph_height(v) * (1 - share);
}

/// What comes in, and over it what is left of it for the model.
static void paint_spectrum(TimbrelResponse* v, cairo_t* cr, int width) {
    const TimbrelPalette* p = timbrel_view_palette(TIMBREL_VIEW(v));
    const double gain = (double)timbrel_mirror_value(timbrel_view_mirror(TIMBREL_VIEW(v)),
                                                     TIMBREL_CONTROL_INPUT_GAIN);
    const double bottom = graph_height(v);
    for (int after = 0; after < 2; ++after) {
        cairo_move_to(cr, 0, bottom);
        for (int i = 0; i < columns; ++i) {
            const double level = v->levels[i] + (after ? gain + v->gains[i] : 0.0);
            cairo_line_to(cr, width * i / (columns - 1.0), spectrum_row(v, level));
        }
        cairo_line_to(cr, width, bottom);
        const GdkRGBA color = after ? timbrel_color_fade(p->accent, p->dark ? 0.42 : 0.32)
                                    : timbrel_color_fade(p->text, p->dark ? 0.11 : 0.09);
        gdk_cairo_set_source_rgba(cr, &color);
        cairo_fill(cr);
    }
}

static void paint(TimbrelView* view, cairo_t* cr, int width, int height) {
    TimbrelResponse* v = TIMBREL_RESPONSE(view);
    cairo_surface_t* over = timbrel_view_layer(view, layer_over, paint_over, width, height);
    timbrel_view_put(view, cr, layer_under, paint_under, 0, 0, width, height);
    if (v->heard) {
        paint_spectrum(v, cr, width);
    }
    cairo_set_source_surface(cr, over, 0, 0);
    cairo_paint(cr);
}

static void control(TimbrelView* view, int changed) {
    (void)changed;
    timbrel_view_drop(view, layer_over);
    gtk_widget_queue_draw(GTK_WIDGET(view));
}

static void news(TimbrelView* view) {
    TimbrelResponse* v = TIMBREL_RESPONSE(view);
    const double rate = timbrel_mirror_news(timbrel_view_mirror(view))->status.rate;
    if (rate < v->rate || rate > v->rate) {
        v->rate = rate;
        timbrel_view_drop(view, layer_over);
        gtk_widget_queue_draw(GTK_WIDGET(view));
    }
}

static void scope(TimbrelView* view, const TimbrelWireScope* message) {
    timbrel_spectrum_add(TIMBREL_RESPONSE(view)->spectrum, message->samples, message->frames,
                         TIMBREL_WIRE_SCOPE_SCALE);
}

static void meters(TimbrelView* view, const TimbrelWireMeters* message, bool show) {
    TimbrelResponse* v = TIMBREL_RESPONSE(view);
    (void)message;
    if (!show) {
        return;
    }
    double levels[columns];
    double highest = softest;
    timbrel_spectrum_levels(v->spectrum, v->rate, v->edges, levels, columns);
    for (int i = 0; i < columns; ++i) {
        v->levels[i] = fmax(levels[i], fmax(v->levels[i] - fall, softest - 30));
        highest = fmax(highest, v->levels[i]);
    }
    const bool heard = highest > softest;
    if (heard || v->heard) { // silence is drawn once
        gtk_widget_queue_draw_area(GTK_WIDGET(v), 0, 0,
                                   gtk_widget_get_allocated_width(GTK_WIDGET(v)),
                                   (int)graph_height(v));
    }
    v->heard = heard;
}

static void view_init(TimbrelViewInterface* view) {
    view->paint = paint;
    view->control = control;
    view->news = news;
    view->scope = scope;
    view->meters = meters;
    view->share = 3;
}

static void finalize(GObject* object) {
    timbrel_spectrum_free(TIMBREL_RESPONSE(object)->spectrum);
    G_OBJECT_CLASS(timbrel_response_parent_class)->finalize(object);
}

static void timbrel_response_class_init(TimbrelResponseClass* class) {
    G_OBJECT_CLASS(class)->finalize = finalize;
}

static void timbrel_response_init(TimbrelResponse* v) {
    v->spectrum = timbrel_spectrum_new();
    for (int i = 0; i <= columns; ++i) {
        v->edges[i] = frequency_at((double)i / columns);
    }
    for (int i = 0; i < columns; ++i) {
        v->levels[i] = softest - 30;
    }
}

static GtkWidget* make_response(TimbrelMirror* mirror) {
    TimbrelResponse* v = g_object_new(TIMBREL_TYPE_RESPONSE, NULL);
    v->rate = timbrel_mirror_news(mirror)->status.rate;
    timbrel_view_bind(TIMBREL_VIEW(v), mirror);
    for (int i = TIMBREL_CONTROL_LOW_CUT; i < TIMBREL_CONTROL_EQ_FIRST + TIMBREL_EQ_BANDS; ++i) {
        timbrel_view_follow(TIMBREL_VIEW(v), i);
    }
    gtk_widget_set_size_request(GTK_WIDGET(v), 240, 60);
    atk_object_set_name(gtk_widget_get_accessible(GTK_WIDGET(v)), "Response of the equalizer");
    return GTK_WIDGET(v);
}

GtkWidget* timbrel_equalizer_view_new(TimbrelMirror* mirror) {
    GtkWidget* overlay = gtk_overlay_new();
    GtkWidget* bands = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
    gtk_box_set_homogeneous(GTK_BOX(bands), TRUE);
    for (int i = 0; i < TIMBREL_EQ_BANDS; ++i) {
        gtk_box_pack_start(GTK_BOX(bands), timbrel_band_new(mirror, i), TRUE, TRUE, 0);
    }
    gtk_widget_set_margin_bottom(bands, foot);
    gtk_container_add(GTK_CONTAINER(overlay), make_response(mirror));
    gtk_overlay_add_overlay(GTK_OVERLAY(overlay), bands);
    return overlay;
}
