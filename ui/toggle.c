// SPDX-License-Identifier: ISC
#include "toggle.h"

#include "view.h"

#include <math.h>

#define TIMBREL_TYPE_TOGGLE (timbrel_toggle_get_type())
G_DECLARE_FINAL_TYPE(TimbrelToggle, timbrel_toggle, TIMBREL, TOGGLE, GtkToggleButton)

#define TIMBREL_TYPE_CHOICE (timbrel_choice_get_type())
G_DECLARE_FINAL_TYPE(TimbrelChoice, timbrel_choice, TIMBREL, CHOICE, GtkComboBoxText)

struct _TimbrelToggle {
    GtkToggleButton parent;
    int control;
    bool following; ///< It is being set by us
};

struct _TimbrelChoice {
    GtkComboBoxText parent;
    int control;
    bool following;
};

static void toggle_view_init(TimbrelViewInterface* view);
G_DEFINE_FINAL_TYPE_WITH_CODE(TimbrelToggle, timbrel_toggle, GTK_TYPE_TOGGLE_BUTTON,
                              G_IMPLEMENT_INTERFACE(TIMBREL_TYPE_VIEW, toggle_view_init))

static void choice_view_init(TimbrelViewInterface* view);
G_DEFINE_FINAL_TYPE_WITH_CODE(TimbrelChoice, timbrel_choice, GTK_TYPE_COMBO_BOX_TEXT,
                              G_IMPLEMENT_INTERFACE(TIMBREL_TYPE_VIEW, choice_view_init))

/// Name, comment and value of the control from now on.
static GtkWidget* bind(GtkWidget* widget, TimbrelMirror* mirror, int control) {
    const TimbrelControl* c = &timbrel_controls[control];
    TimbrelView* view = TIMBREL_VIEW(widget);
    timbrel_view_bind(view, mirror);
    timbrel_view_follow(view, control);
    TIMBREL_VIEW_GET_IFACE(view)->control(view, control);
    gtk_widget_set_tooltip_text(widget, c->comment);
    atk_object_set_name(gtk_widget_get_accessible(widget), c->name);
    gtk_style_context_add_class(gtk_widget_get_style_context(widget), "timbrel-small");
    return widget;
}

static void toggled(GtkToggleButton* button) {
    const TimbrelToggle* toggle = TIMBREL_TOGGLE(button);
    if (!toggle->following) {
        timbrel_mirror_set(timbrel_view_mirror(TIMBREL_VIEW(button)), toggle->control,
                           gtk_toggle_button_get_active(button) ? 1.0f : 0.0f);
    }
}

static void follow_toggle(TimbrelView* view, int control) {
    TimbrelToggle* toggle = TIMBREL_TOGGLE(view);
    toggle->following = true;
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(view),
                                 timbrel_mirror_value(timbrel_view_mirror(view), control) > 0.5f);
    toggle->following = false;
}

static void toggle_view_init(TimbrelViewInterface* view) {
    view->control = follow_toggle;
}

static void timbrel_toggle_class_init(TimbrelToggleClass* class) {
    GTK_TOGGLE_BUTTON_CLASS(class)->toggled = toggled;
}

static void timbrel_toggle_init(TimbrelToggle* toggle) {
    (void)toggle;
}

GtkWidget* timbrel_toggle_new(TimbrelMirror* mirror, int control) {
    TimbrelToggle* toggle =
        g_object_new(TIMBREL_TYPE_TOGGLE, "label", timbrel_controls[control].name, NULL);
    toggle->control = control;
    return bind(GTK_WIDGET(toggle), mirror, control);
}

GtkWidget* timbrel_icon_toggle_new(TimbrelMirror* mirror, int control, const char* icon) {
    TimbrelToggle* toggle = g_object_new(TIMBREL_TYPE_TOGGLE, NULL);
    toggle->control = control;
    gtk_container_add(GTK_CONTAINER(toggle),
                      gtk_image_new_from_icon_name(icon, GTK_ICON_SIZE_MENU));
    return bind(GTK_WIDGET(toggle), mirror, control);
}

static void chosen(GtkComboBox* combo) {
    const TimbrelChoice* choice = TIMBREL_CHOICE(combo);
    const int row = gtk_combo_box_get_active(combo);
    if (row >= 0 && !choice->following) {
        timbrel_mirror_set(timbrel_view_mirror(TIMBREL_VIEW(combo)), choice->control,
                           timbrel_controls[choice->control].points[row].value);
    }
}

static void follow_choice(TimbrelView* view, int control) {
    const TimbrelControl* c = &timbrel_controls[control];
    const float value = timbrel_mirror_value(timbrel_view_mirror(view), control);
    TimbrelChoice* choice = TIMBREL_CHOICE(view);
    choice->following = true;
    for (int i = 0; i < 3 && c->points[i].label; ++i) {
        if (fabsf(c->points[i].value - value) < 0.5f) {
            gtk_combo_box_set_active(GTK_COMBO_BOX(view), i);
        }
    }
    choice->following = false;
}

static void choice_view_init(TimbrelViewInterface* view) {
    view->control = follow_choice;
}

static void timbrel_choice_class_init(TimbrelChoiceClass* class) {
    GTK_COMBO_BOX_CLASS(class)->changed = chosen;
}

static void timbrel_choice_init(TimbrelChoice* choice) {
    (void)choice;
}

GtkWidget* timbrel_choice_new(TimbrelMirror* mirror, int control) {
    const TimbrelControl* c = &timbrel_controls[control];
    TimbrelChoice* choice = g_object_new(TIMBREL_TYPE_CHOICE, NULL);
    choice->control = control;
    for (int i = 0; i < 3 && c->points[i].label; ++i) {
        gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(choice), c->points[i].label);
    }
    return bind(GTK_WIDGET(choice), mirror, control);
}
