// SPDX-License-Identifier: ISC
/// Bypass, another model and late hops make no click; after late hops all is in line again.
/// Usage: test_click BUNDLE FIXTURES

#include "codec.h"
#include "processes.h"
#include "rtguard.h"
#include "sound.h"
#include "tests/check.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { block = 256, rate = 48000 };

static const double hertz = 440;
static const double peak = 0.25;
static const double gain = 2.0; // what is louder when it is wet
static const char* fixtures;

/// A sine that goes through the instance, at about the speed of time, and what comes out.
typedef struct {
    Instance* instance;
    uint64_t time; ///< Samples of it so far
    float last;    ///< Last sample out
    double steepest;
    double level; ///< Of the last block
} Tone;

static void run_block(Tone* tone) {
    const struct timespec pause = {.tv_nsec = 1000000000L / rate * block};
    const float* out = instance_out(tone->instance, 0);
    sound_sine(instance_in(tone->instance, 0), tone->time, block, hertz, rate, peak);
    instance_run(tone->instance, block);
    if (tone->time > 0) {
        tone->steepest = fmax(tone->steepest, fabs((double)out[0] - (double)tone->last));
    }
    tone->steepest = fmax(tone->steepest, sound_steepest(out, block, NULL));
    tone->level = sound_level(out, block);
    tone->last = out[block - 1];
    tone->time += block;
    (void)nanosleep(&pause, NULL);
}

static void run_blocks(Tone* tone, uint32_t blocks) {
    for (size_t i = 0; i < blocks; ++i) {
        run_block(tone);
    }
}

/// The sine when wet has this largest step; a crossfade adds a little.
static int check_smooth(const Tone* tone, const char* what) {
    const double natural = gain * peak * 2.0 * M_PI * hertz / rate;
    (void)fprintf(stderr, "%s: steepest step %.4f, of the sine %.4f\n", what, tone->steepest,
                  natural);
    CHECK(tone->steepest < 1.5 * natural);
    return 0;
}

static Instance* new_instance(Host* host) {
    const InstanceConfig config = {.rate = rate, .max_block = block};
    return instance_new(host, MONO_URI, &config);
}

static int test_bypass(Host* host) {
    Tone tone = {.instance = new_instance(host)};
    uint64_t seed = 1;
    CHECK(instance_load(tone.instance, fixture_path(fixtures, "codec")));
    instance_set(tone.instance, "output_gain", 6.0f);
    // The sine begins while all is silent.
    run_blocks(&tone, 100);
    for (int i = 0; i < 30; ++i) {
        instance_set(tone.instance, "enabled", (float)(i % 2));
        run_blocks(&tone, random_between(&seed, 1, 12));
    }
    instance_set(tone.instance, "enabled", 1);
    run_blocks(&tone, 100);
    CHECK(fabs(tone.level - gain * peak / sqrt(2)) < 0.05);
    instance_set(tone.instance, "enabled", 0);
    run_blocks(&tone, 100);
    CHECK(fabs(tone.level - peak / sqrt(2)) < 0.05);
    CHECK(!check_smooth(&tone, "bypass"));
    instance_free(tone.instance);
    return 0;
}

/// A constant in, of which the model gives half: like one that a model gives of its own. It may go
/// no faster than on a straight line of 20 ms, whatever is switched.
static int test_constant(Host* host) {
    Instance* instance = new_instance(host);
    const float* out = instance_out(instance, 0);
    static const char* const switches[] = {"enabled", "mix"};
    CHECK(instance_load(instance, fixture_path(fixtures, "forward_only")));
    instance_freewheel(instance, true); // No hop is late
    double steepest = 0;
    float least = 1;
    float last = 0;
    for (int i = 0; i < 360; ++i) {
        const float on = (float)(i / 15 % 2);
        const int which = i / 180;
        instance_set(instance, switches[which], which == 0 ? on : 100 * on);
        instance_set(instance, switches[1 - which], which == 0 ? 100 : 1);
        for (int j = 0; j < block; ++j) {
            instance_in(instance, 0)[j] = (float)peak;
        }
        instance_run(instance, block);
        if (i > 60) {
            steepest = fmax(steepest, fabs((double)out[0] - (double)last));
            steepest = fmax(steepest, sound_steepest(out, block, NULL));
            least = fminf(least, out[0]);
        }
        last = out[block - 1];
    }
    (void)fprintf(stderr, "constant: steepest step %.6f\n", steepest);
    CHECK(fabs((double)least - peak / 2) < 1e-4);
    CHECK(steepest > 0 && steepest < 1.05 * peak / 2 / (0.02 * rate));
    instance_free(instance);
    return 0;
}

/// Ask for a model, and let the sine run on until it is told of, and a while longer.
static int change(Tone* tone, const char* path, const char* status) {
    instance_send_path(tone->instance, MODEL_URI, path);
    instance_forget(tone->instance, STATUS_URI);
    run_block(tone);
    for (int i = 0; i < 10000 && (strcmp(instance_told(tone->instance, MODEL_URI), path) != 0 ||
                                  strcmp(instance_told(tone->instance, STATUS_URI), status) != 0);
         ++i) {
        if (i % 20 == 0) {
            instance_send_get(tone->instance, NULL);
        }
        run_block(tone);
    }
    CHECK(!strcmp(instance_told(tone->instance, STATUS_URI), status));
    run_blocks(tone, 60);
    return 0;
}

static int test_models(Host* host) {
    Tone tone = {.instance = new_instance(host)};
    instance_set(tone.instance, "input_gain", 6.0f);
    run_blocks(&tone, 20);
    static const char* const models[] = {"codec", "codec_delay", "text",         "codec_r2048",
                                         "codec", "codec_44",    "nonstreaming", "codec_r128"};
    for (size_t i = 0; i < sizeof models / sizeof models[0]; ++i) {
        const char* status = strcmp(models[i], "text") != 0 ? "ready" : "failed";
        CHECK(!change(&tone, fixture_path(fixtures, models[i]), status));
        CHECK(!check_smooth(&tone, models[i]));
        CHECK(tone.level > 0.1);
    }
    CHECK(!change(&tone, "", "none"));
    CHECK(!check_smooth(&tone, "none"));
    instance_free(tone.instance);
    return 0;
}

/// In silence: how the model's frames lie in host time, found in a stretch without late hops.
static int find_phase(Instance* instance, uint32_t* phase) {
    const struct timespec pause = {.tv_nsec = 1000000000L / rate * block};
    enum { blocks = 40 };
    float* out = sound_new(blocks * block);
    bool found = false;
    instance_set(instance, "bias_1", 0.5f);
    memset(instance_in(instance, 0), 0, block * sizeof(float));
    for (int attempt = 0; attempt < 50 && !found; ++attempt) {
        for (size_t i = 0; i < blocks; ++i) {
            instance_run(instance, block);
            memcpy(out + i * block, instance_out(instance, 0), block * sizeof(float));
            (void)nanosleep(&pause, NULL);
        }
        found = codec_find_frames(out + (size_t)20 * block, 0.5, phase);
    }
    instance_set(instance, "bias_1", 0);
    free(out);
    CHECK(found);
    return 0;
}

/// With noise: whether wet and dry belong together, in a stretch without late hops.
static int check_aligned(Instance* instance, uint32_t phase) {
    const struct timespec pause = {.tv_nsec = 1000000000L / rate * block};
    enum { blocks = 60 };
    float* in = sound_new(blocks * block);
    float* out = sound_new(blocks * block);
    bool aligned = false;
    instance_set(instance, "scale_1", 2.5f);
    sound_noise(in, blocks * block, 0.5f, 21);
    for (int attempt = 0; attempt < 50 && !aligned; ++attempt) {
        for (size_t i = 0; i < blocks; ++i) {
            memcpy(instance_in(instance, 0), in + i * block, block * sizeof(float));
            instance_run(instance, block);
            memcpy(out + i * block, instance_out(instance, 0), block * sizeof(float));
            (void)nanosleep(&pause, NULL);
        }
        const uint32_t begin = phase + 16 * codec_ratio;
        aligned = codec_is_scaled(in, out, blocks * block,
                                  (uint32_t)instance_get(instance, "latency"), begin, 2.5);
    }
    instance_set(instance, "scale_1", 1);
    free(in);
    free(out);
    CHECK(aligned);
    return 0;
}

/// The model's process is stopped for a while: late hops.
static int stop_for_a_while(Tone* tone, pid_t child, uint32_t blocks) {
    const float before = instance_get(tone->instance, "dropouts");
    CHECK(!kill(child, SIGSTOP));
    run_blocks(tone, blocks);
    CHECK(!kill(child, SIGCONT));
    // Two at a time: whole frames of the codec, so that its phase can be compared.
    for (int i = 0; i < 1000 && instance_get(tone->instance, "dropouts") <= before; ++i) {
        run_blocks(tone, 2);
    }
    CHECK(instance_get(tone->instance, "dropouts") > before);
    run_blocks(tone, 100);
    return 0;
}

static int test_late(Host* host) {
    Tone tone = {.instance = new_instance(host)};
    Instance* instance = tone.instance;
    uint32_t phase = 0;
    pid_t child = 0;
    CHECK(instance_load(instance, fixture_path(fixtures, "codec")));
    CHECK(processes_children(&child, 1) == 1);
    CHECK(!find_phase(instance, &phase));
    CHECK(!check_aligned(instance, phase));
    const float latency = instance_get(instance, "latency");
    instance_set(instance, "input_gain", 6.0f);
    for (int late = 0; late < 2; ++late) {
        instance_set(instance, "late", (float)late); // dry, then silence
        tone = (Tone){.instance = instance};
        run_blocks(&tone, 60);
        tone.steepest = 0;                          // noise sounded before
        CHECK(!stop_for_a_while(&tone, child, 40)); // about 200 ms
        CHECK(!stop_for_a_while(&tone, child, 4));
        CHECK(!stop_for_a_while(&tone, child, 190)); // a second
        CHECK(!check_smooth(&tone, late ? "late, silence" : "late, dry"));
        CHECK(tone.level > 0.2);
    }
    instance_set(instance, "input_gain", 0);
    uint32_t phase_after = 0;
    CHECK(!find_phase(instance, &phase_after));
    CHECK(phase_after == phase);
    CHECK(!check_aligned(instance, phase));
    CHECK(instance_get(instance, "latency") == latency);
    instance_free(instance);
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    fixtures = argv[2];
    Host* host = host_open(argv[1]);
    CHECK(!test_bypass(host));
    CHECK(!test_constant(host));
    CHECK(!test_late(host));
    CHECK(!test_models(host));
    CHECK(rtguard_violations() == 0);
    host_close(host);
    return 0;
}
