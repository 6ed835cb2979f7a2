// SPDX-License-Identifier: ISC
/// The table of plugins against the bundle and against what was once shipped: sessions name ports
/// by symbol, automation by index, and neither ever changes. Usage: test_plugins BUNDLE

#include "engine/base/controls.h"
#include "host.h"
#include "rtguard.h"
#include "tests/check.h"

#include <lv2/atom/atom.h>
#include <lv2/core/lv2.h>
#include <lv2/midi/midi.h>
#include <stdio.h>
#include <string.h>

// Append only; ports that come later may stay unconnected.
static const char mono_ports[] =
    "in out control notify freewheel latency load dropouts latent_1 latent_2 latent_3 "
    "latent_4 latent_5 latent_6 latent_7 latent_8 latent_9 latent_10 latent_11 latent_12 "
    "latent_13 latent_14 latent_15 latent_16 enabled input_gain low_cut high_cut eq_31 eq_63 "
    "eq_125 eq_250 eq_500 eq_1k eq_2k eq_4k eq_8k eq_16k mix output_gain timing late "
    "smoothing freeze randomness noise bias_1 bias_2 bias_3 bias_4 bias_5 bias_6 bias_7 "
    "bias_8 bias_9 bias_10 bias_11 bias_12 bias_13 bias_14 bias_15 bias_16 scale_1 scale_2 "
    "scale_3 scale_4 scale_5 scale_6 scale_7 scale_8 scale_9 scale_10 scale_11 scale_12 "
    "scale_13 scale_14 scale_15 scale_16 model next_model previous_model learn_level "
    "source blend keep keep_bars add feedback rows_start rows_length beat_lock rows_beats "
    "direction step tempo length_1 length_2 length_3 length_4 length_5 length_6 length_7 "
    "length_8 length_9 length_10 length_11 length_12 length_13 length_14 length_15 length_16 "
    "map_x map_y map_rest plane corner_1 corner_2 corner_3 corner_4 store store_point "
    "point_base glide glide_beats reach jitter jitter_rate quantise route route_by";

static const char stereo_ports[] =
    "in_left in_right out_left out_right control notify freewheel latency load dropouts "
    "latent_1 latent_2 latent_3 latent_4 latent_5 latent_6 latent_7 latent_8 latent_9 "
    "latent_10 latent_11 latent_12 latent_13 latent_14 latent_15 latent_16 enabled input_gain "
    "low_cut high_cut eq_31 eq_63 eq_125 eq_250 eq_500 eq_1k eq_2k eq_4k eq_8k eq_16k mix "
    "output_gain stereo timing late smoothing freeze randomness noise bias_1 bias_2 bias_3 "
    "bias_4 bias_5 bias_6 bias_7 bias_8 bias_9 bias_10 bias_11 bias_12 bias_13 bias_14 "
    "bias_15 bias_16 scale_1 scale_2 scale_3 scale_4 scale_5 scale_6 scale_7 scale_8 scale_9 "
    "scale_10 scale_11 scale_12 scale_13 scale_14 scale_15 scale_16 model next_model "
    "previous_model learn_level "
    "source blend keep keep_bars add feedback rows_start rows_length beat_lock rows_beats "
    "direction step tempo length_1 length_2 length_3 length_4 length_5 length_6 length_7 "
    "length_8 length_9 length_10 length_11 length_12 length_13 length_14 length_15 length_16 "
    "map_x map_y map_rest plane corner_1 corner_2 corner_3 corner_4 store store_point "
    "point_base glide glide_beats reach jitter jitter_rate quantise route route_by";

static bool is_optional(Host* host, const LilvPlugin* plugin, const LilvPort* port) {
    LilvNode* property = lilv_new_uri(host_world(host), LV2_CORE__connectionOptional);
    const bool optional = lilv_port_has_property(plugin, port, property);
    lilv_node_free(property);
    return optional;
}

/// Its ports begin with `symbols`, in this order; any others are optional.
static int check_list(Host* host, const char* uri, const char* symbols) {
    const InstanceConfig config = {.rate = 48000, .max_block = 64};
    Instance* instance = instance_new(host, uri, &config);
    const LilvPlugin* plugin = instance_plugin(instance);
    const uint32_t count = lilv_plugin_get_num_ports(plugin);
    for (uint32_t i = 0; i < count; ++i) {
        const LilvPort* port = lilv_plugin_get_port_by_index(plugin, i);
        const char* symbol = lilv_node_as_string(lilv_port_get_symbol(plugin, port));
        const size_t length = strcspn(symbols, " ");
        if (length == 0) {
            CHECK(is_optional(host, plugin, port));
        } else if (length != strlen(symbol) || strncmp(symbol, symbols, length) != 0) {
            (void)fprintf(stderr, "%s: port %u is %s\n", uri, (unsigned)i, symbol);
            return 1;
        }
        symbols += length + strspn(symbols + length, " ");
    }
    CHECK(!*symbols);
    instance_free(instance);
    return 0;
}

/// The control port says that it takes MIDI where the row does.
static int check_midi(Host* host, const TimbrelPlugin* row) {
    const InstanceConfig config = {.rate = 48000, .max_block = 64};
    Instance* instance = instance_new(host, row->uri, &config);
    const LilvPlugin* plugin = instance_plugin(instance);
    LilvNode* supports = lilv_new_uri(host_world(host), LV2_ATOM__supports);
    LilvNode* midi = lilv_new_uri(host_world(host), LV2_MIDI__MidiEvent);
    LilvNodes* all = lilv_port_get_value(
        plugin, lilv_plugin_get_port_by_index(plugin, instance_port(instance, "control")),
        supports);
    CHECK(lilv_nodes_contains(all, midi) == row->midi);
    lilv_nodes_free(all);
    lilv_node_free(midi);
    lilv_node_free(supports);
    instance_free(instance);
    return 0;
}

/// Every port of the row is one of the plugin's, under its symbol, once.
static int check_row(Host* host, const TimbrelPlugin* row) {
    const InstanceConfig config = {.rate = 48000, .max_block = 64};
    Instance* instance = instance_new(host, row->uri, &config);
    const uint32_t count = lilv_plugin_get_num_ports(instance_plugin(instance));
    CHECK(instance_row(instance) == row);
    for (uint32_t i = 0; i < count; ++i) {
        const TimbrelPort port = timbrel_plugin_port(row, i);
        uint32_t index = count;
        CHECK(timbrel_plugin_index(row, port, &index) && index == i);
        if (port.kind == TIMBREL_PORT_VALUE) {
            CHECK(instance_port(instance, timbrel_controls[port.item].symbol) == i);
        } else if (port.kind == TIMBREL_PORT_REPORT) {
            CHECK(instance_port(instance, timbrel_reports[port.item].symbol) == i);
        }
    }
    CHECK(timbrel_plugin_port(row, count).kind == TIMBREL_PORT_NONE);
    CHECK(row->required <= count && row->version % 2 == 0);
    CHECK(timbrel_plugin_count(row, TIMBREL_PORT_AUDIO_IN) <= TIMBREL_PLUGIN_CHANNELS);
    CHECK(timbrel_plugin_count(row, TIMBREL_PORT_AUDIO_OUT) <= TIMBREL_PLUGIN_CHANNELS);
    CHECK(row->ports[TIMBREL_PORT_RUNS - 1].kind == TIMBREL_PORT_NONE);
    instance_free(instance);
    return 0;
}

/// Ports that came later are NULL in a host that does not know them: the default.
static int check_unconnected(Host* host, const TimbrelPlugin* row) {
    const InstanceConfig config = {.rate = 48000, .max_block = 64};
    Instance* instance = instance_new(host, row->uri, &config);
    const uint32_t count = lilv_plugin_get_num_ports(instance_plugin(instance));
    for (uint32_t i = row->required; i < count; ++i) {
        lilv_instance_connect_port(instance_lilv(instance), i, NULL);
    }
    instance_run(instance, 64);
    instance_free(instance);
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc == 2);
    Host* host = host_open(argv[1]);
    CHECK(!check_list(host, MONO_URI, mono_ports));
    CHECK(!check_list(host, STEREO_URI, stereo_ports));
    CHECK(!check_list(host, "urn:timbrel:monomidi", mono_ports));
    CHECK(!check_list(host, "urn:timbrel:stereomidi", stereo_ports));
    // Ardour runs what takes MIDI a whole cycle at a time, so that automation acts late.
    CHECK(!timbrel_plugins[TIMBREL_PLUGIN_mono].midi);
    CHECK(!timbrel_plugins[TIMBREL_PLUGIN_stereo].midi);
    CHECK(timbrel_plugins[TIMBREL_PLUGIN_monomidi].midi);
    CHECK(timbrel_plugins[TIMBREL_PLUGIN_stereomidi].midi);
    for (int i = 0; i < TIMBREL_PLUGIN_COUNT; ++i) {
        CHECK(!check_row(host, &timbrel_plugins[i]));
        CHECK(!check_midi(host, &timbrel_plugins[i]));
        CHECK(!check_unconnected(host, &timbrel_plugins[i]));
    }
    host_close(host);
    CHECK(rtguard_violations() == 0);
    return 0;
}
