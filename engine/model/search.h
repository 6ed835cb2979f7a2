// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_SEARCH_H
#define TIMBREL_ENGINE_MODEL_SEARCH_H

#include "engine/base/status.h"

#include <stddef.h>
#include <stdint.h>

/// Where models and timbrel-torch are found. Thread: any but audio.
///
/// Models are looked for, in this order, in $TIMBREL_MODEL_PATH (colon-separated folders),
/// $XDG_DATA_HOME/timbrel/models (default ~/.local/share), on a pedal $MOD_USER_FILES_DIR (default
/// /data/user-files), each of $XDG_DATA_DIRS/timbrel/models (default /usr/local/share:/usr/share),
/// and the bundled folder. Relative folders in XDG variables
/// are ignored (XDG Base Directory Specification 0.8, "Basics"); in $TIMBREL_MODEL_PATH they start
/// at the working directory. Folders that are missing or cannot be read are skipped.

/// Resolve `wanted`, a path (it holds a '/') or a name with or without ".ts" or ".plan" (in any
/// case of letters), to a readable file's absolute path. A name is looked for in the search path
/// only, whatever lies in the working directory. A path that is gone is looked for by its file name
/// there too, so that a session survives a moved model. NULL with `error` if there is none; else
/// the caller frees the string.
char* timbrel_search_model(const char* wanted, const char* bundled_dir, TimbrelError* error);

/// The model of number `number` (1 or more) of the control *model*: choir (1), drums (2), else the
/// first file of the search path named "NUMBER-NAME", else the bundled model of that number. A
/// readable file's absolute path, freed by the caller; NULL with `error` if there is none.
char* timbrel_search_number(uint32_t number, const char* bundled_dir, TimbrelError* error);

/// All models in the search path (each folder and its subfolders, one level deep), sorted by name,
/// the first of a name wins: a NULL-terminated array of absolute paths, freed by
/// timbrel_search_free(). NULL only when memory runs out.
char** timbrel_search_list(const char* bundled_dir);

/// The model `step` places after (or before, below 0) the one that `from`, a path or name, means,
/// in the order of timbrel_search_list(), round and round. From one that is not in the list, it is
/// counted from where its name would be; "" is before all. The caller frees the path; NULL when
/// there are no models or memory runs out.
char* timbrel_search_step(const char* from, int step, const char* bundled_dir);

/// The folders of the search path in order, whether they exist or not (a pedal's only where it
/// exists): as timbrel_search_list().
char** timbrel_search_folders(const char* bundled_dir);

void timbrel_search_free(char** paths);

/// The name of a model file: without folder and extension. The caller frees it; NULL when memory
/// runs out.
char* timbrel_search_name(const char* path);

/// The LV2 bundle for a program that is not loaded from it: the build tree's own when the program
/// runs there, else the compiled-in place. The caller frees it; NULL when memory runs out.
char* timbrel_search_bundle(void);

/// Path of timbrel-torch: `given` if not NULL, else $TIMBREL_TORCH, else
/// `bundle_dir`/timbrel-torch, else the compiled-in place. The first of these that is set must be
/// executable, `bundle_dir` apart, which may be NULL or without the program. The caller frees it;
/// NULL with `error` if there is none.
char* timbrel_search_torch(const char* given, const char* bundle_dir, TimbrelError* error);

#endif
