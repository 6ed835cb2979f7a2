// SPDX-License-Identifier: ISC
#include "mirror.h"

#include <math.h>
#include <string.h>

enum {
    hello_milliseconds = 1000,
    echo_milliseconds = 200 ///< How long a host may echo what a hand did
};

typedef struct {
    float value;
    float hosts;   ///< What the host said last
    int held;      ///< Gestures under way
    guint settles; ///< Source that adopts the host's value after a gesture; 0: none
    uint32_t port;
    bool has_port;
    bool hosts_new; ///< `hosts` came during the gesture
} Control;

struct _TimbrelMirror {
    GObject parent;
    const TimbrelPlugin* plugin;
    TimbrelMirrorSend send;
    void* handle;
    guint hello;
    uint32_t meters; ///< Messages since the last hello
    bool alive;
    Control controls[TIMBREL_CONTROL_COUNT];
    GQuark symbols[TIMBREL_CONTROL_COUNT];
    TimbrelNews* news;
    TimbrelNews* coming; ///< News not told to their end
};

G_DEFINE_FINAL_TYPE(TimbrelMirror, timbrel_mirror, G_TYPE_OBJECT)

enum { signal_control, signal_news, signal_meters, signal_scope, signal_alive, signal_count };
static guint signals[signal_count]; // Set once, with the class

static void finalize(GObject* object) {
    TimbrelMirror* m = TIMBREL_MIRROR(object);
    if (m->hello) {
        (void)g_source_remove(m->hello);
    }
    for (int i = 0; i < TIMBREL_CONTROL_COUNT; ++i) {
        if (m->controls[i].settles) {
            (void)g_source_remove(m->controls[i].settles);
        }
    }
    g_free(m->news);
    g_free(m->coming);
    G_OBJECT_CLASS(timbrel_mirror_parent_class)->finalize(object);
}

static guint add_signal(const char* name, GSignalFlags flags, GType argument) {
    return g_signal_new(name, TIMBREL_TYPE_MIRROR, G_SIGNAL_RUN_LAST | flags, 0, NULL, NULL, NULL,
                        G_TYPE_NONE, argument == G_TYPE_NONE ? 0 : 1, argument);
}

static void timbrel_mirror_class_init(TimbrelMirrorClass* class) {
    G_OBJECT_CLASS(class)->finalize = finalize;
    signals[signal_control] = add_signal("control", G_SIGNAL_DETAILED, G_TYPE_INT);
    signals[signal_news] = add_signal("news", 0, G_TYPE_NONE);
    signals[signal_meters] = add_signal("meters", 0, G_TYPE_POINTER);
    signals[signal_scope] = add_signal("scope", 0, G_TYPE_POINTER);
    signals[signal_alive] = add_signal("alive", 0, G_TYPE_NONE);
}

static void timbrel_mirror_init(TimbrelMirror* m) {
    m->news = g_new0(TimbrelNews, 1); // GObject's own instances are small
    m->coming = g_new0(TimbrelNews, 1);
    for (int i = 0; i < TIMBREL_CONTROL_COUNT; ++i) {
        m->controls[i].value = timbrel_controls[i].normal;
        m->symbols[i] = g_quark_from_string(timbrel_controls[i].symbol);
    }
    m->news->status.rate = 48000;
}

static gboolean say_hello(gpointer data) {
    TimbrelMirror* m = data;
    const bool alive = m->meters > 0;
    m->meters = 0;
    TimbrelWireHello message = {.serial = m->news->status.serial};
    timbrel_wire_head(&message, TIMBREL_WIRE_HELLO, sizeof message);
    m->send(m->handle, &message.head);
    if (alive != m->alive) {
        m->alive = alive;
        g_signal_emit(m, signals[signal_alive], 0);
    }
    return G_SOURCE_CONTINUE;
}

TimbrelMirror* timbrel_mirror_new(const TimbrelPlugin* plugin, TimbrelMirrorSend send,
                                  void* handle) {
    TimbrelMirror* m = g_object_new(TIMBREL_TYPE_MIRROR, NULL);
    m->plugin = plugin;
    m->send = send;
    m->handle = handle;
    m->alive = true; // until it is known better
    m->meters = 1;
    for (uint32_t i = 0; i < TIMBREL_CONTROL_COUNT; ++i) {
        m->controls[i].has_port = timbrel_plugin_index(plugin, (TimbrelPort){TIMBREL_PORT_VALUE, i},
                                                       &m->controls[i].port);
    }
    m->hello = g_timeout_add(hello_milliseconds, say_hello, m);
    (void)say_hello(m);
    return m;
}

static void adopt(TimbrelMirror* m, int control, float value) {
    Control* c = &m->controls[control];
    const float limited = timbrel_control_limit(control, value);
    if (limited < c->value || limited > c->value) {
        c->value = limited;
        g_signal_emit(m, signals[signal_control], m->symbols[control], control);
    }
}

static void receive_port(TimbrelMirror* m, const TimbrelWirePort* message) {
    const TimbrelPort port = timbrel_plugin_port(m->plugin, message->index);
    if (port.kind != TIMBREL_PORT_VALUE) {
        return;
    }
    Control* c = &m->controls[port.item];
    c->hosts = message->value;
    c->hosts_new = true;
    if (c->held == 0 && c->settles == 0) {
        adopt(m, (int)port.item, message->value);
    }
}

static void receive_latent(TimbrelNews* coming, const TimbrelWireLatent* message) {
    coming->meanings[message->index] = message->meaning;
    (void)g_strlcpy(coming->labels[message->index], message->label, TIMBREL_NAME_SIZE);
}

void timbrel_mirror_receive(TimbrelMirror* m, const TimbrelWire* message) {
    switch (message->head.type) {
    case TIMBREL_WIRE_PORT:
        receive_port(m, &message->port);
        break;
    case TIMBREL_WIRE_METERS:
        ++m->meters;
        g_signal_emit(m, signals[signal_meters], 0, &message->meters);
        break;
    case TIMBREL_WIRE_SCOPE:
        g_signal_emit(m, signals[signal_scope], 0, &message->scope);
        break;
    case TIMBREL_WIRE_STATUS:
        memset(m->coming, 0, sizeof *m->coming);
        m->coming->status = message->status;
        break;
    case TIMBREL_WIRE_TEXT:
        (void)g_strlcpy(m->coming->texts[message->text.kind], message->text.text,
                        TIMBREL_WIRE_TEXT_SIZE);
        break;
    case TIMBREL_WIRE_LATENT:
        receive_latent(m->coming, &message->latent);
        break;
    case TIMBREL_WIRE_ATTRIBUTE:
        m->coming->attributes[message->attribute.index] = message->attribute.attribute;
        m->coming->attribute_count = message->attribute.index + 1;
        break;
    case TIMBREL_WIRE_TOLD:
        // Something in between may have been lost: the effect tells it again.
        if (message->told.serial == m->coming->status.serial &&
            message->told.attributes == m->coming->attribute_count) {
            *m->news = *m->coming;
            g_signal_emit(m, signals[signal_news], 0);
        }
        break;
    default:
        break;
    }
}

uint32_t timbrel_mirror_channels(const TimbrelMirror* m) {
    return timbrel_plugin_count(m->plugin, TIMBREL_PORT_AUDIO_OUT);
}

const TimbrelNews* timbrel_mirror_news(const TimbrelMirror* m) {
    return m->news;
}

bool timbrel_mirror_alive(const TimbrelMirror* m) {
    return m->alive;
}

bool timbrel_mirror_has(const TimbrelMirror* m, int control) {
    return m->controls[control].has_port;
}

float timbrel_mirror_value(const TimbrelMirror* m, int control) {
    return m->controls[control].value;
}

static int control_of(const TimbrelMirror* m, int first, uint32_t latent) {
    const int control = latent < TIMBREL_CONTROLLED_LATENTS ? first + (int)latent : -1;
    return control >= 0 && timbrel_mirror_has(m, control) ? control : -1;
}

int timbrel_mirror_bias(const TimbrelMirror* m, uint32_t latent) {
    return control_of(m, TIMBREL_CONTROL_BIAS_FIRST, latent);
}

int timbrel_mirror_scale(const TimbrelMirror* m, uint32_t latent) {
    return control_of(m, TIMBREL_CONTROL_SCALE_FIRST, latent);
}

static void send_port(TimbrelMirror* m, TimbrelWireType type, uint32_t index, float value) {
    TimbrelWirePort message = {.index = index, .value = value};
    timbrel_wire_head(&message, type, sizeof message);
    m->send(m->handle, &message.head);
}

void timbrel_mirror_begin(TimbrelMirror* m, int control) {
    Control* c = &m->controls[control];
    if (c->has_port && c->held++ == 0) {
        c->hosts_new = false;
        send_port(m, TIMBREL_WIRE_TOUCH, c->port, 1.0f);
    }
}

void timbrel_mirror_set(TimbrelMirror* m, int control, float value) {
    Control* c = &m->controls[control];
    if (!c->has_port) {
        return;
    }
    const bool alone = c->held == 0;
    const float limited = timbrel_control_limit(control, value);
    if (alone) {
        timbrel_mirror_begin(m, control);
    }
    if (limited < c->value || limited > c->value) {
        send_port(m, TIMBREL_WIRE_PORT, c->port, limited);
        adopt(m, control, limited);
        c->hosts_new = false; // what it said until now was of before
    }
    if (alone) {
        timbrel_mirror_end(m, control);
    }
}

typedef struct {
    TimbrelMirror* mirror;
    int control;
} Settling;

/// The echo is over: what the host says counts again, as where automation plays.
static gboolean settled(gpointer data) {
    const Settling* settling = data;
    Control* c = &settling->mirror->controls[settling->control];
    c->settles = 0;
    if (c->hosts_new && c->held == 0) {
        adopt(settling->mirror, settling->control, c->hosts);
    }
    return G_SOURCE_REMOVE;
}

void timbrel_mirror_end(TimbrelMirror* m, int control) {
    Control* c = &m->controls[control];
    if (!c->has_port || c->held == 0 || --c->held > 0) {
        return;
    }
    send_port(m, TIMBREL_WIRE_TOUCH, c->port, 0.0f);
    if (c->settles) {
        (void)g_source_remove(c->settles);
    }
    Settling* settling = g_new(Settling, 1);
    *settling = (Settling){m, control};
    c->settles =
        g_timeout_add_full(G_PRIORITY_DEFAULT, echo_milliseconds, settled, settling, g_free);
}

void timbrel_mirror_load(TimbrelMirror* m, const char* wanted) {
    TimbrelWireText message;
    timbrel_wire_text(&message, TIMBREL_WIRE_LOAD, 0, wanted);
    m->send(m->handle, &message.head);
}

void timbrel_mirror_set_method(TimbrelMirror* m, const char* method) {
    TimbrelWireText message;
    timbrel_wire_text(&message, TIMBREL_WIRE_SET_METHOD, 0, method);
    m->send(m->handle, &message.head);
}

void timbrel_mirror_set_attribute(TimbrelMirror* m, const char* name, const char* value) {
    TimbrelWireAttribute message = {0};
    timbrel_wire_head(&message, TIMBREL_WIRE_SET_ATTRIBUTE, sizeof message);
    (void)g_strlcpy(message.attribute.name, name, sizeof message.attribute.name);
    (void)g_strlcpy(message.attribute.value, value, sizeof message.attribute.value);
    m->send(m->handle, &message.head);
}

void timbrel_mirror_clear_late(TimbrelMirror* m) {
    TimbrelWireHead message;
    timbrel_wire_head(&message, TIMBREL_WIRE_CLEAR_LATE, sizeof message);
    m->send(m->handle, &message);
}

void timbrel_mirror_measure(TimbrelMirror* m) {
    TimbrelWireHead message;
    timbrel_wire_head(&message, TIMBREL_WIRE_MEASURE, sizeof message);
    m->send(m->handle, &message);
}

void timbrel_mirror_send(TimbrelMirror* m, const TimbrelWireHead* message) {
    m->send(m->handle, message);
}
