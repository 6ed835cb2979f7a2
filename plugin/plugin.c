// SPDX-License-Identifier: ISC
/// The LV2 face of the plugins, the same for all: instance, ports, run().

#include "engine/base/rt.h"
#include "engine/model/search.h"
#include "engine/stream/pace.h"
#include "events.h"
#include "messages.h"
#include "notify.h"
#include "options.h"
#include "plugins.h"
#include "processor.h"
#include "state.h"
#include "uris.h"
#include "window.h"

#include <lv2/core/lv2.h>
#include <lv2/core/lv2_util.h>
#include <lv2/log/logger.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { longest_await = 15000 }; // ms

#define PLUGIN(SYMBOL, PROCESSOR, ...) extern const TimbrelProcessor timbrel_processor_##PROCESSOR;
#include "plugins.def"
#undef PLUGIN

#define PLUGIN(SYMBOL, PROCESSOR, ...) &timbrel_processor_##PROCESSOR,
static const TimbrelProcessor* const processors[TIMBREL_PLUGIN_COUNT] = {
#include "plugins.def"
};
#undef PLUGIN

typedef struct {
    const TimbrelPlugin* plugin;
    const TimbrelProcessor* is;
    void* processor;
    TimbrelEffect* effect; ///< The processor's
    uint32_t inputs;
    uint32_t outputs;

    // Ports; NULL while not connected.
    const float* in[TIMBREL_PLUGIN_CHANNELS];
    float* out[TIMBREL_PLUGIN_CHANNELS];
    const LV2_Atom_Sequence* control;
    LV2_Atom_Sequence* notify_port;
    const float* freewheel;
    float* reports[TIMBREL_REPORT_COUNT];
    float shown[TIMBREL_REPORT_COUNT];
    uint32_t held[TIMBREL_REPORT_COUNT]; ///< Frames for which what is shown stays
    const float* values[TIMBREL_CONTROL_COUNT];

    // A host that runs faster than real time without saying so.
    TimbrelPace pace;
    bool waits;        ///< In this block, for that reason or as the host free-wheels
    bool told;         ///< Whether such a host was told of
    uint32_t patience; ///< ms for which a model that was asked for may still be awaited

    double rate;
    TimbrelNotify notify;
    TimbrelMessages messages;
    TimbrelEvents events;
    TimbrelWindow window;
    TimbrelUris uris;
    TimbrelAttributeUris attributes;
    TimbrelBlockOptions blocks;
    LV2_URID_Map map; ///< All zero where the host has none: no messages, no window, no state
    LV2_Log_Logger logger;
} Plugin;

/// A report of the model, before the audio thread has it.
static void published(void* handle, const TimbrelModelReport* report) {
    Plugin* self = handle;
    if (self->map.map) {
        timbrel_attribute_uris_add(&self->attributes, &self->map, &report->model.info);
    }
    if (!report->message[0]) {
        return;
    }
    if (report->state == TIMBREL_MODEL_FAILED) {
        lv2_log_error(&self->logger, "Timbrel: %s\n", report->message);
    } else {
        lv2_log_note(&self->logger, "Timbrel: %s\n", report->message);
    }
}

/// The same of a report on rows and points.
static void rows_published(void* handle, const TimbrelRowsReport* report) {
    Plugin* self = handle;
    lv2_log_error(&self->logger, "Timbrel: %s\n", report->message);
}

static void* new_processor(Plugin* self, double rate, const char* bundle, TimbrelError* error) {
    char models[4096];
    const bool has_slash = bundle[0] && bundle[strlen(bundle) - 1] == '/'; // as LV2 asks for
    const int length = snprintf(models, sizeof models, "%s%smodels", bundle, has_slash ? "" : "/");
    char* program = timbrel_search_torch(NULL, bundle, NULL);
    const TimbrelEffectConfig config = {
        .rate = rate,
        .channels = self->outputs,
        .block = timbrel_options_block(&self->blocks),
        .torch_program = program,
        .model_dir = length > 0 && (size_t)length < sizeof models ? models : NULL,
        .published = published,
        .rows_published = rows_published,
        .handle = self,
    };
    void* processor = self->is->new (&config, error);
    free(program);
    return processor;
}

/// For hosts that have neither messages nor state.
static void load_named(TimbrelEffect* effect) {
    const char* wanted = getenv("TIMBREL_MODEL");
    if (!wanted || !wanted[0]) {
        return;
    }
    timbrel_effect_request(effect, wanted, "");
    timbrel_effect_settle(effect, TIMBREL_SETTLE_MILLISECONDS);
}

static LV2_Handle instantiate(const LV2_Descriptor* descriptor, double rate, const char* bundle,
                              const LV2_Feature* const* features) {
    LV2_Log_Log* log = lv2_features_data(features, LV2_LOG__log);
    LV2_URID_Map* map = lv2_features_data(features, LV2_URID__map);
    LV2_Log_Logger logger;
    lv2_log_logger_init(&logger, map, map ? log : NULL);
    Plugin* self = calloc(1, sizeof *self);
    if (!self) {
        return NULL;
    }
    self->plugin = timbrel_plugin_find(descriptor->URI);
    self->is = processors[self->plugin - timbrel_plugins];
    self->inputs = timbrel_plugin_count(self->plugin, TIMBREL_PORT_AUDIO_IN);
    self->outputs = timbrel_plugin_count(self->plugin, TIMBREL_PORT_AUDIO_OUT);
    self->logger = logger;
    self->rate = rate;
    if (map) {
        self->map = *map;
        timbrel_uris_init(&self->uris, map, descriptor->URI);
    }

    TimbrelError error = {0};
    (void)timbrel_options_set(&self->blocks, &self->uris,
                              lv2_features_data(features, LV2_OPTIONS__options));
    self->processor = new_processor(self, rate, bundle, &error);
    if (!self->processor) {
        lv2_log_error(&self->logger, "Timbrel: %s\n", error.message);
        free(self);
        return NULL;
    }
    self->effect = self->is->effect(self->processor);
    timbrel_notify_init(&self->notify, self->effect, &self->uris, &self->attributes, &self->map);
    self->messages.notify = &self->notify;
    self->events.uris = &self->uris;
    timbrel_window_init(&self->window, &self->messages, rate, self->inputs, self->outputs);
    load_named(self->effect);
    return self;
}

static void cleanup(LV2_Handle handle) {
    Plugin* self = handle;
    self->is->free(self->processor);
    free(self);
}

static void connect_port(LV2_Handle handle, uint32_t index, void* data) {
    Plugin* self = handle;
    const TimbrelPort port = timbrel_plugin_port(self->plugin, index);
    switch (port.kind) {
    case TIMBREL_PORT_AUDIO_IN:
        self->in[port.item] = data;
        break;
    case TIMBREL_PORT_AUDIO_OUT:
        self->out[port.item] = data;
        break;
    case TIMBREL_PORT_CONTROL:
        self->control = self->map.map ? data : NULL;
        break;
    case TIMBREL_PORT_NOTIFY:
        self->notify_port = self->map.map ? data : NULL;
        break;
    case TIMBREL_PORT_FREEWHEEL:
        self->freewheel = data;
        break;
    case TIMBREL_PORT_REPORT:
        self->reports[port.item] = data;
        break;
    case TIMBREL_PORT_VALUE:
        self->values[port.item] = data;
        break;
    case TIMBREL_PORT_NONE:
        break;
    }
}

static void activate(LV2_Handle handle) {
    Plugin* self = handle;
    self->is->reset(self->processor);
    self->events.count = 0;
    timbrel_pace_reset(&self->pace, self->rate);
    self->patience = longest_await;
}

static void read_controls(const Plugin* self, float controls[TIMBREL_CONTROL_COUNT]) {
    for (int i = 0; i < TIMBREL_CONTROL_COUNT; ++i) {
        controls[i] = timbrel_control_limit(i, self->values[i] ? *self->values[i] : NAN);
    }
}

/// Hosts send each change of a port on, to windows and over networks: changes come no faster than
/// anyone reads them. Returns the frames from one to the next.
static uint32_t report_pause(const Plugin* self, int report) {
    switch (report) {
    case TIMBREL_REPORT_LATENCY:
    case TIMBREL_REPORT_DROPOUTS:
        return 0;
    case TIMBREL_REPORT_LOAD:
        return (uint32_t)(self->window.rate / 10);
    default:
        return (uint32_t)(self->window.rate / 30);
    }
}

static void write_reports(Plugin* self, uint32_t frames) {
    float reports[TIMBREL_REPORT_COUNT];
    self->is->report(self->processor, reports);
    for (int i = 0; i < TIMBREL_REPORT_COUNT; ++i) {
        const float value = timbrel_report_limit(i, reports[i]);
        self->held[i] -= frames < self->held[i] ? frames : self->held[i];
        if (self->held[i] == 0 && (value < self->shown[i] || value > self->shown[i])) {
            self->shown[i] = value;
            self->held[i] = report_pause(self, i);
        }
        if (self->reports[i]) {
            *self->reports[i] = self->shown[i];
        }
    }
}

static bool is_freewheeling(const Plugin* self) {
    return self->freewheel && *self->freewheel > 0;
}

/// The one exception to "run() never waits" beside free-wheeling: whether the host calls from an
/// ordinary thread faster than real time, so that each hop would be late and a file come out dry.
/// At the beginning, when that does not show yet, the model that was asked for is awaited instead.
/// Never true, and never waits, in a real-time thread.
static bool outruns(Plugin* self, const float controls[TIMBREL_CONTROL_COUNT],
                    bool* awaited) TIMBREL_RT {
    const bool outruns = timbrel_pace_enter(&self->pace);
    uint32_t waited = 0;
    TIMBREL_RT_UNCHECKED // An ordinary thread: it may wait and write
        if (timbrel_pace_begins(&self->pace)) {
        waited = timbrel_effect_await(self->effect, controls, self->patience);
    }
    self->patience -= waited;
    *awaited = waited > 0;
    if (outruns && !self->told) {
        self->told = true;
        lv2_log_note(&self->logger,
                     "Timbrel: the host runs faster than real time without saying so; it is made "
                     "to wait for the model.\n");
    }
    TIMBREL_RT_CHECKED
    return outruns;
}

static void process(Plugin* self, uint32_t begin, uint32_t end,
                    const float controls[TIMBREL_CONTROL_COUNT]) {
    const float* in[TIMBREL_PLUGIN_CHANNELS];
    float* out[TIMBREL_PLUGIN_CHANNELS];
    for (uint32_t c = 0; c < self->inputs; ++c) {
        in[c] = self->in[c] ? self->in[c] + begin : NULL;
    }
    for (uint32_t c = 0; c < self->outputs; ++c) {
        out[c] = self->out[c] ? self->out[c] + begin : NULL;
    }
    if (!is_freewheeling(self)) {
        timbrel_window_input(&self->window, in, end - begin, begin);
    }
    const TimbrelBlock block = {.in = in,
                                .out = out,
                                .controls = controls,
                                .events = self->events.list,
                                .event_count = self->events.count,
                                .frames = end - begin,
                                .waits = self->waits};
    self->is->process(self->processor, &block);
    self->events.count = 0;
    timbrel_window_output(&self->window, out, end - begin);
}

static void handle_event(Plugin* self, const LV2_Atom_Event* event, int64_t frame) {
    if (event->body.type == self->uris.wire) {
        timbrel_window_handle(&self->window, event + 1, event->body.size, frame);
    } else {
        timbrel_messages_handle(&self->messages, event, frame);
    }
}

static bool has_audio(const Plugin* self) {
    bool has = true;
    for (uint32_t c = 0; c < self->inputs; ++c) {
        has = has && self->in[c];
    }
    for (uint32_t c = 0; c < self->outputs; ++c) {
        has = has && self->out[c];
    }
    return has;
}

static void run(LV2_Handle handle, uint32_t frames) TIMBREL_RT {
    Plugin* self = handle;
    // Hosts may run plugins with nothing connected and no frames, to learn the latency.
    const uint32_t playable = has_audio(self) ? frames : 0;
    const uint32_t last = playable > 0 ? playable - 1 : 0;
    float controls[TIMBREL_CONTROL_COUNT];
    read_controls(self, controls);
    bool awaited = false;
    const bool hurries = outruns(self, controls, &awaited);
    self->waits = is_freewheeling(self) || hurries;
    timbrel_notify_begin(&self->notify, self->notify_port);

    uint32_t done = 0;
    uint32_t at = 0;
    const LV2_Atom_Event* event = NULL;
    while ((event = timbrel_messages_next(&self->messages, self->control, event))) {
        const int64_t time = event->time.frames;
        at = time > (int64_t)last ? last : time > at ? (uint32_t)time : at;
        const bool is_processors = timbrel_events_takes(&self->events, &event->body);
        if (is_processors ? self->events.count == TIMBREL_BLOCK_EVENTS : at > done) {
            process(self, done, at, controls);
            done = at;
        }
        if (is_processors) {
            timbrel_events_add(&self->events, &event->body, at - done);
        } else {
            handle_event(self, event, at);
        }
    }
    process(self, done, playable, controls);
    write_reports(self, playable);
    timbrel_messages_finish(&self->messages, last);
    timbrel_window_finish(&self->window, playable, is_freewheeling(self));
    timbrel_notify_end(&self->notify);
    timbrel_pace_leave(&self->pace, playable, self->waits || awaited);
}

static LV2_State_Status save(LV2_Handle handle, LV2_State_Store_Function store,
                             LV2_State_Handle state, uint32_t flags,
                             const LV2_Feature* const* features) {
    Plugin* self = handle;
    (void)flags;
    if (!self->map.map) {
        return LV2_STATE_ERR_NO_FEATURE;
    }
    return timbrel_state_save(self->effect, &self->uris, store, state, features);
}

static LV2_State_Status restore(LV2_Handle handle, LV2_State_Retrieve_Function retrieve,
                                LV2_State_Handle state, uint32_t flags,
                                const LV2_Feature* const* features) {
    Plugin* self = handle;
    (void)flags;
    if (!self->map.map) {
        return LV2_STATE_ERR_NO_FEATURE;
    }
    return timbrel_state_restore(self->effect, &self->uris, retrieve, state, features);
}

static uint32_t get_options(LV2_Handle handle, LV2_Options_Option* options) {
    Plugin* self = handle;
    return timbrel_options_get(&self->blocks, &self->uris, options);
}

static uint32_t set_options(LV2_Handle handle, const LV2_Options_Option* options) {
    Plugin* self = handle;
    const uint32_t status = timbrel_options_set(&self->blocks, &self->uris, options);
    timbrel_effect_set_block(self->effect, timbrel_options_block(&self->blocks));
    return status;
}

static const void* extension_data(const char* uri) {
    static const LV2_State_Interface state = {save, restore};
    static const LV2_Options_Interface options = {get_options, set_options};
    if (!strcmp(uri, LV2_STATE__interface)) {
        return &state;
    }
    return strcmp(uri, LV2_OPTIONS__interface) ? NULL : &options;
}

#define PLUGIN(SYMBOL, PROCESSOR, ...)                                                             \
    {"urn:timbrel:" #SYMBOL, instantiate, connect_port, activate, run, NULL, cleanup,              \
     extension_data},
static const LV2_Descriptor descriptors[TIMBREL_PLUGIN_COUNT] = {
#include "plugins.def"
};
#undef PLUGIN

LV2_SYMBOL_EXPORT const LV2_Descriptor* lv2_descriptor(uint32_t index) {
    return index < TIMBREL_PLUGIN_COUNT ? &descriptors[index] : NULL;
}
