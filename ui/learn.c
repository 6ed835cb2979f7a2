// SPDX-License-Identifier: ISC
#include "learn.h"

#include <math.h>

/// How long the switch stays down: longer than any host's block, so that the effect sees it.
enum { press_milliseconds = 250 };

typedef struct {
    TimbrelMirror* mirror;
    GtkWidget* button;
    guint release; ///< Timer while it is down, or 0
} Learn;

static gboolean release(gpointer data) {
    Learn* learn = data;
    learn->release = 0;
    timbrel_mirror_set(learn->mirror, TIMBREL_CONTROL_LEARN_LEVEL, 0);
    return G_SOURCE_REMOVE;
}

static void clicked(Learn* learn) {
    if (learn->release) {
        return;
    }
    timbrel_mirror_set(learn->mirror, TIMBREL_CONTROL_LEARN_LEVEL, 1);
    learn->release = g_timeout_add(press_milliseconds, release, learn);
}

static void tell(Learn* learn, const char* text) {
    char* name = g_strconcat(timbrel_controls[TIMBREL_CONTROL_LEARN_LEVEL].name, ": ", text, NULL);
    gtk_button_set_label(GTK_BUTTON(learn->button), text);
    atk_object_set_name(gtk_widget_get_accessible(learn->button), name);
    g_free(name);
}

/// A line no longer than the gain is wide.
static void show(Learn* learn, const TimbrelWireMeters* meters) {
    char gain[16] = "Learn";
    if (meters->learnt_gain < 0 || meters->learnt_gain > 0) {
        (void)g_snprintf(gain, sizeof gain, "%+.1f dB", (double)meters->learnt_gain);
    }
    const char* text = meters->learning ? "Play on" : gain;
    if (g_strcmp0(gtk_button_get_label(GTK_BUTTON(learn->button)), text) != 0) {
        tell(learn, text);
    }
}

static void meters(TimbrelMirror* mirror, const TimbrelWireMeters* message, Learn* learn) {
    (void)mirror;
    show(learn, message);
}

static void destroy(GtkWidget* button, Learn* learn) {
    (void)button;
    g_signal_handlers_disconnect_by_data(learn->mirror, learn);
    if (learn->release) {
        g_source_remove(learn->release);
        timbrel_mirror_set(learn->mirror, TIMBREL_CONTROL_LEARN_LEVEL, 0);
    }
    g_object_unref(learn->mirror);
    g_free(learn);
}

GtkWidget* timbrel_learn_new(TimbrelMirror* mirror) {
    const TimbrelControl* control = &timbrel_controls[TIMBREL_CONTROL_LEARN_LEVEL];
    Learn* learn = g_new0(Learn, 1);
    learn->mirror = g_object_ref(mirror);
    learn->button = gtk_button_new_with_label("Learn");
    gtk_widget_set_tooltip_text(learn->button, control->comment);
    atk_object_set_name(gtk_widget_get_accessible(learn->button), control->name);
    gtk_style_context_add_class(gtk_widget_get_style_context(learn->button), "timbrel-small");
    (void)g_signal_connect_swapped(learn->button, "clicked", G_CALLBACK(clicked), learn);
    (void)g_signal_connect(mirror, "meters", G_CALLBACK(meters), learn);
    (void)g_signal_connect(learn->button, "destroy", G_CALLBACK(destroy), learn);
    return learn->button;
}
