// SPDX-License-Identifier: ISC
#include "state.h"

#include <lv2/atom/atom.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATE_URI "urn:timbrel:test:state"

static atomic_int paths_held;
static const char* link_folder = "/nowhere";

static const void* get_port(const char* symbol, void* data, uint32_t* size, uint32_t* type) {
    static _Thread_local float value;
    Instance* instance = data;
    value = instance_get(instance, symbol);
    *size = sizeof value;
    *type = host_map(instance_host(instance), LV2_ATOM__Float);
    return &value;
}

static void set_port(const char* symbol, void* data, const void* value, uint32_t size,
                     uint32_t type) {
    Instance* instance = data;
    if (size == sizeof(float) && type == host_map(instance_host(instance), LV2_ATOM__Float)) {
        instance_set(instance, symbol, *(const float*)value);
    }
}

static LilvState* snapshot(Instance* instance, const char* folder) {
    return lilv_state_new_from_instance(instance_plugin(instance), instance_lilv(instance),
                                        host_map_feature(instance_host(instance)), folder, folder,
                                        folder, folder, get_port, instance,
                                        LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE, NULL);
}

char* state_save_text(Instance* instance) {
    Host* host = instance_host(instance);
    LilvState* state = snapshot(instance, NULL);
    char* text = lilv_state_to_string(host_world(host), host_map_feature(host),
                                      host_unmap_feature(host), state, STATE_URI, NULL);
    lilv_state_free(state);
    return text;
}

bool state_restore_text(Instance* instance, const char* text, bool ports) {
    Host* host = instance_host(instance);
    LilvState* state = lilv_state_new_from_string(host_world(host), host_map_feature(host), text);
    if (!state) {
        return false;
    }
    lilv_state_restore(state, instance_lilv(instance), ports ? set_port : NULL, instance, 0, NULL);
    lilv_state_free(state);
    return true;
}

bool state_save_folder(Instance* instance, const char* folder) {
    Host* host = instance_host(instance);
    LilvState* state = snapshot(instance, folder);
    const int failed =
        !state || lilv_state_save(host_world(host), host_map_feature(host),
                                  host_unmap_feature(host), state, NULL, folder, "state.ttl");
    lilv_state_free(state);
    return !failed;
}

bool state_restore_folder(Instance* instance, const char* folder) {
    Host* host = instance_host(instance);
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/state.ttl", folder);
    LilvState* state =
        lilv_state_new_from_file(host_world(host), host_map_feature(host), NULL, path);
    if (!state) {
        return false;
    }
    lilv_state_restore(state, instance_lilv(instance), set_port, instance, 0, NULL);
    lilv_state_free(state);
    return true;
}

bool state_restore_preset(Instance* instance, const LilvNode* preset) {
    Host* host = instance_host(instance);
    if (lilv_world_load_resource(host_world(host), preset) < 0) {
        return false;
    }
    LilvState* state = lilv_state_new_from_world(host_world(host), host_map_feature(host), preset);
    if (!state) {
        return false;
    }
    lilv_state_restore(state, instance_lilv(instance), set_port, instance, 0, NULL);
    lilv_state_free(state);
    return true;
}

static LV2_State_Status store(LV2_State_Handle handle, uint32_t key, const void* value, size_t size,
                              uint32_t type, uint32_t flags) {
    Stored* stored = handle;
    uint32_t i = 0;
    while (i < stored->count && stored->entries[i].key != key) {
        ++i;
    }
    if (i == state_most || !(flags & LV2_STATE_IS_POD) || (i < stored->count && !stored->keeps)) {
        return LV2_STATE_ERR_NO_SPACE;
    }
    char* copy = calloc(1, size + 1);
    if (!copy) {
        return LV2_STATE_ERR_NO_SPACE;
    }
    memcpy(copy, value, size);
    if (i < stored->count) {
        free(stored->entries[i].value);
    } else {
        stored->entries[stored->count++].type = type;
    }
    stored->entries[i].key = key;
    stored->entries[i].size = size;
    stored->entries[i].flags = flags;
    stored->entries[i].value = copy;
    return LV2_STATE_SUCCESS;
}

static const void* retrieve(LV2_State_Handle handle, uint32_t key, size_t* size, uint32_t* type,
                            uint32_t* flags) {
    const Stored* stored = handle;
    for (uint32_t i = 0; i < stored->count; ++i) {
        if (stored->entries[i].key == key) {
            const char* value = stored->entries[i].value;
            const bool cuts =
                stored->keeps && stored->entries[i].type != host_map(stored->host, LV2_ATOM__Chunk);
            *size = cuts ? strlen(value) : stored->entries[i].size;
            *type = stored->entries[i].type;
            *flags = stored->keeps ? 0 : stored->entries[i].flags;
            return value;
        }
    }
    return NULL;
}

void state_keep_links(const char* folder) {
    link_folder = folder;
}

static char* in_link_folder(const char* name) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", link_folder, name);
    return strdup(path);
}

static char* make_link(LV2_State_Map_Path_Handle handle, const char* path) {
    (void)handle;
    const char* slash = strrchr(path, '/');
    const char* name = slash ? slash + 1 : path;
    char* link = in_link_folder(name);
    if (link && path[0] == '/' && strcmp(link, path) != 0) {
        (void)unlink(link);
        if (symlink(path, link)) {
            perror(link);
        }
    }
    free(link);
    atomic_fetch_add(&paths_held, 1);
    return strdup(name);
}

static char* follow_link(LV2_State_Map_Path_Handle handle, const char* path) {
    (void)handle;
    atomic_fetch_add(&paths_held, 1);
    return path[0] == '/' ? strdup(path) : in_link_folder(path);
}

static char* add_prefix(LV2_State_Map_Path_Handle handle, const char* path) {
    (void)handle;
    char* mapped = malloc(strlen(path) + 5);
    if (mapped) {
        (void)snprintf(mapped, strlen(path) + 5, "map:%s", path);
        atomic_fetch_add(&paths_held, 1);
    }
    return mapped;
}

static char* cut_prefix(LV2_State_Map_Path_Handle handle, const char* path) {
    (void)handle;
    atomic_fetch_add(&paths_held, 1);
    return strdup(!strncmp(path, "map:", 4) ? path + 4 : path);
}

static char* refuse(LV2_State_Map_Path_Handle handle, const char* path) {
    (void)handle;
    (void)path;
    return NULL;
}

static char* make_path(LV2_State_Make_Path_Handle handle, const char* path) {
    (void)handle;
    atomic_fetch_add(&paths_held, 1);
    return in_link_folder(path);
}

static void free_path(LV2_State_Free_Path_Handle handle, char* path) {
    (void)handle;
    if (path) {
        atomic_fetch_sub(&paths_held, 1);
    }
    free(path);
}

/// The features of `mapping`, all static.
static const LV2_Feature* const* features_of(Mapping mapping) {
    static LV2_State_Map_Path prefix = {NULL, add_prefix, cut_prefix};
    static LV2_State_Map_Path refusal = {NULL, refuse, refuse};
    static LV2_State_Free_Path freeing = {NULL, free_path};
    static LV2_State_Map_Path links = {NULL, make_link, follow_link};
    static LV2_State_Map_Path lost_links = {NULL, make_link, refuse};
    static LV2_State_Make_Path making = {NULL, make_path};
    static const LV2_Feature make = {LV2_STATE__makePath, &making};
    static const LV2_Feature map_links = {LV2_STATE__mapPath, &links};
    static const LV2_Feature map_lost_links = {LV2_STATE__mapPath, &lost_links};
    static const LV2_Feature map_prefix = {LV2_STATE__mapPath, &prefix};
    static const LV2_Feature map_refused = {LV2_STATE__mapPath, &refusal};
    static const LV2_Feature free_feature = {LV2_STATE__freePath, &freeing};
    static const LV2_Feature* const none[] = {NULL};
    static const LV2_Feature* const with_prefix[] = {&map_prefix, &free_feature, NULL};
    static const LV2_Feature* const with_refusal[] = {&map_refused, &free_feature, NULL};
    static const LV2_Feature* const with_links[] = {&map_links, &free_feature, NULL};
    static const LV2_Feature* const with_make[] = {&map_links, &make, &free_feature, NULL};
    static const LV2_Feature* const with_lost_links[] = {&map_lost_links, &free_feature, NULL};
    switch (mapping) {
    case MAP_NONE:
        return none;
    case MAP_PREFIX:
        return with_prefix;
    case MAP_REFUSED:
        return with_refusal;
    case MAP_LINK:
        return with_links;
    case MAP_LINK_LOST:
        return with_lost_links;
    case MAP_MAKE:
        return with_make;
    }
    return none;
}

static const LV2_State_Interface* interface_of(Instance* instance) {
    return lilv_instance_get_extension_data(instance_lilv(instance), LV2_STATE__interface);
}

bool state_store(Instance* instance, Stored* stored, Mapping mapping) {
    if (!stored->keeps) {
        stored_clear(stored);
    }
    stored->host = instance_host(instance);
    return interface_of(instance)->save(lilv_instance_get_handle(instance_lilv(instance)), store,
                                        stored, LV2_STATE_IS_POD,
                                        features_of(mapping)) == LV2_STATE_SUCCESS;
}

bool state_retrieve(Instance* instance, const Stored* stored, Mapping mapping) {
    return interface_of(instance)->restore(lilv_instance_get_handle(instance_lilv(instance)),
                                           retrieve, (void*)(uintptr_t)stored, 0,
                                           features_of(mapping)) == LV2_STATE_SUCCESS;
}

void stored_clear(Stored* stored) {
    for (uint32_t i = 0; i < stored->count; ++i) {
        free(stored->entries[i].value);
    }
    stored->count = 0;
}

void stored_put(Stored* stored, Host* host, const char* key, const char* type, const char* text) {
    stored->host = host;
    (void)store(stored, host_map(host, key), text, strlen(text) + 1, host_map(host, type),
                LV2_STATE_IS_POD);
}

void stored_put_bytes(Stored* stored, Host* host, const char* key, const char* type,
                      const void* bytes, size_t size) {
    const bool keeps = stored->keeps;
    stored->host = host;
    stored->keeps = true; // So that it replaces
    (void)store(stored, host_map(host, key), bytes, size, host_map(host, type), LV2_STATE_IS_POD);
    stored->keeps = keeps;
}

const void* stored_bytes(const Stored* stored, const char* key, size_t* size) {
    const LV2_URID urid = host_map(stored->host, key);
    for (uint32_t i = 0; i < stored->count; ++i) {
        if (stored->entries[i].key == urid) {
            *size = stored->entries[i].size;
            return stored->entries[i].value;
        }
    }
    *size = 0;
    return NULL;
}

const char* stored_text(const Stored* stored, const char* key) {
    const LV2_URID urid = host_map(stored->host, key);
    for (uint32_t i = 0; i < stored->count; ++i) {
        if (stored->entries[i].key == urid) {
            return stored->entries[i].value;
        }
    }
    return NULL;
}

int state_paths_held(void) {
    return atomic_load(&paths_held);
}
