// SPDX-License-Identifier: ISC
#ifndef TIMBREL_TESTS_HOST_STATE_H
#define TIMBREL_TESTS_HOST_STATE_H

#include "host.h"

#include <lv2/state/state.h>

/// Saving and restoring, by lilv as most hosts do it, and by the bare interface with what features
/// a test chooses.

/// The state with port values as Turtle, freed by free().
char* state_save_text(Instance* instance);

/// False if the text holds no state. `ports`: restore control values as well; not while another
/// thread runs the instance.
bool state_restore_text(Instance* instance, const char* text, bool ports);

/// Save into a folder, which is made; paths are kept by links as lilv's mapPath does.
bool state_save_folder(Instance* instance, const char* folder);
bool state_restore_folder(Instance* instance, const char* folder);

/// Load one of the plugin's presets, with its control values.
bool state_restore_preset(Instance* instance, const LilvNode* preset);

enum { state_most = 24 };

/// What the plugin stored.
typedef struct {
    Host* host;
    /// As Carla does: a key keeps its first type for ever, and its last value while it is not
    /// stored anew; texts are given back without flags and NUL.
    bool keeps;
    uint32_t count;
    struct {
        LV2_URID key;
        LV2_URID type;
        size_t size;
        uint32_t flags;
        char* value;
    } entries[state_most];
} Stored;

/// How paths are mapped: not at all (no feature); "/x/y" to "map:/x/y" and back; refused (NULL); to
/// the name of a link in the folder of state_keep_links(), and back; to that, and not back; as
/// MAP_LINK, with files to be made in that folder.
typedef enum { MAP_NONE, MAP_PREFIX, MAP_REFUSED, MAP_LINK, MAP_LINK_LOST, MAP_MAKE } Mapping;

/// The folder for MAP_LINK. `folder` must last.
void state_keep_links(const char* folder);

/// Save to `stored`, which is zeroed or holds a former state. False if the plugin says it failed.
bool state_store(Instance* instance, Stored* stored, Mapping mapping);
bool state_retrieve(Instance* instance, const Stored* stored, Mapping mapping);
void stored_clear(Stored* stored);

/// Put a text there as an earlier version of the plugin did.
void stored_put(Stored* stored, Host* host, const char* key, const char* type, const char* text);

/// The same with any bytes, in place of what is there.
void stored_put_bytes(Stored* stored, Host* host, const char* key, const char* type,
                      const void* bytes, size_t size);

/// The value of a key, or NULL.
const void* stored_bytes(const Stored* stored, const char* key, size_t* size);

/// The value of a key as text, or NULL.
const char* stored_text(const Stored* stored, const char* key);

/// Paths that state_store() and state_retrieve() mapped and the plugin has not freed.
int state_paths_held(void);

#endif
