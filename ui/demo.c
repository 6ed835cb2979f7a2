// SPDX-License-Identifier: ISC
#include "demo.h"

#include "engine/effect/effect.h"

#include <glib.h>

#include <math.h>
#include <string.h>

enum {
    rate = 48000,
    hop = 512,
    tick_milliseconds = 33, // As hosts pass messages on
    meters_a_tick = 2,
    loading_ticks = 30,
    period = 1024,
    partials = 12,
    voices = 3
};

struct TimbrelDemo {
    TimbrelDemoConfig config;
    void (*receive)(void* handle, const TimbrelWire* message);
    void* handle;
    guint source;
    GRand* chance;
    uint32_t serial;
    uint32_t told;    ///< Serial that the window knows
    uint32_t state;   ///< TimbrelModelState
    uint32_t loading; ///< Ticks still to go
    bool playing;
    double time; ///< Seconds
    uint32_t late;
    char wanted[TIMBREL_WIRE_TEXT_SIZE];
    char name[256];
    char method[TIMBREL_NAME_SIZE];
    char message[512];
    float controls[TIMBREL_CONTROL_COUNT];
    TimbrelAttribute attributes[3];
    double smooth[TIMBREL_MAX_LATENTS];
    double phase[voices];
    float wave[period]; ///< One period of a bright string
};

/// How loud the scripted music is: a phrase of four seconds, with a breath at its end.
static double loudness(double time) {
    const double place = fmod(time, 4.0);
    const double note = fmod(time, 0.5);
    const double phrase = place < 3.4 ? 0.55 + 0.3 * sin(place * 1.9) : 0.004;
    return phrase * (0.35 + 0.65 * exp(-4 * note));
}

static void make_scope(TimbrelDemo* d, TimbrelWireScope* message) {
    static const double ratios[voices] = {1.0, 1.26, 1.5};
    static const double tones[8] = {110, 131, 147, 165, 196, 165, 147, 131};
    const double note = tones[(int)(d->time * 2) % 8];
    const double loud = loudness(d->time);
    message->frames = TIMBREL_WIRE_SCOPE_FRAMES;
    for (uint32_t i = 0; i < message->frames; ++i) {
        double sum = 0.03 * (g_rand_double(d->chance) - 0.5);
        for (int v = 0; v < voices; ++v) {
            d->phase[v] += note * ratios[v] / rate;
            d->phase[v] -= floor(d->phase[v]);
            sum += (double)d->wave[(int)(d->phase[v] * period)];
        }
        message->samples[i] = (int16_t)(sum * loud * TIMBREL_WIRE_SCOPE_SCALE);
    }
    timbrel_wire_head(message, TIMBREL_WIRE_SCOPE, timbrel_wire_scope_size(message->frames));
}

static double encoded(const TimbrelDemo* d, uint32_t latent) {
    const double slow = sin(d->time * (0.5 + 0.13 * latent) + 1.7 * latent);
    const double fast = sin(d->time * (2.1 + 0.37 * (latent % 7)) + latent);
    return 1.6 * slow * (1.0 - 0.02 * latent) + 0.5 * fast + 0.6 * (loudness(d->time) - 0.4);
}

static void make_meters(TimbrelDemo* d, TimbrelWireMeters* m) {
    const float loud = (float)loudness(d->time);
    const float gain = powf(10, d->controls[TIMBREL_CONTROL_OUTPUT_GAIN] / 20);
    const float follow = 1 - expf(-(float)tick_milliseconds / meters_a_tick /
                                  (d->controls[TIMBREL_CONTROL_SMOOTHING] + 0.1f));
    m->channels = timbrel_plugin_count(d->config.plugin, TIMBREL_PORT_AUDIO_OUT);
    for (int c = 0; c < 2; ++c) {
        m->input[c] = loud * (c ? 0.83f : 0.9f);
        m->output[c] = loud * gain * (c ? 0.78f : 0.7f);
    }
    m->load = d->playing ? 22.0f + 3 * loud : 0;
    m->late_hops = d->late;
    m->learnt_gain = 0;
    m->learning = 0;
    m->latency = (TimbrelLatency){0};
    if (d->playing) {
        m->latency = (TimbrelLatency){.hop = hop, .deadline = 128, .alignment = 64, .model = 480};
        timbrel_latency_sum(&m->latency);
    }
    m->latents = d->playing ? d->config.latents : 0;
    for (uint32_t i = 0; i < m->latents; ++i) {
        double value = encoded(d, i);
        m->values[i] = (float)value;
        if (i < TIMBREL_CONTROLLED_LATENTS) {
            value = value * (double)d->controls[TIMBREL_CONTROL_SCALE_FIRST + i] +
                    (double)d->controls[TIMBREL_CONTROL_BIAS_FIRST + i];
        }
        d->smooth[i] += (double)follow * (value - d->smooth[i]);
        m->values[m->latents + i] = (float)d->smooth[i];
    }
    timbrel_wire_head(m, TIMBREL_WIRE_METERS, timbrel_wire_meters_size(m->latents));
}

static void tell_text(TimbrelDemo* d, uint32_t kind, const char* text) {
    TimbrelWire message;
    timbrel_wire_text(&message.text, TIMBREL_WIRE_TEXT, kind, text);
    d->receive(d->handle, &message);
}

static void tell_news(TimbrelDemo* d) {
    static const TimbrelWireLatent latents[] = {
        {.label = "pitch", .meaning = {TIMBREL_LATENT_PITCH, 11.2f, 62.0f, "note"}},
        {.label = "clearness", .meaning = {TIMBREL_LATENT_CLEARNESS, 0.11f, 0.89f, ""}},
        {.label = "level", .meaning = {TIMBREL_LATENT_LEVEL, 9.0f, -34.0f, "dB"}}};
    const bool values = !strcmp(d->method, "encode");
    TimbrelWire message = {
        .status = {.serial = d->serial,
                   .state = d->state,
                   .rate = rate,
                   .playing = d->playing,
                   .hop = hop,
                   .ratio = hop,
                   .latents = d->config.latents,
                   .in_channels = 1,
                   .out_channels = 1,
                   .streaming = 1,
                   .draws_normal = 1,
                   .play_mode = values ? TIMBREL_PLAY_VALUES : TIMBREL_PLAY_ENCODE_DECODE,
                   .model_rate = rate,
                   .hop_seconds = 0.0024,
                   .file_bytes = 2400000}};
    timbrel_wire_head(&message, TIMBREL_WIRE_STATUS, sizeof message.status);
    d->receive(d->handle, &message);
    tell_text(d, TIMBREL_TEXT_WANTED, d->wanted);
    tell_text(d, TIMBREL_TEXT_PATH, d->state == TIMBREL_MODEL_READY ? d->wanted : "");
    tell_text(d, TIMBREL_TEXT_MESSAGE, d->message);
    tell_text(d, TIMBREL_TEXT_NAME, d->name);
    tell_text(d, TIMBREL_TEXT_METHOD, d->method);
    tell_text(d, TIMBREL_TEXT_METHODS, d->playing ? "\nforward\nencode" : "");
    tell_text(d, TIMBREL_TEXT_BACKEND, "native");
    tell_text(d, TIMBREL_TEXT_BACKEND_WHY, "It runs from a plan made of the model.");
    for (uint32_t i = 0; i < G_N_ELEMENTS(latents) && i < d->config.latents; ++i) {
        message.latent = latents[i];
        message.latent.index = i;
        timbrel_wire_head(&message, TIMBREL_WIRE_LATENT, sizeof message.latent);
        d->receive(d->handle, &message);
    }
    const bool ready = d->state == TIMBREL_MODEL_READY;
    for (uint32_t i = 0; ready && i < G_N_ELEMENTS(d->attributes); ++i) {
        TimbrelWireAttribute* attribute = &message.attribute;
        attribute->index = i;
        attribute->attribute = d->attributes[i];
        timbrel_wire_head(attribute, TIMBREL_WIRE_ATTRIBUTE, sizeof *attribute);
        d->receive(d->handle, &message);
    }
    message.told.serial = d->serial;
    message.told.attributes = ready ? (uint32_t)G_N_ELEMENTS(d->attributes) : 0;
    timbrel_wire_head(&message, TIMBREL_WIRE_TOLD, sizeof message.told);
    d->receive(d->handle, &message);
    d->told = d->serial;
}

static void set_state(TimbrelDemo* d, uint32_t state, const char* message) {
    d->state = state;
    ++d->serial;
    (void)g_strlcpy(d->message, message, sizeof d->message);
}

static void finish_loading(TimbrelDemo* d) {
    char* name = g_path_get_basename(d->wanted);
    if (strstr(name, "bad")) {
        char* message = g_strdup_printf("The file %s is damaged: it ends before its model does; "
                                        "copy or download it again.",
                                        d->wanted);
        set_state(d, TIMBREL_MODEL_FAILED, message);
        g_free(message);
    } else {
        if (g_str_has_suffix(name, ".ts")) {
            name[strlen(name) - 3] = '\0';
        }
        (void)g_strlcpy(d->name, name, sizeof d->name);
        d->playing = true;
        set_state(d, TIMBREL_MODEL_READY, "");
    }
    g_free(name);
}

static gboolean tick(gpointer data) {
    TimbrelDemo* d = data;
    TimbrelWire message;
    if (d->loading > 0 && --d->loading == 0) {
        finish_loading(d);
    }
    if (d->told != d->serial) {
        tell_news(d);
    }
    for (int i = 0; i < meters_a_tick; ++i) {
        d->time += tick_milliseconds / 1000.0 / meters_a_tick;
        make_scope(d, &message.scope);
        d->receive(d->handle, &message);
        make_meters(d, &message.meters);
        d->receive(d->handle, &message);
    }
    return G_SOURCE_CONTINUE;
}

static void add_attribute(TimbrelAttribute* attribute, const char* name, const char* value,
                          TimbrelAttributeType type, bool settable) {
    (void)g_strlcpy(attribute->name, name, sizeof attribute->name);
    (void)g_strlcpy(attribute->value, value, sizeof attribute->value);
    attribute->types[0] = type;
    attribute->count = 1;
    attribute->settable = settable;
}

TimbrelDemo* timbrel_demo_new(const TimbrelDemoConfig* config,
                              void (*receive)(void* handle, const TimbrelWire* message),
                              void* handle) {
    TimbrelDemo* d = g_new0(TimbrelDemo, 1);
    d->config = *config;
    d->receive = receive;
    d->handle = handle;
    d->chance = g_rand_new_with_seed(1);
    timbrel_controls_default(d->controls);
    for (int i = 0; i < period; ++i) {
        for (int k = 1; k <= partials; ++k) {
            d->wave[i] += (float)(0.22 / k * sin(2 * G_PI * i * k / period));
        }
    }
    add_attribute(&d->attributes[0], "temperature", "0.8", TIMBREL_ATTRIBUTE_FLOAT, true);
    add_attribute(&d->attributes[1], "listen", "true", TIMBREL_ATTRIBUTE_BOOL, true);
    add_attribute(&d->attributes[2], "voice", "alto", TIMBREL_ATTRIBUTE_STRING, true);
    if (!config->none) {
        (void)g_strlcpy(d->wanted, "/usr/share/timbrel/models/choir.ts", sizeof d->wanted);
        finish_loading(d);
    }
    ++d->serial;
    d->source = g_timeout_add(tick_milliseconds, tick, d);
    return d;
}

void timbrel_demo_free(TimbrelDemo* d) {
    (void)g_source_remove(d->source);
    g_rand_free(d->chance);
    g_free(d);
}

static void set_attribute(TimbrelDemo* d, const TimbrelAttribute* wanted) {
    for (size_t i = 0; i < G_N_ELEMENTS(d->attributes); ++i) {
        if (!strcmp(d->attributes[i].name, wanted->name)) {
            (void)g_strlcpy(d->attributes[i].value, wanted->value, sizeof wanted->value);
            ++d->serial;
        }
    }
}

void timbrel_demo_send(void* demo, const TimbrelWireHead* head) {
    TimbrelDemo* d = demo;
    const TimbrelWire* message = (const void*)head;
    TimbrelPort port = {TIMBREL_PORT_NONE, 0};
    switch (head->type) {
    case TIMBREL_WIRE_PORT:
        port = timbrel_plugin_port(d->config.plugin, message->port.index);
        if (port.kind == TIMBREL_PORT_VALUE) {
            d->controls[port.item] = message->port.value;
        }
        break;
    case TIMBREL_WIRE_LOAD:
        (void)g_strlcpy(d->wanted, message->text.text, sizeof d->wanted);
        set_state(d, TIMBREL_MODEL_LOADING, "");
        d->method[0] = '\0';
        d->loading = loading_ticks;
        break;
    case TIMBREL_WIRE_SET_METHOD:
        (void)g_strlcpy(d->method, message->text.text, sizeof d->method);
        ++d->serial;
        break;
    case TIMBREL_WIRE_SET_ATTRIBUTE:
        set_attribute(d, &message->attribute.attribute);
        break;
    case TIMBREL_WIRE_CLEAR_LATE:
        d->late = 0;
        break;
    case TIMBREL_WIRE_MEASURE:
        set_state(d, TIMBREL_MODEL_LOADING, "");
        d->loading = loading_ticks;
        break;
    default:
        break;
    }
}
