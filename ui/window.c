// SPDX-License-Identifier: ISC
#include "window.h"

#include "header.h"
#include "latents.h"
#include "memory.h"
#include "models.h"
#include "sound.h"

#include <string.h>

enum {
    list_width = 230,
    margin = 8,
    wide = 880 ///< From here on the list stands beside the rest, below it lies over it
};

typedef struct {
    TimbrelMirror* mirror;
    GtkWidget* content;
    GtkWidget* models;
    GtkWidget* revealer; ///< Of the list
    GtkWidget* main;     ///< All that is below the header and beside the list
    GtkWidget* header;
    GtkWidget* note; ///< Revealer of the engine's sentence
    GtkWidget* note_box;
    GtkWidget* note_text;
    guint room;      ///< Source that makes room for the list; 0: none
    char* dismissed; ///< Sentence that was put away
    bool told;       ///< Whether news have come
    bool was_wide;   ///< When the list was last arranged
    bool arranging;  ///< The list is shown or hidden by us
    bool by_hand;    ///< It was by the user
    bool mismatch;
} Content;

static void show_note(Content* c, const char* text, bool problem) {
    GtkStyleContext* context = gtk_widget_get_style_context(c->note_box);
    gtk_style_context_remove_class(context, problem ? "timbrel-note" : "timbrel-problem");
    gtk_style_context_add_class(context, problem ? "timbrel-problem" : "timbrel-note");
    gtk_label_set_text(GTK_LABEL(c->note_text), text);
    gtk_revealer_set_reveal_child(GTK_REVEALER(c->note), text[0] != '\0');
}

static void put_note_away(GtkButton* button, Content* c) {
    (void)button;
    g_free(c->dismissed);
    c->dismissed = g_strdup(gtk_label_get_text(GTK_LABEL(c->note_text)));
    gtk_revealer_set_reveal_child(GTK_REVEALER(c->note), FALSE);
}

/// As a hand on the button does.
static void press_list_button(Content* c, bool shown) {
    GtkWidget* button = timbrel_header_list_button(TIMBREL_HEADER(c->header));
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(button), shown);
}

static void set_list_shown(Content* c, bool shown) {
    c->arranging = true;
    press_list_button(c, shown);
    c->arranging = false;
}

static bool is_wide(const Content* c) {
    return gtk_widget_get_allocated_width(c->content) >= wide;
}

/// Without a model the first thing to do is to choose one; with one, the list is not to lie over
/// it. What the hand did counts for as long as there is the same room.
static void arrange_list(Content* c) {
    if (is_wide(c) != c->was_wide) {
        c->by_hand = false;
    }
    c->was_wide = is_wide(c);
    if (!c->told || c->by_hand) {
        return;
    }
    const bool none = timbrel_mirror_news(c->mirror)->status.state == TIMBREL_MODEL_NONE;
    set_list_shown(c, none || (is_wide(c) && timbrel_memory_shows_list()));
}

static gboolean make_room(gpointer data) {
    Content* c = data;
    arrange_list(c);
    const bool beside = gtk_revealer_get_reveal_child(GTK_REVEALER(c->revealer)) && is_wide(c);
    c->room = 0;
    gtk_widget_set_margin_start(c->main, beside ? list_width + margin : margin);
    return G_SOURCE_REMOVE;
}

/// Soon: not while sizes are being given out.
static void make_room_soon(Content* c) {
    if (!c->room) {
        c->room = g_idle_add_full(G_PRIORITY_HIGH_IDLE, make_room, c, NULL);
    }
}

static void list_toggled(GtkToggleButton* button, Content* c) {
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

static void news(TimbrelMirror* mirror, Content* c) {
    const TimbrelNews* n = timbrel_mirror_news(mirror);
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
    Content* c = g_object_get_data(G_OBJECT(content), "content");
    c->mismatch = true;
    show_note(c,
              "Timbrel was updated while it ran, so this window does not understand it; save the "
              "session and start the host again.",
              true);
}

static void step(TimbrelHeader* header, int direction, Content* c) {
    (void)header;
    timbrel_models_step(TIMBREL_MODELS(c->models), direction);
}

/// The window's keys; before the widget with the focus, so with Ctrl only.
static gboolean key_press(GtkWidget* top, GdkEventKey* event, Content* c) {
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
static void realized(GtkWidget* content, Content* c) {
    (void)g_signal_connect(gtk_widget_get_toplevel(content), "key-press-event",
                           G_CALLBACK(key_press), c);
}

static void dropped(GtkWidget* content, GdkDragContext* context, gint x, gint y,
                    GtkSelectionData* data, guint info, guint time, Content* c) {
    (void)content;
    (void)x;
    (void)y;
    (void)info;
    char** uris = gtk_selection_data_get_uris(data);
    char* path = uris && uris[0] ? g_filename_from_uri(uris[0], NULL, NULL) : NULL;
    if (path) {
        timbrel_models_play(TIMBREL_MODELS(c->models), path);
    }
    gtk_drag_finish(context, path != NULL, FALSE, time);
    g_free(path);
    g_strfreev(uris);
}

static GtkWidget* make_note(Content* c) {
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
    gtk_widget_set_tooltip_text(close, "Put this message away");
    atk_object_set_name(gtk_widget_get_accessible(close), "Put this message away");
    (void)g_signal_connect(close, "clicked", G_CALLBACK(put_note_away), c);
    gtk_box_pack_start(GTK_BOX(c->note_box), c->note_text, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(c->note_box), close, FALSE, FALSE, 0);
    gtk_container_add(GTK_CONTAINER(c->note), c->note_box);
    return c->note;
}

static void destroy(GtkWidget* content, Content* c) {
    (void)content;
    g_signal_handlers_disconnect_by_data(c->mirror, c);
    g_object_unref(c->mirror);
    if (c->room) {
        (void)g_source_remove(c->room);
    }
    g_free(c->dismissed);
    g_free(c);
}

static GtkWidget* make_main(Content* c) {
    GtkWidget* main = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8);
    GtkWidget* latents = timbrel_latents_new(c->mirror);
    GtkWidget* sound = timbrel_sound_new(c->mirror);
    GtkWidget* play = timbrel_play_new(c->mirror);
    gtk_box_pack_start(GTK_BOX(main), latents, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(main), sound, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(main), play, FALSE, FALSE, 0);
    g_object_set(main, "margin", margin, NULL);
    return main;
}

GtkWidget* timbrel_window_content_new(TimbrelMirror* mirror, const char* bundle) {
    Content* c = g_new0(Content, 1);
    GtkWidget* body = gtk_overlay_new();
    c->mirror = g_object_ref(mirror);
    c->content = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    c->header = timbrel_header_new(mirror);
    c->models = timbrel_models_new(mirror, bundle);
    c->revealer = gtk_revealer_new();
    g_object_set(c->header, "margin", 0, "border-width", 6, NULL);
    gtk_widget_set_size_request(c->models, list_width, -1);
    gtk_revealer_set_transition_type(GTK_REVEALER(c->revealer),
                                     GTK_REVEALER_TRANSITION_TYPE_SLIDE_RIGHT);
    gtk_revealer_set_transition_duration(GTK_REVEALER(c->revealer), 120);
    gtk_container_add(GTK_CONTAINER(c->revealer), c->models);
    gtk_box_pack_start(GTK_BOX(c->content), c->header, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(c->content), make_note(c), FALSE, FALSE, 0);
    c->main = make_main(c);
    gtk_widget_set_halign(c->revealer, GTK_ALIGN_START);
    gtk_container_add(GTK_CONTAINER(body), c->main);
    gtk_overlay_add_overlay(GTK_OVERLAY(body), c->revealer);
    gtk_box_pack_start(GTK_BOX(c->content), body, TRUE, TRUE, 0);
    gtk_style_context_add_class(gtk_widget_get_style_context(c->content), "timbrel-window");
    atk_object_set_name(gtk_widget_get_accessible(c->content), "Timbrel");
    (void)g_signal_connect(timbrel_header_list_button(TIMBREL_HEADER(c->header)), "toggled",
                           G_CALLBACK(list_toggled), c);
    (void)g_signal_connect_swapped(c->content, "size-allocate", G_CALLBACK(make_room_soon), c);
    set_list_shown(c, timbrel_memory_shows_list());
    gtk_drag_dest_set(c->content, GTK_DEST_DEFAULT_ALL, NULL, 0, GDK_ACTION_COPY);
    gtk_drag_dest_add_uri_targets(c->content);
    (void)g_signal_connect(c->content, "drag-data-received", G_CALLBACK(dropped), c);
    (void)g_signal_connect(c->content, "realize", G_CALLBACK(realized), c);
    (void)g_signal_connect(c->header, "step", G_CALLBACK(step), c);
    (void)g_signal_connect(mirror, "news", G_CALLBACK(news), c);
    (void)g_signal_connect(c->content, "destroy", G_CALLBACK(destroy), c);
    g_object_set_data(G_OBJECT(c->content), "content", c);
    gtk_widget_show_all(c->content);
    return c->content;
}
