// SPDX-License-Identifier: ISC
#include "plug.h"

#include <gdk/gdkx.h>
#include <gtk/gtkx.h>

/// Take the keyboard. The click itself goes on to whatever was clicked.
static void take_keyboard(GtkWidget* plug, TimbrelMirror* mirror) {
    GdkWindow* window = gtk_widget_get_window(plug);
    GdkDisplay* display = gtk_widget_get_display(plug);
    TimbrelWireHead message;
    gdk_x11_display_error_trap_push(display); // it may just be unmapped
    (void)XSetInputFocus(GDK_WINDOW_XDISPLAY(window), GDK_WINDOW_XID(window), RevertToParent,
                         CurrentTime);
    gdk_x11_display_error_trap_pop_ignored(display);
    timbrel_wire_head(&message, TIMBREL_WIRE_FOCUS, sizeof message);
    timbrel_mirror_send(mirror, &message);
}

/// All events of the program pass here first: those for the widgets in the plug do not reach it.
static void look_at_event(GdkEvent* event, gpointer data) {
    GtkWidget* plug = data;
    if (event->type == GDK_BUTTON_PRESS) {
        GtkWidget* widget = gtk_get_event_widget(event);
        if (widget && gtk_widget_get_toplevel(widget) == plug)
            take_keyboard(plug, g_object_get_data(G_OBJECT(plug), "mirror"));
    }
    gtk_main_do_event(event);
}

/// After the widgets: what they leave is the host's, such as the space bar that plays.
static gboolean unused_key(GtkWidget* plug, GdkEventKey* event, TimbrelMirror* mirror) {
    (void)plug;
    TimbrelWireKey message = {.keycode = event->hardware_keycode,
                              .state = event->state,
                              .pressed = event->type == GDK_KEY_PRESS};
    timbrel_wire_head(&message, TIMBREL_WIRE_KEY, sizeof message);
    timbrel_mirror_send(mirror, &message.head);
    return GDK_EVENT_STOP;
}

GtkWidget* timbrel_plug_new(TimbrelMirror* mirror, unsigned long window) {
    GtkWidget* plug = gtk_plug_new(window);
    g_object_set_data_full(G_OBJECT(plug), "mirror", g_object_ref(mirror), g_object_unref);
    gdk_event_handler_set(look_at_event, plug, NULL);
    (void)g_signal_connect_after(plug, "key-press-event", G_CALLBACK(unused_key), mirror);
    (void)g_signal_connect_after(plug, "key-release-event", G_CALLBACK(unused_key), mirror);
    return plug;
}
