// SPDX-License-Identifier: ISC
#include "play_bar.h"

#include "bar.h"
#include "toggle.h"
#include "view.h"

#define TIMBREL_TYPE_PLAY_BAR (timbrel_play_bar_get_type())
G_DECLARE_FINAL_TYPE(TimbrelPlayBar, timbrel_play_bar, TIMBREL, PLAY_BAR, GtkBox)

struct _TimbrelPlayBar {
    GtkBox parent;
    GtkWidget* randomness;
    GtkWidget* noise;
};

static void view_init(TimbrelViewInterface* view);
G_DEFINE_FINAL_TYPE_WITH_CODE(TimbrelPlayBar, timbrel_play_bar, GTK_TYPE_BOX,
                              G_IMPLEMENT_INTERFACE(TIMBREL_TYPE_VIEW, view_init))

static void add_choice(GtkWidget* bar, TimbrelMirror* mirror, int control) {
    GtkWidget* box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    GtkWidget* label = gtk_label_new(timbrel_controls[control].name);
    gtk_style_context_add_class(gtk_widget_get_style_context(label), "timbrel-dim");
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_box_pack_start(GTK_BOX(box), label, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), timbrel_choice_new(mirror, control), FALSE, FALSE, 0);
    gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
    gtk_box_pack_start(GTK_BOX(bar), box, FALSE, FALSE, 0);
}

/// What a model does not do cannot be turned down.
static void news(TimbrelView* view) {
    const TimbrelPlayBar* bar = TIMBREL_PLAY_BAR(view);
    const TimbrelWireStatus* status = &timbrel_mirror_news(timbrel_view_mirror(view))->status;
    gtk_widget_set_sensitive(bar->randomness, !status->playing || status->draws_normal);
    gtk_widget_set_sensitive(bar->noise, !status->playing || status->draws_uniform);
}

static void view_init(TimbrelViewInterface* view) {
    view->news = news;
}

static void timbrel_play_bar_class_init(TimbrelPlayBarClass* class) {
    (void)class;
}

static void timbrel_play_bar_init(TimbrelPlayBar* bar) {
    gtk_box_set_spacing(GTK_BOX(bar), 12);
}

static void measure(GtkButton* button, TimbrelMirror* mirror) {
    (void)button;
    timbrel_mirror_measure(mirror);
}

/// What Timing gives time for was measured once: a button to do so again.
static void add_measure(GtkWidget* bar, TimbrelMirror* mirror) {
    GtkWidget* button = gtk_button_new_from_icon_name("view-refresh-symbolic", GTK_ICON_SIZE_MENU);
    gtk_widget_set_tooltip_text(button, "Measure anew how fast the model plays on this machine; "
                                        "the latency may change");
    atk_object_set_name(gtk_widget_get_accessible(button), "Measure the model anew");
    gtk_button_set_relief(GTK_BUTTON(button), GTK_RELIEF_NONE);
    gtk_style_context_add_class(gtk_widget_get_style_context(button), "timbrel-flat");
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    (void)g_signal_connect(button, "clicked", G_CALLBACK(measure), mirror);
    gtk_box_pack_start(GTK_BOX(bar), button, FALSE, FALSE, 0);
}

GtkWidget* timbrel_play_bar_new(TimbrelMirror* mirror) {
    TimbrelPlayBar* play = g_object_new(TIMBREL_TYPE_PLAY_BAR, NULL);
    GtkWidget* bar = GTK_WIDGET(play);
    GtkWidget* mix = timbrel_bar_new(mirror, TIMBREL_CONTROL_MIX, TIMBREL_BAR_WIDE, NULL);
    play->randomness = timbrel_bar_new(mirror, TIMBREL_CONTROL_RANDOMNESS, TIMBREL_BAR_WIDE, NULL);
    play->noise = timbrel_bar_new(mirror, TIMBREL_CONTROL_NOISE, TIMBREL_BAR_WIDE, NULL);
    GtkWidget* bars[] = {mix, play->randomness, play->noise};
    for (size_t i = 0; i < G_N_ELEMENTS(bars); ++i) {
        gtk_widget_set_valign(bars[i], GTK_ALIGN_CENTER);
        gtk_box_pack_start(GTK_BOX(bar), bars[i], TRUE, TRUE, 0);
    }
    if (timbrel_mirror_has(mirror, TIMBREL_CONTROL_STEREO)) {
        add_choice(bar, mirror, TIMBREL_CONTROL_STEREO);
    }
    add_choice(bar, mirror, TIMBREL_CONTROL_TIMING);
    add_measure(bar, mirror);
    add_choice(bar, mirror, TIMBREL_CONTROL_LATE);
    timbrel_view_bind(TIMBREL_VIEW(bar), mirror);
    return bar;
}
