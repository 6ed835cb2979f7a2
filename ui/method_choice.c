// SPDX-License-Identifier: ISC
#include "method_choice.h"

#include <string.h>

typedef struct {
    TimbrelMirror* mirror;
    GtkWidget* combo;
    gulong handler; ///< Of its signal, blocked while it follows
    char* shown;    ///< The methods that it lists, as they were told
} Choice;

static void chosen(GtkComboBox* combo, Choice* c) {
    const char* method = gtk_combo_box_get_active_id(combo);
    if (method) {
        timbrel_mirror_set_method(c->mirror, method);
    }
}

static void list(Choice* c, const char* methods) {
    GtkComboBoxText* const combo = GTK_COMBO_BOX_TEXT(c->combo);
    char** const names = g_strsplit(methods, "\n", -1);
    gtk_combo_box_text_remove_all(combo);
    for (guint i = 0; i < g_strv_length(names); ++i) {
        gtk_combo_box_text_append(combo, names[i], names[i][0] ? names[i] : "encode + decode");
    }
    g_strfreev(names);
    g_free(c->shown);
    c->shown = g_strdup(methods);
}

/// One that the model lacks is none in the list.
static void follow(Choice* c) {
    const TimbrelNews* const n = timbrel_mirror_news(c->mirror);
    const char* const methods = n->texts[TIMBREL_TEXT_METHODS];
    const char* const method = n->texts[TIMBREL_TEXT_METHOD];
    GtkComboBox* const combo = GTK_COMBO_BOX(c->combo);
    g_signal_handler_block(combo, c->handler);
    if (g_strcmp0(c->shown, methods)) {
        list(c, methods);
    }
    if (!method[0]) {
        gtk_combo_box_set_active(combo, 0);
    } else if (!gtk_combo_box_set_active_id(combo, method)) {
        gtk_combo_box_set_active(combo, -1);
    }
    g_signal_handler_unblock(combo, c->handler);
    gtk_widget_set_visible(c->combo, strchr(methods, '\n') != NULL);
}

static void destroy(GtkWidget* combo, Choice* c) {
    (void)combo;
    g_signal_handlers_disconnect_by_data(c->mirror, c);
    g_object_unref(c->mirror);
    g_free(c->shown);
    g_free(c);
}

GtkWidget* timbrel_method_choice_new(TimbrelMirror* mirror) {
    Choice* const c = g_new0(Choice, 1);
    c->mirror = g_object_ref(mirror);
    c->combo = gtk_combo_box_text_new();
    c->handler = g_signal_connect(c->combo, "changed", G_CALLBACK(chosen), c);
    gtk_widget_set_no_show_all(c->combo, TRUE);
    gtk_widget_set_valign(c->combo, GTK_ALIGN_CENTER);
    gtk_widget_set_tooltip_text(c->combo, "Method: which of the model's methods plays. Those that "
                                          "give values show them as latents, and the sound "
                                          "passes dry.");
    atk_object_set_name(gtk_widget_get_accessible(c->combo), "Method");
    gtk_style_context_add_class(gtk_widget_get_style_context(c->combo), "timbrel-small");
    (void)g_signal_connect_swapped(mirror, "news", G_CALLBACK(follow), c);
    (void)g_signal_connect(c->combo, "destroy", G_CALLBACK(destroy), c);
    follow(c);
    return c->combo;
}
