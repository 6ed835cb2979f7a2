// SPDX-License-Identifier: ISC
#include "equalizer_view.h"

#include "band.h"
#include "engine/dsp/cut.h"
#include "engine/dsp/equalizer.h"
#include "spectrum.h"
#include "text.h"
#include "theme.h"

#include <math.h>

enum {
    points = 240,       // Of the curve
    columns = 160,      // Of the spectrum
    spectrum_every = 3, // Meter messages: 20 a second
    foot = 14           // Pixels below for the frequencies
};
static const double span = 12.0;     // dB either way: the sliders' own
static const double loudest = 0.0;   // dB at the top of the spectrum
static const double softest = -78.0; // dB at its bottom
static const double fall = 2.2;      // dB a picture

typedef struct {
    TimbrelMirror* mirror;
    GtkWidget* area;
    TimbrelPalette palette;
    TimbrelSpectrum* spectrum;
    cairo_surface_t* under;    ///< Ground, grid and letters; NULL: to be drawn
    cairo_surface_t* over;     ///< The curve; NULL: to be drawn
    double edges[columns + 1]; ///< Hz
    double levels[columns];    ///< dB, falling slowly
    double gains[columns];     ///< dB of the curve there
    double rate;
    unsigned messages;
    bool heard; ///< Whether there is a sound to be shown
} View;

/// Hz at 0 left .. 1 right: half an octave on either side of the outer bands.
static double frequency_at(double share) {
    const double first = (double)timbrel_eq_centres[0] * M_SQRT1_2;
    return first * exp2(share * TIMBREL_EQ_BANDS);
}

static double share_of(double frequency) {
    return log2(frequency / frequency_at(0)) / TIMBREL_EQ_BANDS;
}

static double graph_height(View* v) {
    return gtk_widget_get_allocated_height(v->area) - foot;
}

static double row(View* v, double decibels) {
    const double length = graph_height(v) - 2 * TIMBREL_BAND_MARGIN;
    return TIMBREL_BAND_MARGIN + (1 - decibels / span) / 2 * length;
}

static void find_gains(View* v, const double* frequencies, double* gains, uint32_t count) {
    float sliders[TIMBREL_EQ_BANDS];
    for (int i = 0; i < TIMBREL_EQ_BANDS; ++i) {
        sliders[i] = timbrel_mirror_value(v->mirror, TIMBREL_CONTROL_EQ_FIRST + i);
    }
    const float low = timbrel_mirror_value(v->mirror, TIMBREL_CONTROL_LOW_CUT);
    const float high = timbrel_mirror_value(v->mirror, TIMBREL_CONTROL_HIGH_CUT);
    timbrel_equalizer_response(sliders, v->rate, frequencies, gains, count);
    for (uint32_t i = 0; i < count; ++i) {
        gains[i] += timbrel_cut_response(low, high, v->rate, frequencies[i]);
    }
}

/// As high as the rate allows; above there is nothing.
static double audible(const View* v, double frequency) {
    return fmin(frequency, 0.499 * v->rate);
}

static void paint_under(View* v, cairo_t* cr, int width, int height) {
    const TimbrelPalette* p = &v->palette;
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
            timbrel_text(v->area, cr, text, TIMBREL_TEXT_TINY, &letters, 4, row(v, decibels) - 7,
                         30, 14, 0);
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
        timbrel_text(v->area, cr, text, TIMBREL_TEXT_TINY, &p->dim, x - 20, bottom, 40, foot, 0.5);
    }
}

static void paint_over(View* v, cairo_t* cr, int width, int height) {
    const TimbrelPalette* p = &v->palette;
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

static double spectrum_row(View* v, double decibels) {
    const double share = CLAMP((decibels - softest) / (loudest - softest), 0.0, 1.0);
    return graph_height(v) * (1 - share);
}

/// What comes in, and over it what is left of it for the model.
static void paint_spectrum(View* v, cairo_t* cr, int width) {
    const TimbrelPalette* p = &v->palette;
    const double gain = (double)timbrel_mirror_value(v->mirror, TIMBREL_CONTROL_INPUT_GAIN);
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

static cairo_surface_t* make_layer(View* v, void (*paint)(View*, cairo_t*, int, int), int width,
                                   int height) {
    cairo_surface_t* layer = gdk_window_create_similar_surface(
        gtk_widget_get_window(v->area), CAIRO_CONTENT_COLOR_ALPHA, width, height);
    cairo_t* cr = cairo_create(layer);
    paint(v, cr, width, height);
    cairo_destroy(cr);
    return layer;
}

static gboolean draw(GtkWidget* area, cairo_t* cr, View* v) {
    const int width = gtk_widget_get_allocated_width(area);
    const int height = gtk_widget_get_allocated_height(area);
    if (!v->under) {
        v->under = make_layer(v, paint_under, width, height);
    }
    if (!v->over) {
        v->over = make_layer(v, paint_over, width, height);
    }
    cairo_set_source_surface(cr, v->under, 0, 0);
    cairo_paint(cr);
    if (v->heard) {
        paint_spectrum(v, cr, width);
    }
    cairo_set_source_surface(cr, v->over, 0, 0);
    cairo_paint(cr);
    return GDK_EVENT_PROPAGATE;
}

static void forget_all(View* v) {
    g_clear_pointer(&v->under, cairo_surface_destroy);
    g_clear_pointer(&v->over, cairo_surface_destroy);
    gtk_widget_queue_draw(v->area);
}

static void style_updated(GtkWidget* area, View* v) {
    timbrel_palette_read(&v->palette, area);
    forget_all(v);
}

static void control(TimbrelMirror* mirror, int changed, View* v) {
    (void)mirror;
    if (changed < TIMBREL_CONTROL_LOW_CUT ||
        changed >= TIMBREL_CONTROL_EQ_FIRST + TIMBREL_EQ_BANDS) {
        return;
    }
    g_clear_pointer(&v->over, cairo_surface_destroy);
    gtk_widget_queue_draw(v->area);
}

static void news(TimbrelMirror* mirror, View* v) {
    const double rate = timbrel_mirror_news(mirror)->status.rate;
    if (rate < v->rate || rate > v->rate) {
        v->rate = rate;
        forget_all(v);
    }
}

static void scope(TimbrelMirror* mirror, const TimbrelWireScope* message, View* v) {
    (void)mirror;
    timbrel_spectrum_add(v->spectrum, message->samples, message->frames, TIMBREL_WIRE_SCOPE_SCALE);
}

static void meters(TimbrelMirror* mirror, const TimbrelWireMeters* message, View* v) {
    (void)mirror;
    (void)message;
    if (++v->messages % spectrum_every || !gtk_widget_get_mapped(v->area)) {
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
        gtk_widget_queue_draw_area(v->area, 0, 0, gtk_widget_get_allocated_width(v->area),
                                   (int)graph_height(v));
    }
    v->heard = heard;
}

static void destroy(GtkWidget* overlay, View* v) {
    (void)overlay;
    g_signal_handlers_disconnect_by_data(v->mirror, v);
    g_object_unref(v->mirror);
    timbrel_spectrum_free(v->spectrum);
    g_clear_pointer(&v->under, cairo_surface_destroy);
    g_clear_pointer(&v->over, cairo_surface_destroy);
    g_free(v);
}

GtkWidget* timbrel_equalizer_view_new(TimbrelMirror* mirror) {
    View* v = g_new0(View, 1);
    GtkWidget* overlay = gtk_overlay_new();
    GtkWidget* bands = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
    v->mirror = g_object_ref(mirror);
    v->spectrum = timbrel_spectrum_new();
    v->rate = timbrel_mirror_news(mirror)->status.rate;
    v->area = gtk_drawing_area_new();
    for (int i = 0; i <= columns; ++i) {
        v->edges[i] = frequency_at((double)i / columns);
    }
    for (int i = 0; i < columns; ++i) {
        v->levels[i] = softest - 30;
    }
    gtk_box_set_homogeneous(GTK_BOX(bands), TRUE);
    for (int i = 0; i < TIMBREL_EQ_BANDS; ++i) {
        gtk_box_pack_start(GTK_BOX(bands), timbrel_band_new(mirror, i), TRUE, TRUE, 0);
    }
    gtk_widget_set_margin_bottom(bands, foot);
    gtk_widget_set_size_request(v->area, 240, 60);
    gtk_container_add(GTK_CONTAINER(overlay), v->area);
    gtk_overlay_add_overlay(GTK_OVERLAY(overlay), bands);
    atk_object_set_name(gtk_widget_get_accessible(v->area), "Response of the equalizer");
    timbrel_palette_read(&v->palette, v->area);
    (void)g_signal_connect(v->area, "draw", G_CALLBACK(draw), v);
    (void)g_signal_connect(v->area, "style-updated", G_CALLBACK(style_updated), v);
    (void)g_signal_connect_swapped(v->area, "size-allocate", G_CALLBACK(forget_all), v);
    (void)g_signal_connect(mirror, "control", G_CALLBACK(control), v);
    (void)g_signal_connect(mirror, "news", G_CALLBACK(news), v);
    (void)g_signal_connect(mirror, "scope", G_CALLBACK(scope), v);
    (void)g_signal_connect(mirror, "meters", G_CALLBACK(meters), v);
    (void)g_signal_connect(overlay, "destroy", G_CALLBACK(destroy), v);
    return overlay;
}
