// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/dsp/resampler.h"
#include "measure.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t in;
    uint32_t out;
} Pair;

static const Pair pairs[] = {
    {44100, 48000},  {44100, 88200},  {44100, 96000},  {44100, 192000}, {48000, 44100},
    {48000, 88200},  {48000, 96000},  {48000, 192000}, {88200, 44100},  {96000, 44100},
    {192000, 44100}, {88200, 48000},  {96000, 48000},  {192000, 48000}, {88200, 96000},
    {96000, 88200},  {88200, 192000}, {192000, 88200}, {96000, 192000}, {192000, 96000},
    {16000, 44100},  {44100, 16000},  {22050, 48000},  {48000, 22050},  {32000, 44100},
    {44100, 32000},  {48000, 16000},  {16000, 48000},  {44101, 44100},  {48000, 48000},
};
enum { pair_count = sizeof pairs / sizeof *pairs };

static uint32_t divisor_of(Pair pair) {
    uint32_t divisor = 1;
    for (uint32_t d = 1; d <= pair.in && d <= pair.out; ++d) {
        divisor = pair.in % d == 0 && pair.out % d == 0 ? d : divisor;
    }
    return divisor;
}

/// All the output for `in`, handed over in one piece (`random` 0) or in random ones, each of which
/// must give just what available() and needed() say.
static int convert(TimbrelResampler* resampler, const float* in, uint32_t in_count, float* out,
                   uint32_t random) {
    const uint64_t expected = timbrel_resampler_available(resampler, in_count);
    uint64_t made = 0;
    for (uint32_t used = 0; used < in_count;) {
        const uint32_t rest = in_count - used;
        uint32_t piece = rest;
        if (random) {
            piece = measure_pick(&random, measure_pick(&random, 4) ? 40 : 900);
            piece = piece < rest ? piece : rest;
        }
        const uint64_t due = timbrel_resampler_available(resampler, used + piece) - made;
        const uint32_t got =
            timbrel_resampler_process(resampler, in + used, piece, out + made, (uint32_t)due);
        CHECK(got == due);
        used += piece;
        made += got;
    }
    CHECK(made == expected);
    return 0;
}

/// What comes of a tone: its level, its delay in input samples against what the header says, and
/// the level of all else.
typedef struct {
    double gain;     ///< dB
    double lateness; ///< Input samples
    double rest;     ///< dB of the tone
} Heard;

static int hear(Pair pair, double phase, double frequency, Heard* heard) {
    TimbrelResampler* resampler = timbrel_resampler_new(pair.in, pair.out, phase);
    CHECK(resampler);
    const uint32_t in_count = pair.in / 16 + 6000;
    const uint32_t out_count = (uint32_t)timbrel_resampler_available(resampler, in_count);
    static float in[20000];
    static float out[100000];
    CHECK(in_count <= 20000 && out_count <= 100000 && out_count > 2000);
    for (uint32_t i = 0; i < in_count; ++i) {
        in[i] = (float)cos(2.0 * MEASURE_PI * fmod(frequency / pair.in * i, 1.0));
    }
    CHECK(convert(resampler, in, in_count, out, 0) == 0);

    // Least squares of a cosine and a sine at the true times of the output, past the start.
    double cc = 0.0;
    double cs = 0.0;
    double ss = 0.0;
    double yc = 0.0;
    double ys = 0.0;
    const uint32_t start = 700;
    for (uint32_t n = start; n < out_count; ++n) {
        const double time = ((double)n * pair.in / pair.out + phase) / pair.in;
        const double angle = 2.0 * MEASURE_PI * fmod(frequency * time, 1.0);
        cc += cos(angle) * cos(angle);
        cs += cos(angle) * sin(angle);
        ss += sin(angle) * sin(angle);
        yc += (double)out[n] * cos(angle);
        ys += (double)out[n] * sin(angle);
    }
    const double a = (yc * ss - ys * cs) / (cc * ss - cs * cs);
    const double b = (ys * cc - yc * cs) / (cc * ss - cs * cs);
    double rest = 0.0;
    for (uint32_t n = start; n < out_count; ++n) {
        const double time = ((double)n * pair.in / pair.out + phase) / pair.in;
        const double angle = 2.0 * MEASURE_PI * fmod(frequency * time, 1.0);
        const double left = (double)out[n] - a * cos(angle) - b * sin(angle);
        rest += left * left;
    }
    heard->gain = 10.0 * log10(a * a + b * b);
    heard->lateness = atan2(b, a) / (2.0 * MEASURE_PI * frequency) * pair.in;
    heard->rest = 10.0 * log10(2.0 * rest / (out_count - start) + 1e-30);
    timbrel_resampler_free(resampler);
    return 0;
}

/// End of the pass band: 18 kHz at 44.1 kHz.
static double pass_edge(Pair pair) {
    const double nyquist = (pair.in < pair.out ? pair.in : pair.out) / 2.0;
    return nyquist * 18.0 / 22.05;
}

/// To the end of the pass band: flat, on time, and no image within 90 dB.
static int pass_band_is_clean(Pair pair) {
    for (int i = 1; i <= 9; ++i) {
        Heard heard;
        CHECK(hear(pair, 0.0, pass_edge(pair) * i / 9.0, &heard) == 0);
        CHECK(fabs(heard.gain) < 0.001);
        CHECK(fabs(heard.lateness) < 1e-4);
        CHECK(heard.rest < -90.0);
    }
    return 0;
}

/// What would fold into the pass band is gone.
static int aliases_are_gone(Pair pair) {
    const double lowest = pair.out - pass_edge(pair);
    for (int i = 0; i < 9 && pair.in / 2.0 > lowest; ++i) {
        const double tone = lowest + (pair.in / 2.0 * 0.999 - lowest) * i / 8.0;
        TimbrelResampler* resampler = timbrel_resampler_new(pair.in, pair.out, 0.0);
        CHECK(resampler);
        const uint32_t in_count = 16000;
        static float in[16000];
        static float out[16000];
        for (uint32_t n = 0; n < in_count; ++n) {
            in[n] = (float)cos(2.0 * MEASURE_PI * fmod(tone / pair.in * n, 1.0));
        }
        CHECK(convert(resampler, in, in_count, out, 0) == 0);
        const uint64_t out_count = timbrel_resampler_available(resampler, in_count);
        double power = 0.0;
        uint64_t counted = 0;
        for (uint64_t n = 300; n < out_count; ++n, ++counted) { // Past the tone's own start
            power += 2.0 * (double)out[n] * (double)out[n];
        }
        CHECK(counted > 1000);
        CHECK(10.0 * log10(power / (double)counted + 1e-30) < -90.0);
        timbrel_resampler_free(resampler);
    }
    return 0;
}

/// There and back looks ahead by 0.8 ms at most, in proportion less at higher rates.
static int look_ahead_is_short(Pair pair) {
    TimbrelResampler* there = timbrel_resampler_new(pair.in, pair.out, 0.0);
    TimbrelResampler* back = timbrel_resampler_new(pair.out, pair.in, 0.0);
    CHECK(there && back);
    const double seconds = (double)(timbrel_resampler_needed(there, 1) - 1) / pair.in +
                           (double)(timbrel_resampler_needed(back, 1) - 1) / pair.out;
    CHECK(seconds < 0.8e-3 * 44100.0 / (pair.in < pair.out ? pair.in : pair.out));
    timbrel_resampler_free(there);
    timbrel_resampler_free(back);
    return 0;
}

/// Every phase is that of the header, to the rounding it states.
static int phase_is_exact(Pair pair) {
    const double grid = (double)divisor_of(pair) / pair.out;
    for (int i = 0; i < 5; ++i) {
        const double wanted = (double)pair.in / pair.out * i / 5.0;
        const double phase = round(wanted / grid) * grid;
        Heard heard;
        CHECK(hear(pair, phase, 1000.0, &heard) == 0);
        CHECK(fabs(heard.gain) < 0.001 && fabs(heard.lateness) < 1e-4 && heard.rest < -90.0);
        // What is not on the grid gives the same as the nearest that is.
        TimbrelResampler* a = timbrel_resampler_new(pair.in, pair.out, wanted);
        TimbrelResampler* b = timbrel_resampler_new(pair.in, pair.out, phase);
        CHECK(a && b);
        float in[2000];
        float outs[2][10000];
        uint32_t random = 11;
        for (int n = 0; n < 2000; ++n) {
            in[n] = measure_noise(&random);
        }
        const uint32_t count = timbrel_resampler_process(a, in, 2000, outs[0], 10000);
        CHECK(count > 0 && count == timbrel_resampler_process(b, in, 2000, outs[1], 10000));
        CHECK(memcmp(outs[0], outs[1], count * sizeof(float)) == 0);
        timbrel_resampler_free(a);
        timbrel_resampler_free(b);
    }
    return 0;
}

/// Cutting the input changes no bit, nor does what was played before a reset.
static int pieces_change_nothing(Pair pair, double phase) {
    enum { in_count = 9000 };
    TimbrelResampler* resampler = timbrel_resampler_new(pair.in, pair.out, phase);
    CHECK(resampler);
    const uint64_t out_count = timbrel_resampler_available(resampler, in_count);
    float in[in_count];
    uint32_t random = 1;
    for (int i = 0; i < in_count; ++i) {
        in[i] = measure_noise(&random);
    }
    float* whole = malloc(out_count * sizeof *whole);
    float* cut = malloc(out_count * sizeof *cut);
    CHECK(whole && cut);
    CHECK(convert(resampler, in, in_count, whole, 0) == 0);
    for (uint32_t seed = 1; seed < 4; ++seed) {
        timbrel_resampler_reset(resampler);
        CHECK(convert(resampler, in, in_count, cut, seed) == 0);
        CHECK(memcmp(whole, cut, out_count * sizeof *whole) == 0);
    }
    // needed() is the other way round of available().
    for (uint64_t n = 1; n <= out_count; ++n) {
        const uint64_t needed = timbrel_resampler_needed(resampler, n);
        CHECK(timbrel_resampler_available(resampler, needed) >= n);
        CHECK(timbrel_resampler_available(resampler, needed - 1) < n);
    }
    CHECK(timbrel_resampler_needed(resampler, 0) == 0);
    free(whole);
    free(cut);
    timbrel_resampler_free(resampler);
    return 0;
}

/// An hour in: the counts still agree with exact arithmetic.
static int long_counts_are_exact(void) {
    TimbrelResampler* resampler = timbrel_resampler_new(48000, 44100, 0.0);
    CHECK(resampler);
    const uint64_t look_ahead = timbrel_resampler_needed(resampler, 1) - 1;
    const uint64_t hours = UINT64_C(48000) * 3600 * 1000;
    CHECK(timbrel_resampler_available(resampler, hours + look_ahead) ==
          UINT64_C(44100) * 3600 * 1000);
    CHECK(timbrel_resampler_needed(resampler, UINT64_C(44100) * 3600 * 1000 + 1) ==
          hours + look_ahead + 1);
    timbrel_resampler_free(resampler);
    return 0;
}

int main(void) {
    for (int p = 0; p < pair_count; ++p) {
        const Pair pair = pairs[p];
        const double ratio = (double)pair.in / pair.out;
        (void)fprintf(stderr, "%u to %u\n", pair.in, pair.out);
        CHECK(pieces_change_nothing(pair, 0.0) == 0);
        CHECK(pieces_change_nothing(pair, 0.37 * ratio) == 0);
        CHECK(pieces_change_nothing(pair, 0.93 * ratio) == 0);
        CHECK(pass_band_is_clean(pair) == 0);
        CHECK(aliases_are_gone(pair) == 0);
        CHECK(look_ahead_is_short(pair) == 0);
        CHECK(phase_is_exact(pair) == 0);
    }
    CHECK(long_counts_are_exact() == 0);
    CHECK(!timbrel_resampler_new(0, 48000, 0.0) && !timbrel_resampler_new(48000, 0, 0.0));
    timbrel_resampler_free(NULL);
    return 0;
}
