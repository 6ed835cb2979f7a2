// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/dsp/loudness.h"

#include <math.h>

enum { most = 12 * 48000 };

static float sound[most];
static const float nothing[most];

/// A sine at `peak`, silent for `pause` of each second.
static void play(uint32_t frames, double rate, double peak, double rest, double pause) {
    for (uint32_t i = 0; i < frames; ++i) {
        const double time = i / rate;
        const double level = fmod(time, 1.0) < pause ? rest : peak;
        sound[i] = (float)(level * sin(2.0 * 3.14159265358979 * 220.0 * time));
    }
}

/// Seconds until it knows, fed in calls of `call` frames; 0 if it never does.
static double listen(TimbrelLoudness* l, const float* left, const float* right, uint32_t frames,
                     double rate, uint32_t call) {
    for (uint32_t at = 0; at < frames; at += call) {
        const float* const in[2] = {left + at, right ? right + at : NULL};
        if (timbrel_loudness_process(l, in, frames - at < call ? frames - at : call)) {
            return (at + call) / rate;
        }
    }
    return 0.0;
}

static int test_level(double rate) {
    const uint32_t frames = (uint32_t)(12.0 * rate);
    TimbrelLoudness l;
    for (double peak = 0.01; peak < 1.1; peak *= 10.0) {
        const double wanted = 20.0 * log10(peak) - 3.0103;
        play(frames, rate, peak, 0.0, 0.0);
        timbrel_loudness_start(&l, rate, 1);
        const double time = listen(&l, sound, NULL, frames, rate, 64);
        CHECK(fabs(time - 5.0) < 0.02);
        CHECK(fabs((double)timbrel_loudness_level(&l) - wanted) < 0.05);

        // Half of the time nothing: neither time nor loudness, but for the blocks at its edges.
        play(frames, rate, peak, 0.0, 0.5);
        timbrel_loudness_start(&l, rate, 1);
        CHECK(fabs(listen(&l, sound, NULL, frames, rate, 7) - 10.0) < 0.6);
        CHECK(fabs((double)timbrel_loudness_level(&l) - wanted) < 0.6);
    }
    // A hum 30 dB below counts as time, not as loudness.
    play(frames, rate, 0.5, 0.5 * 0.0316, 0.5);
    timbrel_loudness_start(&l, rate, 1);
    CHECK(fabs(listen(&l, sound, NULL, frames, rate, 100) - 5.0) < 0.02);
    CHECK(fabs((double)timbrel_loudness_level(&l) - (20.0 * log10(0.5) - 3.0103)) < 0.6);
    // Too soft to be playing.
    play(frames, rate, 0.004, 0.0, 0.0);
    timbrel_loudness_start(&l, rate, 1);
    CHECK(listen(&l, sound, NULL, frames, rate, 100) == 0.0);
    return 0;
}

/// One channel of two is half the power; the cut into calls does not matter.
static int test_channels(void) {
    enum { rate = 48000, frames = 6 * rate };
    play(frames, rate, 0.5, 0.0, 0.0);
    float levels[2] = {0};
    for (int i = 0; i < 2; ++i) {
        TimbrelLoudness l;
        timbrel_loudness_start(&l, rate, 2);
        CHECK(listen(&l, sound, nothing, frames, rate, i ? 1 : frames) > 0.0);
        levels[i] = timbrel_loudness_level(&l);
        CHECK(fabs((double)levels[i] - (20.0 * log10(0.5) - 6.0206)) < 0.05);
    }
    CHECK(levels[0] == levels[1]);
    return 0;
}

int main(void) {
    CHECK(!test_level(48000.0));
    CHECK(!test_level(44100.0));
    CHECK(!test_channels());
    return 0;
}
