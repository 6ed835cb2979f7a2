// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_MODEL_FILE_H
#define TIMBREL_UI_MODEL_FILE_H

#include <glib.h>

#include <stdbool.h>
#include <stdint.h>

/// What the list of models tells of a file, and where that is known from: the file itself, the card
/// beside it, and a first opening, which is remembered in the user's cache.

typedef struct {
    char* path;
    char* name;
    char* line;     ///< First line of its card, or ""
    guint64 device; ///< With `inode`: which file it is, whatever the path
    guint64 inode;
    gint64 bytes;
    gint64 modified; ///< Seconds since 1970
    bool installed;  ///< In the search path
    bool known;      ///< Whether it was opened once: what follows holds
    char* problem;   ///< Why it could not be opened, or ""
    double rate;     ///< Hz
    double delay;    ///< Model samples inside it; negative: not known
    uint32_t latents;
    uint32_t ratio; ///< Model samples to a frame
    bool streaming;
} TimbrelModelFile;

/// NULL if there is no such file. Reads the card and the cache.
TimbrelModelFile* timbrel_model_file_new(const char* path, bool installed);
void timbrel_model_file_free(TimbrelModelFile* file);

/// Whether `path` leads to the same file: hosts keep models behind links of their own.
bool timbrel_model_file_is(const TimbrelModelFile* file, const char* path);

/// All installed ones, by name: an array with timbrel_model_file_free(). `bundled` is the bundle's
/// folder of models.
GPtrArray* timbrel_model_files_installed(const char* bundled);

/// Open it and remember what it tells; takes a second. `torch_program` may be NULL: then only plans
/// can be. `cancel` as in TimbrelRemoteConfig.
void timbrel_model_file_open(TimbrelModelFile* file, const char* torch_program,
                             const _Atomic(bool)* cancel);

/// One line for the user: latents, rate, size. The caller frees it.
char* timbrel_model_file_facts(const TimbrelModelFile* file);

/// All that is known, as Pango markup in several lines. The caller frees it.
char* timbrel_model_file_tip(const TimbrelModelFile* file);

#endif
