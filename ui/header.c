// SPDX-License-Identifier: ISC
#include "header.h"

#include "attributes_view.h"
#include "method_choice.h"
#include "toggle.h"

#include <math.h>

struct _TimbrelHeader {
    GtkBox parent;
    GtkWidget* list_button;
    GtkWidget* name;
    GtkWidget* detail;
    GtkWidget* spinner;
    GtkWidget* latency;
    GtkWidget* samples;
    GtkWidget* load;
    GtkWidget* load_bar;
    GtkWidget* late;
    GtkWidget* late_button;
    TimbrelWireMeters meters; ///< The latest
};

static void view_init(TimbrelViewInterface* view);
G_DEFINE_FINAL_TYPE_WITH_CODE(TimbrelHeader, timbrel_header, GTK_TYPE_BOX,
                              G_IMPLEMENT_INTERFACE(TIMBREL_TYPE_VIEW, view_init))

static guint step_signal; // Set once, with the class

static TimbrelMirror* mirror_of(TimbrelHeader* h) {
    return timbrel_view_mirror(TIMBREL_VIEW(h));
}

static void set_text(GtkWidget* label, const char* text) {
    if (g_strcmp0(gtk_label_get_text(GTK_LABEL(label)), text)) {
        gtk_label_set_text(GTK_LABEL(label), text);
    }
}

__attribute__((format(printf, 2, 3))) static void set_format(GtkWidget* label, const char* format,
                                                             ...) {
    va_list arguments;
    va_start(arguments, format);
    char* text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    set_text(label, text);
    g_free(text);
}

static void show_figures(TimbrelHeader* h) {
    const TimbrelWireMeters* m = &h->meters;
    const double rate = timbrel_mirror_news(mirror_of(h))->status.rate;
    const bool playing = timbrel_mirror_news(mirror_of(h))->status.playing;
    if (!timbrel_mirror_alive(mirror_of(h)) || !playing) {
        set_text(h->latency, "–");
        set_text(h->samples, timbrel_mirror_alive(mirror_of(h)) ? "latency" : "not running");
        set_text(h->load, "–");
        gtk_level_bar_set_value(GTK_LEVEL_BAR(h->load_bar), 0);
    } else {
        set_format(h->latency, "%.1f ms", 1000.0 * m->latency.total / rate);
        set_format(h->samples, "%u samples", m->latency.total);
        set_format(h->load, "%.0f %%", (double)m->load);
        gtk_level_bar_set_value(GTK_LEVEL_BAR(h->load_bar), fmin((double)m->load / 100, 1));
        if (m->load > 90) {
            gtk_style_context_add_class(gtk_widget_get_style_context(h->load_bar),
                                        "timbrel-overload");
        } else {
            gtk_style_context_remove_class(gtk_widget_get_style_context(h->load_bar),
                                           "timbrel-overload");
        }
    }
    set_format(h->late, "%u", m->late_hops);
    gtk_widget_set_sensitive(h->late_button, m->late_hops > 0);
}

static void meters(TimbrelView* view, const TimbrelWireMeters* message, bool show) {
    TimbrelHeader* h = TIMBREL_HEADER(view);
    h->meters = *message;
    if (show) {
        show_figures(h);
    }
}

static const char* channels_word(uint32_t channels) {
    return channels == 1 ? "mono" : channels == 2 ? "stereo" : "multichannel";
}

/// What is to be known of the model that plays. The caller frees it.
static char* facts_of(const TimbrelNews* n) {
    const TimbrelWireStatus* s = &n->status;
    GString* facts = g_string_new(NULL);
    if (s->latents > 0) {
        g_string_append_printf(facts, "%u latent%s · ", s->latents, s->latents == 1 ? "" : "s");
    }
    g_string_append_printf(facts, "%g kHz · hop %u · %s · %s", s->model_rate / 1000, s->hop,
                           channels_word(s->out_channels), n->texts[TIMBREL_TEXT_BACKEND]);
    return g_string_free(facts, FALSE);
}

static void show_tip(TimbrelHeader* h) {
    const TimbrelNews* n = timbrel_mirror_news(mirror_of(h));
    char* tip = NULL;
    if (n->status.playing) {
        char* facts = facts_of(n);
        tip = g_markup_printf_escaped("<b>%s</b>\n%s\n%s\n%s", n->texts[TIMBREL_TEXT_NAME], facts,
                                      n->texts[TIMBREL_TEXT_BACKEND_WHY],
                                      n->texts[TIMBREL_TEXT_PATH]);
        g_free(facts);
    }
    gtk_widget_set_tooltip_markup(h->name, tip);
    gtk_widget_set_tooltip_markup(h->detail, tip);
    g_free(tip);
}

static void show_model(TimbrelHeader* h) {
    const TimbrelNews* n = timbrel_mirror_news(mirror_of(h));
    const TimbrelWireStatus* s = &n->status;
    const bool loading = s->state == TIMBREL_MODEL_LOADING;
    g_object_set(h->spinner, "active", loading, "visible", loading, NULL);
    set_text(h->name, s->playing ? n->texts[TIMBREL_TEXT_NAME] : "No model");
    if (loading) {
        char* wanted = g_path_get_basename(n->texts[TIMBREL_TEXT_WANTED]);
        set_format(h->detail, "loading %s ...", wanted);
        g_free(wanted);
    } else if (!(timbrel_mirror_value(mirror_of(h), TIMBREL_CONTROL_ENABLED) > 0.5f)) {
        set_text(h->detail, "bypassed: the sound passes dry");
    } else if (s->playing) {
        char* facts = facts_of(n);
        set_text(h->detail, facts);
        g_free(facts);
    } else {
        set_text(h->detail, "the sound passes dry");
    }
    show_tip(h);
}

static void news(TimbrelView* view) {
    show_model(TIMBREL_HEADER(view));
    show_figures(TIMBREL_HEADER(view));
}

static void enabled(TimbrelView* view, int control) {
    (void)control;
    show_model(TIMBREL_HEADER(view));
}

static void alive(TimbrelView* view) {
    show_figures(TIMBREL_HEADER(view));
}

static gboolean latency_tip(GtkWidget* widget, gint x, gint y, gboolean keyboard,
                            GtkTooltip* tooltip, TimbrelHeader* h) {
    (void)widget;
    (void)x;
    (void)y;
    (void)keyboard;
    const TimbrelLatency* l = &h->meters.latency;
    const double rate = timbrel_mirror_news(mirror_of(h))->status.rate;
    GString* text = g_string_new("<b>Latency</b>, which the host compensates");
    for (uint32_t i = 0; i < TIMBREL_LATENCY_COUNT; ++i) {
        const TimbrelLatencyPart* part = &timbrel_latency_parts[i];
        const double samples = part->sign * (double)timbrel_latency_part(l, i);
        if (samples < 0 || samples > 0) {
            g_string_append_printf(text, "\n<tt>%8.1f ms %7.0f  </tt>%s", 1000 * samples / rate,
                                   samples, part->label);
        }
    }
    g_string_append_printf(text, "\n<tt>%8.1f ms %7u  </tt><b>in all</b>", 1000 * l->total / rate,
                           l->total);
    gtk_tooltip_set_markup(tooltip, text->str);
    (void)g_string_free(text, TRUE);
    return TRUE;
}

static GtkWidget* make_label(const char* text, const char* class, double align) {
    GtkWidget* label = gtk_label_new(text);
    gtk_style_context_add_class(gtk_widget_get_style_context(label), class);
    gtk_label_set_xalign(GTK_LABEL(label), (float)align);
    return label;
}

/// A figure above, what it is below.
static GtkWidget* make_figure(TimbrelHeader* h, GtkWidget** figure, GtkWidget* below) {
    GtkWidget* box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    *figure = make_label("–", "timbrel-figure", 1);
    gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
    gtk_box_pack_start(GTK_BOX(box), *figure, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), below, FALSE, FALSE, 0);
    gtk_box_pack_end(GTK_BOX(h), box, FALSE, FALSE, 0);
    return box;
}

static GtkWidget* make_button(const char* icon, const char* tip) {
    GtkWidget* button = gtk_button_new_from_icon_name(icon, GTK_ICON_SIZE_MENU);
    gtk_widget_set_tooltip_text(button, tip);
    atk_object_set_name(gtk_widget_get_accessible(button), tip);
    gtk_button_set_relief(GTK_BUTTON(button), GTK_RELIEF_NONE);
    gtk_style_context_add_class(gtk_widget_get_style_context(button), "timbrel-flat");
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    return button;
}

static void step(GtkButton* button, TimbrelHeader* h) {
    g_signal_emit(h, step_signal, 0, GPOINTER_TO_INT(g_object_get_data(G_OBJECT(button), "step")));
}

static void add_step(TimbrelHeader* h, const char* icon, const char* name, const char* key,
                     int direction) {
    GtkWidget* button = make_button(icon, name);
    char* tip = g_strdup_printf("%s (%s)", name, key);
    gtk_widget_set_tooltip_text(button, tip);
    g_free(tip);
    g_object_set_data(G_OBJECT(button), "step", GINT_TO_POINTER(direction));
    (void)g_signal_connect(button, "clicked", G_CALLBACK(step), h);
    gtk_box_pack_start(GTK_BOX(h), button, FALSE, FALSE, 0);
}

static void clear_late(GtkButton* button, TimbrelHeader* h) {
    (void)button;
    timbrel_mirror_clear_late(mirror_of(h));
}

static void view_init(TimbrelViewInterface* view) {
    view->news = news;
    view->alive = alive;
    view->control = enabled;
    view->meters = meters;
    view->share = 12; // figures that flicker cannot be read
}

static void timbrel_header_class_init(TimbrelHeaderClass* class) {
    (void)class;
    step_signal = g_signal_new("step", TIMBREL_TYPE_HEADER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 1, G_TYPE_INT);
}

static void timbrel_header_init(TimbrelHeader* h) {
    gtk_box_set_spacing(GTK_BOX(h), 4);
    gtk_style_context_add_class(gtk_widget_get_style_context(GTK_WIDGET(h)), "timbrel-head");
}

static void add_model(TimbrelHeader* h) {
    GtkWidget* names = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    GtkWidget* first = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
    h->name = make_label("No model", "timbrel-name", 0);
    h->detail = make_label("", "timbrel-dim", 0);
    h->spinner = gtk_spinner_new();
    gtk_widget_set_no_show_all(h->spinner, TRUE);
    gtk_label_set_ellipsize(GTK_LABEL(h->name), PANGO_ELLIPSIZE_END);
    gtk_label_set_ellipsize(GTK_LABEL(h->detail), PANGO_ELLIPSIZE_END);
    gtk_box_pack_start(GTK_BOX(first), h->name, FALSE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(first), h->spinner, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(names), first, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(names), h->detail, FALSE, FALSE, 0);
    gtk_widget_set_valign(names, GTK_ALIGN_CENTER);
    gtk_widget_set_margin_start(names, 6);
    gtk_box_pack_start(GTK_BOX(h), names, TRUE, TRUE, 0);
}

static void add_figures(TimbrelHeader* h) {
    h->late_button = make_button("edit-clear-symbolic", "Count late hops from 0");
    (void)g_signal_connect(h->late_button, "clicked", G_CALLBACK(clear_late), h);
    gtk_box_pack_end(GTK_BOX(h), h->late_button, FALSE, FALSE, 0);
    GtkWidget* late = make_figure(h, &h->late, make_label("late hops", "timbrel-dim", 1));
    gtk_widget_set_tooltip_text(late, "How many hops the model did not finish in time. If their "
                                      "number grows, choose a longer Timing or a smaller model.");
    GtkWidget* share = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 5);
    h->load_bar = gtk_level_bar_new();
    gtk_style_context_add_class(gtk_widget_get_style_context(h->load_bar), "timbrel-load");
    gtk_widget_set_size_request(h->load_bar, 30, -1);
    gtk_widget_set_valign(h->load_bar, GTK_ALIGN_CENTER);
    atk_object_set_name(gtk_widget_get_accessible(h->load_bar), "Load");
    gtk_box_pack_start(GTK_BOX(share), h->load_bar, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(share), make_label("load", "timbrel-dim", 1), FALSE, FALSE, 0);
    GtkWidget* load = make_figure(h, &h->load, share);
    gtk_widget_set_tooltip_text(load, "Load: share of the time of a hop that the model takes. At "
                                      "100 % it cannot keep up.");
    gtk_widget_set_margin_start(load, 14);
    gtk_widget_set_margin_end(load, 14);
    h->samples = make_label("latency", "timbrel-dim", 1);
    GtkWidget* latency = make_figure(h, &h->latency, h->samples);
    gtk_widget_set_has_tooltip(latency, TRUE);
    (void)g_signal_connect(latency, "query-tooltip", G_CALLBACK(latency_tip), h);
}

GtkWidget* timbrel_header_new(TimbrelMirror* mirror) {
    TimbrelHeader* h = g_object_new(TIMBREL_TYPE_HEADER, NULL);
    h->list_button = gtk_toggle_button_new();
    gtk_container_add(GTK_CONTAINER(h->list_button),
                      gtk_image_new_from_icon_name("view-list-symbolic", GTK_ICON_SIZE_MENU));
    gtk_widget_set_tooltip_text(h->list_button, "Models (Ctrl+L)");
    atk_object_set_name(gtk_widget_get_accessible(h->list_button), "Models");
    gtk_style_context_add_class(gtk_widget_get_style_context(h->list_button), "timbrel-flat");
    gtk_widget_set_valign(h->list_button, GTK_ALIGN_CENTER);
    gtk_box_pack_start(GTK_BOX(h), h->list_button, FALSE, FALSE, 0);
    add_step(h, "go-previous-symbolic", "Previous model", "Ctrl+Page Up", -1);
    add_step(h, "go-next-symbolic", "Next model", "Ctrl+Page Down", 1);
    add_model(h);
    gtk_box_pack_start(GTK_BOX(h), timbrel_method_choice_new(mirror), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(h), timbrel_attributes_view_new(mirror), FALSE, FALSE, 0);
    GtkWidget* power =
        timbrel_icon_toggle_new(mirror, TIMBREL_CONTROL_ENABLED, "system-shutdown-symbolic");
    gtk_style_context_add_class(gtk_widget_get_style_context(power), "timbrel-power");
    gtk_widget_set_valign(power, GTK_ALIGN_CENTER);
    gtk_widget_set_margin_end(power, 14);
    gtk_box_pack_start(GTK_BOX(h), power, FALSE, FALSE, 0);
    add_figures(h);
    timbrel_view_bind(TIMBREL_VIEW(h), mirror);
    timbrel_view_follow(TIMBREL_VIEW(h), TIMBREL_CONTROL_ENABLED);
    gtk_widget_show_all(GTK_WIDGET(h));
    return GTK_WIDGET(h);
}

GtkWidget* timbrel_header_list_button(TimbrelHeader* h) {
    return h->list_button;
}
