// SPDX-License-Identifier: ISC
#include "play_page.h"

#include "latents.h"
#include "play_bar.h"
#include "sound.h"

GtkWidget* timbrel_play_page_new(TimbrelMirror* mirror) {
    GtkWidget* page = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8);
    gtk_box_pack_start(GTK_BOX(page), timbrel_latents_new(mirror), TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(page), timbrel_sound_new(mirror), TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(page), timbrel_play_bar_new(mirror), FALSE, FALSE, 0);
    return page;
}
