// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_COLLECTION_H
#define TIMBREL_CLI_COLLECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/// Files named one by one or by folders, links followed.
typedef struct {
    char* path;
    const char* name; ///< Within `path`: from the folder that was named on, or the file's name
    off_t bytes;
    struct timespec modified;
} CollectionFile;

typedef struct {
    CollectionFile* files; ///< A folder's are sorted by path; arguments keep their order
    size_t count;
    size_t room;
} Collection;

/// Add `path`: a file, "-", or a folder, of which all files below with one of the endings
/// (NULL-terminated, e.g. ".wav", in any case) are taken. Files whose names begin with a dot are
/// passed over there. False after saying why.
bool collection_add(Collection* collection, const char* path, const char* const* endings);
void collection_free(Collection* collection);

/// Endings of sound files that a folder is searched for.
extern const char* const collection_sounds[];
/// Endings of files of latents.
extern const char* const collection_latents[];

#endif
