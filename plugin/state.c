// SPDX-License-Identifier: ISC
#include "state.h"

#include <lv2/core/lv2_util.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define NAME_PREFIX "name:"

typedef struct {
    LV2_State_Store_Function store;
    LV2_State_Handle handle;
    const TimbrelUris* uris;
    const LV2_Feature* const* features;
} Saving;

typedef struct {
    LV2_State_Retrieve_Function retrieve;
    LV2_State_Handle handle;
    const TimbrelUris* uris;
    const LV2_Feature* const* features;
} Restoring;

static LV2_State_Status store_text(const Saving* s, LV2_URID key, LV2_URID type, const char* text,
                                   bool portable) {
    const uint32_t flags = LV2_STATE_IS_POD | (portable ? (uint32_t)LV2_STATE_IS_PORTABLE : 0);
    return s->store(s->handle, key, text, strlen(text) + 1, type, flags);
}

/// A copy of the text under `key`, or NULL. The value's type goes to `type` (may be NULL).
static char* retrieve_text(const Restoring* r, LV2_URID key, LV2_URID* type) {
    size_t size = 0;
    uint32_t found = 0;
    uint32_t flags = 0;
    const char* text = r->retrieve(r->handle, key, &size, &found, &flags);
    if (type) {
        *type = found;
    }
    return text ? strndup(text, size) : NULL;
}

static void free_path(const LV2_Feature* const* features, char* path) {
    const LV2_State_Free_Path* feature = lv2_features_data(features, LV2_STATE__freePath);
    if (feature) {
        feature->free_path(feature->handle, path);
    } else {
        free(path);
    }
}

static bool is_file(const char* wanted) {
    return strchr(wanted, '/') != NULL;
}

/// Whether a text without a slash looks like the name of a file.
static bool has_extension(const char* text) {
    const char* dot = strrchr(text, '.');
    return dot && (!strcasecmp(dot, ".ts") || !strcasecmp(dot, ".plan"));
}

static bool is_folder(const char* path) {
    struct stat status;
    return !stat(path, &status) && S_ISDIR(status.st_mode);
}

static LV2_State_Status store_choice(const Saving* s, const char* wanted) {
    char choice[sizeof NAME_PREFIX + sizeof((TimbrelModelReport*)0)->wanted];
    if (is_file(wanted)) {
        (void)snprintf(choice, sizeof choice, "file");
    } else if (wanted[0]) {
        (void)snprintf(choice, sizeof choice, NAME_PREFIX "%s", wanted);
    } else {
        (void)snprintf(choice, sizeof choice, "none");
    }
    return store_text(s, s->uris->choice, s->uris->atom_string, choice, true);
}

static LV2_State_Status store_file(const Saving* s, const char* wanted) {
    const LV2_URID key = s->uris->file;
    if (!is_file(wanted)) {
        return store_text(s, key, s->uris->atom_path, "", true);
    }
    const LV2_State_Map_Path* map = lv2_features_data(s->features, LV2_STATE__mapPath);
    // What is not absolute came from a host that did not map it back: it stays as it was.
    char* path = map && wanted[0] == '/' ? map->abstract_path(map->handle, wanted) : NULL;
    if (!path || !path[0]) { // only the host's own abstract paths are good on another machine
        if (path) {
            free_path(s->features, path);
        }
        return store_text(s, key, s->uris->atom_path, wanted, false);
    }
    const LV2_State_Status status = store_text(s, key, s->uris->atom_path, path, true);
    free_path(s->features, path);
    return status;
}

static LV2_State_Status store_attributes(const Saving* s, TimbrelEffect* effect) {
    const size_t size = timbrel_effect_attributes(effect, NULL, 0) + 1;
    char* text = calloc(1, size);
    if (!text) {
        return LV2_STATE_ERR_UNKNOWN;
    }
    (void)timbrel_effect_attributes(effect, text, size);
    const LV2_State_Status status =
        store_text(s, s->uris->attributes, s->uris->atom_string, text, true);
    free(text);
    return status;
}

static LV2_State_Status store_level(const Saving* s, float level) {
    return s->store(s->handle, s->uris->properties[TIMBREL_PROPERTY_LEVEL], &level, sizeof level,
                    s->uris->atom_float, LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE);
}

LV2_State_Status timbrel_state_save(TimbrelEffect* effect, const TimbrelUris* uris,
                                    LV2_State_Store_Function store, LV2_State_Handle handle,
                                    const LV2_Feature* const* features) {
    const Saving s = {store, handle, uris, features};
    TimbrelModelReport* report = malloc(sizeof *report);
    if (!report) {
        return LV2_STATE_ERR_UNKNOWN;
    }
    timbrel_effect_report(effect, report);
    LV2_State_Status status = store_choice(&s, report->wanted);
    status = status ? status : store_file(&s, report->wanted);
    status = status ? status : store_attributes(&s, effect);
    status = status ? status
                    : store_text(&s, uris->properties[TIMBREL_PROPERTY_METHOD], uris->atom_string,
                                 report->method, true);
    status = status ? status : store_level(&s, timbrel_effect_level(effect));
    free(report);
    return status;
}

/// A path, which never becomes a name, not even where it is relative.
static char* as_path(const char* path) {
    if (is_file(path)) {
        return strdup(path);
    }
    char* dotted = malloc(strlen(path) + 3);
    if (dotted) {
        (void)sprintf(dotted, "./%s", path);
    }
    return dotted;
}

/// What a stored path means on this machine. An empty one, which hosts map to the state's folder,
/// is none.
static char* absolute_path(const Restoring* r, const char* path) {
    if (!path[0]) {
        return strdup("");
    }
    const LV2_State_Map_Path* map = lv2_features_data(r->features, LV2_STATE__mapPath);
    char* mapped = map ? map->absolute_path(map->handle, path) : NULL;
    char* absolute = as_path(mapped && mapped[0] ? mapped : path);
    if (mapped) {
        free_path(r->features, mapped);
    }
    return absolute;
}

/// What `choice` means, or NULL if it means a file that the state lacks.
static char* chosen(const Restoring* r, const char* choice) {
    if (!strcmp(choice, "none")) {
        return strdup("");
    }
    if (!strncmp(choice, NAME_PREFIX, strlen(NAME_PREFIX))) {
        return strdup(choice + strlen(NAME_PREFIX));
    }
    if (strcmp(choice, "file") != 0) { // of a later version: told as a model that is not there
        return strdup(choice);
    }
    char* file = retrieve_text(r, r->uris->file, NULL);
    char* path = file ? absolute_path(r, file) : NULL;
    free(file);
    return path;
}

/// What the one key of version 0.1 means, or NULL if it is absent: a name as a String, a file as a
/// Path. Hosts that keep a key's first type for ever turned the one into the other; so the text
/// tells more than the type does.
static char* chosen_before(const Restoring* r) {
    LV2_URID type = 0;
    char* text = retrieve_text(r, r->uris->properties[TIMBREL_PROPERTY_MODEL], &type);
    if (!text || !(is_file(text) || has_extension(text))) {
        return text;
    }
    const bool is_path = type == r->uris->atom_path;
    if (!is_path && text[0] == '/') {
        return text;
    }
    char* path = absolute_path(r, text);
    // An empty path that the host has mapped means none; a String that it cannot map is a name.
    if (path && is_path && is_folder(path)) {
        path[0] = '\0';
    }
    if (!path || (!is_path && path[0] != '/')) {
        free(path);
        return text;
    }
    free(text);
    return path;
}

/// A state without one, such as a preset, leaves the player's as it is.
static void restore_level(const Restoring* r, TimbrelEffect* effect) {
    size_t size = 0;
    uint32_t type = 0;
    uint32_t flags = 0;
    float level = 0;
    const void* value =
        r->retrieve(r->handle, r->uris->properties[TIMBREL_PROPERTY_LEVEL], &size, &type, &flags);
    if (!value || type != r->uris->atom_float || size != sizeof level) {
        return;
    }
    memcpy(&level, value, sizeof level);
    timbrel_effect_set_level(effect, level);
}

LV2_State_Status timbrel_state_restore(TimbrelEffect* effect, const TimbrelUris* uris,
                                       LV2_State_Retrieve_Function retrieve,
                                       LV2_State_Handle handle,
                                       const LV2_Feature* const* features) {
    const Restoring r = {retrieve, handle, uris, features};
    restore_level(&r, effect);
    char* choice = retrieve_text(&r, uris->choice, NULL);
    char* wanted = choice ? chosen(&r, choice) : chosen_before(&r);
    const bool told = choice != NULL;
    free(choice);
    if (!wanted) { // A preset of controls only: the model stays. "No model" is a choice too.
        return told ? LV2_STATE_ERR_NO_PROPERTY : LV2_STATE_SUCCESS;
    }

    char* attributes = retrieve_text(&r, uris->attributes, NULL);
    timbrel_effect_restore_attributes(effect, attributes ? attributes : "");
    free(attributes);
    char* method = retrieve_text(&r, uris->properties[TIMBREL_PROPERTY_METHOD], NULL);
    timbrel_effect_request(effect, wanted, method ? method : "");
    free(method);
    free(wanted);
    // A host that exports right after loading a session fixes its latencies before it plays.
    timbrel_effect_settle(effect, TIMBREL_SETTLE_MILLISECONDS);
    return LV2_STATE_SUCCESS;
}
