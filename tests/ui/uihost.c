// SPDX-License-Identifier: ISC
/// A host of one plugin and its window, driven by lines on stdin; it plays noise into the plugin at
/// the pace of a sound card, all in one thread. Usage: uihost BUNDLE PLUGIN_URI [embedded], which
/// puts the window into one of the host's own.
///
/// open, close: the window. set SYMBOL VALUE: as automation would. get SYMBOL: prints it.
/// sound: prints how far the output is from the input, 0 without a model.
/// told: prints how many messages the effect has sent its window since the last time.
/// Prints "touch SYMBOL 0 or 1" when the window says so, and "closed" when the window was closed.

#include <dlfcn.h>
#include <fcntl.h>
#include <lilv/lilv.h>
#include <lv2/atom/atom.h>
#include <lv2/atom/util.h>
#include <lv2/ui/ui.h>
#include <lv2/urid/urid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xcb/xcb.h>

enum { frames = 1024, rate = 48000, most_ports = 128, most_uris = 256, sequence_size = 65536 };

typedef struct {
    const LilvPlugin* plugin;
    LilvInstance* instance;
    uint32_t ports;
    const char* symbols[most_ports];
    float values[most_ports];
    float shown[most_ports]; ///< As the window was last told
    bool is_control[most_ports];
    bool is_input[most_ports];
    float audio[4][frames];
    uint32_t control; ///< Atom ports
    uint32_t notify;
    LV2_URID sequence;
    LV2_URID event_transfer;
    LV2_URID wire;
    _Alignas(8) uint8_t in[sequence_size];
    _Alignas(8) uint8_t out[sequence_size];
    void* library;
    const LV2UI_Descriptor* ui;
    LV2UI_Handle window; ///< NULL: none is open
    const LV2UI_Idle_Interface* idle;
    const LV2UI_Show_Interface* show;
    LV2UI_Touch touch;
    xcb_connection_t* display; ///< NULL: not embedded
    xcb_window_t parent;
    char* bundle;
    unsigned told;
    float different; ///< Largest difference of output and input since it was asked for
    unsigned seed;
} Host;

static char* uris[most_uris]; // A map has no handle that is ours alone
static LV2_URID map_uri(LV2_URID_Map_Handle handle, const char* uri) {
    (void)handle;
    for (LV2_URID i = 0; i < most_uris; ++i) {
        if (!uris[i]) {
            uris[i] = strdup(uri);
        }
        if (!strcmp(uris[i], uri)) {
            return i + 1;
        }
    }
    return 0;
}
static LV2_URID_Map map = {NULL, map_uri};
static const LV2_Feature map_feature = {LV2_URID__map, &map};

static uint32_t find(const Host* host, const char* symbol) {
    uint32_t i = 0;
    while (i < host->ports && strcmp(host->symbols[i], symbol) != 0) {
        ++i;
    }
    return i;
}

/// What the window writes.
static void write_port(LV2UI_Controller controller, uint32_t port, uint32_t size, uint32_t protocol,
                       const void* data) {
    Host* host = controller;
    if (port < host->ports && protocol == 0 && size == sizeof(float)) {
        memcpy(&host->values[port], data, sizeof(float));
        host->shown[port] = host->values[port];
    } else if (port == host->control && protocol == host->event_transfer) {
        LV2_Atom_Sequence* sequence = (LV2_Atom_Sequence*)(void*)host->in;
        const uint32_t step = (uint32_t)sizeof(int64_t) + lv2_atom_pad_size(size);
        if (sizeof(LV2_Atom) + sequence->atom.size + step > sizeof host->in) {
            return;
        }
        LV2_Atom_Event* event = lv2_atom_sequence_end(&sequence->body, sequence->atom.size);
        event->time.frames = 0;
        memcpy(&event->body, data, size);
        sequence->atom.size += step;
    }
}

static void touched(LV2UI_Feature_Handle handle, uint32_t port, bool grabbed) {
    const Host* host = (const Host*)handle;
    (void)printf("touch %s %d\n", port < host->ports ? host->symbols[port] : "?", grabbed);
}

static void clear(Host* host) {
    LV2_Atom_Sequence* in = (LV2_Atom_Sequence*)(void*)host->in;
    LV2_Atom_Sequence* out = (LV2_Atom_Sequence*)(void*)host->out;
    in->atom = (LV2_Atom){sizeof in->body, host->sequence};
    memset(&in->body, 0, sizeof in->body);
    out->atom = (LV2_Atom){sizeof host->out - sizeof(LV2_Atom), 0};
}

static void connect(Host* host, LilvWorld* world) {
    LilvNode* audio = lilv_new_uri(world, LV2_CORE__AudioPort);
    LilvNode* control = lilv_new_uri(world, LV2_CORE__ControlPort);
    LilvNode* input = lilv_new_uri(world, LV2_CORE__InputPort);
    uint32_t channel = 0;
    host->ports = lilv_plugin_get_num_ports(host->plugin);
    lilv_plugin_get_port_ranges_float(host->plugin, NULL, NULL, host->values);
    for (uint32_t i = 0; i < host->ports; ++i) {
        const LilvPort* port = lilv_plugin_get_port_by_index(host->plugin, i);
        host->symbols[i] = lilv_node_as_string(lilv_port_get_symbol(host->plugin, port));
        host->is_control[i] = lilv_port_is_a(host->plugin, port, control);
        host->is_input[i] = lilv_port_is_a(host->plugin, port, input);
        void* data = &host->values[i];
        if (lilv_port_is_a(host->plugin, port, audio)) {
            data = host->audio[channel++];
        } else if (!host->is_control[i]) {
            data = host->is_input[i] ? host->in : host->out;
            *(host->is_input[i] ? &host->control : &host->notify) = i;
        }
        lilv_instance_connect_port(host->instance, i, data);
    }
    lilv_node_free(audio);
    lilv_node_free(control);
    lilv_node_free(input);
}

static void open_window(Host* host) {
    const LV2_Feature touch = {LV2_UI__touch, &host->touch};
    const LV2_Feature parent = {LV2_UI__parent, (void*)(uintptr_t)host->parent};
    const LV2_Feature* features[] = {&map_feature, &touch, host->display ? &parent : NULL, NULL};
    LV2UI_Widget widget = NULL;
    if (host->window) {
        return;
    }
    host->window =
        host->ui->instantiate(host->ui, lilv_node_as_uri(lilv_plugin_get_uri(host->plugin)),
                              host->bundle, write_port, host, &widget, features);
    if (!host->window || (!host->display && host->show->show(host->window))) {
        (void)printf("no window\n");
        exit(1);
    }
    for (uint32_t i = 0; i < host->ports; ++i) {
        if (host->is_control[i] && host->is_input[i]) {
            host->ui->port_event(host->window, i, sizeof(float), 0, &host->values[i]);
        }
        host->shown[i] = host->values[i];
    }
}

static void close_window(Host* host) {
    if (host->window) {
        if (!host->display) {
            host->show->hide(host->window);
        }
        host->ui->cleanup(host->window);
    }
    host->window = NULL;
}

static void run(Host* host) {
    for (int i = 0; i < frames; ++i) {
        host->seed = host->seed * 1664525U + 1013904223U;
        host->audio[0][i] = ((float)(host->seed >> 8) / 16777216.0f - 0.5f) * 0.5f;
    }
    lilv_instance_run(host->instance, frames);
    for (int i = 0; i < frames; ++i) { // the first port of audio is the input
        const float difference = host->audio[1][i] - host->audio[0][i];
        host->different = difference > host->different ? difference : host->different;
    }
    const LV2_Atom_Sequence* out = (const LV2_Atom_Sequence*)(const void*)host->out;
    LV2_ATOM_SEQUENCE_FOREACH(out, event) {
        host->told += event->body.type == host->wire;
        if (host->window) {
            host->ui->port_event(host->window, host->notify,
                                 (uint32_t)sizeof event->body + event->body.size,
                                 host->event_transfer, &event->body);
        }
    }
    clear(host);
}

static void update(Host* host) {
    for (uint32_t i = 0; i < host->ports && host->window; ++i) {
        const bool same = !memcmp(&host->shown[i], &host->values[i], sizeof(float));
        host->shown[i] = host->values[i];
        if (host->is_control[i] && !same) {
            host->ui->port_event(host->window, i, sizeof(float), 0, &host->values[i]);
        }
    }
    if (host->window && host->idle->idle(host->window)) {
        (void)printf("closed\n");
        close_window(host);
    }
}

static void command(Host* host, char* line) {
    char symbol[64] = "";
    float value = 0;
    if (!strncmp(line, "open", 4)) {
        open_window(host);
    } else if (!strncmp(line, "close", 5)) {
        close_window(host);
    } else if (!strncmp(line, "told", 4)) {
        (void)printf("told %u\n", host->told);
        host->told = 0;
    } else if (!strncmp(line, "sound", 5)) {
        (void)printf("sound %g\n", (double)host->different);
        host->different = 0;
    } else if (sscanf(line, "set %63s %f", symbol, &value) == 2) {
        host->values[find(host, symbol)] = value;
    } else if (sscanf(line, "get %63s", symbol) == 1) {
        (void)printf("%s = %g\n", symbol, (double)host->values[find(host, symbol)]);
    }
}

/// Do what stands on stdin by now. False at its end.
static bool commands(Host* host) {
    static char text[4096];
    static size_t used;
    const ssize_t got = read(STDIN_FILENO, text + used, sizeof text - 1 - used);
    if (got == 0) {
        return false;
    }
    used += got > 0 ? (size_t)got : 0;
    text[used] = '\0';
    for (char* end = NULL; (end = strchr(text, '\n'));) {
        *end = '\0';
        command(host, text);
        used -= (size_t)(end + 1 - text);
        memmove(text, end + 1, used + 1);
    }
    return true;
}

static const LV2UI_Descriptor* load_ui(Host* host) {
    char* path = NULL;
    if (asprintf(&path, "%s/timbrel_ui.so", host->bundle) < 0) {
        return NULL;
    }
    host->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    free(path);
    LV2UI_DescriptorFunction describe = NULL;
    if (host->library) { // ISO C has no conversion from an object's pointer to a function's
        *(void**)&describe = dlsym(host->library, "lv2ui_descriptor");
    }
    for (uint32_t i = 0; describe && describe(i); ++i) {
        if (!strcmp(describe(i)->URI, host->display ? "urn:timbrel:ui" : "urn:timbrel:window")) {
            return describe(i);
        }
    }
    return NULL;
}

static void make_parent(Host* host) {
    host->display = xcb_connect(NULL, NULL);
    const xcb_screen_t* screen = xcb_setup_roots_iterator(xcb_get_setup(host->display)).data;
    host->parent = xcb_generate_id(host->display);
    xcb_create_window(host->display, XCB_COPY_FROM_PARENT, host->parent, screen->root, 0, 0, 800,
                      560, 0, XCB_WINDOW_CLASS_INPUT_OUTPUT, XCB_COPY_FROM_PARENT, 0, NULL);
    xcb_map_window(host->display, host->parent);
    xcb_flush(host->display);
}

int main(int argc, char** argv) {
    static Host host;
    if (argc < 3) {
        return 2;
    }
    if (argc > 3) {
        make_parent(&host);
    }
    LilvWorld* world = lilv_world_new();
    char* folder = NULL;
    if (asprintf(&folder, "%s/", argv[1]) < 0) {
        return 1;
    }
    LilvNode* bundle = lilv_new_file_uri(world, NULL, folder);
    LilvNode* uri = lilv_new_uri(world, argv[2]);
    const LV2_Feature* features[] = {&map_feature, NULL};
    lilv_world_load_bundle(world, bundle);
    host.bundle = folder;
    host.plugin = lilv_plugins_get_by_uri(lilv_world_get_all_plugins(world), uri);
    host.instance = host.plugin ? lilv_plugin_instantiate(host.plugin, rate, features) : NULL;
    host.ui = load_ui(&host);
    if (!host.instance || !host.ui) {
        (void)fprintf(stderr, "%s in %s cannot be loaded\n", argv[2], argv[1]);
        return 1;
    }
    host.touch = (LV2UI_Touch){&host, touched};
    host.idle = host.ui->extension_data(LV2_UI__idleInterface);
    host.show = host.ui->extension_data(LV2_UI__showInterface);
    host.sequence = map_uri(NULL, LV2_ATOM__Sequence);
    host.event_transfer = map_uri(NULL, LV2_ATOM__eventTransfer);
    host.wire = map_uri(NULL, "urn:timbrel:message");
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    clear(&host);
    connect(&host, world);
    lilv_instance_activate(host.instance);
    struct timespec next;
    (void)clock_gettime(CLOCK_MONOTONIC, &next);
    while (commands(&host)) {
        run(&host);
        update(&host);
        next.tv_nsec += 1000000000L / rate * frames;
        next.tv_sec += next.tv_nsec / 1000000000L;
        next.tv_nsec %= 1000000000L;
        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
    close_window(&host);
    lilv_instance_deactivate(host.instance);
    lilv_instance_free(host.instance);
    lilv_node_free(uri);
    lilv_node_free(bundle);
    lilv_world_free(world);
    (void)dlclose(host.library);
    free(folder);
    for (int i = 0; i < most_uris; ++i) {
        free(uris[i]);
    }
    return 0;
}
