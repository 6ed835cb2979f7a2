// SPDX-License-Identifier: ISC
#include "description.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_EDGE_ROWS = 65536 };

void timbrel_description_free(TimbrelDescription* description) {
    free(description->edges.lead);
    free(description->edges.trail);
    *description = (TimbrelDescription){0};
}

json_t* timbrel_json_text(const char* text) {
    json_t* string = json_string(text);
    if (!string) {
        char* copy = strdup(text);
        for (char* c = copy; c && *c; ++c) {
            if ((unsigned char)*c >= 0x80) {
                *c = '?';
            }
        }
        string = copy ? json_string(copy) : NULL;
        free(copy);
    }
    return string;
}

void timbrel_origin_to_json(const TimbrelOrigin* origin, json_t* json) {
    if (origin->model[0]) {
        json_object_set_new(json, "model", timbrel_json_text(origin->model));
    }
    if (origin->hash[0]) {
        json_object_set_new(json, "model_hash", timbrel_json_text(origin->hash));
    }
    if (origin->space[0]) {
        json_object_set_new(json, "space", timbrel_json_text(origin->space));
    }
    if (origin->ratio > 0) {
        json_object_set_new(json, "rate", json_real(origin->rate));
        json_object_set_new(json, "ratio", json_integer(origin->ratio));
        json_object_set_new(json, "row_rate", json_real(timbrel_origin_row_rate(origin)));
    }
    json_object_set_new(json, "discrete", json_boolean(origin->discrete));
    if (origin->source[0]) {
        json_object_set_new(json, "source", timbrel_json_text(origin->source));
    }
    if (origin->stamp[0]) {
        json_object_set_new(json, "stamp", timbrel_json_text(origin->stamp));
    }
}

static json_t* edge_to_json(const double* values, uint32_t rows, uint32_t count) {
    json_t* list = json_array();
    for (uint32_t r = 0; r < rows; ++r) {
        json_t* row = json_array();
        for (uint32_t i = 0; i < count; ++i) {
            json_array_append_new(row, json_real(values[(size_t)r * count + i]));
        }
        json_array_append_new(list, row);
    }
    return list;
}

json_t* timbrel_description_to_json(const TimbrelDescription* description) {
    json_t* json = json_pack("{s:s, s:I, s:i}", "timbrel", "latents", "rows",
                             (json_int_t)description->rows, "latents", (int)description->count);
    if (!json) {
        return NULL;
    }
    timbrel_origin_to_json(&description->origin, json);
    const TimbrelEdges* edges = &description->edges;
    if (edges->lead_rows > 0) {
        json_object_set_new(json, "lead",
                            edge_to_json(edges->lead, edges->lead_rows, description->count));
    }
    if (edges->trail_rows > 0) {
        json_object_set_new(json, "trail",
                            edge_to_json(edges->trail, edges->trail_rows, description->count));
    }
    return json;
}

// Where the key is missing, `text` stays as it is; too long a text or another type is a failure.
static bool get_text(const json_t* json, const char* key, char* text, size_t size) {
    const json_t* value = json_object_get(json, key);
    if (!value) {
        return true;
    }
    if (!json_is_string(value) || json_string_length(value) >= size) {
        return false;
    }
    memcpy(text, json_string_value(value), json_string_length(value) + 1);
    return true;
}

bool timbrel_origin_from_json(const json_t* json, TimbrelOrigin* origin) {
    *origin = (TimbrelOrigin){0};
    if (!get_text(json, "model", origin->model, sizeof origin->model) ||
        !get_text(json, "model_hash", origin->hash, sizeof origin->hash) ||
        !get_text(json, "space", origin->space, sizeof origin->space) ||
        !get_text(json, "source", origin->source, sizeof origin->source) ||
        !get_text(json, "stamp", origin->stamp, sizeof origin->stamp)) {
        return false;
    }
    origin->discrete = json_is_true(json_object_get(json, "discrete"));
    const json_t* ratio = json_object_get(json, "ratio");
    if (!ratio) {
        return true;
    }
    const json_int_t samples = json_integer_value(ratio);
    origin->rate = json_number_value(json_object_get(json, "rate"));
    origin->ratio = (uint32_t)samples;
    return samples >= 1 && samples <= TIMBREL_MAX_RATIO && origin->rate >= TIMBREL_MIN_RATE &&
           origin->rate <= TIMBREL_MAX_RATE;
}

static bool edge_from_json(const json_t* list, uint32_t count, double** values, uint32_t* rows) {
    const size_t length = list ? json_array_size(list) : 0;
    *rows = 0;
    if (length == 0) {
        return true;
    }
    if (length > MAX_EDGE_ROWS) {
        return false;
    }
    *values = calloc(length * count, sizeof **values);
    if (!*values) {
        return false;
    }
    *rows = (uint32_t)length;
    for (size_t r = 0; r < length; ++r) {
        const json_t* row = json_array_get(list, r);
        if (json_array_size(row) != count) {
            return false;
        }
        for (size_t i = 0; i < count; ++i) {
            const json_t* value = json_array_get(row, i);
            if (!json_is_number(value)) {
                return false;
            }
            (*values)[r * count + i] = json_number_value(value);
        }
    }
    return true;
}

TimbrelStatus timbrel_description_from_json(const json_t* json, const char* name,
                                            TimbrelDescription* description, TimbrelError* error) {
    *description = (TimbrelDescription){0};
    const char* kind = json_string_value(json_object_get(json, "timbrel"));
    const json_int_t rows = json_integer_value(json_object_get(json, "rows"));
    const json_int_t count = json_integer_value(json_object_get(json, "latents"));
    TimbrelEdges* edges = &description->edges;
    bool good = kind && strcmp(kind, "latents") == 0 && rows >= 0 && count >= 1 &&
                count <= TIMBREL_MAX_LATENTS &&
                timbrel_origin_from_json(json, &description->origin);
    if (good) {
        description->rows = (uint64_t)rows;
        description->count = (uint32_t)count;
        good = edge_from_json(json_object_get(json, "lead"), description->count, &edges->lead,
                              &edges->lead_rows) &&
               edge_from_json(json_object_get(json, "trail"), description->count, &edges->trail,
                              &edges->trail_rows);
    }
    if (good) {
        return TIMBREL_OK;
    }
    timbrel_description_free(description);
    return timbrel_error_set(
        error, TIMBREL_BAD_ARGUMENT,
        "The description of the latents in \"%s\" is damaged; encode them again.", name);
}
