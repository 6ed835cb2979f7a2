// SPDX-License-Identifier: ISC
/// MIDI and the transport on their way from the host's sequence to the processor: each arrives
/// once, in order, at its sample, however the block is cut for other messages; what is malformed
/// does not. The plugin is the real one around a processor that writes down what it gets.

#include "check.h"
#include "plugin/processor.h"

#include <lv2/atom/forge.h>
#include <lv2/core/lv2.h>
#include <lv2/midi/midi.h>
#include <lv2/patch/patch.h>
#include <lv2/time/time.h>
#include <lv2/urid/urid.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { most_events = 2048, most_uris = 256, frames = 256, sequence_bytes = 65536 };

/// Behind the plugin's ports: the effect's model, but none of its sound.
typedef struct {
    TimbrelEffect* effect;
    uint64_t clock; ///< Samples so far
    uint32_t blocks;
    uint32_t count;
    bool in_order;
    struct {
        uint64_t time; ///< Since the beginning
        TimbrelEvent event;
    } events[most_events];
} Recorder;

static Recorder recorder;

static void* recorder_new(const TimbrelEffectConfig* config, TimbrelError* error) {
    recorder = (Recorder){.effect = timbrel_effect_new(config, error), .in_order = true};
    return recorder.effect ? &recorder : NULL;
}

static void recorder_reset(void* processor) {
    (void)processor;
}

static void recorder_process(void* processor, const TimbrelBlock* block) {
    Recorder* r = processor;
    for (uint32_t i = 0; i < block->event_count && r->count < most_events; ++i) {
        const TimbrelEvent* event = &block->events[i];
        const uint64_t time = r->clock + event->time;
        r->in_order = r->in_order && (r->count == 0 || time >= r->events[r->count - 1].time) &&
                      event->time <= block->frames;
        r->events[r->count].time = time;
        r->events[r->count++].event = *event;
    }
    r->clock += block->frames;
    ++r->blocks;
}

static void recorder_report(const void* processor, float reports[TIMBREL_REPORT_COUNT]) {
    (void)processor;
    memset(reports, 0, TIMBREL_REPORT_COUNT * sizeof *reports);
}

static void recorder_free(void* processor) {
    timbrel_effect_free(((Recorder*)processor)->effect);
}

static TimbrelEffect* recorder_effect(void* processor) {
    return ((Recorder*)processor)->effect;
}

const TimbrelProcessor timbrel_processor_effect = {
    recorder_new, recorder_reset, recorder_process, recorder_report, recorder_free, recorder_effect,
};

static const char* uris[most_uris];

static LV2_URID map_uri(LV2_URID_Map_Handle handle, const char* uri) {
    (void)handle;
    LV2_URID i = 0;
    while (uris[i] && strcmp(uris[i], uri) != 0) {
        ++i;
    }
    uris[i] = uris[i] ? uris[i] : strdup(uri);
    return i + 1;
}

typedef struct {
    const LV2_Descriptor* descriptor;
    LV2_Handle plugin;
    LV2_URID_Map map;
    LV2_Atom_Forge forge;
    LV2_Atom_Forge_Frame sequence;
    float audio[frames];
    _Alignas(8) uint8_t buffer[sequence_bytes];
} Host;

static void begin(Host* host) {
    recorder.count = recorder.blocks = 0;
    recorder.clock = 0;
    lv2_atom_forge_set_buffer(&host->forge, host->buffer, sizeof host->buffer);
    lv2_atom_forge_sequence_head(&host->forge, &host->sequence, 0);
}

static void run(Host* host, uint32_t count) {
    lv2_atom_forge_pop(&host->forge, &host->sequence);
    host->descriptor->run(host->plugin, count);
}

static void send(Host* host, int64_t time, const char* type, const void* body, uint32_t size) {
    lv2_atom_forge_frame_time(&host->forge, time);
    lv2_atom_forge_atom(&host->forge, size, map_uri(NULL, type));
    lv2_atom_forge_write(&host->forge, body, size);
}

static void send_note(Host* host, int64_t time, uint8_t note) {
    const uint8_t message[3] = {LV2_MIDI_MSG_NOTE_ON, note, 100};
    send(host, time, LV2_MIDI__MidiEvent, message, sizeof message);
}

static void begin_object(Host* host, LV2_Atom_Forge_Frame* object, int64_t time, const char* type) {
    lv2_atom_forge_frame_time(&host->forge, time);
    lv2_atom_forge_object(&host->forge, object, 0, map_uri(NULL, type));
}

static int test_order(Host* host) {
    LV2_Atom_Forge_Frame object;
    begin(host);
    send_note(host, 3, 60);
    begin_object(host, &object, 50, LV2_PATCH__Get); // the block is cut here
    lv2_atom_forge_pop(&host->forge, &object);
    send_note(host, 50, 61);
    send_note(host, 100, 62);
    send_note(host, frames - 1, 63);
    run(host, frames);
    static const uint64_t times[] = {3, 50, 100, frames - 1};
    CHECK(recorder.count == 4 && recorder.in_order);
    CHECK(recorder.blocks == 2 && recorder.clock == frames);
    for (uint8_t i = 0; i < 4; ++i) {
        CHECK(recorder.events[i].time == times[i]);
        CHECK(recorder.events[i].event.kind == TIMBREL_EVENT_MIDI);
        CHECK(recorder.events[i].event.is.midi[0] == LV2_MIDI_MSG_NOTE_ON);
        CHECK(recorder.events[i].event.is.midi[1] == 60 + i);
        CHECK(recorder.events[i].event.is.midi[3] == 0);
    }
    begin(host); // none comes twice
    run(host, frames);
    CHECK(recorder.count == 0 && recorder.clock == frames);
    return 0;
}

/// More at once than a block holds: all of them, at their time.
static int test_many(Host* host) {
    begin(host);
    for (uint32_t i = 0; i < 1000; ++i) {
        send_note(host, i < 600 ? 10 : 200, (uint8_t)(i % 128));
    }
    run(host, frames);
    CHECK(recorder.count == 1000 && recorder.in_order && recorder.clock == frames);
    for (uint32_t i = 0; i < 1000; ++i) {
        CHECK(recorder.events[i].time == (i < 600 ? 10 : 200));
        CHECK(recorder.events[i].event.is.midi[1] == i % 128);
    }
    return 0;
}

static int test_malformed(Host* host) {
    static const uint8_t bytes[] = {0xF0, 1, 2, 0xF7};
    static const uint8_t running[] = {0x30, 0x40};
    begin(host);
    send_note(host, -5, 1);
    send(host, 0, LV2_MIDI__MidiEvent, bytes, 0);
    send(host, 0, LV2_MIDI__MidiEvent, bytes, sizeof bytes);
    send(host, 0, LV2_MIDI__MidiEvent, running, sizeof running);
    send_note(host, 40, 2);
    send_note(host, 20, 3); // before the one before it
    send_note(host, INT64_MAX, 4);
    run(host, frames);
    CHECK(recorder.count == 4 && recorder.in_order && recorder.clock == frames);
    CHECK(recorder.events[0].time == 0 && recorder.events[2].event.is.midi[1] == 3);
    CHECK(recorder.events[3].time == frames - 1);
    begin(host); // the sequence ends within its last event
    send_note(host, 0, 5);
    send_note(host, 0, 6);
    lv2_atom_forge_pop(&host->forge, &host->sequence);
    LV2_Atom* sequence = (LV2_Atom*)(void*)host->buffer;
    sequence->size -= 6;
    host->descriptor->run(host->plugin, frames);
    CHECK(recorder.count == 1);
    begin(host); // no frames: not lost
    send_note(host, 0, 7);
    run(host, 0);
    CHECK(recorder.count == 1 && recorder.events[0].event.is.midi[1] == 7);
    return 0;
}

static void send_position(Host* host, int64_t time, int64_t bar, float in_bar, float tempo) {
    LV2_Atom_Forge_Frame object;
    begin_object(host, &object, time, LV2_TIME__Position);
    lv2_atom_forge_key(&host->forge, map_uri(NULL, LV2_TIME__bar));
    lv2_atom_forge_long(&host->forge, bar);
    lv2_atom_forge_key(&host->forge, map_uri(NULL, LV2_TIME__barBeat));
    lv2_atom_forge_float(&host->forge, in_bar);
    lv2_atom_forge_key(&host->forge, map_uri(NULL, LV2_TIME__beatsPerBar));
    lv2_atom_forge_float(&host->forge, 4);
    lv2_atom_forge_key(&host->forge, map_uri(NULL, LV2_TIME__beatsPerMinute));
    lv2_atom_forge_float(&host->forge, tempo);
    lv2_atom_forge_key(&host->forge, map_uri(NULL, LV2_TIME__speed));
    lv2_atom_forge_float(&host->forge, 1);
    lv2_atom_forge_pop(&host->forge, &object);
}

static int test_transport(Host* host) {
    LV2_Atom_Forge_Frame object;
    begin(host);
    send_position(host, 8, 2, 1.5f, 90);
    begin_object(host, &object, 9, LV2_TIME__Position); // only what has changed
    lv2_atom_forge_key(&host->forge, map_uri(NULL, LV2_TIME__speed));
    lv2_atom_forge_int(&host->forge, 0);
    lv2_atom_forge_pop(&host->forge, &object);
    begin_object(host, &object, 10, LV2_TIME__Position);
    lv2_atom_forge_key(&host->forge, map_uri(NULL, LV2_TIME__beat));
    lv2_atom_forge_double(&host->forge, 17.25);
    lv2_atom_forge_key(&host->forge, map_uri(NULL, LV2_TIME__beatsPerMinute));
    lv2_atom_forge_string(&host->forge, "fast", 4);
    lv2_atom_forge_pop(&host->forge, &object);
    send_position(host, 11, 0, 0, NAN);
    run(host, frames);
    CHECK(recorder.count == 4 && recorder.blocks == 1);
    for (uint32_t i = 0; i < 4; ++i) {
        CHECK(recorder.events[i].time == 8 + i);
        CHECK(recorder.events[i].event.kind == TIMBREL_EVENT_TRANSPORT);
        CHECK(recorder.events[i].event.is.transport.beats_per_minute == 90);
        CHECK(recorder.events[i].event.is.transport.beats_per_bar == 4);
    }
    CHECK(recorder.events[0].event.is.transport.beat == 9.5);
    CHECK(recorder.events[0].event.is.transport.speed == 1);
    CHECK(isnan(recorder.events[1].event.is.transport.beat));
    CHECK(recorder.events[1].event.is.transport.speed == 0);
    CHECK(recorder.events[2].event.is.transport.beat == 17.25);
    CHECK(recorder.events[3].event.is.transport.beat == 0);
    return 0;
}

int main(void) {
    static Host host;
    host.map = (LV2_URID_Map){NULL, map_uri};
    const LV2_Feature map = {LV2_URID__map, &host.map};
    const LV2_Feature* const features[] = {&map, NULL};
    lv2_atom_forge_init(&host.forge, &host.map);
    host.descriptor = lv2_descriptor(0);
    host.plugin = host.descriptor->instantiate(host.descriptor, 48000, "/nowhere/", features);
    CHECK(host.plugin);
    host.descriptor->connect_port(host.plugin, 0, host.audio);
    host.descriptor->connect_port(host.plugin, 1, host.audio);
    host.descriptor->connect_port(host.plugin, 2, host.buffer);
    host.descriptor->activate(host.plugin);
    const int failed =
        test_order(&host) || test_many(&host) || test_malformed(&host) || test_transport(&host);
    host.descriptor->cleanup(host.plugin);
    for (int i = 0; uris[i]; ++i) {
        free((void*)(uintptr_t)uris[i]);
    }
    return failed;
}
