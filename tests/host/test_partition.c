// SPDX-License-Identifier: ISC
/// Free-wheeling output is the same, bit by bit, however time is cut into blocks.
/// Usage: test_partition BUNDLE FIXTURES

#include "rtguard.h"
#include "sound.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

enum { frames = 60000, largest = 8192 };

typedef struct {
    const char* uri;
    const char* model;
    double rate;
    bool dual;
    bool in_place;
} Case;

/// Control changes at fixed times, in order.
static const struct {
    const char* symbol;
    uint32_t frame;
    float value;
} changes[] = {
    {"bias_1", 0, 0},         {"scale_2", 0, 1},       {"mix", 0, 100},
    {"eq_1k", 0, 0},          {"smoothing", 0, 0},     {"freeze", 0, 0},
    {"enabled", 0, 1},        {"input_gain", 0, 0},    {"low_cut", 0, 10},
    {"bias_1", 3001, 0.5f},   {"scale_2", 5120, 2},    {"eq_1k", 9999, 9},
    {"mix", 12345, 60},       {"bias_1", 15001, -1},   {"bias_1", 15002, 1},
    {"smoothing", 20480, 50}, {"low_cut", 25000, 300}, {"freeze", 30000, 1},
    {"freeze", 33333, 0},     {"enabled", 36001, 0},   {"input_gain", 41111, 6},
    {"enabled", 43210, 1},    {"mix", 50000, 100},
};
enum { change_count = sizeof changes / sizeof changes[0] };

static uint32_t automate(Instance* instance, uint32_t frame, void* data) {
    (void)data;
    for (size_t i = 0; i < change_count; ++i) {
        if (changes[i].frame == frame) {
            instance_set(instance, changes[i].symbol, changes[i].value);
        } else if (changes[i].frame > frame) {
            return changes[i].frame;
        }
    }
    return UINT32_MAX;
}

static void play(Instance* instance, float* const in[2], float* const out[2], Cut cut) {
    (void)automate(instance, 0, NULL);
    instance_reset(instance);
    sound_run(instance, (const float* const*)in, out, frames, cut, automate, NULL);
}

static int check_cuts(Instance* instance, float* const in[2], float* const reference[2],
                      float* const out[2]) {
    static const Cut cuts[] = {{1, false, 0},    {64, false, 0},   {1024, false, 0},
                               {5000, false, 0}, {8192, false, 0}, {8192, true, 1},
                               {700, true, 2},   {3, true, 3}};
    play(instance, in, reference, (Cut){.frames = 512});
    for (uint32_t c = 0; c < 2 && c < instance_channels(instance); ++c) {
        CHECK(sound_level(reference[c], frames) > 0.05);
    }
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; ++i) {
        play(instance, in, out, cuts[i]);
        for (uint32_t c = 0; c < 2 && c < instance_channels(instance); ++c) {
            if (memcmp(out[c], reference[c], frames * sizeof(float)) != 0) {
                uint32_t first = 0;
                while (out[c][first] == reference[c][first]) {
                    ++first;
                }
                (void)fprintf(stderr, "blocks of %u (random: %d) differ from frame %u on, by %g\n",
                              cuts[i].frames, cuts[i].random, first,
                              sound_difference(out[c], reference[c], frames));
                return 1;
            }
        }
    }
    return 0;
}

static int test(Host* host, const char* fixtures, const Case* c) {
    float* const in[2] = {sound_new(frames), sound_new(frames)};
    float* const reference[2] = {sound_new(frames), sound_new(frames)};
    float* const out[2] = {sound_new(frames), sound_new(frames)};
    for (int i = 0; i < 2; ++i) {
        sound_noise(in[i], frames, 0.3f, 11 + (uint64_t)i);
    }
    const InstanceConfig config = {.rate = c->rate, .max_block = largest, .in_place = c->in_place};
    Instance* instance = instance_new(host, c->uri, &config);
    instance_freewheel(instance, true);
    if (instance_channels(instance) == 2) {
        instance_set(instance, "stereo", c->dual ? 1.0f : 0.0f);
    }
    int failed = !instance_load(instance, fixture_path(fixtures, c->model));
    sound_settle(instance, largest);
    failed = failed || check_cuts(instance, in, reference, out);
    instance_free(instance);
    for (int i = 0; i < 2; ++i) {
        free(in[i]);
        free(reference[i]);
        free(out[i]);
    }
    return failed;
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    Host* host = host_open(argv[1]);
    static const Case cases[] = {
        {MONO_URI, "codec", 48000, false, false},
        {MONO_URI, "codec", 44100, false, true},
        {MONO_URI, "codec", 192000, false, false},
        {STEREO_URI, "codec_44", 48000, true, true},
        {STEREO_URI, "codec_stereo", 48000, false, false},
        {MONO_URI, "nonstreaming", 48000, false, false},
        {MONO_URI, "forward_only", 48000, false, false},
        {MONO_URI, "rave_v2", 44100, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        (void)fprintf(stderr, "%s %s %g\n", cases[i].uri, cases[i].model, cases[i].rate);
        CHECK(!test(host, argv[2], &cases[i]));
    }
    CHECK(rtguard_violations() == 0);
    host_close(host);
    return 0;
}
