// SPDX-License-Identifier: ISC
#include "attributes_view.h"

#include "view.h"

#include <math.h>
#include <string.h>

enum {
    around = 120,      ///< Pixels of the window that are not for the list of attributes
    least_height = 200 ///< Of that list
};

#define TIMBREL_TYPE_ATTRIBUTES_VIEW (timbrel_attributes_view_get_type())
G_DECLARE_FINAL_TYPE(TimbrelAttributesView, timbrel_attributes_view, TIMBREL, ATTRIBUTES_VIEW,
                     GtkMenuButton)

struct _TimbrelAttributesView {
    GtkMenuButton parent;
    GtkWidget* grid;
    GtkWidget* scrolled;                            ///< Around the grid
    TimbrelAttribute shown[TIMBREL_MAX_ATTRIBUTES]; ///< What the widgets were made for
    uint32_t count;
    bool following; ///< The widgets are being set by us
};

static void view_init(TimbrelViewInterface* view);
G_DEFINE_FINAL_TYPE_WITH_CODE(TimbrelAttributesView, timbrel_attributes_view, GTK_TYPE_MENU_BUTTON,
                              G_IMPLEMENT_INTERFACE(TIMBREL_TYPE_VIEW, view_init))

/// The widgets of one attribute, each for one of its values.
typedef struct {
    TimbrelAttributesView* view;
    char name[TIMBREL_NAME_SIZE];
    uint32_t types[TIMBREL_MAX_ATTRIBUTE_VALUES];
    GtkWidget* widgets[TIMBREL_MAX_ATTRIBUTE_VALUES];
    uint32_t count;
} Row;

static void append_value(GString* text, GtkWidget* widget, uint32_t type) {
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    if (text->len > 0) {
        g_string_append_c(text, ' ');
    }
    if (type == TIMBREL_ATTRIBUTE_BOOL) {
        g_string_append(text, gtk_switch_get_active(GTK_SWITCH(widget)) ? "true" : "false");
    } else if (type == TIMBREL_ATTRIBUTE_STRING) {
        g_string_append(text, gtk_entry_get_text(GTK_ENTRY(widget)));
    } else {
        (void)g_ascii_formatd(number, sizeof number,
                              type == TIMBREL_ATTRIBUTE_INT ? "%.0f" : "%.6g",
                              gtk_spin_button_get_value(GTK_SPIN_BUTTON(widget)));
        g_string_append(text, number);
    }
}

static void changed(Row* row) {
    if (row->view->following) {
        return;
    }
    GString* text = g_string_new(NULL);
    for (uint32_t i = 0; i < row->count; ++i) {
        append_value(text, row->widgets[i], row->types[i]);
    }
    timbrel_mirror_set_attribute(timbrel_view_mirror(TIMBREL_VIEW(row->view)), row->name,
                                 text->str);
    (void)g_string_free(text, TRUE);
}

static void typed(GtkEntry* entry, Row* row) {
    const char* text = gtk_entry_get_text(entry);
    if (strcmp(text, g_object_get_data(G_OBJECT(entry), "told")) == 0) {
        return;
    }
    g_object_set_data_full(G_OBJECT(entry), "told", g_strdup(text), g_free);
    changed(row);
}

/// What was typed counts without Enter, too.
static gboolean left(GtkEntry* entry, GdkEventFocus* event, Row* row) {
    (void)event;
    typed(entry, row);
    return GDK_EVENT_PROPAGATE;
}

static GtkWidget* make_widget(Row* row, uint32_t type) {
    if (type == TIMBREL_ATTRIBUTE_BOOL) {
        GtkWidget* widget = gtk_switch_new();
        gtk_widget_set_halign(widget, GTK_ALIGN_START);
        (void)g_signal_connect_swapped(widget, "notify::active", G_CALLBACK(changed), row);
        return widget;
    }
    if (type == TIMBREL_ATTRIBUTE_STRING) {
        GtkWidget* widget = gtk_entry_new();
        (void)g_signal_connect(widget, "activate", G_CALLBACK(typed), row);
        (void)g_signal_connect(widget, "focus-out-event", G_CALLBACK(left), row);
        return widget;
    }
    const bool whole = type == TIMBREL_ATTRIBUTE_INT;
    GtkWidget* widget = gtk_spin_button_new_with_range(-1e6, 1e6, whole ? 1 : 0.05);
    gtk_spin_button_set_digits(GTK_SPIN_BUTTON(widget), whole ? 0 : 3);
    gtk_entry_set_width_chars(GTK_ENTRY(widget), 8);
    (void)g_signal_connect_swapped(widget, "value-changed", G_CALLBACK(changed), row);
    return widget;
}

static void set_widget(GtkWidget* widget, uint32_t type, const char* value) {
    if (type == TIMBREL_ATTRIBUTE_BOOL) {
        gtk_switch_set_active(GTK_SWITCH(widget), !strcmp(value, "true"));
    } else if (type == TIMBREL_ATTRIBUTE_STRING) {
        gtk_entry_set_text(GTK_ENTRY(widget), value);
        g_object_set_data_full(G_OBJECT(widget), "told", g_strdup(value), g_free);
    } else {
        gtk_spin_button_set_value(GTK_SPIN_BUTTON(widget), g_ascii_strtod(value, NULL));
    }
}

/// One text may hold spaces; several values are apart by them.
static void set_values(const Row* row, const TimbrelAttribute* attribute) {
    char** values = row->count > 1 ? g_strsplit(attribute->value, " ", (gint)row->count)
                                   : g_strsplit(attribute->value, "\n", 1);
    for (uint32_t i = 0; i < row->count && values[i]; ++i) {
        set_widget(row->widgets[i], row->types[i], values[i]);
    }
    g_strfreev(values);
}

static void add_row(TimbrelAttributesView* v, int at, const TimbrelAttribute* attribute) {
    GtkWidget* label = gtk_label_new(attribute->name);
    gtk_label_set_xalign(GTK_LABEL(label), 1);
    gtk_style_context_add_class(gtk_widget_get_style_context(label), "timbrel-dim");
    gtk_grid_attach(GTK_GRID(v->grid), label, 0, at, 1, 1);
    if (!attribute->settable) {
        GtkWidget* value = gtk_label_new(attribute->value);
        gtk_label_set_xalign(GTK_LABEL(value), 0);
        gtk_grid_attach(GTK_GRID(v->grid), value, 1, at, 1, 1);
        return;
    }
    Row* row = g_new0(Row, 1);
    row->view = v;
    row->count = attribute->count;
    (void)g_strlcpy(row->name, attribute->name, sizeof row->name);
    GtkWidget* box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 4);
    for (uint32_t i = 0; i < row->count; ++i) {
        row->types[i] = attribute->types[i];
        row->widgets[i] = make_widget(row, row->types[i]);
        atk_object_set_name(gtk_widget_get_accessible(row->widgets[i]), attribute->name);
        gtk_box_pack_start(GTK_BOX(box), row->widgets[i], FALSE, FALSE, 0);
    }
    set_values(row, attribute);
    g_object_set_data_full(G_OBJECT(box), "row", row, g_free);
    gtk_grid_attach(GTK_GRID(v->grid), box, 1, at, 1, 1);
}

static bool same_kind(const TimbrelAttributesView* v, const TimbrelNews* news) {
    bool same = v->count == news->attribute_count;
    for (uint32_t i = 0; same && i < v->count; ++i) {
        same = !strcmp(v->shown[i].name, news->attributes[i].name) &&
               v->shown[i].count == news->attributes[i].count &&
               v->shown[i].settable == news->attributes[i].settable;
    }
    return same;
}

/// Only what differs from what was told before: a number half typed is left alone.
static void follow(TimbrelAttributesView* v, const TimbrelNews* news) {
    for (uint32_t i = 0; i < v->count; ++i) {
        GtkWidget* value = gtk_grid_get_child_at(GTK_GRID(v->grid), 1, (gint)i);
        const TimbrelAttribute* attribute = &news->attributes[i];
        const Row* row = g_object_get_data(G_OBJECT(value), "row");
        if (!strcmp(v->shown[i].value, attribute->value)) {
            continue;
        }
        if (row) {
            set_values(row, attribute);
        } else {
            gtk_label_set_text(GTK_LABEL(value), attribute->value);
        }
    }
}

static void news(TimbrelView* view) {
    TimbrelAttributesView* v = TIMBREL_ATTRIBUTES_VIEW(view);
    const TimbrelNews* n = timbrel_mirror_news(timbrel_view_mirror(view));
    if (n->status.state != TIMBREL_MODEL_READY && n->status.playing) {
        return; // the attributes of what plays are not told while another is loaded
    }
    v->following = true;
    if (same_kind(v, n)) {
        follow(v, n);
    } else {
        gtk_container_foreach(GTK_CONTAINER(v->grid),
                              (GtkCallback)(void (*)(void))gtk_widget_destroy, NULL);
        for (uint32_t i = 0; i < n->attribute_count; ++i) {
            add_row(v, (int)i, &n->attributes[i]);
        }
        gtk_widget_show_all(v->grid);
    }
    v->count = n->attribute_count;
    memcpy(v->shown, n->attributes, sizeof v->shown);
    v->following = false;
    gtk_widget_set_visible(GTK_WIDGET(v), v->count > 0);
}

/// From the first attribute on, whichever of them GTK would begin with before they have places.
static gboolean begin_at_top(gpointer grid) {
    GtkWidget* first = gtk_grid_get_child_at(grid, 1, 0);
    if (first) {
        (void)gtk_widget_child_focus(first, GTK_DIR_TAB_FORWARD);
    }
    g_object_unref(grid);
    return G_SOURCE_REMOVE;
}

static void opened(GtkWidget* popover, TimbrelAttributesView* v) {
    GtkWidget* window = gtk_widget_get_toplevel(GTK_WIDGET(v));
    const int height = gtk_widget_get_allocated_height(window) - around;
    (void)popover;
    gtk_scrolled_window_set_max_content_height(GTK_SCROLLED_WINDOW(v->scrolled),
                                               MAX(height, least_height));
    (void)g_idle_add(begin_at_top, g_object_ref(v->grid));
}

static void view_init(TimbrelViewInterface* view) {
    view->news = news;
}

static void timbrel_attributes_view_class_init(TimbrelAttributesViewClass* class) {
    (void)class;
}

static void timbrel_attributes_view_init(TimbrelAttributesView* v) {
    (void)v;
}

GtkWidget* timbrel_attributes_view_new(TimbrelMirror* mirror) {
    TimbrelAttributesView* v = g_object_new(TIMBREL_TYPE_ATTRIBUTES_VIEW, NULL);
    GtkWidget* button = GTK_WIDGET(v);
    GtkWidget* popover = gtk_popover_new(NULL);
    v->scrolled = gtk_scrolled_window_new(NULL, NULL);
    v->grid = gtk_grid_new();
    gtk_grid_set_row_spacing(GTK_GRID(v->grid), 6);
    gtk_grid_set_column_spacing(GTK_GRID(v->grid), 10);
    gtk_container_set_border_width(GTK_CONTAINER(v->grid), 10);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(v->scrolled), GTK_POLICY_NEVER,
                                   GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(v->scrolled), TRUE);
    gtk_container_add(GTK_CONTAINER(v->scrolled), v->grid);
    gtk_container_add(GTK_CONTAINER(popover), v->scrolled);
    gtk_widget_show_all(v->scrolled);
    (void)g_signal_connect(popover, "show", G_CALLBACK(opened), v);
    gtk_button_set_label(GTK_BUTTON(button), "Attributes");
    gtk_widget_set_tooltip_text(button, "The model's own settings");
    gtk_menu_button_set_popover(GTK_MENU_BUTTON(button), popover);
    gtk_style_context_add_class(gtk_widget_get_style_context(button), "timbrel-small");
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    gtk_widget_set_no_show_all(button, TRUE);
    timbrel_view_bind(TIMBREL_VIEW(v), mirror);
    return button;
}
