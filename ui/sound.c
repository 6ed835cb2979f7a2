// SPDX-License-Identifier: ISC
#include "sound.h"

#include "bar.h"
#include "equalizer_view.h"
#include "learn.h"
#include "level.h"

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
