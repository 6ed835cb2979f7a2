// SPDX-License-Identifier: ISC
// Plays noise through a plan: play_plan PLAN SOUND writes what comes out to the file SOUND;
// play_plan PLAN SOUND compare fails unless it is what SOUND holds, made on another machine.
#include "engine/model/native/native.h"
#include "tests/check.h"
#include "tests/measure.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { calls = 12, least_decibels = 90 };

/// `right` has room for a call's sound.
static int play(TimbrelBackend* backend, FILE* sound, bool compares, float* right) {
    const TimbrelModelInfo* info = &backend->info;
    const size_t samples = (size_t)info->ratio * backend->max_frames;
    double signal = 0.0;
    double error = 0.0;
    uint32_t seed = 1;
    for (uint32_t i = 0; i < calls; ++i) {
        for (size_t k = 0; k < samples * info->in_channels; ++k) {
            backend->audio_in[k] = 0.3f * measure_noise(&seed);
        }
        const bool forward = info->play_mode == TIMBREL_PLAY_FORWARD;
        const TimbrelAmounts amounts = {.uniform = 1.0f};
        TimbrelCall call = {.step = forward ? TIMBREL_STEP_FORWARD : TIMBREL_STEP_ENCODE,
                            .lanes = 1,
                            .frames = backend->max_frames,
                            .amounts = &amounts};
        TimbrelError problem;
        CHECK(!backend->ops->call(backend, &call, &problem));
        call.step = TIMBREL_STEP_DECODE;
        CHECK(forward || !backend->ops->call(backend, &call, &problem));
        const size_t count = samples * info->out_channels;
        if (!compares) {
            CHECK(fwrite(backend->audio_out, sizeof(float), count, sound) == count);
            continue;
        }
        CHECK(fread(right, sizeof(float), count, sound) == count);
        for (size_t k = 0; k < count; ++k) {
            const double difference = (double)backend->audio_out[k] - (double)right[k];
            signal += (double)right[k] * (double)right[k];
            error += difference * difference;
        }
    }
    if (compares) {
        CHECK(signal > 0.0);
        const double decibels = 10.0 * log10(signal / (error + 1e-30));
        (void)printf("%.1f dB\n", decibels);
        CHECK(decibels >= least_decibels);
    }
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc >= 3);
    const bool compares = argc > 3 && strcmp(argv[3], "compare") == 0;
    const int file = open(argv[1], O_RDONLY | O_CLOEXEC);
    FILE* sound = fopen(argv[2], compares ? "rb" : "wb");
    CHECK(file >= 0 && sound);
    const TimbrelNativeConfig config = {.max_samples = 1, .seed = 5};
    TimbrelError error;
    TimbrelBackend* backend = timbrel_native_open(&config, file, argv[1], &error);
    if (!backend) {
        (void)fprintf(stderr, "%s\n", error.message);
    }
    CHECK(backend);
    (void)close(file);
    float* right = calloc((size_t)backend->info.ratio * backend->max_frames,
                          backend->info.out_channels * sizeof *right);
    const int failed = !right || play(backend, sound, compares, right);
    free(right);
    backend->ops->close(backend);
    CHECK(fclose(sound) == 0);
    return failed;
}
