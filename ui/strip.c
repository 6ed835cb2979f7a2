// SPDX-License-Identifier: ISC
#include "strip.h"

#include "text.h"
#include "trail.h"
#include "value.h"

#include <math.h>
#include <string.h>

static const double reach = 4.4;           // Values shown, either way: the bias and a little
static const double range_return = 0.9985; // Factor of the held range from one message to the next
enum { pad = 4, dot = 3, radius = 4 };

struct _TimbrelStrip {
    TimbrelFader parent;
    uint32_t index;
    bool bends; ///< Else its values are only measured
    char name[TIMBREL_NAME_SIZE];
    TimbrelLatentMeaning meaning;
    TimbrelTrail trail;
    float before;
    float after;
    double low; ///< Recent range of what comes after control
    double high;
    bool fed;
    int line; ///< Height of a line of small text
};

/// What does not move, or moves as a whole.
enum { layer_under, layer_grip, layer_before, layer_after };

G_DEFINE_FINAL_TYPE(TimbrelStrip, timbrel_strip, TIMBREL_TYPE_FADER)

static bool controlled(TimbrelStrip* strip) {
    return timbrel_fader_control(TIMBREL_FADER(strip)) >= 0;
}

/// The field that the values move in.
static GdkRectangle well(TimbrelStrip* strip) {
    GtkWidget* widget = GTK_WIDGET(strip);
    const int width = gtk_widget_get_allocated_width(widget);
    const int height = gtk_widget_get_allocated_height(widget);
    return (GdkRectangle){1, strip->line + 1, MAX(width - 2, 1),
                          MAX(height - 2 * strip->line - 3, 1)};
}

/// 0 bottom .. 1 top.
static double place(double value) {
    return CLAMP((value / reach + 1) / 2, 0.0, 1.0);
}

static double row(const GdkRectangle* area, double value) {
    return area->y + pad + (1 - place(value)) * (area->height - 2 * pad);
}

static double grip_width(const GdkRectangle* area) {
    return floor(MIN(area->width * 0.5, 16));
}

static void paint_dot(cairo_t* cr, const GdkRGBA* color, bool filled) {
    gdk_cairo_set_source_rgba(cr, color);
    cairo_arc(cr, dot, dot, filled ? dot : dot - 0.5, 0, 2 * G_PI);
    cairo_set_line_width(cr, 1);
    if (filled) {
        cairo_fill(cr);
    } else {
        cairo_stroke(cr);
    }
}

static void paint_before(TimbrelView* view, cairo_t* cr, int width, int height) {
    (void)width;
    (void)height;
    paint_dot(cr, &timbrel_view_palette(view)->dim, false);
}

static void paint_after(TimbrelView* view, cairo_t* cr, int width, int height) {
    (void)width;
    (void)height;
    paint_dot(cr, &timbrel_view_palette(view)->trace, true);
}

static void paint_grip(TimbrelView* view, cairo_t* cr, int width, int height) {
    const TimbrelPalette* p = timbrel_view_palette(view);
    const GdkRGBA edge = timbrel_color_fade(p->text, 0.5);
    timbrel_rounded(cr, 1, 1, width - 2, height - 2, 2.5);
    gdk_cairo_set_source_rgba(cr, &p->raised);
    cairo_fill_preserve(cr);
    gdk_cairo_set_source_rgba(cr, &edge);
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
}

static void paint_under(TimbrelView* view, cairo_t* cr, int width, int height) {
    (void)width;
    (void)height;
    const TimbrelPalette* p = timbrel_view_palette(view);
    const GdkRectangle area = well(TIMBREL_STRIP(view));
    timbrel_rounded(cr, area.x, area.y, area.width, area.height, radius);
    gdk_cairo_set_source_rgba(cr, &p->well);
    cairo_fill(cr);
    for (int value = -4; value <= 4; value += 2) {
        const GdkRGBA line = timbrel_color_fade(p->text, value ? 0.06 : 0.20);
        gdk_cairo_set_source_rgba(cr, &line);
        cairo_rectangle(cr, area.x, floor(row(&area, value)), area.width, 1);
        cairo_fill(cr);
    }
}

// What moves is put together from finished pictures and whole pixels: a tenth of the work of paths.

static void fill_rows(cairo_t* cr, const GdkRGBA* color, double x, double from, double to,
                      double width) {
    gdk_cairo_set_source_rgba(cr, color);
    cairo_rectangle(cr, x, floor(fmin(from, to)), width, fmax(fabs(floor(to) - floor(from)), 1));
    cairo_fill(cr);
}

/// A picture around x, y, on whole pixels.
static void put(TimbrelStrip* strip, cairo_t* cr, unsigned layer, TimbrelViewPaint paint, double x,
                double y, int width, int height) {
    const int above = height / 2;
    timbrel_view_put(TIMBREL_VIEW(strip), cr, layer, paint, floor(x - width / 2.0),
                     floor(y - above), width, height);
}

/// The bias: a line with a grip.
static void paint_handle(TimbrelStrip* strip, cairo_t* cr, const GdkRectangle* area) {
    const TimbrelPalette* p = timbrel_view_palette(TIMBREL_VIEW(strip));
    const float bias = timbrel_fader_value(TIMBREL_FADER(strip));
    const bool lit = timbrel_fader_lit(TIMBREL_FADER(strip));
    const bool moved = bias < 0.0f || bias > 0.0f;
    const double y = row(area, (double)bias);
    if (moved) { // how far, and which way, it pushes
        const GdkRGBA push = timbrel_color_fade(p->accent, 0.16);
        fill_rows(cr, &push, area->x, y, row(area, 0), area->width);
    }
    const GdkRGBA color = timbrel_color_fade(p->text, lit ? 0.95 : moved ? 0.75 : 0.4);
    fill_rows(cr, &color, area->x, y, y, area->width);
    put(strip, cr, layer_grip, paint_grip, area->x + area->width / 2.0, y,
        (int)grip_width(area) + 2, 7);
}

static void paint_values(TimbrelStrip* strip, cairo_t* cr, const GdkRectangle* area) {
    const double x = area->x + area->width - dot - 2.5;
    put(strip, cr, layer_before, paint_before, x, row(area, (double)strip->before), 2 * dot,
        2 * dot);
    put(strip, cr, layer_after, paint_after, x, row(area, (double)strip->after), 2 * dot, 2 * dot);
}

static void paint_texts(TimbrelStrip* strip, cairo_t* cr, const GdkRectangle* area, int width) {
    TimbrelFader* fader = TIMBREL_FADER(strip);
    const TimbrelPalette* p = timbrel_view_palette(TIMBREL_VIEW(fader));
    timbrel_text(GTK_WIDGET(strip), cr, strip->name, TIMBREL_TEXT_SMALL,
                 timbrel_fader_lit(fader) ? &p->text : &p->dim, 0, 0, width, strip->line, 0.5);
    if (controlled(strip)) {
        char text[TIMBREL_TEXT_SIZE];
        const float bias = timbrel_fader_value(fader);
        timbrel_value_short(timbrel_fader_control(fader), bias, width < 40 ? 1 : 2, text);
        timbrel_text(GTK_WIDGET(strip), cr, text, TIMBREL_TEXT_SMALL,
                     bias < 0 || bias > 0 ? &p->text : &p->dim, 0, area->y + area->height + 1,
                     width, strip->line, 0.5);
    }
}

static void paint(TimbrelFader* fader, cairo_t* cr, int width, int height) {
    TimbrelStrip* strip = TIMBREL_STRIP(fader);
    const TimbrelPalette* p = timbrel_view_palette(TIMBREL_VIEW(fader));
    const GdkRectangle area = well(strip);
    timbrel_view_put(TIMBREL_VIEW(strip), cr, layer_under, paint_under, 0, 0, width, height);
    if (strip->fed) {
        const GdkRGBA range = timbrel_color_fade(p->trace, 0.45);
        timbrel_trail_draw(&strip->trail, cr, area.x + 3, area.y + pad);
        fill_rows(cr, &range, area.x + 1, row(&area, strip->high), row(&area, strip->low), 2);
    }
    if (controlled(strip)) {
        paint_handle(strip, cr, &area);
    }
    if (strip->fed) {
        paint_values(strip, cr, &area);
    }
    paint_texts(strip, cr, &area, width);
}

static double travel(TimbrelFader* fader) {
    const GdkRectangle area = well(TIMBREL_STRIP(fader));
    const TimbrelControl* bias = &timbrel_controls[timbrel_fader_control(fader)];
    return -(area.height - 2 * pad) * (double)(bias->maximum - bias->minimum) / (2 * reach);
}

static void forget(TimbrelFader* fader) {
    TimbrelStrip* strip = TIMBREL_STRIP(fader);
    GtkWidget* widget = GTK_WIDGET(strip);
    const TimbrelPalette* p = timbrel_view_palette(TIMBREL_VIEW(fader));
    strip->line = timbrel_text_height(widget, TIMBREL_TEXT_SMALL);
    const GdkRectangle area = well(strip);
    const GdkRGBA before = timbrel_color_fade(p->text, 0.30);
    timbrel_trail_init(&strip->trail, gtk_widget_get_window(widget), area.width - 3 - 2 * dot - 2,
                       area.height - 2 * pad, &before, &p->trace);
}

/// A line with what a measured latent stands for, before and after control; "" for others. The
/// caller frees it.
static char* measured(TimbrelStrip* strip) {
    const TimbrelLatentMeaning* m = &strip->meaning;
    if (m->kind == TIMBREL_LATENT_NORMAL) {
        return g_strdup("");
    }
    const char* unit = m->unit[0] ? m->unit : "measured";
    const double before = (double)(m->offset + m->scale * strip->before);
    const double after = (double)(m->offset + m->scale * strip->after);
    return controlled(strip) ? g_strdup_printf("%s: in %.2f   out %.2f\n", unit, before, after)
                             : g_strdup_printf("%s: %.2f\n", unit, after);
}

static gboolean query_tooltip(GtkWidget* widget, gint x, gint y, gboolean keyboard,
                              GtkTooltip* tooltip) {
    (void)x;
    (void)y;
    (void)keyboard;
    TimbrelStrip* strip = TIMBREL_STRIP(widget);
    char* unit = measured(strip);
    char* text = NULL;
    if (controlled(strip)) {
        TimbrelMirror* mirror = timbrel_view_mirror(TIMBREL_VIEW(strip));
        const int scale = timbrel_mirror_scale(mirror, strip->index);
        text = g_markup_printf_escaped(
            "<b>Latent %u</b>  %s\nin %+.2f   bias %+.2f   scale %.2f   out %+.2f\n%s"
            "Drag: bias. Ctrl and drag: scale. Shift: finer.\n"
            "Double click: reset. Right click: type numbers.",
            strip->index + 1, strip->name, (double)strip->before,
            (double)timbrel_fader_value(TIMBREL_FADER(strip)),
            (double)timbrel_mirror_value(mirror, scale), (double)strip->after, unit);
    } else if (strip->bends) {
        text = g_markup_printf_escaped(
            "<b>Latent %u</b>  %s\n%+.2f\n%sOnly the first %d latents have "
            "a bias and a scale.",
            strip->index + 1, strip->name, (double)strip->after, unit, TIMBREL_CONTROLLED_LATENTS);
    } else {
        text = g_markup_printf_escaped("<b>Value %u</b>  %s\n%s%+.2f", strip->index + 1,
                                       strip->name, unit, (double)strip->after);
    }
    g_free(unit);
    gtk_tooltip_set_markup(tooltip, text);
    g_free(text);
    return TRUE;
}

static void finalize(GObject* object) {
    TimbrelStrip* strip = TIMBREL_STRIP(object);
    timbrel_trail_clear(&strip->trail);
    G_OBJECT_CLASS(timbrel_strip_parent_class)->finalize(object);
}

static void timbrel_strip_class_init(TimbrelStripClass* class) {
    G_OBJECT_CLASS(class)->finalize = finalize;
    GTK_WIDGET_CLASS(class)->query_tooltip = query_tooltip;
    TIMBREL_FADER_CLASS(class)->paint = paint;
    TIMBREL_FADER_CLASS(class)->travel = travel;
    TIMBREL_FADER_CLASS(class)->forget = forget;
}

static void timbrel_strip_init(TimbrelStrip* strip) {
    timbrel_trail_clear(&strip->trail);
}

GtkWidget* timbrel_strip_new(TimbrelMirror* mirror, uint32_t index, bool bends) {
    TimbrelStrip* strip = g_object_new(TIMBREL_TYPE_STRIP, NULL);
    strip->index = index;
    strip->bends = bends;
    timbrel_fader_bind(TIMBREL_FADER(strip), mirror,
                       bends ? timbrel_mirror_bias(mirror, index) : -1);
    if (controlled(strip)) {
        timbrel_fader_bind_second(TIMBREL_FADER(strip), timbrel_mirror_scale(mirror, index));
    }
    return GTK_WIDGET(strip);
}

void timbrel_strip_tell(TimbrelStrip* strip, const char* label,
                        const TimbrelLatentMeaning* meaning) {
    static const char signal[] = "(signal) "; // As nn~ marks its labels
    static const char plain[] = "Latent dimension";
    if (strncmp(label, signal, sizeof signal - 1) == 0) {
        label += sizeof signal - 1;
    }
    if (label[0] &&
        !g_str_has_prefix(label, plain)) { // RAVE's own, which tell no more than a number
        (void)g_strlcpy(strip->name, label, sizeof strip->name);
    } else {
        (void)g_snprintf(strip->name, sizeof strip->name, "%u", strip->index + 1);
    }
    strip->meaning = *meaning;
    char* description = meaning->unit[0] ? g_strdup_printf("%s, %s", strip->name, meaning->unit)
                                         : g_strdup(strip->name);
    atk_object_set_description(gtk_widget_get_accessible(GTK_WIDGET(strip)), description);
    g_free(description);
    gtk_widget_queue_draw(GTK_WIDGET(strip));
}

void timbrel_strip_feed(TimbrelStrip* strip, float before, float after, bool show) {
    if (!isfinite(before) || !isfinite(after)) {
        return;
    }
    const double value = (double)after;
    const double middle = (strip->low + strip->high) / 2;
    strip->low = strip->fed ? fmin(value, middle + (strip->low - middle) * range_return) : value;
    strip->high = strip->fed ? fmax(value, middle + (strip->high - middle) * range_return) : value;
    strip->before = before;
    strip->after = after;
    strip->fed = true;
    timbrel_trail_add(&strip->trail, place((double)before), place(value));
    if (!show) {
        return;
    }
    const GdkRectangle area = well(strip);
    gtk_widget_queue_draw_area(GTK_WIDGET(strip), area.x, area.y, area.width, area.height);
}
