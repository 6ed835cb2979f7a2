// SPDX-License-Identifier: ISC
#include "latents.h"

#include "bar.h"
#include "strip.h"
#include "toggle.h"
#include "view.h"

#include <math.h>

enum {
    narrowest = 30,    ///< Pixels of a strip with controls
    least_height = 58, ///< Pixels of any strip
    meter_width = 18   ///< Pixels of a strip that only shows
};

#define TIMBREL_TYPE_LATENTS (timbrel_latents_get_type())
G_DECLARE_FINAL_TYPE(TimbrelLatents, timbrel_latents, TIMBREL, LATENTS, GtkBox)

struct _TimbrelLatents {
    GtkBox parent;
    GtkWidget* row;   ///< The strips, side by side
    GtkWidget* stack; ///< The row, or why there is none
    GtkWidget* empty;
    GtkWidget* strips[TIMBREL_MAX_LATENTS];
    GtkWidget* title;
    GtkWidget* tools;
    GtkSizeGroup* feet; ///< What stands below the strips
    uint32_t count;
    bool bends; ///< Else the values are only measured: meters without controls
};

static void view_init(TimbrelViewInterface* view);
G_DEFINE_FINAL_TYPE_WITH_CODE(TimbrelLatents, timbrel_latents, GTK_TYPE_BOX,
                              G_IMPLEMENT_INTERFACE(TIMBREL_TYPE_VIEW, view_init))

static TimbrelMirror* mirror_of(TimbrelLatents* l) {
    return timbrel_view_mirror(TIMBREL_VIEW(l));
}

static void tell_strip(TimbrelLatents* l, uint32_t index) {
    const TimbrelNews* n = timbrel_mirror_news(mirror_of(l));
    timbrel_strip_tell(TIMBREL_STRIP(l->strips[index]), n->labels[index], &n->meanings[index]);
}

static GtkWidget* make_column(TimbrelLatents* l, uint32_t index) {
    GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
    const int control = l->bends ? timbrel_mirror_scale(mirror_of(l), index) : -1;
    l->strips[index] = timbrel_strip_new(mirror_of(l), index, l->bends);
    gtk_box_pack_start(GTK_BOX(column), l->strips[index], TRUE, TRUE, 0);
    if (control >= 0) {
        GtkWidget* scale = timbrel_bar_new(mirror_of(l), control, TIMBREL_BAR_SMALL, "×");
        gtk_box_pack_end(GTK_BOX(column), scale, FALSE, FALSE, 0);
        gtk_size_group_add_widget(l->feet, scale);
        gtk_widget_set_size_request(l->strips[index], narrowest, least_height);
    } else {
        GtkWidget* nothing = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
        gtk_box_pack_end(GTK_BOX(column), nothing, FALSE, FALSE, 0);
        gtk_size_group_add_widget(l->feet, nothing); // so that all strips are of one height
        gtk_widget_set_size_request(l->strips[index], meter_width, least_height);
    }
    tell_strip(l, index);
    return column;
}

static const char* why_empty(const TimbrelNews* news) {
    if (!news->status.playing && news->status.state == TIMBREL_MODEL_LOADING) {
        return "The model is being loaded ...";
    }
    if (!news->status.playing) {
        return "No model plays yet. Choose one from the list.";
    }
    return "This model has no latents to control: it plays as a whole.";
}

static void make_strips(TimbrelLatents* l, uint32_t count, bool bends) {
    gtk_container_foreach(GTK_CONTAINER(l->row), (GtkCallback)(void (*)(void))gtk_widget_destroy,
                          NULL);
    gtk_box_set_spacing(GTK_BOX(l->row), count > 24 ? 2 : 4);
    l->count = count;
    l->bends = bends;
    for (uint32_t i = 0; i < count; ++i) {
        GtkWidget* column = make_column(l, i);
        const bool bent = bends && timbrel_mirror_bias(mirror_of(l), i) >= 0;
        gtk_box_pack_start(GTK_BOX(l->row), column, bent || count <= 32, TRUE, 0);
    }
    gtk_widget_show_all(l->row);
}

static void show_latents(TimbrelLatents* l, uint32_t count, bool bends) {
    if (count != l->count || bends != l->bends) {
        make_strips(l, count, bends);
    }
    gtk_label_set_text(GTK_LABEL(l->title), bends ? "LATENTS" : "VALUES");
    gtk_label_set_text(GTK_LABEL(l->empty), why_empty(timbrel_mirror_news(mirror_of(l))));
    gtk_stack_set_visible_child_name(GTK_STACK(l->stack), count > 0 ? "strips" : "empty");
    gtk_widget_set_sensitive(l->tools, count > 0);
    gtk_widget_set_visible(l->tools, bends);
}

static void news(TimbrelView* view) {
    TimbrelLatents* l = TIMBREL_LATENTS(view);
    const TimbrelNews* n = timbrel_mirror_news(timbrel_view_mirror(view));
    show_latents(l, n->status.playing ? n->status.latents : 0,
                 n->status.play_mode != TIMBREL_PLAY_VALUES);
    for (uint32_t i = 0; i < l->count; ++i) {
        const bool movable = !n->status.discrete;
        GList* column =
            gtk_container_get_children(GTK_CONTAINER(gtk_widget_get_parent(l->strips[i])));
        g_list_foreach(column, (GFunc)(void (*)(void))gtk_widget_set_sensitive,
                       GINT_TO_POINTER(movable));
        g_list_free(column);
        tell_strip(l, i);
    }
}

static void meters(TimbrelView* view, const TimbrelWireMeters* message, bool show) {
    TimbrelLatents* l = TIMBREL_LATENTS(view);
    // While one model fades into another, the news may be of either.
    for (uint32_t i = 0; message->latents == l->count && i < l->count; ++i) {
        timbrel_strip_feed(TIMBREL_STRIP(l->strips[i]), message->values[i],
                           message->values[message->latents + i], show);
    }
}

/// A wheel over strips that are meters only goes sideways: there is no other way.
static gboolean scroll(GtkWidget* scrolled, GdkEventScroll* event, TimbrelLatents* l) {
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

static void set_back(TimbrelMirror* mirror, int control) {
    if (control >= 0) {
        timbrel_mirror_set(mirror, control, timbrel_controls[control].normal);
    }
}

static void reset_all(GtkButton* button, TimbrelLatents* l) {
    (void)button;
    for (uint32_t i = 0; i < TIMBREL_MAX_LATENTS; ++i) {
        set_back(mirror_of(l), timbrel_mirror_bias(mirror_of(l), i));
        set_back(mirror_of(l), timbrel_mirror_scale(mirror_of(l), i));
    }
}

static void view_init(TimbrelViewInterface* view) {
    view->news = news;
    view->meters = meters;
    view->share = 2;
}

static void finalize(GObject* object) {
    g_object_unref(TIMBREL_LATENTS(object)->feet);
    G_OBJECT_CLASS(timbrel_latents_parent_class)->finalize(object);
}

static void timbrel_latents_class_init(TimbrelLatentsClass* class) {
    G_OBJECT_CLASS(class)->finalize = finalize;
}

static void timbrel_latents_init(TimbrelLatents* l) {
    gtk_orientable_set_orientation(GTK_ORIENTABLE(l), GTK_ORIENTATION_VERTICAL);
    gtk_box_set_spacing(GTK_BOX(l), 6);
}

static GtkWidget* make_tools(TimbrelLatents* l) {
    GtkWidget* tools = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 10);
    GtkWidget* smoothing =
        timbrel_bar_new(mirror_of(l), TIMBREL_CONTROL_SMOOTHING, TIMBREL_BAR_SMALL, "Smoothing  ");
    GtkWidget* freeze = timbrel_toggle_new(mirror_of(l), TIMBREL_CONTROL_FREEZE);
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
    TimbrelLatents* l = g_object_new(TIMBREL_TYPE_LATENTS, NULL);
    GtkWidget* card = GTK_WIDGET(l);
    GtkWidget* head = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
    GtkWidget* scrolled = gtk_scrolled_window_new(NULL, NULL);
    timbrel_view_bind(TIMBREL_VIEW(l), mirror);
    l->row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 4);
    l->feet = gtk_size_group_new(GTK_SIZE_GROUP_VERTICAL);
    l->empty = gtk_label_new(NULL);
    l->stack = gtk_stack_new();
    l->title = gtk_label_new(NULL);
    l->tools = make_tools(l);
    gtk_style_context_add_class(gtk_widget_get_style_context(l->title), "timbrel-section");
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
    gtk_box_pack_start(GTK_BOX(head), l->title, FALSE, FALSE, 0);
    gtk_box_pack_end(GTK_BOX(head), l->tools, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(card), head, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(card), l->stack, TRUE, TRUE, 0);
    g_object_set(head, "margin", 8, "margin-bottom", 0, NULL);
    g_object_set(l->stack, "margin", 8, "margin-top", 0, NULL);
    (void)g_signal_connect(scrolled, "scroll-event", G_CALLBACK(scroll), l);
    gtk_widget_show_all(card);
    show_latents(l, 0, true);
    return card;
}
