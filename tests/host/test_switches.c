// SPDX-License-Identifier: ISC
/// The switches for the foot: next and previous model, learn level.
/// Usage: test_switches BUNDLE FIXTURES

#include "rtguard.h"
#include "sound.h"
#include "state.h"
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEVEL_URI    "urn:timbrel:level"
#define GAIN_URI     "urn:timbrel:learntGain"
#define LEARNING_URI "urn:timbrel:learning"
#define NAME_URI     "urn:timbrel:modelName"

enum { rate = 48000, block = 256 };

static const InstanceConfig usual = {.rate = rate, .max_block = block};

/// As a host does it that knows triggers: one run, then back to the default.
static void press(Instance* instance, const char* symbol) {
    memset(instance_in(instance, 0), 0, block * sizeof(float));
    instance_set(instance, symbol, 1);
    instance_run(instance, block);
    instance_set(instance, symbol, 0);
    instance_run(instance, block);
}

static bool plays(Instance* instance, const char* name) {
    return instance_await(instance, NAME_URI, name) &&
           instance_await(instance, STATUS_URI, "ready");
}

/// Through the list as the window has it, round and round.
static int test_models(Host* host, const char* folder) {
    char path[256];
    (void)snprintf(path, sizeof path, "%s/a-codec.ts", folder);
    Instance* instance = instance_new(host, MONO_URI, &usual);
    instance_run(instance, block);
    press(instance, "next_model");
    CHECK(plays(instance, "a-codec"));
    CHECK(strcmp(instance_told(instance, MODEL_URI), path) == 0);
    press(instance, "next_model");
    CHECK(plays(instance, "b-codec"));
    press(instance, "next_model");
    CHECK(plays(instance, "choir"));
    instance_set(instance, "next_model", 1); // held: pressed once
    CHECK(plays(instance, "drums"));
    instance_set(instance, "next_model", 0);
    instance_run(instance, block);
    press(instance, "next_model");
    CHECK(plays(instance, "strings"));
    press(instance, "next_model");
    CHECK(plays(instance, "a-codec"));
    press(instance, "previous_model");
    CHECK(plays(instance, "strings"));
    // Faster than models open: each press counts.
    press(instance, "previous_model");
    press(instance, "previous_model");
    press(instance, "previous_model");
    CHECK(plays(instance, "b-codec"));
    // From a model by number, and from one by name.
    instance_set(instance, "model", 1);
    CHECK(plays(instance, "choir"));
    press(instance, "next_model");
    CHECK(plays(instance, "drums"));
    CHECK(instance_load(instance, "choir"));
    press(instance, "previous_model");
    CHECK(plays(instance, "b-codec"));
    instance_free(instance);
    return 0;
}

/// A choice by foot is saved; a switch that a session left on is not pressed by opening it.
static int test_session(Host* host) {
    Instance* instance = instance_new(host, MONO_URI, &usual);
    instance_run(instance, block);
    press(instance, "next_model");
    CHECK(plays(instance, "a-codec"));
    instance_set(instance, "next_model", 1);
    CHECK(plays(instance, "b-codec"));
    Stored state = {0};
    CHECK(state_store(instance, &state, MAP_NONE));
    const char* file = stored_text(&state, "urn:timbrel:file");
    CHECK(file && strstr(file, "/b-codec.ts"));
    instance_free(instance);

    Instance* other = instance_new(host, MONO_URI, &usual);
    CHECK(state_retrieve(other, &state, MAP_NONE));
    instance_set(other, "next_model", 1);
    CHECK(plays(other, "b-codec"));
    for (int i = 0; i < 40; ++i) {
        instance_run(other, block);
    }
    CHECK(plays(other, "b-codec"));
    instance_free(other);
    stored_clear(&state);
    return 0;
}

typedef struct {
    double peak;
    uint32_t frame;
} Player;

/// Level of what comes out of `seconds` of a sine, without the first tenth of a second.
static double play(Instance* instance, Player* player, double seconds) {
    double sum = 0;
    uint32_t counted = 0;
    for (uint32_t done = 0; done < (uint32_t)(seconds * rate); done += block) {
        sound_sine(instance_in(instance, 0), player->frame, block, 220, rate, player->peak);
        instance_run(instance, block);
        player->frame += block;
        if (done > rate / 10) {
            sum += pow(sound_level(instance_out(instance, 0), block), 2);
            ++counted;
        }
    }
    return 10 * log10(sum / counted + 1e-12);
}

static double told(const Instance* instance, const char* property) {
    return strtod(instance_told(instance, property), NULL);
}

static bool near(double value, double wanted) {
    if (fabs(value - wanted) < 0.1) {
        return true;
    }
    (void)fprintf(stderr, "%g in place of %g\n", value, wanted);
    return false;
}

/// Without a model: what comes out is what a model would get.
static int test_level(Host* host, const char* loud) {
    Instance* instance = instance_new(host, MONO_URI, &usual);
    Player player = {.peak = 0.0447214}; // -30 dBFS
    Player silence = {.peak = 0};
    CHECK(near(play(instance, &player, 0.5), -30));
    press(instance, "learn_level");
    CHECK(strcmp(instance_told(instance, LEARNING_URI), "1") == 0);
    CHECK(near(play(instance, &player, 3), -30));
    (void)play(instance, &silence, 4);
    CHECK(near(play(instance, &player, 1.5), -30));
    CHECK(strcmp(instance_told(instance, LEARNING_URI), "1") == 0);
    (void)play(instance, &player, 1);
    CHECK(strcmp(instance_told(instance, LEARNING_URI), "0") == 0);
    CHECK(near(told(instance, LEVEL_URI), -30) && near(told(instance, GAIN_URI), 10));
    CHECK(near(play(instance, &player, 0.5), -20));

    // Each model gets what it was trained at.
    CHECK(instance_load(instance, loud));
    instance_send_get(instance, GAIN_URI);
    instance_run(instance, block);
    CHECK(near(told(instance, GAIN_URI), 16));

    Stored state = {0};
    CHECK(state_store(instance, &state, MAP_NONE));
    Instance* other = instance_new(host, MONO_URI, &usual);
    CHECK(state_retrieve(other, &state, MAP_NONE));
    CHECK(plays(other, "loud"));
    instance_send_get(other, GAIN_URI);
    instance_run(other, block);
    CHECK(near(told(other, GAIN_URI), 16));
    stored_clear(&state);
    instance_free(other);
    instance_free(instance);
    return 0;
}

/// Taken back by pressing it again meanwhile, or by a message; kept by what says nothing of it.
static int test_undo(Host* host) {
    Instance* instance = instance_new(host, MONO_URI, &usual);
    Player player = {.peak = 0.0447214};
    CHECK(near(play(instance, &player, 0.5), -30));
    instance_send_float(instance, LEVEL_URI, -26);
    CHECK(near(play(instance, &player, 0.5), -24));
    CHECK(near(told(instance, GAIN_URI), 6));
    press(instance, "learn_level");
    CHECK(near(play(instance, &player, 0.5), -24));
    press(instance, "learn_level");
    CHECK(near(play(instance, &player, 0.5), -30));
    CHECK(told(instance, LEVEL_URI) == 0 && told(instance, LEARNING_URI) == 0);
    CHECK(near(play(instance, &player, 6), -30));
    instance_send_float(instance, LEVEL_URI, -48); // no more than the knob could
    CHECK(near(play(instance, &player, 0.5), -6));
    const Stored nothing = {.host = host};
    CHECK(state_retrieve(instance, &nothing, MAP_NONE));
    CHECK(near(play(instance, &player, 0.5), -6));
    instance_send_float(instance, LEVEL_URI, 0);
    CHECK(near(play(instance, &player, 0.5), -30));
    instance_free(instance);
    return 0;
}

static uint32_t learn_at_once(Instance* instance, uint32_t frame, void* data) {
    (void)data;
    instance_set(instance, "learn_level", frame == 1000 ? 1 : 0);
    return frame == 0 ? 1000 : UINT32_MAX;
}

/// The gain begins at the same sample, however time is cut.
static int test_cut(Host* host) {
    enum { frames = 6 * rate };
    float* in = sound_new(frames);
    float* const out[2] = {sound_new(frames), sound_new(frames)};
    sound_noise(in, frames, 0.1f, 3);
    for (int i = 0; i < 2; ++i) {
        Instance* instance = instance_new(host, MONO_URI, &usual);
        const float* const ins[1] = {in};
        instance_freewheel(instance, true);
        sound_run(instance, ins, &out[i], frames, (Cut){block, i == 1, 5}, learn_at_once, NULL);
        instance_free(instance);
    }
    CHECK(sound_difference(out[0], out[1], frames) == 0.0);
    CHECK(sound_level(out[0] + frames - rate / 2, rate / 2) > 1.2 * sound_level(out[0], rate));
    free(in);
    free(out[0]);
    free(out[1]);
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    char folder[] = "/tmp/timbrel-switches-XXXXXX";
    char links[2][64];
    CHECK(mkdtemp(folder));
    const char* codec = fixture_path(argv[2], "codec");
    for (int i = 0; i < 2; ++i) {
        (void)snprintf(links[i], sizeof links[i], "%s/%c-codec.ts", folder, 'a' + i);
        CHECK(!symlink(codec, links[i]));
    }
    CHECK(!setenv("TIMBREL_MODEL_PATH", folder, 1) && !setenv("XDG_DATA_HOME", "/nowhere", 1) &&
          !setenv("XDG_DATA_DIRS", "/nowhere", 1) && !setenv("MOD_USER_FILES_DIR", "/nowhere", 1));
    // What plays them does not matter here, and plans open soonest.
    CHECK(!unsetenv("TIMBREL_BACKEND"));
    Host* host = host_open(argv[1]);
    CHECK(!test_models(host, folder));
    CHECK(!test_session(host));
    CHECK(!test_level(host, fixture_path(argv[2], "loud")));
    CHECK(!test_undo(host));
    CHECK(!test_cut(host));
    CHECK(rtguard_violations() == 0);
    host_close(host);
    CHECK(!unlink(links[0]) && !unlink(links[1]) && !rmdir(folder));
    return 0;
}
