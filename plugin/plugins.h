// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_PLUGINS_H
#define TIMBREL_PLUGIN_PLUGINS_H

#include "engine/base/controls.h"

/// The plugins of the bundle and their ports, as plugins.def has them. Which plugin it is, is asked
/// once, by timbrel_plugin_find() or by the descriptor's place; from then on its row says all.

#define TIMBREL_EMBEDDED_UI_URI "urn:timbrel:ui"     ///< In the host's window
#define TIMBREL_OWN_UI_URI      "urn:timbrel:window" ///< In one of its own

#define TIMBREL_PLUGIN_CHANNELS 2  ///< Audio ports of either direction
#define TIMBREL_PORT_RUNS       16 ///< Of a plugin, and one to end them

/// Bytes of the notify port: a patch:Put of everything, three paths, 64 attributes and the names of
/// 128 points included, with a patch:Set of some of it before.
#define TIMBREL_NOTIFY_SIZE 65536

enum { TIMBREL_LEFT, TIMBREL_RIGHT };

typedef enum {
    TIMBREL_PORT_NONE,      ///< No port has this index
    TIMBREL_PORT_AUDIO_IN,  ///< `item` is the channel
    TIMBREL_PORT_AUDIO_OUT, ///< `item` is the channel
    TIMBREL_PORT_CONTROL,   ///< Atom input: patch messages, the transport, MIDI where it says so
    TIMBREL_PORT_NOTIFY,    ///< Atom output: patch
    TIMBREL_PORT_FREEWHEEL, ///< lv2:freeWheeling
    TIMBREL_PORT_REPORT,    ///< `item` is a TimbrelReportId
    TIMBREL_PORT_VALUE,     ///< `item` is a TimbrelControlId
} TimbrelPortKind;

typedef struct {
    TimbrelPortKind kind;
    uint32_t item; ///< Which one of its kind
} TimbrelPort;

/// Items of one kind whose ports follow each other.
typedef struct {
    TimbrelPortKind kind;
    uint32_t first; ///< Item
    uint32_t last;  ///< Item
    uint32_t index; ///< The first item's port
} TimbrelPortRun;

typedef struct {
    const char* symbol;
    const char* uri;
    const char* name;
    const char* label;   ///< For displays of 16 characters; NULL: the name
    const char* type;    ///< Local name of its LV2 class
    const char* comment; ///< One sentence
    uint32_t version;    ///< lv2:minorVersion
    uint32_t required;   ///< Ports from this index on came later and may stay unconnected
    bool midi;           ///< Takes MIDI: Ardour then lets automation act once a cycle only
    TimbrelPortRun ports[TIMBREL_PORT_RUNS]; ///< Unused ones are zero
} TimbrelPlugin;

/// The place of each plugin in timbrel_plugins.
#define PLUGIN(SYMBOL, PROCESSOR, ...) TIMBREL_PLUGIN_##SYMBOL,
typedef enum {
#include "plugins.def"
    TIMBREL_PLUGIN_COUNT
} TimbrelPluginId;
#undef PLUGIN

extern const TimbrelPlugin timbrel_plugins[TIMBREL_PLUGIN_COUNT];

/// The plugin with this URI, or NULL.
const TimbrelPlugin* timbrel_plugin_find(const char* uri);

/// How many ports of this kind it has.
uint32_t timbrel_plugin_count(const TimbrelPlugin* plugin, TimbrelPortKind kind);

/// What its port `index` is.
TimbrelPort timbrel_plugin_port(const TimbrelPlugin* plugin, uint32_t index);

/// The index of the port of one item; false if the plugin has none such.
bool timbrel_plugin_index(const TimbrelPlugin* plugin, TimbrelPort port, uint32_t* index);

#endif
