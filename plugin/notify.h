// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_NOTIFY_H
#define TIMBREL_PLUGIN_NOTIFY_H

#include "engine/base/rt.h"
#include "engine/effect/effect.h"
#include "uris.h"
#include "wire.h"

#include <lv2/atom/forge.h>

/// Writes patch messages to the notify port. Each message is written whole or not at all.
/// Thread: audio, but for init.

typedef struct {
    const TimbrelUris* uris;
    const TimbrelAttributeUris* attributes;
    TimbrelEffect* effect;
    LV2_Atom_Forge forge;
    LV2_Atom_Forge_Frame sequence;
    uint8_t* buffer; ///< The port's; NULL while not connected
    uint32_t size;
    uint32_t used;
    bool full; ///< A message did not fit in this run
} TimbrelNotify;

/// With an empty `map`, nothing is ever written.
void timbrel_notify_init(TimbrelNotify* notify, TimbrelEffect* effect, const TimbrelUris* uris,
                         const TimbrelAttributeUris* attributes, LV2_URID_Map* map);

/// Begin and end a run's output in `port` (may be NULL), whose size the host has set.
void timbrel_notify_begin(TimbrelNotify* notify, LV2_Atom_Sequence* port) TIMBREL_RT;
void timbrel_notify_end(TimbrelNotify* notify) TIMBREL_RT;

/// Tell of the model: a patch:Set of it and of the rows, as hosts without patch:Put know only that,
/// then a patch:Put of all that describes it, attributes included. False if there is no room now.
bool timbrel_notify_all(TimbrelNotify* notify, int64_t frame) TIMBREL_RT;

/// patch:Set of one property or attribute; nothing if there is none of that key. False if there is
/// no room now.
bool timbrel_notify_one(TimbrelNotify* notify, int64_t frame, LV2_URID key) TIMBREL_RT;

/// patch:Set of the rows, of what is to be known of them, and of the points. False if there is no
/// room now.
bool timbrel_notify_rows(TimbrelNotify* notify, int64_t frame) TIMBREL_RT;

/// patch:Set of the learnt level, of its gain, and of whether it learns. False if there is no room
/// now.
bool timbrel_notify_level(TimbrelNotify* notify, int64_t frame) TIMBREL_RT;

/// Say that what a session would save has changed by a message, so that the host marks it so.
bool timbrel_notify_changed(TimbrelNotify* notify, int64_t frame) TIMBREL_RT;

/// A message to the window. False if there is no room now.
bool timbrel_notify_wire(TimbrelNotify* notify, int64_t frame,
                         const TimbrelWireHead* message) TIMBREL_RT;

#endif
