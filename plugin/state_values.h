// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_STATE_VALUES_H
#define TIMBREL_PLUGIN_STATE_VALUES_H

#include "uris.h"

#include <lv2/state/state.h>

#include <stdbool.h>

/// Texts, paths and bytes under the keys of a state. Thread: any but audio.

typedef struct {
    LV2_State_Store_Function store;
    LV2_State_Handle handle;
    const TimbrelUris* uris;
    const LV2_Feature* const* features;
} TimbrelSaving;

typedef struct {
    LV2_State_Retrieve_Function retrieve;
    LV2_State_Handle handle;
    const TimbrelUris* uris;
    const LV2_Feature* const* features;
} TimbrelRestoring;

LV2_State_Status timbrel_state_store_text(const TimbrelSaving* saving, LV2_URID key, LV2_URID type,
                                          const char* text, bool portable);

/// A file's path, as the host maps it; "" for none.
LV2_State_Status timbrel_state_store_path(const TimbrelSaving* saving, LV2_URID key,
                                          const char* path);

/// Bytes of the type Chunk, good on any machine.
LV2_State_Status timbrel_state_store_chunk(const TimbrelSaving* saving, LV2_URID key,
                                           const void* bytes, size_t size);

/// A copy of the text under `key`, freed by the caller, or NULL. The value's type goes to `type`
/// (may be NULL).
char* timbrel_state_text(const TimbrelRestoring* restoring, LV2_URID key, LV2_URID* type);

/// The Chunk under `key`, the host's; NULL if there is none, or it is of another type.
const void* timbrel_state_chunk(const TimbrelRestoring* restoring, LV2_URID key, size_t* size);

/// What a stored path means on this machine, freed by the caller. An empty one, which hosts map to
/// the state's folder, is none.
char* timbrel_state_absolute_path(const TimbrelRestoring* restoring, const char* path);

/// Free a path that the host made.
void timbrel_state_free_path(const LV2_Feature* const* features, char* path);

/// Whether it is a path, and no name.
bool timbrel_state_is_file(const char* wanted);

#endif
