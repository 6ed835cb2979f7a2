// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_EVENTS_H
#define TIMBREL_PLUGIN_EVENTS_H

#include "engine/base/rt.h"
#include "engine/latents/event.h"
#include "uris.h"

#include <lv2/atom/atom.h>

#include <stdbool.h>

/// What arrives at the control port for the processor: MIDI and the transport, gathered until the
/// next piece of the block is processed. Thread: audio.

#define TIMBREL_BLOCK_EVENTS 256

/// Begins zeroed, but for `uris`.
typedef struct {
    const TimbrelUris* uris;
    TimbrelTransport transport; ///< As the host last told; 0 where it never did
    uint32_t count;
    TimbrelEvent list[TIMBREL_BLOCK_EVENTS];
} TimbrelEvents;

/// Whether the event is one for the processor, which timbrel_events_add() takes.
bool timbrel_events_takes(const TimbrelEvents* events, const LV2_Atom* body) TIMBREL_RT;

/// Append such an event, `time` samples after the beginning of what is processed next. There must
/// be room. A MIDI message of more than three bytes (system exclusive) is passed over. A position
/// that tells only what has changed is completed by the one before, but for the beat: a NaN then.
void timbrel_events_add(TimbrelEvents* events, const LV2_Atom* body, uint32_t time) TIMBREL_RT;

#endif
