// SPDX-License-Identifier: ISC
#include "model_file.h"

#include "engine/model/model.h"
#include "engine/model/native/native.h"
#include "engine/model/native/plan_file.h"
#include "engine/model/remote/remote.h"
#include "engine/model/search.h"

#include <glib/gstdio.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { look_samples = 1 }; // The smallest buffers: nothing is played

/// The first line of text in the Markdown file beside the model.
static char* read_card(const char* path) {
    char* folder = g_path_get_dirname(path);
    char* name = timbrel_search_name(path);
    char* card = g_strdup_printf("%s/%s.md", folder, name ? name : "");
    char* text = NULL;
    char* line = NULL;
    if (g_file_get_contents(card, &text, NULL, NULL) && g_utf8_validate(text, -1, NULL)) {
        char** lines = g_strsplit(text, "\n", 40);
        for (char** l = lines; *l && !line; ++l) {
            const char* start = g_strstrip(*l);
            if (*start && !strchr("#|-!<`", *start)) {
                line = g_strdup(start);
            }
        }
        g_strfreev(lines);
    }
    g_free(text);
    g_free(card);
    free(name);
    g_free(folder);
    return line ? line : g_strdup("");
}

static char* cache_path(void) {
    return g_build_filename(g_get_user_cache_dir(), "timbrel", "models.ini", NULL);
}

static GKeyFile* load_cache(void) {
    char* path = cache_path();
    GKeyFile* cache = g_key_file_new();
    (void)g_key_file_load_from_file(cache, path, G_KEY_FILE_NONE, NULL);
    g_free(path);
    return cache;
}

/// Name of the cache's group for the file as it is now; it may hold no brackets.
static char* group_of(const TimbrelModelFile* file) {
    char* what = g_strdup_printf("%s:%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, file->path,
                                 file->modified, file->bytes);
    char* group = g_compute_checksum_for_string(G_CHECKSUM_SHA256, what, -1);
    g_free(what);
    return group;
}

static void recall(TimbrelModelFile* file, GKeyFile* cache) {
    char* group = group_of(file);
    if (g_key_file_has_group(cache, group)) {
        char* problem = g_key_file_get_string(cache, group, "problem", NULL);
        if (problem) {
            g_free(file->problem);
            file->problem = problem;
        }
        file->rate = g_key_file_get_double(cache, group, "rate", NULL);
        file->delay = g_key_file_get_double(cache, group, "delay", NULL);
        file->latents = (uint32_t)g_key_file_get_integer(cache, group, "latents", NULL);
        file->ratio = (uint32_t)g_key_file_get_integer(cache, group, "ratio", NULL);
        file->streaming = g_key_file_get_boolean(cache, group, "streaming", NULL);
        file->known = true;
    }
    g_free(group);
}

static void remember(const TimbrelModelFile* file) {
    GKeyFile* cache = load_cache();
    char* group = group_of(file);
    char* path = cache_path();
    char* folder = g_path_get_dirname(path);
    g_key_file_set_string(cache, group, "path", file->path);
    g_key_file_set_string(cache, group, "problem", file->problem);
    g_key_file_set_double(cache, group, "rate", file->rate);
    g_key_file_set_double(cache, group, "delay", file->delay);
    g_key_file_set_integer(cache, group, "latents", (gint)file->latents);
    g_key_file_set_integer(cache, group, "ratio", (gint)file->ratio);
    g_key_file_set_boolean(cache, group, "streaming", file->streaming);
    (void)g_mkdir_with_parents(folder, 0700);
    (void)g_key_file_save_to_file(cache, path, NULL); // else it is opened again next time
    g_free(folder);
    g_free(path);
    g_free(group);
    g_key_file_free(cache);
}

static TimbrelModelFile* file_new(const char* path, bool installed, GKeyFile* cache) {
    GStatBuf status;
    char* name = timbrel_search_name(path);
    if (!name || g_stat(path, &status)) {
        free(name);
        return NULL;
    }
    TimbrelModelFile* file = g_new0(TimbrelModelFile, 1);
    file->path = g_strdup(path);
    file->name = g_strdup(name);
    file->line = read_card(path);
    file->problem = g_strdup("");
    file->device = status.st_dev;
    file->inode = status.st_ino;
    file->bytes = status.st_size;
    file->modified = status.st_mtime;
    file->installed = installed;
    free(name);
    recall(file, cache);
    return file;
}

TimbrelModelFile* timbrel_model_file_new(const char* path, bool installed) {
    GKeyFile* cache = load_cache();
    TimbrelModelFile* file = file_new(path, installed, cache);
    g_key_file_free(cache);
    return file;
}

void timbrel_model_file_free(TimbrelModelFile* file) {
    g_free(file->path);
    g_free(file->name);
    g_free(file->line);
    g_free(file->problem);
    g_free(file);
}

bool timbrel_model_file_is(const TimbrelModelFile* file, const char* path) {
    GStatBuf status;
    return strcmp(file->path, path) == 0 ||
           (g_stat(path, &status) == 0 && file->device == status.st_dev &&
            file->inode == status.st_ino);
}

GPtrArray* timbrel_model_files_installed(const char* bundled) {
    GPtrArray* files = g_ptr_array_new_with_free_func((GDestroyNotify)timbrel_model_file_free);
    GKeyFile* cache = load_cache();
    char** paths = timbrel_search_list(bundled);
    for (char** path = paths; path && *path; ++path) {
        TimbrelModelFile* file = file_new(*path, true, cache);
        if (file) {
            g_ptr_array_add(files, file);
        }
    }
    if (paths) {
        timbrel_search_free(paths);
    }
    g_key_file_free(cache);
    return files;
}

/// A plan is read here; any other file only by a process of its own. NULL without an error: there
/// is no such program.
static TimbrelBackend* open_backend(const TimbrelModelFile* file, const char* torch_program,
                                    const _Atomic(bool)* cancel, TimbrelError* error) {
    const TimbrelNativeConfig native = {.max_samples = TIMBREL_LARGEST_CALL};
    const TimbrelRemoteConfig remote = {.program = torch_program};
    TimbrelBackend* backend = NULL;
    const int plan = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (plan >= 0 && timbrel_plan_file_is(plan)) {
        backend = timbrel_native_open(&native, plan, file->name, error);
    } else if (torch_program) {
        backend = timbrel_remote_open(&remote, file->path, look_samples, cancel, error);
    }
    if (plan >= 0) {
        (void)close(plan);
    }
    return backend;
}

void timbrel_model_file_open(TimbrelModelFile* file, const char* torch_program,
                             const _Atomic(bool)* cancel) {
    TimbrelError error = {0};
    TimbrelBackend* backend = open_backend(file, torch_program, cancel, &error);
    if (backend) {
        const TimbrelModelInfo* info = &backend->info;
        file->rate = info->rate;
        file->delay = info->layers_delay;
        file->latents = info->latents;
        file->ratio = info->ratio;
        file->streaming = info->streaming;
        backend->ops->close(backend);
    } else if (*cancel || !error.message[0]) {
        return;
    } else {
        g_free(file->problem);
        file->problem = g_strdup(error.message);
    }
    file->known = true;
    remember(file);
}

char* timbrel_model_file_facts(const TimbrelModelFile* file) {
    GString* facts = g_string_new(NULL);
    if (file->problem[0]) {
        g_string_append(facts, "cannot be played · ");
    } else if (file->known) {
        if (file->latents > 0) {
            g_string_append_printf(facts, "%u latent%s · ", file->latents,
                                   file->latents == 1 ? "" : "s");
        }
        g_string_append_printf(facts, "%g kHz · ", file->rate / 1000);
    }
    char* size = g_format_size((guint64)file->bytes);
    g_string_append(facts, size);
    g_free(size);
    return g_string_free(facts, FALSE);
}

/// What playing it costs in time, as far as the file tells: the host's blocks and the machine's
/// speed add to it.
static void append_latency(GString* tip, const TimbrelModelFile* file) {
    const double frame = 1000 * file->ratio / file->rate;
    g_string_append_printf(tip, "\nhop %u (%.1f ms), ", file->ratio, frame);
    if (!file->streaming) {
        g_string_append(tip, "exported without --streaming: more latency");
    } else if (file->delay >= 0) {
        g_string_append_printf(tip, "latency from %.0f ms",
                               frame + 1000 * file->delay / file->rate);
    } else {
        g_string_append_printf(tip, "latency from %.0f ms plus the delay inside the model", frame);
    }
}

char* timbrel_model_file_tip(const TimbrelModelFile* file) {
    GString* tip = g_string_new(NULL);
    char* facts = timbrel_model_file_facts(file);
    char* name = g_markup_printf_escaped("<b>%s</b>\n", file->name);
    char* rest = g_markup_printf_escaped("\n%s%s%s", file->problem, file->problem[0] ? "\n" : "",
                                         file->path);
    g_string_append(tip, name);
    if (file->line[0]) {
        char* line = g_markup_printf_escaped("%s\n", file->line);
        g_string_append(tip, line);
        g_free(line);
    }
    g_string_append(tip, facts);
    if (file->known && !file->problem[0]) {
        append_latency(tip, file);
    }
    g_string_append(tip, rest);
    g_free(rest);
    g_free(name);
    g_free(facts);
    return g_string_free(tip, FALSE);
}
