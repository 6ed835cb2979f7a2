// SPDX-License-Identifier: ISC
#ifndef TIMBREL_TESTS_HOST_HOST_H
#define TIMBREL_TESTS_HOST_HOST_H

#include "plugin/plugins.h"

#include <lilv/lilv.h>
#include <lv2/atom/atom.h>
#include <lv2/urid/urid.h>

#include <stdbool.h>
#include <stdint.h>

/// A small LV2 host for tests. What the tests themselves need is never missing: a failure to load,
/// to instantiate or to allocate ends the program with a message and status 2.

#define MODEL_URI   "urn:timbrel:model"
#define STATUS_URI  "urn:timbrel:status"
#define MESSAGE_URI "urn:timbrel:message"
#define METHOD_URI  "urn:timbrel:method"
#define ROWS_URI    "urn:timbrel:rows"
#define INFO_URI    "urn:timbrel:rowsInfo"
#define POINTS_URI  "urn:timbrel:points"
#define MONO_URI    "urn:timbrel:mono"
#define STEREO_URI  "urn:timbrel:stereo"
#define MIDI_URI    "urn:timbrel:monomidi"

typedef struct Host Host;
typedef struct Instance Instance;

/// Load the one bundle in the folder `bundle`, and no other.
Host* host_open(const char* bundle);
void host_close(Host* host);
LilvWorld* host_world(Host* host);

/// Map a URI, and back (NULL if unknown). Thread: any.
LV2_URID host_map(Host* host, const char* uri);
const char* host_unmap(Host* host, LV2_URID urid);
LV2_URID_Map* host_map_feature(Host* host);
LV2_URID_Unmap* host_unmap_feature(Host* host);

typedef struct {
    double rate;        ///< Hz
    uint32_t max_block; ///< Frames: announced, and the size of the audio buffers
    uint32_t block;     ///< Frames: announced as usual; 0: max_block
    uint32_t smallest;  ///< Frames: announced, and no usual ones; 0: 1, and usual ones
    bool bare;          ///< Only the feature urid:map
    bool featureless;   ///< Not even that
    bool in_place;      ///< The outputs' buffers are the inputs'
} InstanceConfig;

/// Instantiate, connect every port with its default value, and activate.
Instance* instance_new(Host* host, const char* plugin_uri, const InstanceConfig* config);

/// Deactivate and clean up.
void instance_free(Instance* instance);

/// Deactivate and activate: forget all sound. Not while another thread runs the instance.
void instance_reset(Instance* instance);

Host* instance_host(Instance* instance);
const LilvPlugin* instance_plugin(const Instance* instance);
const TimbrelPlugin* instance_row(const Instance* instance); ///< NULL: none of ours
LilvInstance* instance_lilv(Instance* instance);
uint32_t instance_channels(const Instance* instance);

/// Buffers of `max_block` frames.
float* instance_in(Instance* instance, uint32_t channel);
float* instance_out(Instance* instance, uint32_t channel);

/// The value of the control port with this symbol. Not while another thread runs the instance.
void instance_set(Instance* instance, const char* symbol, float value);
float instance_get(const Instance* instance, const char* symbol);

/// Index among the ports, of the one with this symbol.
uint32_t instance_port(const Instance* instance, const char* symbol);

/// Say, as at the start, that blocks are of `frames` from now on, by options:interface. False if
/// the plugin refuses, or does not say the same back.
bool instance_set_block(Instance* instance, uint32_t frames);

/// Whether to free-wheel from the next run on.
void instance_freewheel(Instance* instance, bool on);

/// Whether run() may wait although the host does not free-wheel: as it outruns real time.
void instance_may_wait(Instance* instance, bool may);

/// Let the plugin run for `frames`, up to max_block, as the audio thread: the guard watches.
/// What was sent goes in, and what it tells is kept.
void instance_run(Instance* instance, uint32_t frames);

/// Queue messages for the next run. Several may be sent to one.
void instance_send_path(Instance* instance, const char* property, const char* path);
void instance_send_string(Instance* instance, const char* property, const char* text);
void instance_send_float(Instance* instance, const char* property, float value);
void instance_send_get(Instance* instance, const char* property); ///< NULL: everything

void instance_send_atom(Instance* instance, const char* type, const void* body, uint32_t size);

/// Let `heard` have every atom but objects that the plugin sends from now on.
void instance_listen(Instance* instance, void (*heard)(void* handle, const LV2_Atom* atom),
                     void* handle);

/// What the plugin last told of a property, as text; "" if nothing.
const char* instance_told(const Instance* instance, const char* property);

/// Forget what was told of a property.
void instance_forget(Instance* instance, const char* property);

/// How many messages it has told.
uint32_t instance_tellings(const Instance* instance);

/// Run on silence, in blocks of 256 with a pause after each, until `property` is told to be
/// `value`. False after a generous time.
bool instance_await(Instance* instance, const char* property, const char* value);

/// Send the model of this path, and await the status "ready". False if it failed.
bool instance_load(Instance* instance, const char* path);

/// FOLDER/NAME.ts in a buffer of the thread's own, of which there are four in turn.
const char* fixture_path(const char* folder, const char* name);

#endif
