// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_FILE_DIALOG_H
#define TIMBREL_UI_FILE_DIALOG_H

#include <gtk/gtk.h>

/// Let a model file be chosen, beginning where the file `near` (may be NULL) lies. Returns at once;
/// `chosen` is called unless the dialog is left. The dialog stays above the window, or above the
/// host's that it is embedded in, and ends with `widget`.
void timbrel_file_dialog(GtkWidget* widget, const char* near,
                         void (*chosen)(const char* path, gpointer data), gpointer data);

#endif
