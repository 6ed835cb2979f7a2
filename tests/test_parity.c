// SPDX-License-Identifier: ISC
// The plan of a model gives what libtorch gives: test_parity TORCH_PROGRAM SECONDS MODEL...
// Noise is off; 1, 2, 4 and 8 lanes; encode and decode are compared apart, with libtorch's latents
// into both decoders. A model that cannot be a plan fails, unless its name begins with "no-plan:".
#include "check.h"
#include "engine/latents/bend.h"
#include "engine/model/methods.h"
#include "engine/model/native/native.h"
#include "engine/model/remote/remote.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
    double signal;
    double error;
} Compared;

static double decibels(const Compared* compared) {
    return 10.0 * log10((compared->signal + 1e-30) / (compared->error + 1e-30));
}

static bool same_numbers(const float* right, const float* given, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (isfinite(right[i]) != isfinite(given[i])) {
            return false;
        }
    }
    return true;
}

static void compare(Compared* compared, const float* right, const float* given, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        const double difference = (double)right[i] - (double)given[i];
        compared->signal += (double)right[i] * (double)right[i];
        compared->error += difference * difference;
        if (isnan(given[i])) {
            compared->error += HUGE_VAL;
        }
    }
}

// Notes of a few harmonics with noise, at several levels.
static void make_music(float* audio, size_t count, double rate, uint64_t start) {
    static uint32_t noise = 1;
    for (size_t i = 0; i < count; ++i) {
        const double time = (double)(start + i) / rate;
        const double pitch = 110.0 * exp2(floor(fmod(time * 3.0, 12.0)) / 12.0);
        double value = 0.0;
        for (int k = 1; k < 8; ++k) {
            value += sin(2.0 * M_PI * pitch * k * time) / k;
        }
        noise = noise * 1664525u + 1013904223u;
        value =
            0.2 * value * exp(-6.0 * fmod(time * 3.0, 1.0)) + 0.01 * (noise / 2147483648.0 - 1.0);
        audio[i] = (float)value;
    }
}

/// The plan's own length of a call: some models depend on it.
static uint32_t plan_frames(TimbrelBackend* native) {
    TimbrelError error;
    TimbrelCall trial = {.step = native->info.play_mode == TIMBREL_PLAY_FORWARD
                                     ? TIMBREL_STEP_FORWARD
                                     : TIMBREL_STEP_ENCODE,
                         .lanes = 1,
                         .frames = 1};
    while (native->ops->call(native, &trial, &error) && trial.frames < native->max_frames) {
        trial.frames *= 2;
    }
    return trial.frames;
}

static int play(TimbrelBackend* torch, TimbrelBackend* native, double seconds, uint32_t lanes,
                Compared compared[2]) {
    const TimbrelModelInfo* info = &torch->info;
    const TimbrelStep first = timbrel_methods_step(info, TIMBREL_STEP_ENCODE)
                                  ? TIMBREL_STEP_ENCODE
                                  : TIMBREL_STEP_FORWARD;
    TimbrelError error = {0};
    const uint32_t frames = plan_frames(native);
    const size_t samples = (size_t)frames * info->ratio;
    const uint64_t hops = (uint64_t)(seconds * info->rate / (double)samples) + 1;
    CHECK(!torch->ops->reset(torch, TIMBREL_ALL_LANES, &error) &&
          !native->ops->reset(native, TIMBREL_ALL_LANES, &error));
    const size_t ins = (size_t)lanes * info->in_channels;
    for (uint64_t hop = 0; hop < hops; ++hop) {
        for (size_t i = 0; i < ins; ++i) {
            make_music(torch->audio_in + i * samples, samples, info->rate,
                       hop * samples + 12345 * i);
        }
        memcpy(native->audio_in, torch->audio_in, ins * samples * sizeof(float));
        TimbrelCall call = {.step = first, .lanes = timbrel_lanes_first(lanes), .frames = frames};
        const bool failed = torch->ops->call(torch, &call, &error) != TIMBREL_OK ||
                            native->ops->call(native, &call, &error) != TIMBREL_OK;
        if (failed) {
            (void)fprintf(stderr, "%s\n", error.message);
        }
        CHECK(!failed);
        if (first == TIMBREL_STEP_ENCODE) {
            const size_t count = (size_t)lanes * info->latents * frames;
            CHECK(same_numbers(torch->latents, native->latents, count));
            timbrel_latents_mend(torch->latents, count);
            timbrel_latents_mend(native->latents, count);
            compare(&compared[0], torch->latents, native->latents, count);
            memcpy(native->latents, torch->latents, count * sizeof(float));
        }
        call.step = TIMBREL_STEP_DECODE;
        if (timbrel_methods_step(info, call.step)) {
            CHECK(!torch->ops->call(torch, &call, &error));
            CHECK(!native->ops->call(native, &call, &error));
        } else if (first == TIMBREL_STEP_ENCODE) {
            continue; // it only measures
        }
        compare(&compared[1], torch->audio_out, native->audio_out,
                (size_t)lanes * info->out_channels * samples);
    }
    return 0;
}

/// With its random draws on, a model makes as much noise as it does through libtorch.
static int check_noise(TimbrelBackend* torch, TimbrelBackend* native) {
    enum { frames_in_all = 400 };
    const TimbrelModelInfo* info = &torch->info;
    TimbrelBackend* const both[] = {torch, native};
    const uint32_t frames = plan_frames(native);
    const uint32_t hops = frames_in_all / frames + 1;
    double power[2] = {0.0, 0.0};
    TimbrelError error = {0};
    for (int b = 0; b < 2; ++b) {
        CHECK(!both[b]->ops->reset(both[b], TIMBREL_ALL_LANES, &error));
        for (uint32_t hop = 0; hop < hops; ++hop) {
            const TimbrelAmounts amounts = {1.0f, 1.0f};
            TimbrelCall call = {.lanes = 1, .frames = frames, .amounts = &amounts};
            const size_t samples = (size_t)frames * info->ratio;
            for (uint32_t i = 0; i < info->in_channels; ++i) {
                make_music(both[b]->audio_in + i * samples, samples, info->rate, hop * samples);
            }
            CHECK(!both[b]->ops->call(both[b], &call, &error));
            timbrel_latents_mend(both[b]->latents, (size_t)frames * info->latents);
            call.step = TIMBREL_STEP_DECODE;
            CHECK(!both[b]->ops->call(both[b], &call, &error));
            for (size_t i = 0; hop >= hops / 4 && i < (size_t)frames * info->ratio; ++i) {
                power[b] += (double)both[b]->audio_out[i] * (double)both[b]->audio_out[i] / frames;
            }
        }
    }
    const double difference = 10.0 * log10((power[1] + 1e-30) / (power[0] + 1e-30));
    (void)printf("  with noise: %+.2f dB\n", difference);
    CHECK(fabs(difference) < 1.0);
    return 0;
}

/// Models for which more lanes than two are compared, too: one of each kind.
static bool many_lanes(const char* file) {
    static const char* const names[] = {"forward_only.ts", "nonstreaming.ts", "rave_causal.ts",
                                        "rave_v2.ts"};
    const char* slash = strrchr(file, '/');
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        if (strcmp(slash ? slash + 1 : file, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int check_model(const char* program, const char* path, double seconds) {
    // no-plan:FILE, or METHOD:FILE
    const char* colon = strchr(path, ':');
    const bool without = strncmp(path, "no-plan:", 8) == 0;
    const char* file = colon ? colon + 1 : path;
    char method[TIMBREL_NAME_SIZE] = "";
    if (colon && !without) {
        (void)snprintf(method, sizeof method, "%.*s", (int)(colon - path), path);
    }
    const int plan = memfd_create("plan", MFD_CLOEXEC);
    const TimbrelRemoteConfig remote = {
        .program = program, .method = method, .lanes = TIMBREL_MAX_LANES, .plan_file = plan};
    TimbrelError error = {0};
    TimbrelBackend* torch = timbrel_remote_open(&remote, file, 16384, NULL, &error);
    if (!torch) {
        (void)fprintf(stderr, "%s\n", error.message);
    }
    CHECK(torch);
    for (int full = 1; full >= 0; --full) {
        CHECK(ftruncate(plan, 0) == 0);
        const TimbrelStatus status = timbrel_remote_compile(
            torch, "0", full ? TIMBREL_WEIGHTS_FULL : TIMBREL_WEIGHTS_HALF, NULL, &error);
        if (without) {
            CHECK(status == TIMBREL_BAD_MODEL && error.message[0] != '\0');
            break;
        }
        if (status) {
            (void)fprintf(stderr, "%s\n", error.message);
        }
        CHECK(!status);
        const TimbrelNativeConfig config = {.max_samples = 16384, .lanes = TIMBREL_MAX_LANES};
        TimbrelBackend* native = timbrel_native_open(&config, plan, file, &error);
        if (!native) {
            (void)fprintf(stderr, "%s\n", error.message);
        }
        CHECK(native && strcmp(native->info.method, torch->info.method) == 0);
        CHECK(!method[0] || strcmp(native->info.method, method) == 0);
        const bool heard = torch->info.play_mode != TIMBREL_PLAY_VALUES;
        const uint32_t most = full && many_lanes(file) ? TIMBREL_MAX_LANES : 2;
        for (uint32_t lanes = 1; lanes <= most; lanes *= 2) {
            // A model that is itself of several channels takes one instrument at a time.
            if (lanes > 1 && (torch->info.in_channels > 1 || torch->info.out_channels > 1)) {
                break;
            }
            Compared compared[2] = {{0.0, 0.0}, {0.0, 0.0}};
            CHECK(!play(torch, native, lanes > 2 ? seconds / 4.0 : seconds, lanes, compared));
            const char* name = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
            (void)printf("%-28s %s lanes %u: encode %6.1f dB, decode %6.1f dB\n", name,
                         full ? "f32" : "f16", lanes, decibels(&compared[0]),
                         decibels(&compared[1]));
            (void)fflush(stdout);
            const double least = full ? 100.0 : 60.0;
            CHECK(!heard || decibels(&compared[1]) >= least);
            CHECK(torch->info.latents == 0 || torch->info.discrete ||
                  decibels(&compared[0]) >= least);
        }
        const bool random = torch->info.draws_normal || torch->info.draws_uniform;
        if (random && torch->info.play_mode == TIMBREL_PLAY_ENCODE_DECODE) {
            CHECK(!check_noise(torch, native));
        }
        native->ops->close(native);
    }
    torch->ops->close(torch);
    (void)close(plan);
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc >= 4);
    int failed = 0;
    for (int i = 3; i < argc; ++i) {
        failed |= check_model(argv[1], argv[i], strtod(argv[2], NULL));
    }
    return failed;
}
