// SPDX-License-Identifier: ISC
#include "learn.h"

#include "view.h"

/// How long the switch stays down: longer than any host's block, so that the effect sees it.
enum { press_milliseconds = 250 };

#define TIMBREL_TYPE_LEARN (timbrel_learn_get_type())
G_DECLARE_FINAL_TYPE(TimbrelLearn, timbrel_learn, TIMBREL, LEARN, GtkButton)

struct _TimbrelLearn {
    GtkButton parent;
    guint release; ///< Timer while the switch is down, or 0
};

static void view_init(TimbrelViewInterface* view);
G_DEFINE_FINAL_TYPE_WITH_CODE(TimbrelLearn, timbrel_learn, GTK_TYPE_BUTTON,
                              G_IMPLEMENT_INTERFACE(TIMBREL_TYPE_VIEW, view_init))

static void set_switch(TimbrelLearn* learn, float value) {
    timbrel_mirror_set(timbrel_view_mirror(TIMBREL_VIEW(learn)), TIMBREL_CONTROL_LEARN_LEVEL,
                       value);
}

static gboolean release(gpointer data) {
    TimbrelLearn* learn = data;
    learn->release = 0;
    set_switch(learn, 0);
    return G_SOURCE_REMOVE;
}

static void clicked(GtkButton* button) {
    TimbrelLearn* learn = TIMBREL_LEARN(button);
    if (learn->release) {
        return;
    }
    set_switch(learn, 1);
    learn->release = g_timeout_add(press_milliseconds, release, learn);
}

static void tell(GtkButton* button, const char* text) {
    char* name = g_strconcat(timbrel_controls[TIMBREL_CONTROL_LEARN_LEVEL].name, ": ", text, NULL);
    gtk_button_set_label(button, text);
    atk_object_set_name(gtk_widget_get_accessible(GTK_WIDGET(button)), name);
    g_free(name);
}

/// A line no longer than the gain is wide.
static void meters(TimbrelView* view, const TimbrelWireMeters* message, bool show) {
    (void)show; // it seldom changes
    char gain[16] = "Learn";
    if (message->learnt_gain < 0 || message->learnt_gain > 0) {
        (void)g_snprintf(gain, sizeof gain, "%+.1f dB", (double)message->learnt_gain);
    }
    const char* text = message->learning ? "Play on" : gain;
    if (g_strcmp0(gtk_button_get_label(GTK_BUTTON(view)), text) != 0) {
        tell(GTK_BUTTON(view), text);
    }
}

static void view_init(TimbrelViewInterface* view) {
    view->meters = meters;
}

static void dispose(GObject* object) {
    TimbrelLearn* learn = TIMBREL_LEARN(object);
    if (learn->release) {
        (void)g_source_remove(learn->release);
        (void)release(learn);
    }
    G_OBJECT_CLASS(timbrel_learn_parent_class)->dispose(object);
}

static void timbrel_learn_class_init(TimbrelLearnClass* class) {
    G_OBJECT_CLASS(class)->dispose = dispose;
    GTK_BUTTON_CLASS(class)->clicked = clicked;
}

static void timbrel_learn_init(TimbrelLearn* learn) {
    (void)learn;
}

GtkWidget* timbrel_learn_new(TimbrelMirror* mirror) {
    const TimbrelControl* control = &timbrel_controls[TIMBREL_CONTROL_LEARN_LEVEL];
    GtkWidget* button = g_object_new(TIMBREL_TYPE_LEARN, "label", "Learn", NULL);
    gtk_widget_set_tooltip_text(button, control->comment);
    atk_object_set_name(gtk_widget_get_accessible(button), control->name);
    gtk_style_context_add_class(gtk_widget_get_style_context(button), "timbrel-small");
    timbrel_view_bind(TIMBREL_VIEW(button), mirror);
    return button;
}
