// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/dsp/cut.h"
#include "measure.h"

#include <string.h>

enum { total = 1 << 19 };

static const double rates[] = {22050.0, 32000.0, 44100.0, 48000.0, 88200.0, 96000.0, 192000.0};
enum { rate_count = sizeof rates / sizeof *rates };

static float samples[2][total];
static float others[2][total];

static void process(TimbrelCut* cut, float signal[2][total], uint32_t from, uint32_t to) {
    timbrel_cut_process(cut, (float* const[]){signal[0] + from, signal[1] + from}, to - from);
}

static void fill_impulse(void) {
    memset(samples, 0, sizeof samples);
    samples[0][0] = samples[1][0] = 1.0f;
}

static void fill_noise(float signal[2][total], uint32_t length) {
    uint32_t random = 9;
    for (uint32_t i = 0; i < length; ++i) {
        signal[0][i] = measure_noise(&random);
        signal[1][i] = measure_noise(&random);
    }
}

/// Fourth-order Butterworth by the bilinear transform, exact at the cut: its level in dB.
static double ideal(bool high_pass, double cut, double frequency, double rate) {
    const double ratio = tan(MEASURE_PI * frequency / rate) / tan(MEASURE_PI * cut / rate);
    return -10.0 * log10(1.0 + pow(ratio, high_pass ? -8.0 : 8.0));
}

static int response_is_butterworth(double rate, bool high_pass, double frequency) {
    TimbrelCut cut;
    timbrel_cut_init(&cut, rate, 2);
    timbrel_cut_set(&cut, high_pass ? (float)frequency : 10.0f,
                    high_pass ? 22000.0f : (float)frequency);
    fill_impulse();
    // Until the slowest part of the response has died away.
    const double wanted_length = rate / frequency * 12.0 + 2000.0;
    const uint32_t length = wanted_length < total ? (uint32_t)wanted_length : total;
    process(&cut, samples, 0, length);
    CHECK(memcmp(samples[0], samples[1], length * sizeof(float)) == 0);
    for (double at = frequency / 6.0; at < fmin(frequency * 6.0, 0.499 * rate); at *= 1.37) {
        const double wanted = ideal(high_pass, frequency, at, rate);
        const double told = timbrel_cut_response(high_pass ? (float)frequency : 10.0f,
                                                 high_pass ? 22000.0f : (float)frequency, rate, at);
        CHECK(fabs(told - fmax(wanted, -100.0)) < 0.001);
        if (wanted > -70.0) {
            CHECK(fabs(measure_decibels(samples[0], length, at / rate) - wanted) < 0.02);
        }
    }
    const double there = measure_decibels(samples[0], length, frequency / rate);
    CHECK(fabs(there + 3.0103) < 0.01);
    return 0;
}

static int responses_are_butterworth(void) {
    const double lows[] = {10.5, 31.0, 200.0, 2000.0};
    const double highs[] = {500.0, 3000.0, 10000.0, 20000.0, 21500.0};
    for (int r = 0; r < rate_count; ++r) {
        for (int i = 0; i < 4; ++i) {
            CHECK(response_is_butterworth(rates[r], true, lows[i]) == 0);
        }
        for (int i = 0; i < 5; ++i) {
            if (highs[i] < 0.49 * rates[r]) {
                CHECK(response_is_butterworth(rates[r], false, highs[i]) == 0);
            }
        }
    }
    return 0;
}

/// Off, cuts pass every bit: at first, and again 20 ms after they were on.
static int off_passes_every_bit(void) {
    enum { length = 20000 };
    for (int r = 0; r < rate_count; ++r) {
        const uint32_t settle = (uint32_t)(0.02 * rates[r]) + 2;
        TimbrelCut cut;
        timbrel_cut_init(&cut, rates[r], 2);
        fill_noise(samples, length);
        memcpy(others, samples, sizeof others);
        process(&cut, samples, 0, 100);
        timbrel_cut_set(&cut, 10.0f, 22000.0f);
        process(&cut, samples, 100, 1000);
        CHECK(memcmp(others[0], samples[0], 1000 * sizeof(float)) == 0);
        timbrel_cut_set(&cut, 300.0f, 4000.0f);
        process(&cut, samples, 1000, 8000);
        CHECK(memcmp(others[0] + 1000, samples[0] + 1000, 7000 * sizeof(float)) != 0);
        timbrel_cut_set(&cut, -5.0f, 1e9f); // Clamped to off
        process(&cut, samples, 8000, length);
        for (int c = 0; c < 2; ++c) {
            CHECK(memcmp(others[c] + 8000 + settle, samples[c] + 8000 + settle,
                         (length - 8000 - settle) * sizeof(float)) == 0);
        }
    }
    // Above what the rate can carry there is nothing to cut.
    TimbrelCut cut;
    timbrel_cut_init(&cut, 22050.0, 2);
    timbrel_cut_set(&cut, 10.0f, 15000.0f);
    fill_noise(samples, length);
    memcpy(others, samples, sizeof others);
    process(&cut, samples, 0, length);
    CHECK(memcmp(others, samples, sizeof others) == 0);
    return 0;
}

/// A steady tone stays smooth while cuts are switched and swept.
static int changes_do_not_click(void) {
    enum { length = 60000 };
    const double tones[] = {40.0, 100.0, 250.0};
    const float settings[][2] = {{10, 22000},    {120, 22000},  {10, 22000},
                                 {10, 500},      {10, 22000},   {2000, 500},
                                 {10.1f, 21000}, {2000, 21000}, {10, 22000.f}};
    for (int t = 0; t < 3; ++t) {
        for (uint32_t i = 0; i < length; ++i) {
            samples[0][i] = samples[1][i] =
                (float)sin(2.0 * MEASURE_PI * tones[t] / 48000.0 * i + 0.5);
        }
        TimbrelCut cut;
        timbrel_cut_init(&cut, 48000.0, 2);
        for (uint32_t s = 0; s < 9; ++s) {
            timbrel_cut_set(&cut, settings[s][0], settings[s][1]);
            process(&cut, samples, s * 6001, (s + 1) * 6001);
        }
        // A step of the sweep or crossfade is 1/960 of the tone; a click would be near 1.
        CHECK(measure_roughness(samples[0], 9 * 6001) < 0.01);
    }
    return 0;
}

/// Random automation at every rate: output stays bounded, and blocks change no bit.
static int blocks_change_nothing(void) {
    enum { length = 60000 };
    for (int r = 0; r < rate_count; ++r) {
        TimbrelCut cuts[2];
        timbrel_cut_init(&cuts[0], rates[r], 2);
        timbrel_cut_init(&cuts[1], rates[r], 2);
        fill_noise(samples, length);
        memcpy(others, samples, sizeof others);
        uint32_t random = 77;
        for (uint32_t from = 0; from < length;) {
            const uint32_t end = from + 1 + measure_pick(&random, 1500);
            const uint32_t to = end < length ? end : length;
            const float low = 10.0f * powf(200.0f, fabsf(measure_noise(&random)));
            const float high = 22000.0f * powf(0.0227f, fabsf(measure_noise(&random)));
            const bool low_on = measure_pick(&random, 4) > 0;
            const bool high_on = measure_pick(&random, 4) > 0;
            for (int k = 0; k < 2; ++k) {
                timbrel_cut_set(&cuts[k], low_on ? low : 10.0f, high_on ? high : 22000.0f);
            }
            process(&cuts[0], samples, from, to);
            for (uint32_t at = from; at < to;) {
                const uint32_t piece = at + measure_pick(&random, 60);
                const uint32_t stop = piece < to ? piece : to;
                process(&cuts[1], others, at, stop);
                timbrel_cut_set(&cuts[1], NAN, NAN);
                at = stop;
            }
            from = to;
        }
        CHECK(memcmp(samples, others, sizeof samples) == 0);
        for (uint32_t i = 0; i < length; ++i) {
            CHECK(fabsf(samples[0][i]) < 20.0f);
        }
    }
    return 0;
}

static int recovers_from_overflow(void) {
    TimbrelCut cut;
    timbrel_cut_init(&cut, 48000.0, 1);
    timbrel_cut_set(&cut, 100.0f, 5000.0f);
    float block[64] = {INFINITY, 1.0f, NAN};
    timbrel_cut_process(&cut, (float* const[]){block}, 64);
    float clean[64] = {1.0f, 0.5f};
    float fresh[64] = {1.0f, 0.5f};
    TimbrelCut other;
    timbrel_cut_init(&other, 48000.0, 1);
    timbrel_cut_set(&other, 100.0f, 5000.0f);
    timbrel_cut_process(&cut, (float* const[]){clean}, 64);
    timbrel_cut_process(&other, (float* const[]){fresh}, 64);
    CHECK(memcmp(clean, fresh, sizeof clean) == 0);
    return 0;
}

static int reset_forgets(void) {
    enum { length = 5000 };
    TimbrelCut cut;
    timbrel_cut_init(&cut, 44100.0, 2);
    for (int pass = 0; pass < 2; ++pass) {
        float(*const signal)[total] = pass ? others : samples;
        fill_noise(signal, length);
        timbrel_cut_set(&cut, 50.0f, 900.0f);
        process(&cut, signal, 0, length);
        timbrel_cut_set(&cut, 10.0f, 22000.0f); // A move under way
        timbrel_cut_reset(&cut);
    }
    CHECK(memcmp(samples[0], others[0], length * sizeof(float)) == 0);
    return 0;
}

int main(void) {
    CHECK(responses_are_butterworth() == 0);
    CHECK(off_passes_every_bit() == 0);
    CHECK(changes_do_not_click() == 0);
    CHECK(blocks_change_nothing() == 0);
    CHECK(recovers_from_overflow() == 0);
    CHECK(reset_forgets() == 0);
    return 0;
}
