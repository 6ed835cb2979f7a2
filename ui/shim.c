// SPDX-License-Identifier: ISC
/// timbrel_ui.so, the part of the window that lives in the host: it starts the program timbrel-ui,
/// which shows the window in a process of its own, and passes messages between the two. It links no
/// toolkit, never waits for the program, and survives its end.

#include "container.h"
#include "plugin/plugins.h"
#include "plugin/wire.h"
#include "process.h"
#include "size.h"

#include <lv2/atom/atom.h>
#include <lv2/core/lv2.h>
#include <lv2/core/lv2_util.h>
#include <lv2/options/options.h>
#include <lv2/ui/ui.h>
#include <lv2/urid/urid.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PORTS 128 ///< More than the plugins have

enum {
    settle_idles = 10,  ///< After which a host has given its window a size
    most_messages = 256 ///< In one idle: the host's thread is not ours
};

typedef struct {
    LV2UI_Write_Function write;
    LV2UI_Controller controller;
    const LV2UI_Touch* touch;   ///< NULL: the host has none
    const LV2UI_Resize* resize; ///< NULL: the host has none
    int idles;                  ///< Up to settle_idles
    LV2_URID event_transfer;
    LV2_URID wire;
    const TimbrelPlugin* plugin;
    uint32_t control_port; ///< Index of the atom port to the effect
    bool dark;             ///< The host's own windows are
    int scale;             ///< See find_scale()
    char* program;
    char* uri; ///< The plugin's
    TimbrelProcess process;
    TimbrelContainer* container; ///< NULL: the program has a window of its own
    bool broken;                 ///< The program has ended by itself

    float values[MAX_PORTS]; ///< As the host last said
    bool known[MAX_PORTS];   ///< Whether it has
    bool unsent[MAX_PORTS];  ///< What the program has not been told, for it did not read
    bool touched[MAX_PORTS]; ///< Gestures that have not ended
} Shim;

static uint16_t enlarged(const Shim* shim, int size) {
    return (uint16_t)(size * shim->scale);
}

static bool is_value(const Shim* shim, uint32_t index) {
    return index < MAX_PORTS && timbrel_plugin_port(shim->plugin, index).kind == TIMBREL_PORT_VALUE;
}

/// Send to the effect, as the body of an atom.
static void send_effect(Shim* shim, const TimbrelWire* message) {
    struct {
        LV2_Atom atom;
        TimbrelWire message;
    } event;
    event.atom.size = message->head.size;
    event.atom.type = shim->wire;
    memcpy(&event.message, message, message->head.size);
    shim->write(shim->controller, shim->control_port,
                (uint32_t)sizeof event.atom + message->head.size, shim->event_transfer, &event);
}

static bool send_port(Shim* shim, uint32_t index) {
    TimbrelWirePort message = {.index = index, .value = shim->values[index]};
    timbrel_wire_head(&message, TIMBREL_WIRE_PORT, sizeof message);
    return timbrel_process_send(&shim->process, &message.head);
}

/// What the program has missed; only the latest of each.
static void send_unsent(Shim* shim) {
    for (uint32_t i = 0; i < MAX_PORTS; ++i) {
        if (shim->unsent[i]) {
            if (!send_port(shim, i)) {
                return;
            }
            shim->unsent[i] = false;
        }
    }
}

static void start(Shim* shim) {
    char window[16] = "0"; // of its own
    char scale[16];
    char dark[] = "dark";
    char as_it_is[] = "-";
    char plug[] = "--plug";
    char show[] = "--show";
    if (shim->container) {
        (void)snprintf(window, sizeof window, "%u",
                       (unsigned)timbrel_container_window(shim->container));
    }
    (void)snprintf(scale, sizeof scale, "%d", shim->container ? shim->scale : 0);
    char* arguments[] = {shim->program, shim->container ? plug : show, window,
                         shim->uri,     shim->dark ? dark : as_it_is,  scale,
                         NULL};
    shim->broken = !timbrel_process_start(&shim->process, arguments);
    if (shim->container) {
        if (shim->broken) {
            timbrel_container_say(shim->container, "The window's program could not be started.",
                                  "Check that Timbrel is installed completely.");
        } else {
            timbrel_container_say(shim->container, NULL, NULL);
        }
    }
    memcpy(shim->unsent, shim->known, sizeof shim->unsent);
}

static void set_touched(Shim* shim, uint32_t index, bool touched) {
    if (shim->touch && shim->touched[index] != touched) {
        shim->touch->touch(shim->touch->handle, index, touched);
    }
    shim->touched[index] = touched;
}

static void stop(Shim* shim) {
    timbrel_process_end(&shim->process);
    for (uint32_t i = 0; i < MAX_PORTS; ++i) {
        set_touched(shim, i, false);
    }
}

/// The sound goes on without it; a click brings it back.
static void mourn(Shim* shim) {
    stop(shim);
    shim->broken = true;
    if (shim->container) {
        timbrel_container_say(shim->container, "The window has ended; the sound goes on.",
                              "Click here to open it again.");
    }
}

static void handle(Shim* shim, const TimbrelWire* message) {
    const TimbrelWirePort* port = &message->port;
    const TimbrelWireKey* key = &message->key;
    switch (message->head.type) {
    case TIMBREL_WIRE_HELLO:
    case TIMBREL_WIRE_LOAD:
    case TIMBREL_WIRE_SET_ATTRIBUTE:
    case TIMBREL_WIRE_SET_METHOD:
    case TIMBREL_WIRE_CLEAR_LATE:
    case TIMBREL_WIRE_MEASURE:
        send_effect(shim, message);
        break;
    case TIMBREL_WIRE_PORT:
        if (is_value(shim, port->index)) {
            shim->values[port->index] = port->value;
            shim->known[port->index] = true;
            shim->write(shim->controller, port->index, sizeof(float), 0, &port->value);
        }
        break;
    case TIMBREL_WIRE_TOUCH:
        if (is_value(shim, port->index)) {
            set_touched(shim, port->index, port->value > 0.5f);
        }
        break;
    case TIMBREL_WIRE_KEY:
        if (shim->container && key->keycode < 256) {
            timbrel_container_key(shim->container, (uint8_t)key->keycode, (uint16_t)key->state,
                                  key->pressed != 0);
        }
        break;
    default:
        break;
    }
}

/// Only where it is needed: suil, in Ardour and jalv, goes by the window's hints, and takes what is
/// asked for here for the least size ever.
static void ask_for_room(Shim* shim) {
    if (shim->resize && shim->container && shim->idles <= settle_idles &&
        shim->idles++ == settle_idles && timbrel_container_cramped(shim->container)) {
        shim->resize->ui_resize(shim->resize->handle, enlarged(shim, TIMBREL_WINDOW_WIDTH),
                                enlarged(shim, TIMBREL_WINDOW_HEIGHT));
    }
}

static int idle(LV2UI_Handle handle_) {
    Shim* shim = handle_;
    bool clicked = false;
    if (shim->container && !timbrel_container_idle(shim->container, &clicked)) {
        stop(shim); // the display is gone, and the host's window with it
        return 1;
    }
    if (shim->broken && clicked) {
        start(shim);
    }
    ask_for_room(shim);
    TimbrelWire message;
    int got = 0;
    for (int i = 0; i < most_messages && !shim->broken; ++i) {
        got = timbrel_process_receive(&shim->process, &message);
        if (got <= 0) {
            break;
        }
        handle(shim, &message);
    }
    if (got < 0 && shim->process.pid > 0) {
        mourn(shim);
    }
    if (!shim->broken) {
        send_unsent(shim);
    }
    return shim->broken && !shim->container; // a window of its own was closed
}

static int show(LV2UI_Handle handle_) {
    Shim* shim = handle_;
    if (shim->process.pid == 0) {
        start(shim);
    }
    return shim->broken;
}

static int hide(LV2UI_Handle handle_) {
    stop(handle_);
    return 0;
}

static void cleanup(LV2UI_Handle handle_) {
    Shim* shim = handle_;
    stop(shim);
    timbrel_container_free(shim->container);
    free(shim->program);
    free(shim->uri);
    free(shim);
}

/// Of four bytes; NULL if the host has no such option.
static const void* find_option(const LV2_URID_Map* map, const LV2_Feature* const* features,
                               const char* key, const char* type) {
    const LV2_Options_Option* option = lv2_features_data(features, LV2_OPTIONS__options);
    for (; option && option->key; ++option) {
        if (option->key == map->map(map->handle, key) &&
            option->type == map->map(map->handle, type) && option->size == 4) {
            return option->value;
        }
    }
    return NULL;
}

/// The host may tell the colour of its windows as 0xRRGGBBAA; those of Ardour are dark whatever the
/// desktop's are.
static bool is_dark(const LV2_URID_Map* map, const LV2_Feature* const* features) {
    const void* option = find_option(map, features, LV2_UI__backgroundColor, LV2_ATOM__Int);
    uint32_t color = UINT32_MAX;
    if (option) {
        memcpy(&color, option, sizeof color);
    }
    return 2 * (color >> 24) + 7 * (color >> 16 & 255) + (color >> 8 & 255) < 10 * 100;
}

/// By how much the host enlarges its windows, a whole number as GTK has it. A desktop may ask for
/// more: what is in the host's window would be cut off.
static int find_scale(const LV2_URID_Map* map, const LV2_Feature* const* features) {
    const void* option = find_option(map, features, LV2_UI__scaleFactor, LV2_ATOM__Float);
    float factor = 1;
    if (option) {
        memcpy(&factor, option, sizeof factor);
    }
    return factor >= 2.75f ? 3 : factor >= 1.75f ? 2 : 1;
}

static LV2UI_Handle instantiate(const LV2UI_Descriptor* descriptor, const char* plugin_uri,
                                const char* bundle, LV2UI_Write_Function write,
                                LV2UI_Controller controller, LV2UI_Widget* widget,
                                const LV2_Feature* const* features) {
    LV2_URID_Map* map = lv2_features_data(features, LV2_URID__map);
    const void* parent = lv2_features_data(features, LV2_UI__parent);
    const bool embedded = !strcmp(descriptor->URI, TIMBREL_EMBEDDED_UI_URI);
    const TimbrelPlugin* plugin = timbrel_plugin_find(plugin_uri);
    *widget = NULL;
    if (!map || !plugin || (embedded && !parent)) {
        return NULL;
    }
    Shim* shim = calloc(1, sizeof *shim);
    if (!shim) {
        return NULL;
    }
    shim->write = write;
    shim->controller = controller;
    shim->touch = lv2_features_data(features, LV2_UI__touch);
    shim->resize = lv2_features_data(features, LV2_UI__resize);
    shim->event_transfer = map->map(map->handle, LV2_ATOM__eventTransfer);
    shim->wire = map->map(map->handle, TIMBREL_WIRE_URI);
    shim->dark = is_dark(map, features);
    shim->scale = find_scale(map, features);
    shim->plugin = plugin;
    (void)timbrel_plugin_index(plugin, (TimbrelPort){.kind = TIMBREL_PORT_CONTROL},
                               &shim->control_port);
    shim->process = TIMBREL_PROCESS_NONE;
    shim->uri = strdup(plugin->uri);
    if (asprintf(&shim->program, "%s/timbrel-ui", bundle) < 0) {
        shim->program = NULL;
    }
    if (embedded) {
        shim->container = timbrel_container_new(
            (uint32_t)(uintptr_t)parent, enlarged(shim, TIMBREL_WINDOW_WIDTH),
            enlarged(shim, TIMBREL_WINDOW_HEIGHT), enlarged(shim, TIMBREL_WINDOW_LEAST_WIDTH),
            enlarged(shim, TIMBREL_WINDOW_LEAST_HEIGHT));
    }
    if (!shim->uri || !shim->program || (embedded && !shim->container)) {
        cleanup(shim);
        return NULL;
    }
    if (embedded) {
        *widget = (LV2UI_Widget)(uintptr_t)timbrel_container_window(shim->container);
        start(shim);
    }
    return shim;
}

static void port_event(LV2UI_Handle handle_, uint32_t port, uint32_t size, uint32_t format,
                       const void* buffer) {
    Shim* shim = handle_;
    if (format == 0 && size == sizeof(float) && is_value(shim, port)) {
        memcpy(&shim->values[port], buffer, sizeof(float));
        shim->known[port] = true;
        shim->unsent[port] = !send_port(shim, port);
        return;
    }
    const LV2_Atom* atom = buffer;
    if (format != shim->event_transfer || size < sizeof *atom || atom->type != shim->wire ||
        atom->size > size - sizeof *atom || atom->size > sizeof(TimbrelWire)) {
        return;
    }
    TimbrelWire message; // aligned
    memcpy(&message, atom + 1, atom->size);
    // Of another version, too: the window is to say so. What it does not read is lost.
    if (timbrel_wire_valid(&message, atom->size) || timbrel_wire_foreign(&message, atom->size)) {
        (void)timbrel_process_send(&shim->process, &message.head);
    }
}

static int resized(LV2UI_Feature_Handle handle_, int width, int height) {
    const Shim* shim = (const void*)handle_;
    if (shim->container && width > 0 && height > 0 && width < 32768 && height < 32768) {
        timbrel_container_resize(shim->container, (uint16_t)width, (uint16_t)height);
    }
    return 0;
}

static const void* extension_data(const char* uri) {
    static const LV2UI_Idle_Interface idle_interface = {idle};
    static const LV2UI_Show_Interface show_interface = {show, hide};
    static const LV2UI_Resize resize_interface = {NULL, resized};
    if (!strcmp(uri, LV2_UI__idleInterface)) {
        return &idle_interface;
    }
    if (!strcmp(uri, LV2_UI__showInterface)) {
        return &show_interface;
    }
    if (!strcmp(uri, LV2_UI__resize)) {
        return &resize_interface;
    }
    return NULL;
}

static const LV2UI_Descriptor descriptors[] = {
    {TIMBREL_EMBEDDED_UI_URI, instantiate, cleanup, port_event, extension_data},
    {TIMBREL_OWN_UI_URI, instantiate, cleanup, port_event, extension_data},
};

LV2_SYMBOL_EXPORT const LV2UI_Descriptor* lv2ui_descriptor(uint32_t index) {
    return index < sizeof descriptors / sizeof descriptors[0] ? &descriptors[index] : NULL;
}
