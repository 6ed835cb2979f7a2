// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_MEMORY_H
#define TIMBREL_UI_MEMORY_H

#include <stdbool.h>

/// What the user's windows remember from one time to the next, in the user's state folder: models
/// that were chosen, whether the list of models is shown.

/// Model files, the latest first; NULL-terminated, freed with g_strfreev().
char** timbrel_memory_recent(void);
void timbrel_memory_add_recent(const char* path);

/// True until it has been set.
bool timbrel_memory_shows_list(void);
void timbrel_memory_set_shows_list(bool shows);

#endif
