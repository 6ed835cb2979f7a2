// SPDX-License-Identifier: ISC
#include "memory.h"

#include <glib.h>

#include <string.h>

enum { most_recent = 8 };

static char* file_path(void) {
    return g_build_filename(g_get_user_state_dir(), "timbrel", "window.ini", NULL);
}

static GKeyFile* load(void) {
    char* path = file_path();
    GKeyFile* file = g_key_file_new();
    (void)g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL);
    g_free(path);
    return file;
}

/// Keep it, and free it. What cannot be written is forgotten, no more.
static void save(GKeyFile* file) {
    char* path = file_path();
    char* folder = g_path_get_dirname(path);
    (void)g_mkdir_with_parents(folder, 0700);
    (void)g_key_file_save_to_file(file, path, NULL);
    g_free(folder);
    g_free(path);
    g_key_file_free(file);
}

char** timbrel_memory_recent(void) {
    GKeyFile* file = load();
    char** recent = g_key_file_get_string_list(file, "models", "recent", NULL, NULL);
    g_key_file_free(file);
    return recent ? recent : g_new0(char*, 1);
}

void timbrel_memory_add_recent(const char* path) {
    GKeyFile* file = load();
    char** before = g_key_file_get_string_list(file, "models", "recent", NULL, NULL);
    const char* recent[most_recent] = {path};
    gsize count = 1;
    for (char** p = before; p && *p && count < most_recent; ++p) {
        if (strcmp(*p, path) != 0) {
            recent[count++] = *p;
        }
    }
    g_key_file_set_string_list(file, "models", "recent", recent, count);
    save(file);
    g_strfreev(before);
}

bool timbrel_memory_shows_list(void) {
    GKeyFile* file = load();
    GError* unknown = NULL;
    const bool shows = g_key_file_get_boolean(file, "window", "list", &unknown) || unknown;
    g_clear_error(&unknown);
    g_key_file_free(file);
    return shows;
}

void timbrel_memory_set_shows_list(bool shows) {
    GKeyFile* file = load();
    g_key_file_set_boolean(file, "window", "list", shows);
    save(file);
}
