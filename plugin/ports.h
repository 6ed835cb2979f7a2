// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PORTS_H
#define TIMBREL_PORTS_H

#include "engine/base/controls.h"

/// The plugin's ports in order of index, made from the table of controls. Hosts key automation by
/// index, so controls come last: appending one renumbers nothing.

#define TIMBREL_MONO_URI   "urn:timbrel:mono"
#define TIMBREL_STEREO_URI "urn:timbrel:stereo"

#define TIMBREL_EMBEDDED_UI_URI "urn:timbrel:ui"     ///< In the host's window
#define TIMBREL_OWN_UI_URI      "urn:timbrel:window" ///< In one of its own

/// Bytes of the notify port: a patch:Put of everything, two paths and 64 attributes included.
#define TIMBREL_NOTIFY_SIZE 32768

typedef enum {
    TIMBREL_PORT_AUDIO_IN,  ///< `item` is the channel
    TIMBREL_PORT_AUDIO_OUT, ///< `item` is the channel
    TIMBREL_PORT_CONTROL,   ///< Atom input: patch, time position, MIDI
    TIMBREL_PORT_NOTIFY,    ///< Atom output: patch
    TIMBREL_PORT_FREEWHEEL, ///< lv2:freeWheeling
    TIMBREL_PORT_REPORT,    ///< `item` is a TimbrelReportId
    TIMBREL_PORT_VALUE,     ///< `item` is a TimbrelControlId
    TIMBREL_PORT_NONE,      ///< No port has this index
} TimbrelPortKind;

typedef struct {
    TimbrelPortKind kind;
    uint32_t item; ///< Which one of its kind
} TimbrelPort;

/// What port `index` of the plugin with `channels` (1 or 2) is. Thread: any.
TimbrelPort timbrel_port(uint32_t channels, uint32_t index) TIMBREL_RT;

#endif
