// SPDX-License-Identifier: ISC
#include "file_dialog.h"

#include "plug.h"

#include <gdk/gdkx.h>

typedef struct {
    void (*chosen)(const char* path, gpointer data);
    gpointer data;
} Choice;

/// The host's window that a plug is in: the last below the root that a window manager knows.
static Window host_window(GtkWidget* plug) {
    GdkWindow* own = gtk_widget_get_window(plug);
    Display* display = GDK_WINDOW_XDISPLAY(own);
    const Atom state = XInternAtom(display, "WM_STATE", False);
    Window window = GDK_WINDOW_XID(own);
    for (;;) {
        Window root = 0;
        Window parent = 0;
        Window* children = NULL;
        unsigned count = 0;
        Atom type = None;
        int format = 0;
        unsigned long items = 0;
        unsigned long after = 0;
        unsigned char* data = NULL;
        (void)XGetWindowProperty(display, window, state, 0, 0, False, AnyPropertyType, &type,
                                 &format, &items, &after, &data);
        if (data) {
            (void)XFree(data);
        }
        if (type != None || !XQueryTree(display, window, &root, &parent, &children, &count)) {
            return window;
        }
        if (children) {
            (void)XFree(children);
        }
        if (parent == root || parent == None) {
            return window;
        }
        window = parent;
    }
}

static void stay_above(GtkWidget* dialog, GtkWidget* top) {
    if (!timbrel_plug_is(top)) {
        gtk_window_set_transient_for(GTK_WINDOW(dialog), GTK_WINDOW(top));
        return;
    }
    GdkDisplay* display = gtk_widget_get_display(top);
    gdk_x11_display_error_trap_push(display);
    GdkWindow* host = gdk_x11_window_foreign_new_for_display(display, host_window(top));
    gtk_widget_realize(dialog);
    if (host) {
        gdk_window_set_transient_for(gtk_widget_get_window(dialog), host);
        g_object_unref(host);
    }
    gdk_x11_display_error_trap_pop_ignored(display);
}

static void response(GtkDialog* dialog, gint answer, Choice* choice) {
    char* path = answer == GTK_RESPONSE_ACCEPT
                     ? gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(dialog))
                     : NULL;
    if (path) {
        choice->chosen(path, choice->data);
    }
    g_free(path);
    gtk_widget_destroy(GTK_WIDGET(dialog));
}

static void dialog_gone(GtkWidget* dialog, GtkWidget* widget) {
    g_signal_handlers_disconnect_by_data(widget, dialog);
    g_object_set_data(G_OBJECT(widget), "file-dialog", NULL);
}

/// The second pattern may be NULL.
static void add_filter(GtkWidget* dialog, const char* name, const char* first, const char* second) {
    GtkFileFilter* filter = gtk_file_filter_new();
    gtk_file_filter_set_name(filter, name);
    gtk_file_filter_add_pattern(filter, first);
    if (second) {
        gtk_file_filter_add_pattern(filter, second);
    }
    gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(dialog), filter);
}

void timbrel_file_dialog(GtkWidget* widget, const char* near,
                         void (*chosen)(const char* path, gpointer data), gpointer data) {
    GtkWidget* open = g_object_get_data(G_OBJECT(widget), "file-dialog");
    if (open) {
        gtk_window_present(GTK_WINDOW(open));
        return;
    }
    GtkWidget* dialog =
        gtk_file_chooser_dialog_new("Choose a model", NULL, GTK_FILE_CHOOSER_ACTION_OPEN, "_Cancel",
                                    GTK_RESPONSE_CANCEL, "_Play", GTK_RESPONSE_ACCEPT, NULL);
    Choice* choice = g_new(Choice, 1);
    *choice = (Choice){chosen, data};
    gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_ACCEPT);
    add_filter(dialog, "Models (*.ts, *.plan)", "*.[tT][sS]", "*.[pP][lL][aA][nN]");
    add_filter(dialog, "All files", "*", NULL);
    if (near) {
        (void)gtk_file_chooser_set_filename(GTK_FILE_CHOOSER(dialog), near);
    } else {
        (void)gtk_file_chooser_set_current_folder(GTK_FILE_CHOOSER(dialog), g_get_home_dir());
    }
    g_object_set_data(G_OBJECT(widget), "file-dialog", dialog);
    g_object_set_data_full(G_OBJECT(dialog), "choice", choice, g_free);
    (void)g_signal_connect(dialog, "response", G_CALLBACK(response), choice);
    (void)g_signal_connect(dialog, "destroy", G_CALLBACK(dialog_gone), widget);
    (void)g_signal_connect_swapped(widget, "destroy", G_CALLBACK(gtk_widget_destroy), dialog);
    stay_above(dialog, gtk_widget_get_toplevel(widget));
    gtk_widget_show_all(dialog);
    gtk_window_resize(GTK_WINDOW(dialog), 720, 480);
}
