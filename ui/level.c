// SPDX-License-Identifier: ISC
#include "level.h"

#include "text.h"
#include "theme.h"
#include "value.h"

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
    TimbrelMirror* mirror;
    TimbrelPalette palette;
    cairo_pattern_t* colors; ///< Of the bar, for the present height
    Channel channels[2];
    gint64 time; ///< Of the last message, µs
    uint32_t count;
    unsigned messages;
    bool output;
};

G_DEFINE_FINAL_TYPE(TimbrelLevel, timbrel_level, GTK_TYPE_DRAWING_AREA)

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

static void meters(TimbrelMirror* mirror, const TimbrelWireMeters* message, TimbrelLevel* level) {
    const gint64 now = g_get_monotonic_time();
    const double seconds = fmin((double)(now - level->time) / G_USEC_PER_SEC, 1.0);
    const double gain =
        level->output ? 0.0 : (double)timbrel_mirror_value(mirror, TIMBREL_CONTROL_INPUT_GAIN);
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
    if (changed && level->messages++ % 2 == 0) { // 30 times a second is enough
        gtk_widget_queue_draw(GTK_WIDGET(level));
    }
}

static cairo_pattern_t* make_colors(const TimbrelPalette* p, double top, double height) {
    cairo_pattern_t* pattern = cairo_pattern_create_linear(0, top + height, 0, top);
    const struct {
        double decibels;
        const GdkRGBA* color;
    } stops[] = {{floor_db, &p->accent}, {-9, &p->accent}, {-3, &p->warn}, {0, &p->bad}};
    for (size_t i = 0; i < G_N_ELEMENTS(stops); ++i) {
        cairo_pattern_add_color_stop_rgb(pattern, share(stops[i].decibels), stops[i].color->red,
                                         stops[i].color->green, stops[i].color->blue);
    }
    return pattern;
}

static gboolean draw(GtkWidget* widget, cairo_t* cr) {
    TimbrelLevel* level = TIMBREL_LEVEL(widget);
    const TimbrelPalette* p = &level->palette;
    const int width = gtk_widget_get_allocated_width(widget);
    const int height = bar_height(level);
    const double top = lamp + 3;
    const uint32_t count = MAX(level->count, timbrel_mirror_channels(level->mirror));
    const double each = (width - 2.0 * (count - 1)) / count;
    if (!level->colors) {
        level->colors = make_colors(p, top, height);
    }
    for (uint32_t c = 0; c < count; ++c) {
        Channel* channel = &level->channels[c];
        const double x = c * (each + 2);
        channel->drawn_level = (int)(share(channel->level) * height);
        channel->drawn_held = (int)(share(channel->held) * height);
        channel->drawn_clipped = channel->clipped;
        gdk_cairo_set_source_rgba(cr, &p->well);
        cairo_rectangle(cr, x, top, each, height);
        cairo_fill(cr);
        cairo_set_source(cr, level->colors);
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
    return GDK_EVENT_PROPAGATE;
}

static void forget(TimbrelLevel* level) {
    g_clear_pointer(&level->colors, cairo_pattern_destroy);
    gtk_widget_queue_draw(GTK_WIDGET(level));
}

static void size_allocate(GtkWidget* widget, GtkAllocation* allocation) {
    GTK_WIDGET_CLASS(timbrel_level_parent_class)->size_allocate(widget, allocation);
    forget(TIMBREL_LEVEL(widget));
}

static void style_updated(GtkWidget* widget) {
    GTK_WIDGET_CLASS(timbrel_level_parent_class)->style_updated(widget);
    timbrel_palette_read(&TIMBREL_LEVEL(widget)->palette, widget);
    forget(TIMBREL_LEVEL(widget));
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
        "<b>%s</b>  %.1f dB\nThe lamp shows that it was over 0 dB; a click puts it out.",
        level->output ? "Output level" : "Input level", fmax(held, -99.9));
    gtk_tooltip_set_markup(tooltip, text);
    g_free(text);
    return TRUE;
}

static void dispose(GObject* object) {
    TimbrelLevel* level = TIMBREL_LEVEL(object);
    g_clear_pointer(&level->colors, cairo_pattern_destroy);
    if (level->mirror) {
        g_signal_handlers_disconnect_by_data(level->mirror, level);
        g_clear_object(&level->mirror);
    }
    G_OBJECT_CLASS(timbrel_level_parent_class)->dispose(object);
}

static void timbrel_level_class_init(TimbrelLevelClass* class) {
    GtkWidgetClass* widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    widget->draw = draw;
    widget->size_allocate = size_allocate;
    widget->style_updated = style_updated;
    widget->button_press_event = button_press;
    widget->query_tooltip = query_tooltip;
}

static void timbrel_level_init(TimbrelLevel* level) {
    for (int c = 0; c < 2; ++c) {
        level->channels[c].level = level->channels[c].held = -120;
    }
    timbrel_palette_read(&level->palette, GTK_WIDGET(level));
    gtk_widget_set_has_tooltip(GTK_WIDGET(level), TRUE);
    gtk_widget_add_events(GTK_WIDGET(level), GDK_BUTTON_PRESS_MASK);
}

GtkWidget* timbrel_level_new(TimbrelMirror* mirror, bool output) {
    TimbrelLevel* level = g_object_new(TIMBREL_TYPE_LEVEL, NULL);
    level->mirror = g_object_ref(mirror);
    level->output = output;
    gtk_widget_set_size_request(GTK_WIDGET(level), timbrel_mirror_channels(mirror) > 1 ? 18 : 10,
                                60);
    AtkObject* accessible = gtk_widget_get_accessible(GTK_WIDGET(level));
    atk_object_set_name(accessible, output ? "Output level" : "Input level");
    atk_object_set_role(accessible, ATK_ROLE_LEVEL_BAR);
    (void)g_signal_connect(mirror, "meters", G_CALLBACK(meters), level);
    return GTK_WIDGET(level);
}
