// SPDX-License-Identifier: ISC
#include "state_values.h"

#include <lv2/core/lv2_util.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

LV2_State_Status timbrel_state_store_text(const TimbrelSaving* s, LV2_URID key, LV2_URID type,
                                          const char* text, bool portable) {
    const uint32_t flags = LV2_STATE_IS_POD | (portable ? (uint32_t)LV2_STATE_IS_PORTABLE : 0);
    return s->store(s->handle, key, text, strlen(text) + 1, type, flags);
}

void timbrel_state_free_path(const LV2_Feature* const* features, char* path) {
    const LV2_State_Free_Path* feature = lv2_features_data(features, LV2_STATE__freePath);
    if (feature) {
        feature->free_path(feature->handle, path);
    } else {
        free(path);
    }
}

bool timbrel_state_is_file(const char* wanted) {
    return strchr(wanted, '/') != NULL;
}

LV2_State_Status timbrel_state_store_path(const TimbrelSaving* s, LV2_URID key, const char* path) {
    const LV2_URID type = s->uris->atom_path;
    if (!path[0]) {
        return timbrel_state_store_text(s, key, type, "", true);
    }
    const LV2_State_Map_Path* map = lv2_features_data(s->features, LV2_STATE__mapPath);
    // What is not absolute came from a host that did not map it back: it stays as it was.
    char* mapped = map && path[0] == '/' ? map->abstract_path(map->handle, path) : NULL;
    if (!mapped || !mapped[0]) { // only the host's own abstract paths are good on another machine
        if (mapped) {
            timbrel_state_free_path(s->features, mapped);
        }
        return timbrel_state_store_text(s, key, type, path, false);
    }
    const LV2_State_Status status = timbrel_state_store_text(s, key, type, mapped, true);
    timbrel_state_free_path(s->features, mapped);
    return status;
}

LV2_State_Status timbrel_state_store_chunk(const TimbrelSaving* s, LV2_URID key, const void* bytes,
                                           size_t size) {
    return s->store(s->handle, key, bytes, size, s->uris->atom_chunk,
                    LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE);
}

char* timbrel_state_text(const TimbrelRestoring* r, LV2_URID key, LV2_URID* type) {
    size_t size = 0;
    uint32_t found = 0;
    uint32_t flags = 0;
    const char* text = r->retrieve(r->handle, key, &size, &found, &flags);
    if (type) {
        *type = found;
    }
    return text ? strndup(text, size) : NULL;
}

const void* timbrel_state_chunk(const TimbrelRestoring* r, LV2_URID key, size_t* size) {
    uint32_t type = 0;
    uint32_t flags = 0;
    *size = 0;
    const void* bytes = r->retrieve(r->handle, key, size, &type, &flags);
    return type == r->uris->atom_chunk ? bytes : NULL;
}

/// A path, which never becomes a name, not even where it is relative.
static char* as_path(const char* path) {
    if (timbrel_state_is_file(path)) {
        return strdup(path);
    }
    char* dotted = malloc(strlen(path) + 3);
    if (dotted) {
        (void)sprintf(dotted, "./%s", path);
    }
    return dotted;
}

char* timbrel_state_absolute_path(const TimbrelRestoring* r, const char* path) {
    if (!path[0]) {
        return strdup("");
    }
    const LV2_State_Map_Path* map = lv2_features_data(r->features, LV2_STATE__mapPath);
    char* mapped = map ? map->absolute_path(map->handle, path) : NULL;
    char* absolute = as_path(mapped && mapped[0] ? mapped : path);
    if (mapped) {
        timbrel_state_free_path(r->features, mapped);
    }
    return absolute;
}
