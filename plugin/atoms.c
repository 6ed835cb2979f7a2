// SPDX-License-Identifier: ISC
#include "atoms.h"

#include <lv2/atom/util.h>

#include <string.h>

const LV2_Atom_Event* timbrel_atom_event(const LV2_Atom_Sequence* sequence,
                                         uint32_t offset) TIMBREL_RT {
    const uint32_t head = sizeof(LV2_Atom_Event);
    if (offset > sequence->atom.size || sequence->atom.size - offset < head) {
        return NULL;
    }
    const LV2_Atom_Event* event = (const void*)((const uint8_t*)&sequence->body + offset);
    return event->body.size <= sequence->atom.size - offset - head ? event : NULL;
}

const LV2_Atom* timbrel_atom_property(const LV2_Atom_Object* object, LV2_URID key) TIMBREL_RT {
    const uint32_t head = sizeof(LV2_Atom_Property_Body);
    const uint8_t* at = (const uint8_t*)(&object->body + 1);
    uint32_t left = object->atom.size - (uint32_t)sizeof object->body;
    while (left >= head) {
        const LV2_Atom_Property_Body* entry = (const void*)at;
        if (entry->value.size > left - head) {
            break;
        }
        if (entry->key == key) {
            return &entry->value;
        }
        const uint32_t step = head + lv2_atom_pad_size(entry->value.size);
        if (step > left) {
            break;
        }
        at += step;
        left -= step;
    }
    return NULL;
}

bool timbrel_atom_read(const LV2_Atom* atom, LV2_URID type, void* value, uint32_t size) TIMBREL_RT {
    if (atom->type != type || atom->size < size) {
        return false;
    }
    memcpy(value, atom + 1, size);
    return true;
}

bool timbrel_atom_number(const TimbrelUris* uris, const LV2_Atom* atom, double* number) TIMBREL_RT {
    int32_t whole = 0;
    int64_t wide = 0;
    float single = 0;
    if (timbrel_atom_read(atom, uris->atom_int, &whole, sizeof whole)) {
        *number = whole;
    } else if (timbrel_atom_read(atom, uris->atom_long, &wide, sizeof wide)) {
        *number = (double)wide;
    } else if (timbrel_atom_read(atom, uris->atom_float, &single, sizeof single)) {
        *number = (double)single;
    } else {
        return timbrel_atom_read(atom, uris->atom_double, number, sizeof *number);
    }
    return true;
}
