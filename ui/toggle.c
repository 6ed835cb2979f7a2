// SPDX-License-Identifier: ISC
#include "toggle.h"

#include <math.h>

typedef struct {
    TimbrelMirror* mirror;
    GtkWidget* widget;
    gulong handler; ///< Of the widget's signal, blocked while it follows
    int control;
} Binding;

static void destroy(GtkWidget* widget, Binding* binding) {
    (void)widget;
    g_signal_handlers_disconnect_by_data(binding->mirror, binding);
    g_object_unref(binding->mirror);
    g_free(binding);
}

static Binding* bind(GtkWidget* widget, TimbrelMirror* mirror, int control, const char* signal,
                     GCallback used, GCallback follow) {
    const TimbrelControl* c = &timbrel_controls[control];
    Binding* binding = g_new(Binding, 1);
    *binding = (Binding){.mirror = g_object_ref(mirror), .widget = widget, .control = control};
    binding->handler = g_signal_connect(widget, signal, used, binding);
    char* changed = g_strconcat("control::", c->symbol, NULL);
    (void)g_signal_connect_swapped(mirror, changed, follow, binding);
    g_free(changed);
    (void)g_signal_connect(widget, "destroy", G_CALLBACK(destroy), binding);
    gtk_widget_set_tooltip_text(widget, c->comment);
    atk_object_set_name(gtk_widget_get_accessible(widget), c->name);
    gtk_style_context_add_class(gtk_widget_get_style_context(widget), "timbrel-small");
    return binding;
}

static void toggled(GtkToggleButton* button, Binding* binding) {
    timbrel_mirror_set(binding->mirror, binding->control,
                       gtk_toggle_button_get_active(button) ? 1.0f : 0.0f);
}

static void follow_toggle(Binding* binding) {
    g_signal_handler_block(binding->widget, binding->handler);
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(binding->widget),
                                 timbrel_mirror_value(binding->mirror, binding->control) > 0.5f);
    g_signal_handler_unblock(binding->widget, binding->handler);
}

static GtkWidget* bind_toggle(GtkWidget* button, TimbrelMirror* mirror, int control) {
    follow_toggle(
        bind(button, mirror, control, "toggled", G_CALLBACK(toggled), G_CALLBACK(follow_toggle)));
    return button;
}

GtkWidget* timbrel_toggle_new(TimbrelMirror* mirror, int control) {
    return bind_toggle(gtk_toggle_button_new_with_label(timbrel_controls[control].name), mirror,
                       control);
}

GtkWidget* timbrel_icon_toggle_new(TimbrelMirror* mirror, int control, const char* icon) {
    GtkWidget* button = gtk_toggle_button_new();
    gtk_container_add(GTK_CONTAINER(button),
                      gtk_image_new_from_icon_name(icon, GTK_ICON_SIZE_MENU));
    return bind_toggle(button, mirror, control);
}

static void chosen(GtkComboBox* combo, Binding* binding) {
    const int row = gtk_combo_box_get_active(combo);
    if (row >= 0) {
        timbrel_mirror_set(binding->mirror, binding->control,
                           timbrel_controls[binding->control].points[row].value);
    }
}

static void follow_choice(Binding* binding) {
    const TimbrelControl* c = &timbrel_controls[binding->control];
    const float value = timbrel_mirror_value(binding->mirror, binding->control);
    g_signal_handler_block(binding->widget, binding->handler);
    for (int i = 0; i < 3 && c->points[i].label; ++i) {
        if (fabsf(c->points[i].value - value) < 0.5f) {
            gtk_combo_box_set_active(GTK_COMBO_BOX(binding->widget), i);
        }
    }
    g_signal_handler_unblock(binding->widget, binding->handler);
}

GtkWidget* timbrel_choice_new(TimbrelMirror* mirror, int control) {
    const TimbrelControl* c = &timbrel_controls[control];
    GtkWidget* combo = gtk_combo_box_text_new();
    for (int i = 0; i < 3 && c->points[i].label; ++i) {
        gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(combo), c->points[i].label);
    }
    follow_choice(
        bind(combo, mirror, control, "changed", G_CALLBACK(chosen), G_CALLBACK(follow_choice)));
    return combo;
}
