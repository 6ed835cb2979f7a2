// SPDX-License-Identifier: ISC
#include "uris.h"
#include "engine/base/rt.h"

#include "wire.h"

#include <lv2/atom/atom.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/midi/midi.h>
#include <lv2/patch/patch.h>
#include <lv2/state/state.h>
#include <lv2/time/time.h>

#include <string.h>

static LV2_URID map_uri(const LV2_URID_Map* map, const char* uri) {
    return map->map(map->handle, uri);
}

void timbrel_uris_init(TimbrelUris* uris, const LV2_URID_Map* map, const char* plugin_uri) {
    uris->atom_bool = map_uri(map, LV2_ATOM__Bool);
    uris->atom_chunk = map_uri(map, LV2_ATOM__Chunk);
    uris->atom_double = map_uri(map, LV2_ATOM__Double);
    uris->atom_float = map_uri(map, LV2_ATOM__Float);
    uris->atom_int = map_uri(map, LV2_ATOM__Int);
    uris->atom_long = map_uri(map, LV2_ATOM__Long);
    uris->atom_object = map_uri(map, LV2_ATOM__Object);
    uris->atom_path = map_uri(map, LV2_ATOM__Path);
    uris->atom_sequence = map_uri(map, LV2_ATOM__Sequence);
    uris->atom_string = map_uri(map, LV2_ATOM__String);
    uris->atom_uri = map_uri(map, LV2_ATOM__URI);
    uris->atom_urid = map_uri(map, LV2_ATOM__URID);
    uris->max_block = map_uri(map, LV2_BUF_SIZE__maxBlockLength);
    uris->min_block = map_uri(map, LV2_BUF_SIZE__minBlockLength);
    uris->midi_event = map_uri(map, LV2_MIDI__MidiEvent);
    uris->nominal_block = map_uri(map, LV2_BUF_SIZE__nominalBlockLength);
    uris->patch_body = map_uri(map, LV2_PATCH__body);
    uris->patch_get = map_uri(map, LV2_PATCH__Get);
    uris->patch_property = map_uri(map, LV2_PATCH__property);
    uris->patch_put = map_uri(map, LV2_PATCH__Put);
    uris->patch_set = map_uri(map, LV2_PATCH__Set);
    uris->patch_subject = map_uri(map, LV2_PATCH__subject);
    uris->patch_value = map_uri(map, LV2_PATCH__value);
    uris->state_changed = map_uri(map, LV2_STATE__StateChanged);
    uris->time_bar = map_uri(map, LV2_TIME__bar);
    uris->time_bar_beat = map_uri(map, LV2_TIME__barBeat);
    uris->time_beat = map_uri(map, LV2_TIME__beat);
    uris->time_beats_per_bar = map_uri(map, LV2_TIME__beatsPerBar);
    uris->time_beats_per_minute = map_uri(map, LV2_TIME__beatsPerMinute);
    uris->time_position = map_uri(map, LV2_TIME__Position);
    uris->time_speed = map_uri(map, LV2_TIME__speed);
    uris->wire = map_uri(map, TIMBREL_WIRE_URI);
    uris->choice = map_uri(map, TIMBREL_PROPERTY_PREFIX "choice");
    uris->file = map_uri(map, TIMBREL_PROPERTY_PREFIX "file");
    uris->attributes = map_uri(map, TIMBREL_PROPERTY_PREFIX "attributes");
    uris->rows_choice = map_uri(map, TIMBREL_PROPERTY_PREFIX "rowsChoice");
    uris->rows_file = map_uri(map, TIMBREL_PROPERTY_PREFIX "rowsFile");
    uris->rows_data = map_uri(map, TIMBREL_PROPERTY_PREFIX "rowsData");
    uris->points_data = map_uri(map, TIMBREL_PROPERTY_PREFIX "pointsData");
    uris->plugin = map_uri(map, plugin_uri);
    for (int i = 0; i < TIMBREL_PROPERTY_COUNT; ++i) {
        uris->properties[i] = map_uri(map, timbrel_properties[i].uri);
    }
}

/// The attribute's URI; what RFC 3986 does not call unreserved is percent-encoded, as a model's
/// author may name an attribute anything.
static void
attribute_uri(const char* name,
              char uri[sizeof TIMBREL_ATTRIBUTE_PREFIX + 3 * (size_t)TIMBREL_NAME_SIZE]) {
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static const char hex[] = "0123456789ABCDEF";
    memcpy(uri, TIMBREL_ATTRIBUTE_PREFIX, sizeof TIMBREL_ATTRIBUTE_PREFIX);
    char* end = uri + strlen(uri);
    for (; *name; ++name) {
        if (strchr(plain, *name)) {
            *end++ = *name;
        } else {
            *end++ = '%';
            *end++ = hex[(unsigned char)*name >> 4];
            *end++ = hex[(unsigned char)*name & 15];
        }
    }
    *end = '\0';
}

void timbrel_attribute_uris_add(TimbrelAttributeUris* table, const LV2_URID_Map* map,
                                const TimbrelModelInfo* info) {
    for (uint32_t i = 0; i < info->attribute_count; ++i) {
        const char* name = info->attributes[i].name;
        const unsigned n = atomic_load_explicit(&table->count, memory_order_relaxed);
        if (n == TIMBREL_ATTRIBUTE_URIS || timbrel_attribute_urid(table, name)) {
            continue;
        }
        char uri[sizeof TIMBREL_ATTRIBUTE_PREFIX + (size_t)3 * TIMBREL_NAME_SIZE];
        attribute_uri(name, uri);
        memcpy(table->entries[n].name, name, strlen(name) + 1);
        table->entries[n].urid = map_uri(map, uri);
        atomic_store_explicit(&table->count, n + 1, memory_order_release);
    }
}

LV2_URID timbrel_attribute_urid(const TimbrelAttributeUris* table, const char* name) TIMBREL_RT {
    const unsigned n = atomic_load_explicit(&table->count, memory_order_acquire);
    for (unsigned i = 0; i < n; ++i) {
        if (!strcmp(table->entries[i].name, name)) {
            return table->entries[i].urid;
        }
    }
    return 0;
}

const char* timbrel_attribute_name(const TimbrelAttributeUris* table, LV2_URID urid) TIMBREL_RT {
    const unsigned n = atomic_load_explicit(&table->count, memory_order_acquire);
    for (unsigned i = 0; i < n; ++i) {
        if (table->entries[i].urid == urid) {
            return table->entries[i].name;
        }
    }
    return NULL;
}
