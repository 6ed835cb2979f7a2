// SPDX-License-Identifier: ISC
#include "state.h"

#include "state_points.h"
#include "state_rows.h"
#include "state_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define NAME_PREFIX "name:"

/// Whether a text without a slash looks like the name of a file.
static bool has_extension(const char* text) {
    const char* dot = strrchr(text, '.');
    return dot && (!strcasecmp(dot, ".ts") || !strcasecmp(dot, ".plan"));
}

static bool is_folder(const char* path) {
    struct stat status;
    return !stat(path, &status) && S_ISDIR(status.st_mode);
}

static LV2_State_Status store_choice(const TimbrelSaving* s, const char* wanted) {
    char choice[sizeof NAME_PREFIX + sizeof((TimbrelModelReport*)0)->wanted];
    if (timbrel_state_is_file(wanted)) {
        (void)snprintf(choice, sizeof choice, "file");
    } else if (wanted[0]) {
        (void)snprintf(choice, sizeof choice, NAME_PREFIX "%s", wanted);
    } else {
        (void)snprintf(choice, sizeof choice, "none");
    }
    return timbrel_state_store_text(s, s->uris->choice, s->uris->atom_string, choice, true);
}

static LV2_State_Status store_attributes(const TimbrelSaving* s, TimbrelEffect* effect) {
    const size_t size = timbrel_effect_attributes(effect, NULL, 0) + 1;
    char* text = calloc(1, size);
    if (!text) {
        return LV2_STATE_ERR_UNKNOWN;
    }
    (void)timbrel_effect_attributes(effect, text, size);
    const LV2_State_Status status =
        timbrel_state_store_text(s, s->uris->attributes, s->uris->atom_string, text, true);
    free(text);
    return status;
}

static LV2_State_Status store_level(const TimbrelSaving* s, float level) {
    return s->store(s->handle, s->uris->properties[TIMBREL_PROPERTY_LEVEL], &level, sizeof level,
                    s->uris->atom_float, LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE);
}

LV2_State_Status timbrel_state_save(TimbrelEffect* effect, const TimbrelUris* uris,
                                    LV2_State_Store_Function store, LV2_State_Handle handle,
                                    const LV2_Feature* const* features) {
    const TimbrelSaving s = {store, handle, uris, features};
    TimbrelModelReport* report = malloc(sizeof *report);
    if (!report) {
        return LV2_STATE_ERR_UNKNOWN;
    }
    timbrel_effect_report(effect, report);
    LV2_State_Status status = store_choice(&s, report->wanted);
    status = status
                 ? status
                 : timbrel_state_store_path(
                       &s, uris->file, timbrel_state_is_file(report->wanted) ? report->wanted : "");
    status = status ? status : store_attributes(&s, effect);
    status = status ? status
                    : timbrel_state_store_text(&s, uris->properties[TIMBREL_PROPERTY_METHOD],
                                               uris->atom_string, report->method, true);
    status = status ? status : store_level(&s, timbrel_effect_level(effect));
    status = status ? status : timbrel_state_save_rows(effect, &s);
    status = status ? status : timbrel_state_save_points(effect, &s);
    free(report);
    return status;
}

/// What `choice` means, or NULL if it means a file that the state lacks.
static char* chosen(const TimbrelRestoring* r, const char* choice) {
    if (!strcmp(choice, "none")) {
        return strdup("");
    }
    if (!strncmp(choice, NAME_PREFIX, strlen(NAME_PREFIX))) {
        return strdup(choice + strlen(NAME_PREFIX));
    }
    if (strcmp(choice, "file") != 0) { // of a later version: told as a model that is not there
        return strdup(choice);
    }
    char* file = timbrel_state_text(r, r->uris->file, NULL);
    char* path = file ? timbrel_state_absolute_path(r, file) : NULL;
    free(file);
    return path;
}

/// What the one key of version 0.1 means, or NULL if it is absent: a name as a String, a file as a
/// Path. Hosts that keep a key's first type for ever turned the one into the other; so the text
/// tells more than the type does.
static char* chosen_before(const TimbrelRestoring* r) {
    LV2_URID type = 0;
    char* text = timbrel_state_text(r, r->uris->properties[TIMBREL_PROPERTY_MODEL], &type);
    if (!text || !(timbrel_state_is_file(text) || has_extension(text))) {
        return text;
    }
    const bool is_path = type == r->uris->atom_path;
    if (!is_path && text[0] == '/') {
        return text;
    }
    char* path = timbrel_state_absolute_path(r, text);
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
static void restore_level(const TimbrelRestoring* r, TimbrelEffect* effect) {
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

/// Each whatever became of the other. What is wrong is told, in one sentence.
static void restore_rows_and_points(const TimbrelRestoring* r, TimbrelEffect* effect) {
    TimbrelError of_rows = {0};
    TimbrelError of_points = {0};
    timbrel_state_restore_rows(effect, r, &of_rows);
    timbrel_state_restore_points(effect, r, &of_points);
    if (of_rows.status || of_points.status) {
        timbrel_effect_rows_problem(effect, of_rows.status ? of_rows.message : of_points.message);
    }
}

LV2_State_Status timbrel_state_restore(TimbrelEffect* effect, const TimbrelUris* uris,
                                       LV2_State_Retrieve_Function retrieve,
                                       LV2_State_Handle handle,
                                       const LV2_Feature* const* features) {
    const TimbrelRestoring r = {retrieve, handle, uris, features};
    restore_level(&r, effect);
    restore_rows_and_points(&r, effect);
    char* choice = timbrel_state_text(&r, uris->choice, NULL);
    char* wanted = choice ? chosen(&r, choice) : chosen_before(&r);
    const bool told = choice != NULL;
    free(choice);
    if (!wanted) { // A preset of controls only: the model stays. "No model" is a choice too.
        return told ? LV2_STATE_ERR_NO_PROPERTY : LV2_STATE_SUCCESS;
    }

    char* attributes = timbrel_state_text(&r, uris->attributes, NULL);
    timbrel_effect_restore_attributes(effect, attributes ? attributes : "");
    free(attributes);
    char* method = timbrel_state_text(&r, uris->properties[TIMBREL_PROPERTY_METHOD], NULL);
    timbrel_effect_request(effect, wanted, method ? method : "");
    free(method);
    free(wanted);
    // A host that exports right after loading a session fixes its latencies before it plays.
    timbrel_effect_settle(effect, TIMBREL_SETTLE_MILLISECONDS);
    return LV2_STATE_SUCCESS;
}
