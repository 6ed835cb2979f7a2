// SPDX-License-Identifier: ISC
#include "state.h"

#include <lv2/core/lv2_util.h>

#include <stdlib.h>
#include <string.h>

/// Longest that a restore holds up a host that does not play.
enum { settle_milliseconds = 15000 };

/// Store `text` with its NUL.
static LV2_State_Status store_text(LV2_State_Store_Function store, LV2_State_Handle handle,
                                   LV2_URID key, LV2_URID type, const char* text, uint32_t flags) {
    return store(handle, key, text, strlen(text) + 1, type, flags);
}

/// A copy of the text under `key`, or NULL. The value's type goes to `type` (may be NULL).
static char* retrieve_text(LV2_State_Retrieve_Function retrieve, LV2_State_Handle handle,
                           LV2_URID key, LV2_URID* type) {
    size_t size = 0;
    uint32_t found = 0;
    uint32_t flags = 0;
    const char* text = retrieve(handle, key, &size, &found, &flags);
    if (type)
        *type = found;
    return text ? strndup(text, size) : NULL;
}

static void free_path(const LV2_Feature* const* features, char* path) {
    const LV2_State_Free_Path* feature = lv2_features_data(features, LV2_STATE__freePath);
    if (feature)
        feature->free_path(feature->handle, path);
    else
        free(path);
}

static LV2_State_Status store_model(const char* wanted, const TimbrelUris* uris,
                                    LV2_State_Store_Function store, LV2_State_Handle handle,
                                    const LV2_Feature* const* features) {
    const LV2_URID key = uris->properties[TIMBREL_PROPERTY_MODEL];
    if (wanted[0] != '/')
        return store_text(store, handle, key, uris->atom_string, wanted,
                          LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE);
    const LV2_State_Map_Path* map = lv2_features_data(features, LV2_STATE__mapPath);
    char* path = map ? map->abstract_path(map->handle, wanted) : NULL;
    if (!path) // only the host's own abstract paths are good on another machine
        return store_text(store, handle, key, uris->atom_path, wanted, LV2_STATE_IS_POD);
    const LV2_State_Status status = store_text(store, handle, key, uris->atom_path, path,
                                               LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE);
    free_path(features, path);
    return status;
}

static LV2_State_Status store_attributes(TimbrelEffect* effect, const TimbrelUris* uris,
                                         LV2_State_Store_Function store, LV2_State_Handle handle) {
    const size_t size = timbrel_effect_attributes(effect, NULL, 0) + 1;
    if (size == 1)
        return LV2_STATE_SUCCESS;
    char* text = calloc(1, size);
    if (!text)
        return LV2_STATE_ERR_UNKNOWN;
    (void)timbrel_effect_attributes(effect, text, size);
    const LV2_State_Status status = store_text(store, handle, uris->attributes, uris->atom_string,
                                               text, LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE);
    free(text);
    return status;
}

LV2_State_Status timbrel_state_save(TimbrelEffect* effect, const TimbrelUris* uris,
                                    LV2_State_Store_Function store, LV2_State_Handle handle,
                                    const LV2_Feature* const* features) {
    TimbrelModelReport* report = malloc(sizeof *report);
    if (!report)
        return LV2_STATE_ERR_UNKNOWN;
    timbrel_effect_report(effect, report);
    const LV2_State_Status status = store_model(report->wanted, uris, store, handle, features);
    free(report);
    return status ? status : store_attributes(effect, uris, store, handle);
}

LV2_State_Status timbrel_state_restore(TimbrelEffect* effect, const TimbrelUris* uris,
                                       LV2_State_Retrieve_Function retrieve,
                                       LV2_State_Handle handle,
                                       const LV2_Feature* const* features) {
    LV2_URID type = 0;
    char* wanted = retrieve_text(retrieve, handle, uris->properties[TIMBREL_PROPERTY_MODEL], &type);
    if (!wanted) // A preset of controls only: the model stays. "No model" is saved as an empty
                 // text.
        return LV2_STATE_SUCCESS;

    char* attributes = retrieve_text(retrieve, handle, uris->attributes, NULL);
    timbrel_effect_restore_attributes(effect, attributes ? attributes : "");
    free(attributes);

    const LV2_State_Map_Path* map = lv2_features_data(features, LV2_STATE__mapPath);
    char* path = type == uris->atom_path && map ? map->absolute_path(map->handle, wanted) : NULL;
    timbrel_effect_load(effect, path ? path : wanted);
    if (path)
        free_path(features, path);
    free(wanted);
    // A host that exports right after loading a session fixes its latencies before it plays.
    timbrel_effect_settle(effect, settle_milliseconds);
    return LV2_STATE_SUCCESS;
}
