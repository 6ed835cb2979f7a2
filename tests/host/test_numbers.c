// SPDX-License-Identifier: ISC
/// Models for hosts that have neither messages nor state: by the control *model*, by
/// MIDI program, by $TIMBREL_MODEL; and hosts that have no features at all. Usage: test_numbers
/// BUNDLE FIXTURES

#include "rtguard.h"
#include "sound.h"
#include "state.h"
#include "tests/check.h"

#include <lv2/midi/midi.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const InstanceConfig usual = {.rate = 48000, .max_block = 256};

static bool plays(Instance* instance, const char* name) {
    return instance_await(instance, "urn:timbrel:modelName", name) &&
           !strcmp(instance_told(instance, STATUS_URI), "ready");
}

/// The last change wins, whoever made it; 0 gives back what was chosen otherwise.
static int test_last_change(Host* host, const char* codec) {
    Instance* instance = instance_new(host, MONO_URI, &usual);
    instance_set(instance, "model", 1);
    CHECK(plays(instance, "choir"));
    instance_set(instance, "model", 2);
    CHECK(plays(instance, "drums"));
    CHECK(instance_load(instance, codec));
    CHECK(plays(instance, "codec"));
    instance_set(instance, "model", 1);
    CHECK(plays(instance, "choir"));
    instance_set(instance, "model", 0);
    CHECK(plays(instance, "codec"));
    instance_free(instance);
    return 0;
}

/// A bundled model that came later leaves its number to a file that has it.
static int test_late_number(Host* host, const char* folder, const char* codec) {
    char link[512];
    CHECK(snprintf(link, sizeof link, "%s/3-mine.ts", folder) < (int)sizeof link);
    Instance* instance = instance_new(host, MONO_URI, &usual);
    instance_set(instance, "model", 3);
    CHECK(plays(instance, "strings"));
    instance_set(instance, "model", 2);
    CHECK(plays(instance, "drums"));
    CHECK(!symlink(codec, link));
    instance_set(instance, "model", 3);
    CHECK(plays(instance, "3-mine"));
    instance_free(instance);
    CHECK(!unlink(link));
    return 0;
}

static int test_own_number(Host* host, const char* folder, const char* codec) {
    char link[512];
    CHECK(snprintf(link, sizeof link, "%s/7-mine.ts", folder) < (int)sizeof link);
    Instance* instance = instance_new(host, MONO_URI, &usual);
    instance_set(instance, "model", 7);
    CHECK(instance_await(instance, STATUS_URI, "failed"));
    CHECK(strstr(instance_told(instance, MESSAGE_URI), "model number 7"));
    instance_set(instance, "model", 0);
    CHECK(instance_await(instance, STATUS_URI, "none"));
    CHECK(!symlink(codec, link));
    instance_set(instance, "model", 7);
    CHECK(plays(instance, "7-mine"));
    instance_free(instance);
    return 0;
}

/// A session keeps what was chosen otherwise beside the number, and the number wins.
static int test_session(Host* host, const char* codec) {
    Instance* instance = instance_new(host, MONO_URI, &usual);
    CHECK(instance_load(instance, codec));
    instance_set(instance, "model", 2);
    CHECK(plays(instance, "drums"));
    char* session = state_save_text(instance);
    instance_free(instance);
    CHECK(strstr(session, "codec.ts") && !strstr(session, "drums"));

    instance = instance_new(host, MONO_URI, &usual);
    CHECK(state_restore_text(instance, session, true));
    CHECK(plays(instance, "drums"));
    instance_set(instance, "model", 0);
    CHECK(plays(instance, "codec"));
    instance_set(instance, "model", 1);
    CHECK(plays(instance, "choir"));
    CHECK(state_restore_text(instance, session, false)); // the port stays at 1
    CHECK(instance_await(instance, STATUS_URI, "loading"));
    CHECK(plays(instance, "choir"));
    instance_free(instance);
    free(session);
    return 0;
}

/// A method that was chosen for a model by number comes back with it, and goes with it.
static int test_method(Host* host, const char* folder, const char* effects) {
    char link[512];
    CHECK(snprintf(link, sizeof link, "%s/8-effects.ts", folder) < (int)sizeof link);
    CHECK(!symlink(effects, link));
    Instance* instance = instance_new(host, MONO_URI, &usual);
    instance_set(instance, "model", 8);
    CHECK(plays(instance, "8-effects"));
    instance_send_string(instance, METHOD_URI, "saturate");
    CHECK(instance_await(instance, METHOD_URI, "saturate"));
    CHECK(plays(instance, "8-effects"));
    char* session = state_save_text(instance);
    instance_free(instance);

    instance = instance_new(host, MONO_URI, &usual);
    CHECK(state_restore_text(instance, session, true));
    CHECK(plays(instance, "8-effects"));
    CHECK(!strcmp(instance_told(instance, METHOD_URI), "saturate"));
    instance_set(instance, "model", 1);
    CHECK(plays(instance, "choir"));
    CHECK(!strcmp(instance_told(instance, METHOD_URI), ""));
    instance_free(instance);
    free(session);
    CHECK(!unlink(link));
    return 0;
}

static double level_after(Instance* instance, float seconds) {
    double level = 0;
    for (float at = 0; at < seconds; at += 256.0f / 48000) {
        sound_sine(instance_in(instance, 0), (uint64_t)(at * 48000), 256, 220, 48000, 0.5);
        instance_run(instance, 256);
        level = fmax(level, sound_level(instance_out(instance, 0), 256));
        usleep(5000);
    }
    return level;
}

static void send_program(Instance* instance, uint8_t program) {
    const uint8_t message[] = {0xC3, program};
    instance_send_atom(instance, LV2_MIDI__MidiEvent, message, sizeof message);
}

/// A program change chooses as the control does, from 0; a session keeps what it chose.
static int test_program(Host* host, const char* codec) {
    Instance* instance = instance_new(host, MIDI_URI, &usual);
    CHECK(instance_load(instance, codec));
    send_program(instance, 1);
    CHECK(plays(instance, "drums"));
    instance_set(instance, "model", 1);
    CHECK(plays(instance, "choir"));
    send_program(instance, 0);
    send_program(instance, 1); // the last counts
    CHECK(plays(instance, "drums"));
    char* session = state_save_text(instance);
    CHECK(strstr(session, "drums") && !strstr(session, "codec.ts"));
    instance_forget(instance, STATUS_URI);
    send_program(instance, 1); // plays already: nothing is loaded
    (void)level_after(instance, 0.5f);
    CHECK(!strcmp(instance_told(instance, STATUS_URI), ""));
    send_program(instance, 98);
    CHECK(instance_await(instance, STATUS_URI, "failed"));
    CHECK(strstr(instance_told(instance, MESSAGE_URI), "model number 99"));
    send_program(instance, 1);
    CHECK(plays(instance, "drums"));
    instance_free(instance);

    instance = instance_new(host, MIDI_URI, &usual);
    CHECK(state_restore_text(instance, session, false));
    CHECK(plays(instance, "drums"));
    instance_free(instance);
    free(session);
    return 0;
}

/// The effect's latency is right in the first run already.
static int test_environment(Host* host) {
    CHECK(!setenv("TIMBREL_MODEL", "drums", 1));
    Instance* instance = instance_new(host, STEREO_URI, &usual);
    CHECK(!unsetenv("TIMBREL_MODEL"));
    instance_run(instance, 256);
    CHECK(instance_get(instance, "latency") > 0);
    CHECK(plays(instance, "drums"));
    instance_free(instance);
    return 0;
}

/// No urid:map: sound and controls, no messages; state is refused.
static int test_featureless(Host* host) {
    InstanceConfig config = usual;
    config.featureless = true;
    Instance* instance = instance_new(host, MONO_URI, &config);
    instance_set(instance, "model", 1);
    for (int i = 0; i < 4000 && instance_get(instance, "latency") < 1; ++i) {
        instance_run(instance, 256);
        usleep(5000);
    }
    CHECK(instance_get(instance, "latency") > 0);
    CHECK(level_after(instance, 1) > 0.001);
    CHECK(instance_tellings(instance) == 0);
    Stored stored = {.host = host};
    CHECK(!state_store(instance, &stored, MAP_NONE));
    stored_clear(&stored);
    instance_free(instance);
    return 0;
}

/// What came after version 0.1 may be missing in a host's project: its default holds.
static int test_unconnected(Host* host) {
    Instance* instance = instance_new(host, MONO_URI, &usual);
    lilv_instance_connect_port(instance_lilv(instance), instance_port(instance, "model"), NULL);
    instance_set(instance, "model", 2);
    CHECK(fabs(level_after(instance, 0.1f) - 0.5 * sqrt(0.5)) < 0.05);
    instance_forget(instance, STATUS_URI);
    instance_send_get(instance, NULL);
    CHECK(instance_await(instance, STATUS_URI, "none"));
    instance_free(instance);
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    char folder[] = "/tmp/timbrel-numbers-XXXXXX";
    CHECK(mkdtemp(folder));
    CHECK(!setenv("TIMBREL_MODEL_PATH", folder, 1));
    CHECK(!unsetenv(
        "TIMBREL_BACKEND")); // what plays them does not matter here, and plans open soonest
    Host* host = host_open(argv[1]);
    const char* codec = fixture_path(argv[2], "codec");
    CHECK(!test_last_change(host, codec));
    CHECK(!test_late_number(host, folder, codec));
    CHECK(!test_own_number(host, folder, codec));
    CHECK(!test_session(host, codec));
    CHECK(!test_method(host, folder, fixture_path(argv[2], "effects")));
    CHECK(!test_program(host, codec));
    CHECK(!test_environment(host));
    CHECK(!test_featureless(host));
    CHECK(!test_unconnected(host));
    CHECK(rtguard_violations() == 0);
    host_close(host);
    char link[512];
    CHECK(snprintf(link, sizeof link, "%s/7-mine.ts", folder) < (int)sizeof link);
    CHECK(!unlink(link) && !rmdir(folder));
    return 0;
}
