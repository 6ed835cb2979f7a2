// SPDX-License-Identifier: ISC
#include "sound.h"

#include "bar.h"
#include "equalizer_view.h"
#include "learn.h"
#include "level.h"
#include "toggle.h"

/// A gain with its meter, as on a mixer.
static GtkWidget* make_channel(TimbrelMirror* mirror, int control, bool output) {
    GtkWidget* channel = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 2);
    GtkWidget* gain =
        timbrel_bar_new(mirror, control, TIMBREL_BAR_UPRIGHT, output ? "Output" : "Input");
    GtkWidget* gains = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
    GtkWidget* level = timbrel_level_new(mirror, output);
    gtk_box_pack_start(GTK_BOX(gains), gain, TRUE, TRUE, 0);
    if (!output) {
        gtk_box_pack_start(GTK_BOX(gains), timbrel_learn_new(mirror), FALSE, FALSE, 0);
    }
    gtk_box_pack_start(GTK_BOX(channel), output ? gains : level, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(channel), output ? level : gains, FALSE, FALSE, 0);
    return channel;
}

static void flatten(GtkButton* button, TimbrelMirror* mirror) {
    (void)button;
    for (int i = TIMBREL_CONTROL_LOW_CUT; i < TIMBREL_CONTROL_EQ_FIRST + TIMBREL_EQ_BANDS; ++i) {
        timbrel_mirror_set(mirror, i, timbrel_controls[i].normal);
    }
}

static GtkWidget* make_filters(TimbrelMirror* mirror) {
    GtkWidget* filters = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
    GtkWidget* cuts = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    GtkWidget* flat = gtk_button_new_with_label("Flat");
    gtk_style_context_add_class(gtk_widget_get_style_context(flat), "timbrel-small");
    gtk_widget_set_tooltip_text(flat, "All bands to 0 dB, both cuts off");
    gtk_widget_set_valign(flat, GTK_ALIGN_CENTER);
    (void)g_signal_connect(flat, "clicked", G_CALLBACK(flatten), mirror);
    gtk_box_pack_start(GTK_BOX(filters), timbrel_equalizer_view_new(mirror), TRUE, TRUE, 0);
    GtkWidget* low = timbrel_bar_new(mirror, TIMBREL_CONTROL_LOW_CUT, TIMBREL_BAR_WIDE, NULL);
    GtkWidget* high = timbrel_bar_new(mirror, TIMBREL_CONTROL_HIGH_CUT, TIMBREL_BAR_WIDE, NULL);
    GtkSizeGroup* alike = gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL);
    gtk_size_group_add_widget(alike, low);
    gtk_size_group_add_widget(alike, high);
    g_object_unref(alike);
    gtk_box_pack_start(GTK_BOX(cuts), low, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(cuts), flat, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(cuts), high, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(filters), cuts, FALSE, FALSE, 0);
    return filters;
}

GtkWidget* timbrel_sound_new(TimbrelMirror* mirror) {
    GtkWidget* card = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
    GtkWidget* in = make_channel(mirror, TIMBREL_CONTROL_INPUT_GAIN, false);
    GtkWidget* filters = make_filters(mirror);
    GtkWidget* out = make_channel(mirror, TIMBREL_CONTROL_OUTPUT_GAIN, true);
    gtk_style_context_add_class(gtk_widget_get_style_context(card), "timbrel-card");
    gtk_box_pack_start(GTK_BOX(card), in, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(card), filters, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(card), out, FALSE, FALSE, 0);
    g_object_set(in, "margin", 8, "margin-right", 0, NULL);
    g_object_set(filters, "margin-top", 8, "margin-bottom", 8, NULL); // centred: focus goes so
    g_object_set(out, "margin", 8, "margin-left", 0, NULL);
    return card;
}

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

typedef struct {
    GtkWidget* randomness;
    GtkWidget* noise;
} Chances;

/// What a model does not do cannot be turned down.
static void news(TimbrelMirror* mirror, const Chances* chances) {
    const TimbrelWireStatus* status = &timbrel_mirror_news(mirror)->status;
    gtk_widget_set_sensitive(chances->randomness, !status->playing || status->draws_normal);
    gtk_widget_set_sensitive(chances->noise, !status->playing || status->draws_uniform);
}

static void destroy(GtkWidget* bar, Chances* chances) {
    g_signal_handlers_disconnect_by_data(g_object_get_data(G_OBJECT(bar), "mirror"), chances);
    g_free(chances);
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

GtkWidget* timbrel_play_new(TimbrelMirror* mirror) {
    GtkWidget* bar = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    Chances* chances = g_new(Chances, 1);
    GtkWidget* mix = timbrel_bar_new(mirror, TIMBREL_CONTROL_MIX, TIMBREL_BAR_WIDE, NULL);
    chances->randomness =
        timbrel_bar_new(mirror, TIMBREL_CONTROL_RANDOMNESS, TIMBREL_BAR_WIDE, NULL);
    chances->noise = timbrel_bar_new(mirror, TIMBREL_CONTROL_NOISE, TIMBREL_BAR_WIDE, NULL);
    GtkWidget* bars[] = {mix, chances->randomness, chances->noise};
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
    g_object_set_data_full(G_OBJECT(bar), "mirror", g_object_ref(mirror), g_object_unref);
    (void)g_signal_connect(mirror, "news", G_CALLBACK(news), chances);
    (void)g_signal_connect(bar, "destroy", G_CALLBACK(destroy), chances);
    return bar;
}
