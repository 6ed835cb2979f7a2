// SPDX-License-Identifier: ISC
/// With a model that plays its input untouched, the output is the input, later by the latency that
/// the plugin reports, to the sample, for every mix and rate; and the latents do what they say.
/// Usage: test_alignment BUNDLE FIXTURES

#include "codec.h"
#include "rtguard.h"
#include "sound.h"
#include "tests/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { block = 512, frames = 65536 };

static const double resampled = 1e-3; // -60 dB

typedef struct {
    const char* uri;
    const char* model;
    double rate;
    bool dual;
} Case;

typedef struct {
    Instance* instance;
    float* in[2];
    float* out[2];
    uint32_t channels;
} Setup;

static Setup set_up(Host* host, const char* fixtures, const Case* c) {
    const InstanceConfig config = {.rate = c->rate, .max_block = block};
    Setup s = {.instance = instance_new(host, c->uri, &config)};
    s.channels = instance_channels(s.instance);
    for (int i = 0; i < 2; ++i) {
        s.in[i] = sound_new(frames);
        s.out[i] = sound_new(frames);
    }
    instance_freewheel(s.instance, true);
    if (s.channels == 2) {
        instance_set(s.instance, "stereo", c->dual ? 1.0f : 0.0f);
    }
    if (!instance_load(s.instance, fixture_path(fixtures, c->model))) {
        exit(1);
    }
    sound_settle(s.instance, block);
    return s;
}

static void tear_down(Setup* s) {
    instance_free(s->instance);
    for (int i = 0; i < 2; ++i) {
        free(s->in[i]);
        free(s->out[i]);
    }
}

static void play(Setup* s) {
    sound_run(s->instance, (const float* const*)s->in, s->out, frames, (Cut){.frames = block}, NULL,
              NULL);
}

static uint32_t latency_of(const Setup* s) {
    return (uint32_t)instance_get(s->instance, "latency");
}

/// Whether `out` is `in`, later by `latency`, and silence before that.
static int check_delayed(const float* in, const float* out, uint32_t latency) {
    CHECK(latency < frames / 2);
    for (uint32_t i = 0; i < latency; ++i) {
        CHECK(fabs((double)out[i]) <= codec_exact);
    }
    CHECK(codec_is_delayed(in, out, frames, latency));
    return 0;
}

static int check_sound(Setup* s) {
    for (int mix = 0; mix <= 100; mix += 50) {
        instance_set(s->instance, "mix", (float)mix);
        sound_settle(s->instance, block);
        play(s);
        const uint32_t latency = latency_of(s);
        for (uint32_t c = 0; c < s->channels; ++c) {
            if (check_delayed(s->in[c], s->out[c], latency)) {
                (void)fprintf(stderr, "mix %d %%, channel %u, latency %u\n", mix, c, latency);
                return 1;
            }
        }
        CHECK(latency_of(s) == latency);
    }
    return 0;
}

static int test_exact(Host* host, const char* fixtures, const Case* c) {
    Setup s = set_up(host, fixtures, c);
    for (uint32_t i = 0; i < s.channels; ++i) {
        sound_noise(s.in[i], frames, 0.5f, 1 + i);
    }
    int failed = check_sound(&s);
    for (uint32_t i = 0; i < s.channels; ++i) {
        memset(s.in[i], 0, frames * sizeof(float));
        s.in[i][1000 + 7 * i] = 1.0f;
    }
    failed = failed || check_sound(&s);
    const uint32_t latency = latency_of(&s);
    tear_down(&s);
    CHECK(!failed);
    CHECK(latency >= codec_ratio);
    return 0;
}

/// A mono model on a stereo plugin plays the mean of both channels.
static int test_sum(Host* host, const char* fixtures) {
    const Case c = {STEREO_URI, "codec", 48000, false};
    Setup s = set_up(host, fixtures, &c);
    float* mean = sound_new(frames);
    for (uint32_t i = 0; i < 2; ++i) {
        sound_noise(s.in[i], frames, 0.5f, 5 + i);
    }
    for (uint32_t i = 0; i < frames; ++i) {
        mean[i] = 0.5f * (s.in[0][i] + s.in[1][i]);
    }
    play(&s);
    const int failed = check_delayed(mean, s.out[0], latency_of(&s)) ||
                       check_delayed(mean, s.out[1], latency_of(&s));
    free(mean);
    tear_down(&s);
    return failed;
}

/// Sines from 50 Hz to 16 kHz: within the pass band of every rate.
static void many_sines(float* sound, double rate) {
    float* sine = sound_new(frames);
    for (int i = 0; i < 40; ++i) {
        sound_sine(sine, (uint64_t)i * 331, frames, 50.0 * pow(320.0, i / 39.0), rate, 0.02);
        for (uint32_t k = 0; k < frames; ++k) {
            sound[k] += sine[k];
        }
    }
    free(sine);
}

/// At another rate than the model's, the wet sound lines up with the dry.
static int test_resampled(Host* host, const char* fixtures, const Case* c) {
    Setup s = set_up(host, fixtures, c);
    many_sines(s.in[0], c->rate);
    memcpy(s.in[1], s.in[0], frames * sizeof(float));
    float* dry = sound_new(frames);
    instance_set(s.instance, "mix", 0);
    sound_settle(s.instance, block);
    play(&s);
    memcpy(dry, s.out[0], frames * sizeof(float));
    const uint32_t latency = latency_of(&s);
    int failed = check_delayed(s.in[0], dry, latency);
    instance_set(s.instance, "mix", 100);
    sound_settle(s.instance, block);
    play(&s);
    failed = failed || latency_of(&s) != latency;
    // The sines' beginning is no part of the pass band.
    const uint32_t from = latency + 8192;
    const double level = sound_level(dry + from, frames - from);
    float* residual = s.in[1];
    for (uint32_t i = 0; i < frames; ++i) {
        residual[i] = s.out[0][i] - dry[i];
    }
    const double left = sound_level(residual + from, frames - from) / level;
    (void)fprintf(stderr, "%s at %g Hz: latency %u, residual %.1f dB\n", c->model, c->rate, latency,
                  20.0 * log10(left));
    free(dry);
    tear_down(&s);
    CHECK(!failed);
    CHECK(level > 0.05);
    CHECK(left < resampled);
    return 0;
}

static int check_latents(Setup* s) {
    instance_set(s->instance, "bias_1", 0.75f);
    sound_settle(s->instance, block);
    play(s);
    const uint32_t latency = latency_of(s);
    uint32_t begin = 0;
    CHECK(codec_find_frames(s->out[0] + latency, 0.75, &begin));
    CHECK(fabs((double)instance_get(s->instance, "latent_1") - 0.75) <= codec_exact);
    CHECK(fabs((double)instance_get(s->instance, "latent_2")) <= codec_exact);

    instance_set(s->instance, "bias_1", 0);
    instance_set(s->instance, "scale_1", 2.5f);
    // A whole number of frames later, so that frames begin where they did.
    sound_settle(s->instance, block);
    sound_noise(s->in[0], frames, 0.5f, 9);
    play(s);
    CHECK(codec_is_scaled(s->in[0], s->out[0], frames, latency, latency + begin, 2.5));
    return 0;
}

static int test_latents(Host* host, const char* fixtures) {
    const Case c = {MONO_URI, "codec", 48000, false};
    Setup s = set_up(host, fixtures, &c);
    const int failed = check_latents(&s);
    tear_down(&s);
    return failed;
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    Host* host = host_open(argv[1]);
    static const Case exact_cases[] = {
        {MONO_URI, "codec", 48000, false},         {MONO_URI, "codec_delay", 48000, false},
        {MONO_URI, "codec_r2048", 48000, false},   {MONO_URI, "codec_44", 44100, false},
        {STEREO_URI, "codec", 48000, true},        {STEREO_URI, "codec_delay", 48000, true},
        {STEREO_URI, "codec_stereo", 48000, false}};
    for (size_t i = 0; i < sizeof exact_cases / sizeof exact_cases[0]; ++i) {
        (void)fprintf(stderr, "%s %s\n", exact_cases[i].uri, exact_cases[i].model);
        CHECK(!test_exact(host, argv[2], &exact_cases[i]));
    }
    CHECK(!test_sum(host, argv[2]));
    CHECK(!test_latents(host, argv[2]));
    static const Case resampled_cases[] = {
        {MONO_URI, "codec", 44100, false},    {MONO_URI, "codec", 88200, false},
        {MONO_URI, "codec", 96000, false},    {MONO_URI, "codec", 192000, false},
        {MONO_URI, "codec_44", 48000, false}, {STEREO_URI, "codec_delay", 44100, true}};
    for (size_t i = 0; i < sizeof resampled_cases / sizeof resampled_cases[0]; ++i) {
        CHECK(!test_resampled(host, argv[2], &resampled_cases[i]));
    }
    CHECK(rtguard_violations() == 0);
    host_close(host);
    return 0;
}
