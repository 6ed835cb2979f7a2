// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_ATOMS_H
#define TIMBREL_PLUGIN_ATOMS_H

#include "engine/base/rt.h"
#include "uris.h"

#include <lv2/atom/atom.h>

#include <stdbool.h>

/// Reads atoms that a host sends. Nothing is trusted: sizes are checked. Thread: any.

/// The event `offset` bytes into the body of the sequence, or NULL if none lies whole within it.
const LV2_Atom_Event* timbrel_atom_event(const LV2_Atom_Sequence* sequence,
                                         uint32_t offset) TIMBREL_RT;

/// The object's value of `key`, or NULL.
const LV2_Atom* timbrel_atom_property(const LV2_Atom_Object* object, LV2_URID key) TIMBREL_RT;

/// Read a value that must be `type` and hold `size` bytes.
bool timbrel_atom_read(const LV2_Atom* atom, LV2_URID type, void* value, uint32_t size) TIMBREL_RT;

/// Read a number of any type; false if it is none. It may be a NaN or infinite.
bool timbrel_atom_number(const TimbrelUris* uris, const LV2_Atom* atom, double* number) TIMBREL_RT;

#endif
