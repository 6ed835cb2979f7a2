// SPDX-License-Identifier: ISC
#include "search.h"
#include "engine/base/rt.h"

#include "engine/base/controls.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

// TIMBREL_BUNDLE_DIR is the build's: where the bundle is installed.
static const char* const extensions[] = {".ts", ".plan"}; // the first is preferred
static const char torch_name[] = "timbrel-torch";

// Numbers of the control *model* up to this are the bundled models' own, whatever files there are.
enum { BUNDLED_FIRST = 2 };

typedef struct {
    char** items; // NULL-terminated once an item is in
    size_t count;
    size_t capacity;
    bool failed; // Memory ran out
} List;

static void list_free(List* list) {
    for (size_t i = 0; i < list->count; ++i) {
        free(list->items[i]);
    }
    free(list->items);
    *list = (List){0};
}

// Takes ownership of `item`, which is NULL when memory ran out.
static void list_take(List* list, char* item) {
    if (item && list->count + 1 >= list->capacity) {
        const size_t capacity = list->capacity ? 2 * list->capacity : 16;
        char** items = realloc(list->items, capacity * sizeof *items);
        if (items) {
            list->items = items;
            list->capacity = capacity;
        }
    }
    if (!item || list->count + 1 >= list->capacity) {
        list->failed = true;
        free(item);
        return;
    }
    list->items[list->count++] = item;
    list->items[list->count] = NULL;
}

static char** list_finish(List* list) {
    if (!list->failed && list->count == 0) {
        free(list->items);
        list->items = calloc(1, sizeof *list->items);
        list->failed = !list->items;
    }
    if (list->failed) {
        list_free(list);
        return NULL;
    }
    return list->items;
}

__attribute__((format(printf, 1, 2))) static char* make_string(const char* format, ...) {
    char* text = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return length < 0 ? NULL : text;
}

static char* join(const char* folder, const char* file) {
    const size_t length = strlen(folder);
    const bool slash = length > 0 && folder[length - 1] == '/';
    return make_string("%s%s%s", folder, slash ? "" : "/", file);
}

// Absolute, with symbolic links kept: a session should remember the path that the user knows.
static char* absolute(const char* path) {
    if (path[0] == '/') {
        return strdup(path);
    }
    char* here = getcwd(NULL, 0);
    if (!here) {
        return NULL;
    }
    char* result = join(here, path);
    free(here);
    return result;
}

static bool is_kind(const char* path, mode_t kind) {
    struct stat status;
    return stat(path, &status) == 0 && (status.st_mode & S_IFMT) == kind;
}

static bool is_executable(const char* path) {
    return is_kind(path, S_IFREG) && access(path, X_OK) == 0;
}

// Length of a model file's name without extension; the whole where it has none of ours. `kind`
// (may be NULL) receives which it has.
static size_t stem_length(const char* file, size_t* kind) {
    const size_t length = strlen(file);
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; ++i) {
        const size_t size = strlen(extensions[i]);
        if (length > size && strcasecmp(file + length - size, extensions[i]) == 0) {
            if (kind) {
                *kind = i;
            }
            return length - size;
        }
    }
    return length;
}

static bool has_extension(const char* file) {
    return stem_length(file, NULL) < strlen(file);
}

static const char* file_name(const char* path) {
    const char* slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void add_folders(List* folders, const char* colon_list, const char* below,
                        bool relative_too) {
    while (*colon_list) {
        const size_t length = strcspn(colon_list, ":");
        if (length > 0 && (relative_too || colon_list[0] == '/')) {
            char* entry = strndup(colon_list, length);
            char* base = entry ? absolute(entry) : NULL;
            list_take(folders, base && below ? join(base, below) : base);
            if (below) {
                free(base);
            }
            free(entry);
        }
        colon_list += length + (colon_list[length] == ':');
    }
}

static const char* environment(const char* name) {
    const char* value = getenv(name);
    return value ? value : "";
}

static List search_folders(const char* bundled_dir) {
    static const char below[] = "timbrel/models";
    List folders = {0};
    add_folders(&folders, environment("TIMBREL_MODEL_PATH"), NULL, true);

    const char* data_home = environment("XDG_DATA_HOME");
    const char* home = environment("HOME");
    if (data_home[0] == '/') {
        list_take(&folders, join(data_home, below));
    } else if (home[0] == '/') {
        list_take(&folders, make_string("%s/.local/share/%s", home, below));
    }

    // A pedal's files lie where its own pages put them; no other machine has such a folder.
    const char* pedal = environment("MOD_USER_FILES_DIR");
    const char* files = pedal[0] == '/' ? pedal : "/data/user-files";
    if (is_kind(files, S_IFDIR)) {
        list_take(&folders, strdup(files));
    }

    const char* data_dirs = environment("XDG_DATA_DIRS");
    add_folders(&folders, data_dirs[0] ? data_dirs : "/usr/local/share:/usr/share", below, false);
    if (bundled_dir && bundled_dir[0]) {
        list_take(&folders, absolute(bundled_dir));
    }
    return folders;
}

// In order of names without extension; of one name, the preferred kind first.
static int compare_files(const char* a, const char* b) {
    size_t kinds[2] = {0};
    const size_t lengths[2] = {stem_length(a, &kinds[0]), stem_length(b, &kinds[1])};
    const size_t shorter = lengths[0] < lengths[1] ? lengths[0] : lengths[1];
    const int order = memcmp(a, b, shorter);
    if (order != 0) {
        return order;
    }
    if (lengths[0] != lengths[1]) {
        return lengths[0] < lengths[1] ? -1 : 1;
    }
    return (kinds[0] > kinds[1]) - (kinds[0] < kinds[1]);
}

static int compare_entries(const struct dirent** a, const struct dirent** b) {
    return compare_files((*a)->d_name, (*b)->d_name);
}

static int is_shown(const struct dirent* entry) {
    return entry->d_name[0] != '.';
}

static bool is_stem(const char* file, size_t stem, const char* name, size_t length) {
    return stem == length && strncmp(file, name, length) == 0;
}

// `name` NULL: every model file; else the files that `name` means, with or without extension.
static bool is_wanted(const char* file, const char* name) {
    size_t kinds[2] = {0};
    const size_t stem = stem_length(file, &kinds[0]);
    const bool is_model = stem < strlen(file);
    if (!name || !is_model) {
        return is_model || (name && strcmp(file, name) == 0);
    }
    const size_t named = stem_length(name, &kinds[1]);
    return is_stem(file, stem, name, strlen(name)) ||
           (kinds[0] == kinds[1] && has_extension(name) && is_stem(file, stem, name, named));
}

static void add_models(List* models, const char* folder, const char* name, bool deeper) {
    struct dirent** entries = NULL;
    const int count = scandir(folder, &entries, is_shown, compare_entries);
    if (count < 0) {
        return;
    }
    List subfolders = {0};
    for (int i = 0; i < count; ++i) {
        char* path = join(folder, entries[i]->d_name);
        if (path && is_wanted(entries[i]->d_name, name) && is_kind(path, S_IFREG)) {
            list_take(models, path);
        } else if (path && deeper && is_kind(path, S_IFDIR)) {
            list_take(&subfolders, path);
        } else {
            free(path);
        }
        free(entries[i]);
    }
    free(entries);
    for (size_t i = 0; i < subfolders.count; ++i) {
        add_models(models, subfolders.items[i], name, false);
    }
    list_free(&subfolders);
}

static List find_models(const char* bundled_dir, const char* name) {
    List folders = search_folders(bundled_dir);
    List models = {0};
    for (size_t i = 0; i < folders.count; ++i) {
        add_models(&models, folders.items[i], name, true);
    }
    list_free(&folders);
    return models;
}

static void tell_missing(const char* wanted, bool is_path, TimbrelError* error) {
    if (is_path) {
        timbrel_error_set(error, TIMBREL_NOT_FOUND,
                          "The model file \"%s\" does not exist, and the model folders hold none "
                          "of its name; choose another file or put it back.",
                          wanted);
    } else if (is_kind(wanted, S_IFREG)) {
        timbrel_error_set(error, TIMBREL_NOT_FOUND,
                          "No model named \"%s\" is in the model folders; for the file of that "
                          "name in the current folder, write ./%s.",
                          wanted, wanted);
    } else {
        timbrel_error_set(error, TIMBREL_NOT_FOUND,
                          "No model named \"%s\" is in the model folders; give the path of its "
                          "file or install it.",
                          wanted);
    }
}

char* timbrel_search_model(const char* wanted, const char* bundled_dir, TimbrelError* error) {
    if (!wanted[0]) {
        timbrel_error_set(error, TIMBREL_BAD_ARGUMENT, "No model was named; choose a model file.");
        return NULL;
    }
    const bool is_path = strchr(wanted, '/') != NULL;
    if (is_path && is_kind(wanted, S_IFDIR)) {
        timbrel_error_set(error, TIMBREL_BAD_MODEL,
                          "\"%s\" is a folder; choose a model file (.ts or .plan) in it.", wanted);
        return NULL;
    }
    char* found = NULL;
    // A name means the same wherever a host or a shell is at work.
    if (is_path && is_kind(wanted, S_IFREG)) {
        found = absolute(wanted);
    } else {
        List models = find_models(bundled_dir, file_name(wanted));
        for (size_t i = 0; i < models.count && !found; ++i) {
            if (access(models.items[i], R_OK) == 0 || i + 1 == models.count) {
                found = strdup(models.items[i]);
            }
        }
        const bool missing = models.count == 0;
        list_free(&models);
        if (missing) {
            tell_missing(wanted, is_path, error);
            return NULL;
        }
    }
    if (!found) {
        timbrel_error_no_memory(error);
    } else if (access(found, R_OK) != 0) {
        timbrel_error_set(error, TIMBREL_IO_ERROR,
                          "The model file \"%s\" cannot be read (%s); check its permissions.",
                          found, strerror(errno));
        free(found);
        found = NULL;
    }
    return found;
}

/// The bundled model that the control *model* calls by `number`, or NULL.
static const char* bundled_name(uint32_t number) {
    const TimbrelScalePoint* points = timbrel_controls[TIMBREL_CONTROL_MODEL].points;
    for (int i = 1; i < TIMBREL_SCALE_POINTS && points[i].label; ++i) {
        if ((uint32_t)points[i].value == number) {
            return points[i].label;
        }
    }
    return NULL;
}

static bool has_number(const char* file, uint32_t number) {
    char* end = NULL;
    return file[0] >= '0' && file[0] <= '9' && strtoul(file, &end, 10) == number && *end == '-';
}

static char* find_numbered(uint32_t number, const char* bundled_dir) {
    List models = find_models(bundled_dir, NULL);
    char* found = NULL;
    for (size_t i = 0; i < models.count && !found; ++i) {
        if (has_number(file_name(models.items[i]), number)) {
            found = strdup(models.items[i]);
        }
    }
    list_free(&models);
    return found;
}

static char* find_bundled(uint32_t number, const char* bundled_dir) {
    const char* name = bundled_name(number);
    List models = {0};
    if (name && bundled_dir) {
        add_models(&models, bundled_dir, name, false);
    }
    char* found = models.count > 0 ? strdup(models.items[0]) : NULL;
    list_free(&models);
    return found;
}

char* timbrel_search_number(uint32_t number, const char* bundled_dir, TimbrelError* error) {
    // Models that were bundled later do not take a number from a file that sessions call by it.
    char* found = number <= BUNDLED_FIRST ? NULL : find_numbered(number, bundled_dir);
    if (!found) {
        found = find_bundled(number, bundled_dir);
    }
    if (!found) {
        timbrel_error_set(error, TIMBREL_NOT_FOUND,
                          "There is no model number %u; put a model file, or a link to one, named "
                          "\"%u-NAME.ts\" into a model folder.",
                          number, number);
        return NULL;
    }
    char* readable = timbrel_search_model(found, bundled_dir, error);
    free(found);
    return readable;
}

char* timbrel_search_name(const char* path) {
    const char* file = file_name(path);
    return strndup(file, stem_length(file, NULL));
}

// Compares names without their extension, as users see them.
static int compare_names(const char* a, const char* b) {
    const char* const files[2] = {file_name(a), file_name(b)};
    const size_t lengths[2] = {stem_length(files[0], NULL), stem_length(files[1], NULL)};
    const size_t shorter = lengths[0] < lengths[1] ? lengths[0] : lengths[1];
    const int order = memcmp(files[0], files[1], shorter);
    return order ? order : (lengths[0] > lengths[1]) - (lengths[0] < lengths[1]);
}

typedef struct {
    char* path;
    size_t rank; // Place in the search path
} Candidate;

static int compare_candidates(const void* a, const void* b) {
    const Candidate* first = a;
    const Candidate* second = b;
    const int order = compare_names(first->path, second->path);
    return order ? order : (first->rank > second->rank) - (first->rank < second->rank);
}

char** timbrel_search_list(const char* bundled_dir) {
    List models = find_models(bundled_dir, NULL);
    if (models.count == 0 || models.failed) {
        return list_finish(&models);
    }
    Candidate* candidates = calloc(models.count, sizeof *candidates);
    if (!candidates) {
        list_free(&models);
        return NULL;
    }
    for (size_t i = 0; i < models.count; ++i) {
        candidates[i] = (Candidate){models.items[i], i};
    }
    qsort(candidates, models.count, sizeof *candidates, compare_candidates);

    size_t kept = 0;
    for (size_t i = 0; i < models.count; ++i) {
        if (kept > 0 && compare_names(models.items[kept - 1], candidates[i].path) == 0) {
            free(candidates[i].path);
        } else {
            models.items[kept++] = candidates[i].path;
        }
    }
    models.items[kept] = NULL;
    free(candidates);
    return models.items;
}

char* timbrel_search_step(const char* from, int step, const char* bundled_dir) TIMBREL_RT {
    char** models = timbrel_search_list(bundled_dir);
    int count = 0;
    int below = 0; // Models whose names come before
    bool listed = false;
    for (; models && models[count]; ++count) {
        const int order = compare_names(models[count], from);
        below += order < 0 ? 1 : 0;
        listed = listed || order == 0;
    }
    char* found = NULL;
    if (count > 0) {
        const int at = (below + step - (!listed && step > 0 ? 1 : 0)) % count;
        found = strdup(models[at < 0 ? at + count : at]);
    }
    timbrel_search_free(models);
    return found;
}

char** timbrel_search_folders(const char* bundled_dir) {
    List folders = search_folders(bundled_dir);
    return list_finish(&folders);
}

void timbrel_search_free(char** paths) {
    for (char** path = paths; path && *path; ++path) {
        free(*path);
    }
    free(paths);
}

// The build puts programs at BUILD/cli/ and the bundle at BUILD/lv2/timbrel.lv2/.
char* timbrel_search_bundle(void) {
    char program[4096];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length > 0) {
        program[length] = '\0';
        *strrchr(program, '/') = '\0';
        char* folder = make_string("%s/../lv2/timbrel.lv2", program);
        char* plugin = folder ? join(folder, "timbrel.so") : NULL;
        char* bundle = plugin && access(plugin, R_OK) == 0 ? realpath(folder, NULL) : NULL;
        free(plugin);
        free(folder);
        if (bundle) {
            return bundle;
        }
    }
    return strdup(TIMBREL_BUNDLE_DIR);
}

static char* executable_or_error(char* path, TimbrelError* error) {
    if (!path) {
        timbrel_error_no_memory(error);
    } else if (!is_executable(path)) {
        timbrel_error_set(error, TIMBREL_NO_BACKEND,
                          "The program that runs models through libtorch, \"%s\", is missing or "
                          "not executable; install Timbrel with libtorch, or choose a plan (.plan) "
                          "that was made elsewhere.",
                          path);
        free(path);
        path = NULL;
    }
    return path;
}

char* timbrel_search_torch(const char* given, const char* bundle_dir, TimbrelError* error) {
    const char* named = given ? given : environment("TIMBREL_TORCH");
    if (named[0]) {
        return executable_or_error(absolute(named), error);
    }
    if (bundle_dir) {
        char* bundled = join(bundle_dir, torch_name);
        if (bundled && is_executable(bundled)) {
            return bundled;
        }
        free(bundled);
    }
    return executable_or_error(join(TIMBREL_BUNDLE_DIR, torch_name), error);
}
