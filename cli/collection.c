// SPDX-License-Identifier: ISC
#include "collection.h"

#include "message.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char* const collection_sounds[] = {".wav", ".flac", ".ogg",  ".oga", ".opus", ".mp3",
                                         ".aif", ".aiff", ".aifc", ".caf", ".au",   ".snd",
                                         ".w64", ".rf64", ".voc",  NULL};
const char* const collection_latents[] = {".npy", ".wav", NULL};

static bool add_file(Collection* collection, const char* path, size_t name,
                     const struct stat* status) {
    if (collection->count == collection->room) {
        const size_t room = collection->room ? 2 * collection->room : 64;
        CollectionFile* files = realloc(collection->files, room * sizeof *files);
        if (files) {
            collection->files = files;
            collection->room = room;
        }
    }
    char* copy = strdup(path);
    if (!copy || collection->count == collection->room) {
        free(copy);
        message_no_memory();
        return false;
    }
    collection->files[collection->count++] = (CollectionFile){
        .path = copy, .name = copy + name, .bytes = status->st_size, .modified = status->st_mtim};
    return true;
}

static int compare_entries(const FTSENT** a, const FTSENT** b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool has_ending(const char* name, const char* const* endings) {
    const char* dot = strrchr(name, '.');
    for (; dot && dot != name && *endings; ++endings) {
        if (strcasecmp(dot, *endings) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_folder(Collection* collection, char* path, const char* const* endings) {
    char* const roots[] = {path, NULL};
    const size_t before = collection->count;
    size_t name = strlen(path);
    FTS* walk = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, compare_entries);
    bool good = walk != NULL;
    FTSENT* entry = NULL;
    while (good && (entry = fts_read(walk))) {
        if (entry->fts_level > 0 && entry->fts_name[0] == '.') {
            (void)fts_set(walk, entry, FTS_SKIP);
        } else if (entry->fts_info == FTS_F && has_ending(entry->fts_name, endings)) {
            const char* relative = entry->fts_path + name;
            relative += strspn(relative, "/");
            good = add_file(collection, entry->fts_path, (size_t)(relative - entry->fts_path),
                            entry->fts_statp);
        } else if (entry->fts_info == FTS_DNR) {
            message("The folder \"%s\" cannot be read (%s); it is left out.", entry->fts_path,
                    strerror(entry->fts_errno));
        }
    }
    if (walk) {
        (void)fts_close(walk);
    }
    if (good && collection->count == before) {
        message("The folder \"%s\" holds no file that can be read here.", path);
        return false;
    }
    return good;
}

bool collection_add(Collection* collection, const char* path, const char* const* endings) {
    struct stat status = {0};
    if (strcmp(path, "-") == 0) {
        return add_file(collection, path, 0, &status);
    }
    if (stat(path, &status) != 0) {
        message("\"%s\" cannot be opened (%s); check the path.", path, strerror(errno));
        return false;
    }
    if (!S_ISDIR(status.st_mode)) {
        const char* slash = strrchr(path, '/');
        return add_file(collection, path, slash ? (size_t)(slash + 1 - path) : 0, &status);
    }
    char* copy = strdup(path); // fts(3) wants it changeable
    if (!copy) {
        message_no_memory();
    }
    const bool good = copy && add_folder(collection, copy, endings);
    free(copy);
    return good;
}

void collection_free(Collection* collection) {
    for (size_t i = 0; i < collection->count; ++i) {
        free(collection->files[i].path);
    }
    free(collection->files);
    *collection = (Collection){0};
}
