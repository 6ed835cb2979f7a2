// SPDX-License-Identifier: ISC
/// Whatever comes in, finite sound goes out, and good sound soon after.
/// Usage: test_nan BUNDLE FIXTURES

#include "codec.h"
#include "rtguard.h"
#include "sound.h"
#include "tests/check.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { block = 256, frames = 48000 };

static const float bad_values[] = {NAN,      -NAN,  INFINITY,    -INFINITY,    FLT_MAX,
                                   -FLT_MAX, 1e30f, FLT_MIN / 8, -FLT_TRUE_MIN};
enum { bad_count = sizeof bad_values / sizeof bad_values[0] };

static const char* const controls[] = {"enabled", "input_gain",  "low_cut", "high_cut", "eq_1k",
                                       "mix",     "output_gain", "timing",  "late",     "smoothing",
                                       "freeze",  "randomness",  "noise",   "bias_1",   "scale_1"};
enum { control_count = sizeof controls / sizeof controls[0] };

/// Noise with bad values strewn in.
static void bad_sound(float* sound, float value, uint64_t seed) {
    sound_noise(sound, frames, 0.5f, seed);
    for (uint32_t i = 0; i < frames; i += random_between(&seed, 1, 3000)) {
        sound[i] = value;
    }
    for (uint32_t i = frames / 2; i < frames / 2 + 2000; ++i) {
        sound[i] = value;
    }
}

static void play(Instance* instance, float* const in[2], float* const out[2]) {
    sound_run(instance, (const float* const*)in, out, frames, (Cut){.frames = block}, NULL, NULL);
}

static int check_finite(Instance* instance, float* const in[2], float* const out[2]) {
    for (size_t v = 0; v < bad_count; ++v) {
        for (uint32_t c = 0; c < 2 && c < instance_channels(instance); ++c) {
            bad_sound(in[c], bad_values[v], v + c);
        }
        play(instance, in, out);
        for (uint32_t c = 0; c < 2 && c < instance_channels(instance); ++c) {
            CHECK(sound_finite(out[c], frames));
        }
    }
    for (uint32_t c = 0; c < 2 && c < instance_channels(instance); ++c) {
        sound_noise(in[c], frames, 0.5f, c);
    }
    for (size_t k = 0; k < control_count; ++k) {
        const float normal = instance_get(instance, controls[k]);
        for (size_t v = 0; v < bad_count; ++v) {
            instance_set(instance, controls[k], bad_values[v]);
            sound_run(instance, (const float* const*)in, out, 2048, (Cut){.frames = block}, NULL,
                      NULL);
            for (uint32_t c = 0; c < 2 && c < instance_channels(instance); ++c) {
                CHECK(sound_finite(out[c], 2048));
            }
        }
        instance_set(instance, controls[k], normal);
    }
    return 0;
}

/// `exact`: the model plays its input untouched.
static int test(Host* host, const char* uri, const char* path, bool exact) {
    const InstanceConfig config = {.rate = 48000, .max_block = block};
    Instance* instance = instance_new(host, uri, &config);
    float* const in[2] = {sound_new(frames), sound_new(frames)};
    float* const out[2] = {sound_new(frames), sound_new(frames)};
    if (path) {
        CHECK(instance_load(instance, path));
    }
    instance_freewheel(instance, true);
    CHECK(!check_finite(instance, in, out));
    sound_settle(instance, block);
    instance_send_get(instance, STATUS_URI);
    for (uint32_t c = 0; c < 2; ++c) {
        sound_noise(in[c], frames, 0.5f, 77);
    }
    play(instance, in, out);
    const uint32_t latency = (uint32_t)instance_get(instance, "latency");
    CHECK(!strcmp(instance_told(instance, STATUS_URI), path ? "ready" : "none"));
    CHECK((latency > 0) == (path != NULL));
    for (uint32_t c = 0; c < 2 && c < instance_channels(instance); ++c) {
        CHECK(sound_finite(out[c], frames));
        CHECK(sound_level(out[c], frames) > 0.001);
        if (exact) {
            CHECK(codec_is_delayed(in[c], out[c], frames, latency));
        }
    }
    instance_free(instance);
    for (int c = 0; c < 2; ++c) {
        free(in[c]);
        free(out[c]);
    }
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    Host* host = host_open(argv[1]);
    CHECK(!test(host, MONO_URI, NULL, true));
    CHECK(!test(host, STEREO_URI, NULL, true));
    CHECK(!test(host, MONO_URI, fixture_path(argv[2], "codec"), true));
    CHECK(!test(host, STEREO_URI, fixture_path(argv[2], "codec_delay"), true));
    CHECK(!test(host, MONO_URI, fixture_path(argv[2], "codec_44"), false));
    CHECK(!test(host, MONO_URI, fixture_path(argv[2], "rave_v2"), false));
    CHECK(rtguard_violations() == 0);
    host_close(host);
    return 0;
}
