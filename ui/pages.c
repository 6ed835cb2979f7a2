// SPDX-License-Identifier: ISC
#include "pages.h"

#include "play_page.h"

enum { margin = 8 };

typedef struct {
    const char* id; ///< Never changes
    const char* title;
    GtkWidget* (*make)(TimbrelMirror* mirror);
} Page;

static const Page pages[] = {
    {"play", "Play", timbrel_play_page_new},
};

static GtkWidget* make_switcher(GtkWidget* stack) {
    GtkWidget* switcher = gtk_stack_switcher_new();
    gtk_stack_switcher_set_stack(GTK_STACK_SWITCHER(switcher), GTK_STACK(stack));
    gtk_widget_set_halign(switcher, GTK_ALIGN_CENTER);
    gtk_widget_set_margin_top(switcher, margin);
    return switcher;
}

GtkWidget* timbrel_pages_new(TimbrelMirror* mirror) {
    GtkWidget* box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    GtkWidget* stack = gtk_stack_new();
    for (size_t i = 0; i < G_N_ELEMENTS(pages); ++i) {
        GtkWidget* page = pages[i].make(mirror);
        g_object_set(page, "margin", margin,
                     NULL); // inside: what is outside of the stack is cut off
        gtk_widget_show_all(page);
        gtk_stack_add_titled(GTK_STACK(stack), page, pages[i].id, pages[i].title);
    }
    if (G_N_ELEMENTS(pages) > 1) {
        gtk_box_pack_start(GTK_BOX(box), make_switcher(stack), FALSE, FALSE, 0);
    }
    gtk_box_pack_start(GTK_BOX(box), stack, TRUE, TRUE, 0);
    return box;
}
