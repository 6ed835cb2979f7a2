// SPDX-License-Identifier: ISC
#include "method_choice.h"

#include "view.h"

#include <string.h>

#define TIMBREL_TYPE_METHOD_CHOICE (timbrel_method_choice_get_type())
G_DECLARE_FINAL_TYPE(TimbrelMethodChoice, timbrel_method_choice, TIMBREL, METHOD_CHOICE,
                     GtkComboBoxText)

struct _TimbrelMethodChoice {
    GtkComboBoxText parent;
    char* shown;    ///< The methods that it lists, as they were told
    bool following; ///< It is being set by us
};

static void view_init(TimbrelViewInterface* view);
G_DEFINE_FINAL_TYPE_WITH_CODE(TimbrelMethodChoice, timbrel_method_choice, GTK_TYPE_COMBO_BOX_TEXT,
                              G_IMPLEMENT_INTERFACE(TIMBREL_TYPE_VIEW, view_init))

static void changed(GtkComboBox* combo) {
    const char* method = gtk_combo_box_get_active_id(combo);
    if (method && !TIMBREL_METHOD_CHOICE(combo)->following) {
        timbrel_mirror_set_method(timbrel_view_mirror(TIMBREL_VIEW(combo)), method);
    }
}

static void list(TimbrelMethodChoice* c, const char* methods) {
    GtkComboBoxText* combo = GTK_COMBO_BOX_TEXT(c);
    char** names = g_strsplit(methods, "\n", -1);
    gtk_combo_box_text_remove_all(combo);
    for (guint i = 0; i < g_strv_length(names); ++i) {
        gtk_combo_box_text_append(combo, names[i], names[i][0] ? names[i] : "encode + decode");
    }
    g_strfreev(names);
    g_free(c->shown);
    c->shown = g_strdup(methods);
}

/// A method that the model lacks shows as none of the list.
static void news(TimbrelView* view) {
    TimbrelMethodChoice* c = TIMBREL_METHOD_CHOICE(view);
    const TimbrelNews* n = timbrel_mirror_news(timbrel_view_mirror(view));
    const char* methods = n->texts[TIMBREL_TEXT_METHODS];
    const char* method = n->texts[TIMBREL_TEXT_METHOD];
    GtkComboBox* combo = GTK_COMBO_BOX(view);
    c->following = true;
    if (g_strcmp0(c->shown, methods)) {
        list(c, methods);
    }
    if (!method[0]) {
        gtk_combo_box_set_active(combo, 0);
    } else if (!gtk_combo_box_set_active_id(combo, method)) {
        gtk_combo_box_set_active(combo, -1);
    }
    c->following = false;
    gtk_widget_set_visible(GTK_WIDGET(c), strchr(methods, '\n') != NULL);
}

static void view_init(TimbrelViewInterface* view) {
    view->news = news;
}

static void finalize(GObject* object) {
    g_free(TIMBREL_METHOD_CHOICE(object)->shown);
    G_OBJECT_CLASS(timbrel_method_choice_parent_class)->finalize(object);
}

static void timbrel_method_choice_class_init(TimbrelMethodChoiceClass* class) {
    G_OBJECT_CLASS(class)->finalize = finalize;
    GTK_COMBO_BOX_CLASS(class)->changed = changed;
}

static void timbrel_method_choice_init(TimbrelMethodChoice* c) {
    (void)c;
}

GtkWidget* timbrel_method_choice_new(TimbrelMirror* mirror) {
    GtkWidget* combo = g_object_new(TIMBREL_TYPE_METHOD_CHOICE, NULL);
    gtk_widget_set_no_show_all(combo, TRUE);
    gtk_widget_set_valign(combo, GTK_ALIGN_CENTER);
    gtk_widget_set_tooltip_text(combo, "Which of the model's methods plays. One that gives "
                                       "values shows them as latents, and the sound passes "
                                       "dry.");
    atk_object_set_name(gtk_widget_get_accessible(combo), "Method");
    gtk_style_context_add_class(gtk_widget_get_style_context(combo), "timbrel-small");
    timbrel_view_bind(TIMBREL_VIEW(combo), mirror);
    news(TIMBREL_VIEW(combo));
    return combo;
}
