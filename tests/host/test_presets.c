// SPDX-License-Identifier: ISC
/// Every preset, as a host loads it: its model is found, its controls are within range, it sounds.
/// Usage: test_presets BUNDLE

#include "engine/base/controls.h"
#include "rtguard.h"
#include "sound.h"
#include "state.h"
#include "tests/check.h"

#include <lv2/midi/midi.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRESET_URI "http://lv2plug.in/ns/ext/presets#Preset"

enum { block = 256, frames = 48000, presets_least = 8 };

/// Notes as one plays them: struck, then dying away.
static void play_notes(float* sound) {
    sound_sine(sound, 0, frames, 220.0, 48000.0, 0.5);
    for (uint32_t i = 0; i < frames; ++i) {
        const float overtone = sinf(6.2831853f * 660.0f / 48000.0f * (float)i);
        const float since = (float)(i % 12000) / 48000.0f;
        sound[i] = (sound[i] + 0.2f * overtone) * expf(-6.0f * since);
    }
}

/// Of those that a preset sets.
static bool is_control(const Instance* instance, uint32_t id) {
    uint32_t index = 0;
    return id != TIMBREL_CONTROL_ENABLED && !(timbrel_controls[id].flags & TIMBREL_TRIGGER) &&
           timbrel_plugin_index(instance_row(instance), (TimbrelPort){TIMBREL_PORT_VALUE, id},
                                &index);
}

/// Every control out of range: what a preset leaves alone is seen then.
static void spoil_controls(Instance* instance) {
    for (uint32_t i = 0; i < TIMBREL_CONTROL_COUNT; ++i) {
        if (is_control(instance, i)) {
            instance_set(instance, timbrel_controls[i].symbol, 1e9f);
        }
    }
}

static int check_controls(const Instance* instance) {
    for (uint32_t i = 0; i < TIMBREL_CONTROL_COUNT; ++i) {
        if (!is_control(instance, i)) {
            continue;
        }
        const float value = instance_get(instance, timbrel_controls[i].symbol);
        CHECK(value >= timbrel_controls[i].minimum && value <= timbrel_controls[i].maximum);
    }
    return 0;
}

static int check_preset(Instance* instance, const LilvNode* preset, float* in, float* out) {
    const char* uri = lilv_node_as_uri(preset);
    instance_forget(instance, STATUS_URI);
    spoil_controls(instance);
    CHECK(state_restore_preset(instance, preset));
    CHECK(instance_await(instance, STATUS_URI, "ready"));
    const char* model = instance_told(instance, MODEL_URI);
    CHECK(!strcmp(model, "choir") || !strcmp(model, "drums") || !strcmp(model, "strings"));
    CHECK(!check_controls(instance));
    if (instance_row(instance)->midi) {
        const uint8_t note[] = {0x90, 60, 100};
        instance_send_atom(instance, LV2_MIDI__MidiEvent, note, sizeof note);
    }
    const bool two = instance_channels(instance) == 2;
    const float* const ins[] = {in, in};
    float* const outs[] = {out, two ? out + frames : NULL};
    instance_freewheel(instance, true);
    sound_run(instance, ins, outs, frames, (Cut){.frames = block}, NULL, NULL);
    instance_freewheel(instance, false);
    const double level = 20.0 * log10(sound_level(out, frames) + 1e-9);
    (void)printf("%-40s %-10s %6.1f dB\n", uri, model, level);
    CHECK(sound_finite(out, frames) && level > -50.0 && level < 0.0);
    return 0;
}

static int check_plugin(Host* host, const char* uri) {
    const InstanceConfig config = {.rate = 48000, .max_block = block};
    Instance* instance = instance_new(host, uri, &config);
    LilvNode* kind = lilv_new_uri(host_world(host), PRESET_URI);
    LilvNodes* presets = lilv_plugin_get_related(instance_plugin(instance), kind);
    CHECK(lilv_nodes_size(presets) >= presets_least);
    float* in = sound_new(frames);
    float* out = sound_new(2 * frames);
    play_notes(in);
    LILV_FOREACH(nodes, i, presets)
    CHECK(!check_preset(instance, lilv_nodes_get(presets, i), in, out));
    free(in);
    free(out);
    lilv_nodes_free(presets);
    lilv_node_free(kind);
    instance_free(instance);
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc == 2);
    Host* host = host_open(argv[1]);
    for (int i = 0; i < TIMBREL_PLUGIN_COUNT; ++i) {
        CHECK(!check_plugin(host, timbrel_plugins[i].uri));
    }
    host_close(host);
    CHECK(rtguard_violations() == 0);
    return 0;
}
