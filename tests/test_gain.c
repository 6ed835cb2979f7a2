// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/dsp/gain.h"
#include "measure.h"

#include <string.h>

enum { total = 9600, settle = 2000 };

static void ones(float* samples) {
    for (uint32_t i = 0; i < total; ++i) {
        samples[i] = 1.0f;
    }
}

static void process(TimbrelGain* gain, float samples[2][total], uint32_t from, uint32_t to) {
    timbrel_gain_process(gain, (float* const[]){samples[0] + from, samples[1] + from}, to - from);
}

static int first_value_holds_at_once(void) {
    static float samples[2][total];
    TimbrelGain gain;
    for (double rate = 22050.0; rate < 200000.0; rate *= 2.0) {
        timbrel_gain_init(&gain, rate, 2);
        for (int pass = 0; pass < 2; ++pass) {
            ones(samples[0]);
            ones(samples[1]);
            timbrel_gain_set(&gain, pass ? -6.0f : 24.0f);
            process(&gain, samples, 0, total);
            const double wanted = pow(10.0, (pass ? -6.0 : 24.0) / 20.0);
            for (uint32_t i = 0; i < total; ++i) {
                CHECK(fabs((double)samples[0][i] / wanted - 1.0) < 1e-6);
                CHECK(samples[1][i] == samples[0][i]);
            }
            timbrel_gain_reset(&gain);
        }
    }
    return 0;
}

static int unity_passes_every_bit(void) {
    static float samples[2][total];
    static float before[2][total];
    uint32_t random = 3;
    for (uint32_t i = 0; i < total; ++i) {
        samples[0][i] = measure_noise(&random);
        samples[1][i] = measure_noise(&random) * 1e-30f;
    }
    memcpy(before, samples, sizeof before);
    TimbrelGain gain;
    timbrel_gain_init(&gain, 48000.0, 2);
    process(&gain, samples, 0, 100); // Nothing set yet
    timbrel_gain_set(&gain, 0.0f);
    process(&gain, samples, 100, 200);
    CHECK(memcmp(before[0], samples[0], 200 * sizeof(float)) == 0);
    timbrel_gain_set(&gain, 12.0f); // There and back
    process(&gain, samples, 200, 3000);
    timbrel_gain_set(&gain, 0.0f);
    process(&gain, samples, 3000, total);
    CHECK(memcmp(before[0], samples[0], 200 * sizeof(float)) == 0);
    CHECK(memcmp(before[0] + 1000, samples[0] + 1000, 2000 * sizeof(float)) != 0);
    for (int c = 0; c < 2; ++c) {
        CHECK(memcmp(before[c] + 3000 + settle, samples[c] + 3000 + settle,
                     (total - 3000 - settle) * sizeof(float)) == 0);
    }
    return 0;
}

/// A move is smooth, monotonous, and over in 20 ms; NaN and what is out of range change nothing
/// more.
static int moves_are_smooth(void) {
    static float samples[2][total];
    ones(samples[0]);
    ones(samples[1]);
    TimbrelGain gain;
    timbrel_gain_init(&gain, 48000.0, 2);
    timbrel_gain_set(&gain, -INFINITY); // As -24
    process(&gain, samples, 0, 1000);
    timbrel_gain_set(&gain, 100.0f); // As 24
    process(&gain, samples, 1000, 1500);
    timbrel_gain_set(&gain, NAN);
    process(&gain, samples, 1500, total);
    CHECK(fabs(20.0 * log10((double)samples[0][999]) + 24.0) < 1e-4);
    for (uint32_t i = 1000; i < total; ++i) {
        const float step = samples[0][i] - samples[0][i - 1];
        CHECK(step >= 0.0f && step < 16.0f / 900.0f);
    }
    CHECK(fabs(20.0 * log10((double)samples[0][1000 + 961]) - 24.0) < 1e-4);
    CHECK(samples[0][1000 + 961] == samples[0][total - 1]);
    return 0;
}

static int blocks_change_nothing(void) {
    static float whole[2][total];
    static float cut[2][total];
    uint32_t random = 5;
    for (uint32_t i = 0; i < total; ++i) {
        whole[0][i] = cut[0][i] = measure_noise(&random);
        whole[1][i] = cut[1][i] = measure_noise(&random);
    }
    TimbrelGain gains[2];
    timbrel_gain_init(&gains[0], 48000.0, 2);
    timbrel_gain_init(&gains[1], 48000.0, 2);
    for (uint32_t from = 0; from < total;) {
        const uint32_t rest = total - from;
        const uint32_t span = rest < 700 ? rest : 700;
        const float decibels = 24.0f * measure_noise(&random);
        timbrel_gain_set(&gains[0], decibels);
        timbrel_gain_set(&gains[1], decibels);
        process(&gains[0], whole, from, from + span);
        for (uint32_t at = from; at < from + span;) {
            uint32_t to = at + measure_pick(&random, 70);
            to = to < from + span ? to : from + span;
            process(&gains[1], cut, at, to);
            timbrel_gain_set(&gains[1], decibels); // As a host says it with every block
            at = to;
        }
        from += span;
    }
    CHECK(memcmp(whole, cut, sizeof whole) == 0);
    return 0;
}

int main(void) {
    CHECK(first_value_holds_at_once() == 0);
    CHECK(unity_passes_every_bit() == 0);
    CHECK(moves_are_smooth() == 0);
    CHECK(blocks_change_nothing() == 0);
    return 0;
}
