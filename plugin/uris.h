// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_URIS_H
#define TIMBREL_PLUGIN_URIS_H

#include "engine/base/rt.h"
#include "engine/model/model_info.h"
#include "properties.h"

#include <lv2/urid/urid.h>

#include <stdatomic.h>

/// URIs as the host's numbers. All are mapped outside run().

typedef struct {
    LV2_URID atom_bool;
    LV2_URID atom_chunk;
    LV2_URID atom_double;
    LV2_URID atom_float;
    LV2_URID atom_int;
    LV2_URID atom_long;
    LV2_URID atom_object;
    LV2_URID atom_path;
    LV2_URID atom_sequence;
    LV2_URID atom_string;
    LV2_URID atom_uri;
    LV2_URID atom_urid;
    LV2_URID max_block;
    LV2_URID min_block;
    LV2_URID midi_event;
    LV2_URID nominal_block;
    LV2_URID patch_body;
    LV2_URID patch_get;
    LV2_URID patch_property;
    LV2_URID patch_put;
    LV2_URID patch_set;
    LV2_URID patch_subject;
    LV2_URID patch_value;
    LV2_URID state_changed;
    LV2_URID time_bar;
    LV2_URID time_bar_beat;
    LV2_URID time_beat;
    LV2_URID time_beats_per_bar;
    LV2_URID time_beats_per_minute;
    LV2_URID time_position;
    LV2_URID time_speed;
    LV2_URID wire;        ///< Type of the atoms between effect and window
    LV2_URID choice;      ///< State key: what kind of model is wanted, see state.h
    LV2_URID file;        ///< State key: its file, where it is one
    LV2_URID attributes;  ///< State key of all attributes that were set, as one text
    LV2_URID rows_choice; ///< State keys of the rows, see state_rows.h
    LV2_URID rows_file;
    LV2_URID rows_data;
    LV2_URID points_data; ///< State key of the points, see state_points.h
    LV2_URID plugin;
    LV2_URID properties[TIMBREL_PROPERTY_COUNT];
} TimbrelUris;

void timbrel_uris_init(TimbrelUris* uris, const LV2_URID_Map* map, const char* plugin_uri);

#define TIMBREL_ATTRIBUTE_URIS 1024

/// The attributes that any model of this instance has had. Append-only, so that a thread that loads
/// a model can add names while the audio thread looks them up; attributes beyond the capacity are
/// not told of nor set by patch messages.
typedef struct {
    struct {
        char name[TIMBREL_NAME_SIZE];
        LV2_URID urid;
    } entries[TIMBREL_ATTRIBUTE_URIS];
    atomic_uint count;
} TimbrelAttributeUris;

/// Map a model's attributes. One thread at a time, any but audio.
void timbrel_attribute_uris_add(TimbrelAttributeUris* table, const LV2_URID_Map* map,
                                const TimbrelModelInfo* info);

/// The attribute's URID, or 0. Thread: any.
LV2_URID timbrel_attribute_urid(const TimbrelAttributeUris* table, const char* name) TIMBREL_RT;

/// The attribute's name, or NULL. Thread: any.
const char* timbrel_attribute_name(const TimbrelAttributeUris* table, LV2_URID urid) TIMBREL_RT;

#endif
