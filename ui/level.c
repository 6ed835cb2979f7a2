// SPDX-License-Identifier: ISC
#include "level.h"

#include <math.h>

static const double floor_db = -60.0;
static const double ceiling_db = 6.0;
static const double fall = 20.0; // dB a second, as IEC 60268-18's
static const double hold_seconds = 1.5;
enum { lamp = 6 };

typedef struct {
    double level; ///< dB
    double held;  ///< dB
    gint64 since; ///< When the peak was held, µs
    bool clipped;
    int drawn_level; ///< Pixels as last drawn, so that nothing is drawn for nothing
    int drawn_held;
    bool drawn_clipped;
} Channel;

struct _TimbrelLevel {
    GtkDrawingArea parent;
    Channel channels[2];
    gint64 time; ///< Time of the last message, µs
    uint32_t count;
    bool output;
};

static void view_init(TimbrelViewInterface* view);
G_DEFINE_FINAL_TYPE_WITH_CODE(TimbrelLevel, timbrel_level, GTK_TYPE_DRAWING_AREA,
                              G_IMPLEMENT_INTERFACE(TIMBREL_TYPE_VIEW, view_init))

static double share(double decibels) {
    // The upper half is the last 20 dB: where music is.
    const double d = fmin(fmax(decibels, floor_db), ceiling_db);
    const double x = (d - floor_db) / (ceiling_db - floor_db);
    return pow(x, 1.6);
}

static int bar_height(TimbrelLevel* level) {
    return MAX(gtk_widget_get_allocated_height(GTK_WIDGET(level)) - lamp - 3, 1);
}

static void follow(Channel* channel, double peak, double seconds, gint64 now) {
    const double decibels = peak > 1e-6 ? 20.0 * log10(peak) : -120.0;
    channel->level = fmax(decibels, channel->level - fall * seconds);
    if (channel->level >= channel->held ||
        (double)(now - channel->since) > hold_seconds * G_USEC_PER_SEC) {
        channel->held = channel->level;
        channel->since = now;
    }
    channel->clipped = channel->clipped || decibels > 0.0;
}

static void meters(TimbrelView* view, const TimbrelWireMeters* message, bool show) {
    TimbrelLevel* level = TIMBREL_LEVEL(view);
    const gint64 now = g_get_monotonic_time();
    const double seconds = fmin((double)(now - level->time) / G_USEC_PER_SEC, 1.0);
    const double gain = level->output ? 0.0
                                      : (double)timbrel_mirror_value(timbrel_view_mirror(view),
                                                                     TIMBREL_CONTROL_INPUT_GAIN);
    bool changed = level->count != message->channels;
    level->time = now;
    level->count = message->channels;
    for (uint32_t c = 0; c < level->count; ++c) {
        Channel* channel = &level->channels[c];
        const float peak = level->output ? message->output[c] : message->input[c];
        follow(channel, (double)peak * pow(10.0, gain / 20.0), seconds, now);
        const int height = bar_height(level);
        changed = changed || (int)(share(channel->level) * height) != channel->drawn_level ||
                  (int)(share(channel->held) * height) != channel->drawn_held ||
                  channel->clipped != channel->drawn_clipped;
    }
    if (changed && show) {
        gtk_widget_queue_draw(GTK_WIDGET(level));
    }
}

/// The whole bar, of which a level shows the lower part.
static void paint_colors(TimbrelView* view, cairo_t* cr, int width, int height) {
    const TimbrelPalette* p = timbrel_view_palette(view);
    const double top = lamp + 3;
    const struct {
        double decibels;
        const GdkRGBA* color;
    } stops[] = {{floor_db, &p->accent}, {-9, &p->accent}, {-3, &p->warn}, {0, &p->bad}};
    cairo_pattern_t* pattern = cairo_pattern_create_linear(0, height, 0, top);
    for (size_t i = 0; i < G_N_ELEMENTS(stops); ++i) {
        cairo_pattern_add_color_stop_rgb(pattern, share(stops[i].decibels), stops[i].color->red,
                                         stops[i].color->green, stops[i].color->blue);
    }
    cairo_rectangle(cr, 0, top, width, height - top);
    cairo_set_source(cr, pattern);
    cairo_fill(cr);
    cairo_pattern_destroy(pattern);
}

static void paint(TimbrelView* view, cairo_t* cr, int width, int whole_height) {
    TimbrelLevel* level = TIMBREL_LEVEL(view);
    const TimbrelPalette* p = timbrel_view_palette(view);
    const int height = bar_height(level);
    const double top = lamp + 3;
    const uint32_t count = MAX(level->count, timbrel_mirror_channels(timbrel_view_mirror(view)));
    const double each = (width - 2.0 * (count - 1)) / count;
    cairo_surface_t* colors = timbrel_view_layer(view, 0, paint_colors, width, whole_height);
    for (uint32_t c = 0; c < count; ++c) {
        Channel* channel = &level->channels[c];
        const double x = c * (each + 2);
        channel->drawn_level = (int)(share(channel->level) * height);
        channel->drawn_held = (int)(share(channel->held) * height);
        channel->drawn_clipped = channel->clipped;
        gdk_cairo_set_source_rgba(cr, &p->well);
        cairo_rectangle(cr, x, top, each, height);
        cairo_fill(cr);
        cairo_set_source_surface(cr, colors, 0, 0);
        cairo_rectangle(cr, x, top + height - channel->drawn_level, each, channel->drawn_level);
        if (channel->drawn_held > 1) {
            cairo_rectangle(cr, x, top + height - channel->drawn_held, each, 1.5);
        }
        cairo_fill(cr);
        gdk_cairo_set_source_rgba(cr, channel->clipped ? &p->bad : &p->well);
        cairo_rectangle(cr, x, 0, each, lamp);
        cairo_fill(cr);
    }
    const GdkRGBA line = timbrel_color_fade(p->text, 0.28);
    const double zero = top + height - floor(share(0) * height);
    gdk_cairo_set_source_rgba(cr, &line);
    cairo_rectangle(cr, 0, zero, width, 1);
    cairo_fill(cr);
}

static gboolean button_press(GtkWidget* widget, GdkEventButton* event) {
    (void)event;
    TimbrelLevel* level = TIMBREL_LEVEL(widget);
    level->channels[0].clipped = level->channels[1].clipped = false;
    gtk_widget_queue_draw(widget);
    return GDK_EVENT_STOP;
}

static gboolean query_tooltip(GtkWidget* widget, gint x, gint y, gboolean keyboard,
                              GtkTooltip* tooltip) {
    (void)x;
    (void)y;
    (void)keyboard;
    const TimbrelLevel* level = TIMBREL_LEVEL(widget);
    double held = -120;
    for (uint32_t c = 0; c < level->count; ++c) {
        held = fmax(held, level->channels[c].held);
    }
    char* text = g_markup_printf_escaped(
        "<b>%s</b>  %.1f dB\nThe lamp shows that the level was over 0 dB; click to put it out.",
        level->output ? "Output level" : "Input level", fmax(held, -99.9));
    gtk_tooltip_set_markup(tooltip, text);
    g_free(text);
    return TRUE;
}

static void view_init(TimbrelViewInterface* view) {
    view->paint = paint;
    view->meters = meters;
    view->share = 2;
}

static void timbrel_level_class_init(TimbrelLevelClass* class) {
    GTK_WIDGET_CLASS(class)->button_press_event = button_press;
    GTK_WIDGET_CLASS(class)->query_tooltip = query_tooltip;
}

static void timbrel_level_init(TimbrelLevel* level) {
    for (int c = 0; c < 2; ++c) {
        level->channels[c].level = level->channels[c].held = -120;
    }
    gtk_widget_set_has_tooltip(GTK_WIDGET(level), TRUE);
    gtk_widget_add_events(GTK_WIDGET(level), GDK_BUTTON_PRESS_MASK);
}

GtkWidget* timbrel_level_new(TimbrelMirror* mirror, bool output) {
    TimbrelLevel* level = g_object_new(TIMBREL_TYPE_LEVEL, NULL);
    level->output = output;
    timbrel_view_bind(TIMBREL_VIEW(level), mirror);
    gtk_widget_set_size_request(GTK_WIDGET(level), timbrel_mirror_channels(mirror) > 1 ? 18 : 10,
                                60);
    AtkObject* accessible = gtk_widget_get_accessible(GTK_WIDGET(level));
    atk_object_set_name(accessible, output ? "Output level" : "Input level");
    atk_object_set_role(accessible, ATK_ROLE_LEVEL_BAR);
    return GTK_WIDGET(level);
}
