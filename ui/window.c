// SPDX-License-Identifier: ISC
#include "window.h"

#include "header.h"
#include "memory.h"
#include "models.h"
#include "pages.h"
#include "view.h"

#include <string.h>

enum {
    list_width = 230,
    wide = 880 ///< Pixels from which on the list stands beside the rest; in less it lies over it
};

#define TIMBREL_TYPE_CONTENT (timbrel_content_get_type())
G_DECLARE_FINAL_TYPE(TimbrelContent, timbrel_content, TIMBREL, CONTENT, GtkBox)

struct _TimbrelContent {
    GtkBox parent;
    GtkWidget* models;
    GtkWidget* revealer; ///< Holds the list
    GtkWidget* pages;    ///< All that is below the header and beside the list
    GtkWidget* header;
    GtkWidget* note; ///< Holds the engine's sentence
    GtkWidget* note_box;
    GtkWidget* note_text;
    guint room;      ///< Source that makes room for the list; 0: none
    char* dismissed; ///< Sentence that was put away
    bool told;       ///< Whether news have come
    bool was_wide;   ///< When the list was last arranged
    bool arranging;  ///< The list is shown or hidden by us
    bool by_hand;    ///< It was by the user
    bool mismatch;
};

static void view_init(TimbrelViewInterface* view);
G_DEFINE_FINAL_TYPE_WITH_CODE(TimbrelContent, timbrel_content, GTK_TYPE_BOX,
                              G_IMPLEMENT_INTERFACE(TIMBREL_TYPE_VIEW, view_init))

static void show_note(TimbrelContent* c, const char* text, bool problem) {
    GtkStyleContext* context = gtk_widget_get_style_context(c->note_box);
    gtk_style_context_remove_class(context, problem ? "timbrel-note" : "timbrel-problem");
    gtk_style_context_add_class(context, problem ? "timbrel-problem" : "timbrel-note");
    gtk_label_set_text(GTK_LABEL(c->note_text), text);
    gtk_revealer_set_reveal_child(GTK_REVEALER(c->note), text[0] != '\0');
}

static void put_note_away(GtkButton* button, TimbrelContent* c) {
    (void)button;
    g_free(c->dismissed);
    c->dismissed = g_strdup(gtk_label_get_text(GTK_LABEL(c->note_text)));
    gtk_revealer_set_reveal_child(GTK_REVEALER(c->note), FALSE);
}

/// As a hand on the button does.
static void press_list_button(TimbrelContent* c, bool shown) {
    GtkWidget* button = timbrel_header_list_button(TIMBREL_HEADER(c->header));
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(button), shown);
}

static void set_list_shown(TimbrelContent* c, bool shown) {
    c->arranging = true;
    press_list_button(c, shown);
    c->arranging = false;
}

static bool is_wide(TimbrelContent* c) {
    return gtk_widget_get_allocated_width(GTK_WIDGET(c)) >= wide;
}

/// Without a model the first thing to do is to choose one; with one, the list is not to lie over
/// it. What the hand did counts for as long as there is the same room.
static void arrange_list(TimbrelContent* c) {
    if (is_wide(c) != c->was_wide) {
        c->by_hand = false;
    }
    c->was_wide = is_wide(c);
    if (!c->told || c->by_hand) {
        return;
    }
    const bool none = timbrel_mirror_news(timbrel_view_mirror(TIMBREL_VIEW(c)))->status.state ==
                      TIMBREL_MODEL_NONE;
    set_list_shown(c, none || (is_wide(c) && timbrel_memory_shows_list()));
}

static gboolean make_room(gpointer data) {
    TimbrelContent* c = data;
    arrange_list(c);
    const bool beside = gtk_revealer_get_reveal_child(GTK_REVEALER(c->revealer)) && is_wide(c);
    c->room = 0;
    gtk_widget_set_margin_start(c->pages, beside ? list_width : 0);
    return G_SOURCE_REMOVE;
}

/// Soon: not while sizes are being given out.
static void make_room_soon(TimbrelContent* c) {
    if (!c->room) {
        c->room = g_idle_add_full(G_PRIORITY_HIGH_IDLE, make_room, c, NULL);
    }
}

static void list_toggled(GtkToggleButton* button, TimbrelContent* c) {
    const bool shown = gtk_toggle_button_get_active(button);
    gtk_revealer_set_reveal_child(GTK_REVEALER(c->revealer), shown);
    make_room_soon(c);
    if (c->arranging) {
        return;
    }
    c->by_hand = true;
    if (is_wide(c)) {
        timbrel_memory_set_shows_list(shown);
    }
}

static void news(TimbrelView* view) {
    TimbrelContent* c = TIMBREL_CONTENT(view);
    const TimbrelNews* n = timbrel_mirror_news(timbrel_view_mirror(view));
    const char* message = n->texts[TIMBREL_TEXT_MESSAGE];
    if (c->mismatch) {
        return;
    }
    if (n->status.state == TIMBREL_MODEL_LOADING || g_strcmp0(message, c->dismissed)) {
        g_clear_pointer(&c->dismissed, g_free);
    }
    if (!c->dismissed) {
        show_note(c, message, n->status.state == TIMBREL_MODEL_FAILED);
    }
    if (c->told && n->status.state == TIMBREL_MODEL_LOADING && !is_wide(c)) {
        set_list_shown(c, false); // it has been chosen: show what it does
    }
    if (!c->told) {
        c->told = true;
        arrange_list(c);
    }
}

void timbrel_window_content_mismatch(GtkWidget* content) {
    TimbrelContent* c = TIMBREL_CONTENT(content);
    c->mismatch = true;
    show_note(
        c,
        "Timbrel was updated while it was running, so this window does not understand it; save the "
        "session and start the host again.",
        true);
}

static void step(TimbrelHeader* header, int direction, TimbrelContent* c) {
    (void)header;
    timbrel_models_step(TIMBREL_MODELS(c->models), direction);
}

/// The window's keys; before the widget with the focus, so with Ctrl only.
static gboolean key_press(GtkWidget* top, GdkEventKey* event, TimbrelContent* c) {
    (void)top;
    if ((event->state & gtk_accelerator_get_default_mod_mask()) != GDK_CONTROL_MASK) {
        return GDK_EVENT_PROPAGATE;
    }
    switch (event->keyval) {
    case GDK_KEY_l:
        press_list_button(c, !gtk_revealer_get_reveal_child(GTK_REVEALER(c->revealer)));
        return GDK_EVENT_STOP;
    case GDK_KEY_f:
        press_list_button(c, true);
        timbrel_models_search(TIMBREL_MODELS(c->models));
        return GDK_EVENT_STOP;
    case GDK_KEY_o:
        timbrel_models_choose(TIMBREL_MODELS(c->models));
        return GDK_EVENT_STOP;
    case GDK_KEY_Page_Up:
    case GDK_KEY_Page_Down:
        timbrel_models_step(TIMBREL_MODELS(c->models), event->keyval == GDK_KEY_Page_Up ? -1 : 1);
        return GDK_EVENT_STOP;
    default:
        return GDK_EVENT_PROPAGATE;
    }
}

/// The keys are to work when nothing has the focus, too.
static void realize(GtkWidget* content) {
    GTK_WIDGET_CLASS(timbrel_content_parent_class)->realize(content);
    (void)g_signal_connect_object(gtk_widget_get_toplevel(content), "key-press-event",
                                  G_CALLBACK(key_press), content, (GConnectFlags)0);
}

static void dropped(GtkWidget* content, GdkDragContext* context, gint x, gint y,
                    GtkSelectionData* data, guint info, guint time) {
    (void)x;
    (void)y;
    (void)info;
    char** uris = gtk_selection_data_get_uris(data);
    char* path = uris && uris[0] ? g_filename_from_uri(uris[0], NULL, NULL) : NULL;
    if (path) {
        timbrel_models_play(TIMBREL_MODELS(TIMBREL_CONTENT(content)->models), path);
    }
    gtk_drag_finish(context, path != NULL, FALSE, time);
    g_free(path);
    g_strfreev(uris);
}

static GtkWidget* make_note(TimbrelContent* c) {
    GtkWidget* close = gtk_button_new_from_icon_name("window-close-symbolic", GTK_ICON_SIZE_MENU);
    c->note = gtk_revealer_new();
    c->note_box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
    c->note_text = gtk_label_new(NULL);
    gtk_label_set_line_wrap(GTK_LABEL(c->note_text), TRUE);
    gtk_label_set_xalign(GTK_LABEL(c->note_text), 0);
    gtk_label_set_selectable(GTK_LABEL(c->note_text), TRUE);
    gtk_widget_set_can_focus(c->note_text, FALSE);
    gtk_button_set_relief(GTK_BUTTON(close), GTK_RELIEF_NONE);
    gtk_style_context_add_class(gtk_widget_get_style_context(close), "timbrel-flat");
    gtk_widget_set_valign(close, GTK_ALIGN_START);
    gtk_widget_set_tooltip_text(close, "Close this message");
    atk_object_set_name(gtk_widget_get_accessible(close), "Close this message");
    (void)g_signal_connect(close, "clicked", G_CALLBACK(put_note_away), c);
    gtk_box_pack_start(GTK_BOX(c->note_box), c->note_text, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(c->note_box), close, FALSE, FALSE, 0);
    gtk_container_add(GTK_CONTAINER(c->note), c->note_box);
    return c->note;
}

static void size_allocate(GtkWidget* content, GtkAllocation* allocation) {
    GTK_WIDGET_CLASS(timbrel_content_parent_class)->size_allocate(content, allocation);
    make_room_soon(TIMBREL_CONTENT(content));
}

static void view_init(TimbrelViewInterface* view) {
    view->news = news;
}

static void dispose(GObject* object) {
    TimbrelContent* c = TIMBREL_CONTENT(object);
    if (c->room) {
        (void)g_source_remove(c->room);
        c->room = 0;
    }
    g_clear_pointer(&c->dismissed, g_free);
    G_OBJECT_CLASS(timbrel_content_parent_class)->dispose(object);
}

static void timbrel_content_class_init(TimbrelContentClass* class) {
    GtkWidgetClass* widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    widget->realize = realize;
    widget->size_allocate = size_allocate;
    widget->drag_data_received = dropped;
}

static void timbrel_content_init(TimbrelContent* c) {
    gtk_orientable_set_orientation(GTK_ORIENTABLE(c), GTK_ORIENTATION_VERTICAL);
}

/// Between header and foot: the pages, and the list of models beside or over them.
static GtkWidget* make_body(TimbrelContent* c, TimbrelMirror* mirror) {
    GtkWidget* body = gtk_overlay_new();
    gtk_widget_set_size_request(c->models, list_width, -1);
    gtk_revealer_set_transition_type(GTK_REVEALER(c->revealer),
                                     GTK_REVEALER_TRANSITION_TYPE_SLIDE_RIGHT);
    gtk_revealer_set_transition_duration(GTK_REVEALER(c->revealer), 120);
    gtk_container_add(GTK_CONTAINER(c->revealer), c->models);
    gtk_widget_set_halign(c->revealer, GTK_ALIGN_START);
    c->pages = timbrel_pages_new(mirror);
    gtk_container_add(GTK_CONTAINER(body), c->pages);
    gtk_overlay_add_overlay(GTK_OVERLAY(body), c->revealer);
    return body;
}

GtkWidget* timbrel_window_content_new(TimbrelMirror* mirror, const char* bundle) {
    TimbrelContent* c = g_object_new(TIMBREL_TYPE_CONTENT, NULL);
    GtkWidget* content = GTK_WIDGET(c);
    c->header = timbrel_header_new(mirror);
    c->models = timbrel_models_new(mirror, bundle);
    c->revealer = gtk_revealer_new();
    g_object_set(c->header, "margin", 0, "border-width", 6, NULL);
    gtk_box_pack_start(GTK_BOX(content), c->header, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(content), make_note(c), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(content), make_body(c, mirror), TRUE, TRUE, 0);
    gtk_style_context_add_class(gtk_widget_get_style_context(content), "timbrel-window");
    atk_object_set_name(gtk_widget_get_accessible(content), "Timbrel");
    (void)g_signal_connect(timbrel_header_list_button(TIMBREL_HEADER(c->header)), "toggled",
                           G_CALLBACK(list_toggled), c);
    (void)g_signal_connect(c->header, "step", G_CALLBACK(step), c);
    timbrel_view_bind(TIMBREL_VIEW(c), mirror); // after its parts: they hear first
    set_list_shown(c, timbrel_memory_shows_list());
    gtk_drag_dest_set(content, GTK_DEST_DEFAULT_ALL, NULL, 0, GDK_ACTION_COPY);
    gtk_drag_dest_add_uri_targets(content);
    gtk_widget_show_all(content);
    return content;
}
