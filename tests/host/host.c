// SPDX-License-Identifier: ISC
#include "host.h"

#include "messages.h"
#include "rtguard.h"
#include "urids.h"

#include <lv2/atom/atom.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/core/lv2.h>
#include <lv2/log/log.h>
#include <lv2/options/options.h>
#include <lv2/parameters/parameters.h>
#include <lv2/state/state.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { default_atom_bytes = 8192, control_atom_bytes = 32768, audio_ports_most = 8 };

struct Host {
    LilvWorld* world;
    const LilvPlugins* plugins;
    Urids urids;
    LV2_Log_Log log;
};

typedef struct {
    const char* symbol; ///< lilv's
    float value;        ///< Of a control port
} Port;

struct Instance {
    Host* host;
    const LilvPlugin* plugin;
    LilvInstance* lilv;
    InstanceConfig config;
    Port* ports;
    uint32_t port_count;
    float* in[audio_ports_most];
    float* out[audio_ports_most];
    uint32_t in_count;
    uint32_t out_count;
    float* freewheel;
    bool may_wait;
    LV2_Atom_Sequence* control;
    LV2_Atom_Sequence* notify;
    uint32_t notify_size;
    Messages messages;
};

static _Noreturn void give_up(const char* what, const char* name) {
    (void)fprintf(stderr, "test host: %s: %s\n", what, name);
    exit(2);
}

static void* allocate(size_t count, size_t size) {
    void* memory = calloc(count, size);
    if (!memory) {
        give_up("no memory", "calloc");
    }
    return memory;
}

static int log_vprintf(LV2_Log_Handle handle, LV2_URID type, const char* format, va_list list) {
    Host* host = handle;
    rtguard_log(true);
    const char* uri = host_unmap(host, type);
    (void)fprintf(stderr, "[%s] ", uri && strrchr(uri, '#') ? strrchr(uri, '#') + 1 : "?");
    const int length = vfprintf(stderr, format, list);
    rtguard_log(false);
    return length;
}

static int log_printf(LV2_Log_Handle handle, LV2_URID type, const char* format, ...) {
    va_list list;
    va_start(list, format);
    const int length = log_vprintf(handle, type, format, list);
    va_end(list);
    return length;
}

Host* host_open(const char* bundle) {
    Host* host = allocate(1, sizeof *host);
    urids_init(&host->urids);
    host->log = (LV2_Log_Log){host, log_printf, log_vprintf};
    host->world = lilv_world_new();
    char folder[4096];
    (void)snprintf(folder, sizeof folder, "%s/", bundle);
    LilvNode* uri = lilv_new_file_uri(host->world, NULL, folder);
    lilv_world_load_bundle(host->world, uri);
    lilv_node_free(uri);
    host->plugins = lilv_world_get_all_plugins(host->world);
    if (lilv_plugins_size(host->plugins) == 0) {
        give_up("no plugin in the bundle", bundle);
    }
    return host;
}

void host_close(Host* host) {
    lilv_world_free(host->world);
    urids_free(&host->urids);
    free(host);
}

LilvWorld* host_world(Host* host) {
    return host->world;
}

LV2_URID host_map(Host* host, const char* uri) {
    return host->urids.map.map(host->urids.map.handle, uri);
}

const char* host_unmap(Host* host, LV2_URID urid) {
    return host->urids.unmap.unmap(host->urids.unmap.handle, urid);
}

LV2_URID_Map* host_map_feature(Host* host) {
    return &host->urids.map;
}

LV2_URID_Unmap* host_unmap_feature(Host* host) {
    return &host->urids.unmap;
}

static bool is_a(const Instance* instance, const LilvPort* port, const char* uri) {
    LilvNode* class = lilv_new_uri(instance->host->world, uri);
    const bool is = lilv_port_is_a(instance->plugin, port, class);
    lilv_node_free(class);
    return is;
}

static bool designated(const Instance* instance, const LilvPort* port, const char* uri) {
    LilvNode* key = lilv_new_uri(instance->host->world, LV2_CORE__designation);
    LilvNode* value = lilv_port_get(instance->plugin, port, key);
    const bool is = value && lilv_node_is_uri(value) && !strcmp(lilv_node_as_uri(value), uri);
    lilv_node_free(value);
    lilv_node_free(key);
    return is;
}

/// The size in bytes that an atom port asks for.
static uint32_t atom_bytes(const Instance* instance, const LilvPort* port) {
    LilvNode* key =
        lilv_new_uri(instance->host->world, "http://lv2plug.in/ns/ext/resize-port#minimumSize");
    LilvNode* value = lilv_port_get(instance->plugin, port, key);
    const uint32_t bytes = value ? (uint32_t)lilv_node_as_int(value) : default_atom_bytes;
    lilv_node_free(value);
    lilv_node_free(key);
    return bytes;
}

static void* connect_audio(Instance* instance, bool input) {
    const uint32_t frames = instance->config.max_block;
    if (input) {
        float* in = allocate(frames, sizeof(float));
        return instance->in[instance->in_count++] = in;
    }
    const uint32_t channel = instance->out_count++;
    instance->out[channel] = instance->config.in_place && channel < instance->in_count
                                 ? instance->in[channel]
                                 : allocate(frames, sizeof(float));
    return instance->out[channel];
}

static void* connect_atom(Instance* instance, const LilvPort* port, bool input) {
    if (input) {
        return instance->control = allocate(1, control_atom_bytes);
    }
    instance->notify_size = atom_bytes(instance, port);
    return instance->notify = allocate(1, instance->notify_size);
}

static void* connect_control(Instance* instance, const LilvPort* port, uint32_t index) {
    LilvNode* normal = NULL;
    lilv_port_get_range(instance->plugin, port, &normal, NULL, NULL);
    float* value = &instance->ports[index].value;
    *value = normal ? lilv_node_as_float(normal) : 0.0f;
    lilv_node_free(normal);
    if (designated(instance, port, LV2_CORE__freeWheeling)) {
        instance->freewheel = value;
    }
    return value;
}

static void connect(Instance* instance) {
    instance->port_count = lilv_plugin_get_num_ports(instance->plugin);
    instance->ports = allocate(instance->port_count, sizeof *instance->ports);
    for (uint32_t i = 0; i < instance->port_count; ++i) {
        const LilvPort* port = lilv_plugin_get_port_by_index(instance->plugin, i);
        const bool input = is_a(instance, port, LV2_CORE__InputPort);
        void* data = NULL;
        instance->ports[i].symbol =
            lilv_node_as_string(lilv_port_get_symbol(instance->plugin, port));
        if (is_a(instance, port, LV2_CORE__AudioPort)) {
            data = connect_audio(instance, input);
        } else if (is_a(instance, port, LV2_ATOM__AtomPort)) {
            data = connect_atom(instance, port, input);
        } else {
            data = connect_control(instance, port, i);
        }
        lilv_instance_connect_port(instance->lilv, i, data);
    }
}

/// Instantiate with all that the host has, or with urid:map alone.
static LilvInstance* instantiate(Host* host, const LilvPlugin* plugin,
                                 const InstanceConfig* config) {
    const int32_t least = config->smallest > 0 ? (int32_t)config->smallest : 1;
    const int32_t most = (int32_t)config->max_block;
    const int32_t usual = config->block > 0 ? (int32_t)config->block : most;
    const float rate = (float)config->rate;
    const LV2_URID integer = host_map(host, LV2_ATOM__Int);
    const LV2_Options_Option options[] = {
        {LV2_OPTIONS_INSTANCE, 0, host_map(host, LV2_BUF_SIZE__minBlockLength), sizeof least,
         integer, &least},
        {LV2_OPTIONS_INSTANCE, 0, host_map(host, LV2_BUF_SIZE__maxBlockLength), sizeof most,
         integer, &most},
        {LV2_OPTIONS_INSTANCE, 0, host_map(host, LV2_PARAMETERS__sampleRate), sizeof rate,
         host_map(host, LV2_ATOM__Float), &rate},
        {LV2_OPTIONS_INSTANCE, 0,
         config->smallest > 0 ? 0 : host_map(host, LV2_BUF_SIZE__nominalBlockLength), sizeof usual,
         integer, &usual},
        {0}};
    const LV2_Feature map = {LV2_URID__map, &host->urids.map};
    const LV2_Feature unmap = {LV2_URID__unmap, &host->urids.unmap};
    const LV2_Feature option = {LV2_OPTIONS__options, (void*)(uintptr_t)options};
    const LV2_Feature bounded = {LV2_BUF_SIZE__boundedBlockLength, NULL};
    const LV2_Feature log = {LV2_LOG__log, &host->log};
    const LV2_Feature thread_safe = {LV2_STATE__threadSafeRestore, NULL};
    const LV2_Feature* const all[] = {&map, &unmap, &option, &bounded, &log, &thread_safe, NULL};
    const LV2_Feature* const bare[] = {&map, NULL};
    const LV2_Feature* const none[] = {NULL};
    return lilv_plugin_instantiate(plugin, config->rate,
                                   config->featureless ? none
                                   : config->bare      ? bare
                                                       : all);
}

Instance* instance_new(Host* host, const char* plugin_uri, const InstanceConfig* config) {
    Instance* instance = allocate(1, sizeof *instance);
    LilvNode* uri = lilv_new_uri(host->world, plugin_uri);
    instance->host = host;
    instance->config = *config;
    instance->plugin = lilv_plugins_get_by_uri(host->plugins, uri);
    lilv_node_free(uri);
    if (!instance->plugin) {
        give_up("no such plugin", plugin_uri);
    }
    instance->lilv = instantiate(host, instance->plugin, config);
    if (!instance->lilv) {
        give_up("not instantiated", plugin_uri);
    }
    messages_init(&instance->messages, host);
    connect(instance);
    lilv_instance_activate(instance->lilv);
    return instance;
}

void instance_free(Instance* instance) {
    lilv_instance_deactivate(instance->lilv);
    lilv_instance_free(instance->lilv);
    for (uint32_t c = 0; c < instance->in_count; ++c) {
        free(instance->in[c]);
    }
    for (uint32_t c = 0; c < instance->out_count; ++c) {
        if (!instance->config.in_place || c >= instance->in_count) {
            free(instance->out[c]);
        }
    }
    free(instance->control);
    free(instance->notify);
    free(instance->ports);
    messages_free(&instance->messages);
    free(instance);
}

void instance_reset(Instance* instance) {
    lilv_instance_deactivate(instance->lilv);
    lilv_instance_activate(instance->lilv);
}

Host* instance_host(Instance* instance) {
    return instance->host;
}

const LilvPlugin* instance_plugin(const Instance* instance) {
    return instance->plugin;
}

const TimbrelPlugin* instance_row(const Instance* instance) {
    return timbrel_plugin_find(lilv_node_as_uri(lilv_plugin_get_uri(instance->plugin)));
}

LilvInstance* instance_lilv(Instance* instance) {
    return instance->lilv;
}

uint32_t instance_channels(const Instance* instance) {
    return instance->in_count;
}

float* instance_in(Instance* instance, uint32_t channel) {
    return instance->in[channel];
}

float* instance_out(Instance* instance, uint32_t channel) {
    return instance->out[channel];
}

uint32_t instance_port(const Instance* instance, const char* symbol) {
    for (uint32_t i = 0; i < instance->port_count; ++i) {
        if (!strcmp(instance->ports[i].symbol, symbol)) {
            return i;
        }
    }
    give_up("no such port", symbol);
}

void instance_set(Instance* instance, const char* symbol, float value) {
    instance->ports[instance_port(instance, symbol)].value = value;
}

float instance_get(const Instance* instance, const char* symbol) {
    return instance->ports[instance_port(instance, symbol)].value;
}

bool instance_set_block(Instance* instance, uint32_t frames) {
    const LV2_Options_Interface* interface =
        lilv_instance_get_extension_data(instance->lilv, LV2_OPTIONS__interface);
    void* handle = lilv_instance_get_handle(instance->lilv);
    const int32_t block = (int32_t)frames;
    const LV2_URID integer = host_map(instance->host, LV2_ATOM__Int);
    const LV2_URID keys[2] = {host_map(instance->host, LV2_BUF_SIZE__maxBlockLength),
                              host_map(instance->host, LV2_BUF_SIZE__nominalBlockLength)};
    LV2_Options_Option options[3] = {
        {LV2_OPTIONS_INSTANCE, 0, keys[0], sizeof block, integer, &block},
        {LV2_OPTIONS_INSTANCE, 0, keys[1], sizeof block, integer, &block},
        {0}};
    if (!interface || interface->set(handle, options) != LV2_OPTIONS_SUCCESS) {
        return false;
    }
    for (int i = 0; i < 2; ++i) {
        options[i] = (LV2_Options_Option){.context = LV2_OPTIONS_INSTANCE, .key = keys[i]};
    }
    return interface->get(handle, options) == LV2_OPTIONS_SUCCESS &&
           *(const int32_t*)options[0].value == block && *(const int32_t*)options[1].value == block;
}

void instance_freewheel(Instance* instance, bool on) {
    *instance->freewheel = on ? 1.0f : 0.0f;
}

void instance_may_wait(Instance* instance, bool may) {
    instance->may_wait = may;
}

void instance_run(Instance* instance, uint32_t frames) {
    if (instance->control) {
        messages_give(&instance->messages, instance->control, control_atom_bytes);
    }
    if (instance->notify) {
        messages_clear(&instance->messages, instance->notify, instance->notify_size);
    }
    rtguard_enter(instance->may_wait || (instance->freewheel && *instance->freewheel > 0.0f));
    lilv_instance_run(instance->lilv, frames);
    rtguard_leave();
    if (instance->notify &&
        !messages_take(&instance->messages, instance->notify, instance->notify_size)) {
        give_up("malformed sequence on the port", "notify");
    }
}

void instance_send_path(Instance* instance, const char* property, const char* path) {
    messages_set_path(&instance->messages, property, path);
}

void instance_send_string(Instance* instance, const char* property, const char* text) {
    messages_set_string(&instance->messages, property, text);
}

void instance_send_float(Instance* instance, const char* property, float value) {
    messages_set_float(&instance->messages, property, value);
}

void instance_send_get(Instance* instance, const char* property) {
    messages_get(&instance->messages, property);
}

void instance_send_atom(Instance* instance, const char* type, const void* body, uint32_t size) {
    messages_atom(&instance->messages, type, body, size);
}

void instance_listen(Instance* instance, void (*heard)(void* handle, const LV2_Atom* atom),
                     void* handle) {
    instance->messages.heard = heard;
    instance->messages.handle = handle;
}

const char* instance_told(const Instance* instance, const char* property) {
    const Telling* telling = messages_find(&instance->messages, host_map(instance->host, property));
    return telling ? telling->text : "";
}

void instance_forget(Instance* instance, const char* property) {
    Telling* telling = messages_find(&instance->messages, host_map(instance->host, property));
    if (telling) {
        telling->text[0] = '\0';
    }
}

uint32_t instance_tellings(const Instance* instance) {
    return instance->messages.messages;
}

static void run_silence(Instance* instance) {
    const uint32_t frames = instance->config.max_block < 256 ? instance->config.max_block : 256;
    for (uint32_t c = 0; c < instance->in_count; ++c) {
        memset(instance->in[c], 0, frames * sizeof(float));
    }
    instance_run(instance, frames);
}

/// Run until the property is told to be one of two values.
static bool await_either(Instance* instance, const char* property, const char* one,
                         const char* other) {
    const struct timespec pause = {.tv_nsec = 2000000};
    for (int i = 0; i < 60000; ++i) {
        if (i % 50 == 0) {
            instance_send_get(instance, NULL);
        }
        run_silence(instance);
        const char* told = instance_told(instance, property);
        if (!strcmp(told, one) || !strcmp(told, other)) {
            return true;
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)fprintf(stderr, "%s stayed \"%s\" (%s)\n", property, instance_told(instance, property),
                  instance_told(instance, MESSAGE_URI));
    return false;
}

bool instance_await(Instance* instance, const char* property, const char* value) {
    return await_either(instance, property, value, value);
}

bool instance_load(Instance* instance, const char* path) {
    instance_send_path(instance, MODEL_URI, path);
    run_silence(instance);
    if (!instance_await(instance, MODEL_URI, path)) {
        return false;
    }
    instance_forget(instance, STATUS_URI);
    if (!await_either(instance, STATUS_URI, "ready", "failed")) {
        return false;
    }
    return !strcmp(instance_told(instance, STATUS_URI), "ready");
}

const char* fixture_path(const char* folder, const char* name) {
    static _Thread_local char paths[4][4096];
    static _Thread_local unsigned next;
    char* path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s.ts", folder, name);
    return path;
}
