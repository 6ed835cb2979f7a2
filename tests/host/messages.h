// SPDX-License-Identifier: ISC
#ifndef TIMBREL_TESTS_HOST_MESSAGES_H
#define TIMBREL_TESTS_HOST_MESSAGES_H

#include "host.h"

#include <lv2/atom/forge.h>

/// The two ends of an instance's atom ports: what is sent to `control`, and what `notify` told.

typedef struct {
    LV2_URID property;
    char text[4200];
} Telling;

typedef struct {
    Host* host;
    LV2_Atom_Forge forge;
    LV2_Atom_Forge_Frame sequence;
    uint8_t* queue; ///< Sequence that goes into the next run
    uint32_t queue_size;
    Telling* tellings; ///< One a property
    uint32_t telling_count;
    uint32_t messages;
    void (*heard)(void* handle, const LV2_Atom* atom); ///< Gets all that is no object; may be NULL
    void* handle;
} Messages;

void messages_init(Messages* messages, Host* host);
void messages_free(Messages* messages);

void messages_set_path(Messages* messages, const char* property, const char* path);
void messages_set_string(Messages* messages, const char* property, const char* text);
void messages_set_float(Messages* messages, const char* property, float value);
void messages_get(Messages* messages, const char* property);

/// Any atom: `size` bytes of the type with this URI.
void messages_atom(Messages* messages, const char* type, const void* body, uint32_t size);

/// Move what is queued to the port's buffer of `size` bytes.
void messages_give(Messages* messages, LV2_Atom_Sequence* port, uint32_t size);

/// Make the port's buffer of `size` bytes ready to be written.
void messages_clear(Messages* messages, LV2_Atom_Sequence* port, uint32_t size);

/// Keep what the port's sequence tells. False if it is not well formed.
bool messages_take(Messages* messages, const LV2_Atom_Sequence* port, uint32_t size);

/// The telling of this property, or NULL.
Telling* messages_find(const Messages* messages, LV2_URID property);

#endif
