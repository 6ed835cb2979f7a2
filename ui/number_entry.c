// SPDX-License-Identifier: ISC
#include "number_entry.h"

#include "value.h"

typedef struct {
    TimbrelMirror* mirror;
    GtkWidget* popover;
    int control;
} Field;

static void field_free(gpointer data, GClosure* closure) {
    (void)closure;
    Field* field = data;
    g_object_unref(field->mirror);
    g_free(field);
}

static void activate(GtkEntry* entry, gpointer data) {
    const Field* field = data;
    float value = 0;
    if (timbrel_value_read(field->control, gtk_entry_get_text(entry), &value)) {
        timbrel_mirror_set(field->mirror, field->control, value);
        gtk_popover_popdown(GTK_POPOVER(field->popover));
    } else {
        gtk_style_context_add_class(gtk_widget_get_style_context(GTK_WIDGET(entry)), "error");
    }
}

static void reset(GtkButton* button, gpointer data) {
    (void)button;
    const Field* field = data;
    timbrel_mirror_set(field->mirror, field->control, timbrel_controls[field->control].normal);
    gtk_popover_popdown(GTK_POPOVER(field->popover));
}

static Field* field_new(GtkWidget* popover, TimbrelMirror* mirror, int control) {
    Field* field = g_new(Field, 1);
    *field = (Field){g_object_ref(mirror), popover, control};
    return field;
}

static GtkWidget* add_row(GtkWidget* grid, int row, GtkWidget* popover, TimbrelMirror* mirror,
                          int control) {
    char text[TIMBREL_TEXT_SIZE];
    timbrel_value_text(control, timbrel_mirror_value(mirror, control), text);
    GtkWidget* label = gtk_label_new(timbrel_controls[control].name);
    GtkWidget* entry = gtk_entry_new();
    GtkWidget* button = gtk_button_new_from_icon_name("edit-undo-symbolic", GTK_ICON_SIZE_MENU);
    gtk_label_set_xalign(GTK_LABEL(label), 1);
    gtk_entry_set_width_chars(GTK_ENTRY(entry), 10);
    gtk_entry_set_text(GTK_ENTRY(entry), text);
    gtk_widget_set_tooltip_text(button, "Back to the default");
    atk_object_set_name(gtk_widget_get_accessible(button), "Back to the default");
    atk_object_set_name(gtk_widget_get_accessible(entry), timbrel_controls[control].name);
    (void)g_signal_connect_data(entry, "activate", G_CALLBACK(activate),
                                field_new(popover, mirror, control), field_free, 0);
    (void)g_signal_connect_data(button, "clicked", G_CALLBACK(reset),
                                field_new(popover, mirror, control), field_free, 0);
    gtk_grid_attach(GTK_GRID(grid), label, 0, row, 1, 1);
    gtk_grid_attach(GTK_GRID(grid), entry, 1, row, 1, 1);
    gtk_grid_attach(GTK_GRID(grid), button, 2, row, 1, 1);
    return entry;
}

static void closed(GtkPopover* popover, gpointer widget) {
    gtk_widget_grab_focus(widget);
    gtk_widget_destroy(GTK_WIDGET(popover));
}

void timbrel_number_entry_open(GtkWidget* widget, TimbrelMirror* mirror, int control, int second,
                               const char* start) {
    GtkWidget* popover = gtk_popover_new(widget);
    GtkWidget* grid = gtk_grid_new();
    gtk_grid_set_row_spacing(GTK_GRID(grid), 6);
    gtk_grid_set_column_spacing(GTK_GRID(grid), 8);
    gtk_container_set_border_width(GTK_CONTAINER(grid), 8);
    GtkWidget* entry = add_row(grid, 0, popover, mirror, control);
    if (second >= 0) {
        (void)add_row(grid, 1, popover, mirror, second);
    }
    gtk_container_add(GTK_CONTAINER(popover), grid);
    gtk_widget_show_all(grid);
    (void)g_signal_connect(popover, "closed", G_CALLBACK(closed), widget);
    gtk_popover_popup(GTK_POPOVER(popover));
    gtk_widget_grab_focus(entry);
    if (start) {
        gtk_entry_set_text(GTK_ENTRY(entry), start);
        gtk_editable_set_position(GTK_EDITABLE(entry), -1);
    }
}
