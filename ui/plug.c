// SPDX-License-Identifier: ISC
#include "plug.h"

#include "fader.h"

#include <gdk/gdkx.h>

/// Take the keyboard. The click itself goes on to whatever was clicked.
static void take_keyboard(GtkWidget* plug) {
    GdkWindow* window = gtk_widget_get_window(plug);
    GdkDisplay* display = gtk_widget_get_display(plug);
    gdk_x11_display_error_trap_push(display); // it may just be unmapped
    (void)XSetInputFocus(GDK_WINDOW_XDISPLAY(window), GDK_WINDOW_XID(window), RevertToParent,
                         CurrentTime);
    gdk_x11_display_error_trap_pop_ignored(display);
}

/// All events of the program pass here first: those for the widgets in the plug do not reach it.
static void look_at_event(GdkEvent* event, gpointer data) {
    GtkWidget* plug = data;
    if (event->type == GDK_BUTTON_PRESS) {
        GtkWidget* widget = gtk_get_event_widget(event);
        if (widget && gtk_widget_get_toplevel(widget) == plug) {
            take_keyboard(plug);
        }
    }
    gtk_main_do_event(event);
}

static gboolean pass_on(GtkWidget* plug, GdkEventKey* event, TimbrelMirror* mirror) {
    (void)plug;
    TimbrelWireKey message = {.keycode = event->hardware_keycode,
                              .state = event->state,
                              .pressed = event->type == GDK_KEY_PRESS};
    timbrel_wire_head(&message, TIMBREL_WIRE_KEY, sizeof message);
    timbrel_mirror_send(mirror, &message.head);
    return GDK_EVENT_STOP;
}

/// Before the widgets: the space bar, which plays in every host, but not where it presses or types.
/// GTK's windows take it for themselves even where it does nothing.
static gboolean space_bar(GtkWidget* plug, GdkEventKey* event, TimbrelMirror* mirror) {
    GtkWidget* focus = gtk_window_get_focus(GTK_WINDOW(plug));
    if (event->keyval != GDK_KEY_space || (focus && !TIMBREL_IS_FADER(focus))) {
        return GDK_EVENT_PROPAGATE;
    }
    return pass_on(plug, event, mirror);
}

GtkWidget* timbrel_plug_new(TimbrelMirror* mirror, unsigned long window) {
    GtkWidget* plug = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    gtk_window_set_decorated(GTK_WINDOW(plug), FALSE);
    gtk_widget_realize(plug);
    GdkWindow* own = gtk_widget_get_window(plug);
    gdk_window_set_override_redirect(own, TRUE); // no affair of the window manager's
    (void)XReparentWindow(GDK_WINDOW_XDISPLAY(own), GDK_WINDOW_XID(own), window, 0, 0);
    (void)XSync(GDK_WINDOW_XDISPLAY(own), False);
    g_object_set_data_full(G_OBJECT(plug), "mirror", g_object_ref(mirror), g_object_unref);
    gdk_event_handler_set(look_at_event, plug, NULL);
    (void)g_signal_connect(plug, "key-press-event", G_CALLBACK(space_bar), mirror);
    (void)g_signal_connect(plug, "key-release-event", G_CALLBACK(space_bar), mirror);
    // After the widgets: what they leave is the host's.
    (void)g_signal_connect_after(plug, "key-press-event", G_CALLBACK(pass_on), mirror);
    (void)g_signal_connect_after(plug, "key-release-event", G_CALLBACK(pass_on), mirror);
    return plug;
}

bool timbrel_plug_is(GtkWidget* top) {
    return g_object_get_data(G_OBJECT(top), "mirror") != NULL;
}
