// SPDX-License-Identifier: ISC
#include "latents.h"

#include "bar.h"
#include "strip.h"
#include "toggle.h"

#include <math.h>

enum {
    narrowest = 30,    ///< Pixels of a strip with controls
    least_height = 58, ///< Of any
    meter_width = 18   ///< Of one that only shows
};

typedef struct {
    TimbrelMirror* mirror;
    GtkWidget* row;   ///< Of strips
    GtkWidget* stack; ///< The row, or why there is none
    GtkWidget* empty;
    GtkWidget* strips[TIMBREL_MAX_LATENTS];
    GtkWidget* tools;
    GtkSizeGroup* feet; ///< What stands below the strips
    uint32_t count;
    unsigned messages;
} Latents;

static void set_name(Latents* l, uint32_t index) {
    timbrel_strip_name(TIMBREL_STRIP(l->strips[index]),
                       timbrel_mirror_news(l->mirror)->labels[index]);
}

static GtkWidget* make_column(Latents* l, uint32_t index) {
    GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
    l->strips[index] = timbrel_strip_new(l->mirror, index);
    gtk_box_pack_start(GTK_BOX(column), l->strips[index], TRUE, TRUE, 0);
    if (index < TIMBREL_CONTROLLED_LATENTS) {
        GtkWidget* scale = timbrel_bar_new(l->mirror, TIMBREL_CONTROL_SCALE_FIRST + (int)index,
                                           TIMBREL_BAR_SMALL, "×");
        gtk_box_pack_end(GTK_BOX(column), scale, FALSE, FALSE, 0);
        gtk_size_group_add_widget(l->feet, scale);
        gtk_widget_set_size_request(l->strips[index], narrowest, least_height);
    } else {
        GtkWidget* nothing = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
        gtk_box_pack_end(GTK_BOX(column), nothing, FALSE, FALSE, 0);
        gtk_size_group_add_widget(l->feet, nothing); // so that all strips are of one height
        gtk_widget_set_size_request(l->strips[index], meter_width, least_height);
    }
    set_name(l, index);
    return column;
}

static const char* why_empty(const TimbrelNews* news) {
    if (!news->status.playing && news->status.state == TIMBREL_MODEL_LOADING) {
        return "The model is being loaded ...";
    }
    if (!news->status.playing) {
        return "No model plays yet. Choose one from the list.";
    }
    return "This model has no latents that can be reached: it plays as a whole.";
}

static void set_count(Latents* l, uint32_t count) {
    if (count != l->count) {
        gtk_container_foreach(GTK_CONTAINER(l->row),
                              (GtkCallback)(void (*)(void))gtk_widget_destroy, NULL);
        gtk_box_set_spacing(GTK_BOX(l->row), count > 24 ? 2 : 4);
        for (uint32_t i = 0; i < count; ++i) {
            GtkWidget* column = make_column(l, i);
            const bool stretch = i < TIMBREL_CONTROLLED_LATENTS || count <= 32;
            gtk_box_pack_start(GTK_BOX(l->row), column, stretch, TRUE, 0);
        }
        gtk_widget_show_all(l->row);
        l->count = count;
    }
    gtk_label_set_text(GTK_LABEL(l->empty), why_empty(timbrel_mirror_news(l->mirror)));
    gtk_stack_set_visible_child_name(GTK_STACK(l->stack), count > 0 ? "strips" : "empty");
    gtk_widget_set_sensitive(l->tools, count > 0);
}

static void news(TimbrelMirror* mirror, Latents* l) {
    const TimbrelNews* n = timbrel_mirror_news(mirror);
    set_count(l, n->status.playing ? n->status.latents : 0);
    for (uint32_t i = 0; i < l->count; ++i) {
        const bool bends = !n->status.discrete;
        GList* column =
            gtk_container_get_children(GTK_CONTAINER(gtk_widget_get_parent(l->strips[i])));
        g_list_foreach(column, (GFunc)(void (*)(void))gtk_widget_set_sensitive,
                       GINT_TO_POINTER(bends));
        g_list_free(column);
        set_name(l, i);
    }
}

static void meters(TimbrelMirror* mirror, const TimbrelWireMeters* message, Latents* l) {
    (void)mirror;
    const bool show = l->messages++ % 2 == 0; // 30 times a second
    // While one model fades into another, the news may be of either.
    for (uint32_t i = 0; message->latents == l->count && i < l->count; ++i) {
        timbrel_strip_feed(TIMBREL_STRIP(l->strips[i]), message->values[i],
                           message->values[message->latents + i], show);
    }
}

/// A wheel over strips that are meters only goes sideways: there is no other way.
static gboolean scroll(GtkWidget* scrolled, GdkEventScroll* event, Latents* l) {
    GtkAdjustment* place = gtk_scrolled_window_get_hadjustment(GTK_SCROLLED_WINDOW(scrolled));
    const double step = 3.0 * (meter_width + gtk_box_get_spacing(GTK_BOX(l->row)));
    double x = 0;
    double y = 0;
    if (event->direction == GDK_SCROLL_UP) {
        y = -1;
    } else if (event->direction == GDK_SCROLL_DOWN) {
        y = 1;
    } else if (event->direction != GDK_SCROLL_SMOOTH ||
               !gdk_event_get_scroll_deltas((GdkEvent*)event, &x, &y) || fabs(x) > fabs(y)) {
        return GDK_EVENT_PROPAGATE;
    }
    gtk_adjustment_set_value(place, gtk_adjustment_get_value(place) + y * step);
    return GDK_EVENT_STOP;
}

static void reset_all(GtkButton* button, Latents* l) {
    (void)button;
    for (int i = 0; i < TIMBREL_CONTROLLED_LATENTS; ++i) {
        const int bias = TIMBREL_CONTROL_BIAS_FIRST + i;
        const int scale = TIMBREL_CONTROL_SCALE_FIRST + i;
        timbrel_mirror_set(l->mirror, bias, timbrel_controls[bias].normal);
        timbrel_mirror_set(l->mirror, scale, timbrel_controls[scale].normal);
    }
}

static void destroy(GtkWidget* card, Latents* l) {
    (void)card;
    g_signal_handlers_disconnect_by_data(l->mirror, l);
    g_object_unref(l->mirror);
    g_object_unref(l->feet);
    g_free(l);
}

static GtkWidget* make_tools(Latents* l) {
    GtkWidget* tools = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 10);
    GtkWidget* smoothing =
        timbrel_bar_new(l->mirror, TIMBREL_CONTROL_SMOOTHING, TIMBREL_BAR_SMALL, "Smoothing  ");
    GtkWidget* freeze = timbrel_toggle_new(l->mirror, TIMBREL_CONTROL_FREEZE);
    GtkWidget* reset = gtk_button_new_with_label("Reset");
    gtk_widget_set_tooltip_text(reset, "All biases to 0 and all scales to 1");
    atk_object_set_name(gtk_widget_get_accessible(reset), "Reset all latents");
    gtk_style_context_add_class(gtk_widget_get_style_context(reset), "timbrel-small");
    gtk_widget_set_size_request(smoothing, 132, 22);
    gtk_widget_set_valign(smoothing, GTK_ALIGN_CENTER);
    (void)g_signal_connect(reset, "clicked", G_CALLBACK(reset_all), l);
    gtk_box_pack_start(GTK_BOX(tools), smoothing, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(tools), freeze, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(tools), reset, FALSE, FALSE, 0);
    return tools;
}

GtkWidget* timbrel_latents_new(TimbrelMirror* mirror) {
    Latents* l = g_new0(Latents, 1);
    GtkWidget* card = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
    GtkWidget* head = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
    GtkWidget* title = gtk_label_new("LATENTS");
    GtkWidget* scrolled = gtk_scrolled_window_new(NULL, NULL);
    l->mirror = g_object_ref(mirror);
    l->row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 4);
    l->feet = gtk_size_group_new(GTK_SIZE_GROUP_VERTICAL);
    l->empty = gtk_label_new(NULL);
    l->stack = gtk_stack_new();
    l->tools = make_tools(l);
    gtk_style_context_add_class(gtk_widget_get_style_context(title), "timbrel-section");
    gtk_style_context_add_class(gtk_widget_get_style_context(l->empty), "timbrel-empty");
    gtk_style_context_add_class(gtk_widget_get_style_context(card), "timbrel-card");
    gtk_label_set_line_wrap(GTK_LABEL(l->empty), TRUE);
    gtk_label_set_justify(GTK_LABEL(l->empty), GTK_JUSTIFY_CENTER);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_AUTOMATIC,
                                   GTK_POLICY_NEVER);
    gtk_scrolled_window_set_overlay_scrolling(GTK_SCROLLED_WINDOW(scrolled), FALSE);
    gtk_container_add(GTK_CONTAINER(scrolled), l->row);
    gtk_stack_add_named(GTK_STACK(l->stack), l->empty, "empty");
    gtk_stack_add_named(GTK_STACK(l->stack), scrolled, "strips");
    gtk_box_pack_start(GTK_BOX(head), title, FALSE, FALSE, 0);
    gtk_box_pack_end(GTK_BOX(head), l->tools, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(card), head, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(card), l->stack, TRUE, TRUE, 0);
    g_object_set(head, "margin", 8, "margin-bottom", 0, NULL);
    g_object_set(l->stack, "margin", 8, "margin-top", 0, NULL);
    (void)g_signal_connect(scrolled, "scroll-event", G_CALLBACK(scroll), l);
    (void)g_signal_connect(mirror, "news", G_CALLBACK(news), l);
    (void)g_signal_connect(mirror, "meters", G_CALLBACK(meters), l);
    (void)g_signal_connect(card, "destroy", G_CALLBACK(destroy), l);
    gtk_widget_show_all(card);
    set_count(l, 0);
    return card;
}
