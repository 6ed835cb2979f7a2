// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/dsp/equalizer.h"
#include "measure.h"

#include <string.h>

enum { total = 1 << 17 };

static const double rates[] = {22050.0, 32000.0, 33000.0, 44100.0,
                               48000.0, 88200.0, 96000.0, 192000.0};
enum { rate_count = sizeof rates / sizeof *rates };

static float samples[2][total];
static float others[2][total];

static void process(TimbrelEqualizer* e, float signal[2][total], uint32_t from, uint32_t to) {
    timbrel_equalizer_process(e, (float* const[]){signal[0] + from, signal[1] + from}, to - from);
}

static void fill_noise(float signal[2][total], uint32_t length) {
    uint32_t random = 21;
    for (uint32_t i = 0; i < length; ++i) {
        signal[0][i] = measure_noise(&random);
        signal[1][i] = measure_noise(&random);
    }
}

static void all(float sliders[TIMBREL_EQ_BANDS], float decibels) {
    for (int j = 0; j < TIMBREL_EQ_BANDS; ++j) {
        sliders[j] = decibels;
    }
}

/// The impulse response of a setting that holds from the start, into `samples`; its length is
/// returned.
static uint32_t impulse_response(double rate, const float sliders[TIMBREL_EQ_BANDS]) {
    TimbrelEqualizer e;
    timbrel_equalizer_init(&e, rate, 2);
    timbrel_equalizer_set(&e, sliders);
    memset(samples, 0, sizeof samples);
    samples[0][0] = 1.0f;
    samples[1][0] = -2.0f;
    // The lowest band rings for this long.
    const uint32_t length = (uint32_t)(rate * 0.5);
    process(&e, samples, 0, length);
    return length;
}

static int centres_follow_sliders(double rate, const float sliders[TIMBREL_EQ_BANDS],
                                  double* worst) {
    const uint32_t length = impulse_response(rate, sliders);
    for (int j = 0; j < TIMBREL_EQ_BANDS; ++j) {
        const double centre = (double)timbrel_eq_centres[j];
        if (centre < 0.49 * rate) {
            const double heard = measure_decibels(samples[0], length, centre / rate);
            const double error = fabs(heard - (double)sliders[j]);
            *worst = fmax(*worst, error);
            CHECK(error < 0.05);
        }
    }
    for (uint32_t i = 0; i < length; ++i) {
        CHECK(fabsf(samples[1][i] + 2.0f * samples[0][i]) < 1e-37f);
    }
    return 0;
}

static int any_setting_is_honest(void) {
    uint32_t random = 2;
    for (int r = 0; r < rate_count; ++r) {
        double worst = 0.0;
        float sliders[TIMBREL_EQ_BANDS];
        for (int sign = -1; sign <= 1; sign += 2) {
            all(sliders, (float)sign * 12.0f);
            CHECK(centres_follow_sliders(rates[r], sliders, &worst) == 0);
            for (int period = 1; period < 4; ++period) {
                for (int j = 0; j < TIMBREL_EQ_BANDS; ++j) {
                    sliders[j] = (float)(j / period % 2 ? sign : -sign) * 12.0f;
                }
                CHECK(centres_follow_sliders(rates[r], sliders, &worst) == 0);
            }
            for (int one = 0; one < TIMBREL_EQ_BANDS; ++one) {
                all(sliders, 0.0f);
                sliders[one] = (float)sign * 12.0f;
                CHECK(centres_follow_sliders(rates[r], sliders, &worst) == 0);
            }
        }
        for (int i = 0; i < 12; ++i) {
            for (int j = 0; j < TIMBREL_EQ_BANDS; ++j) {
                const float height = measure_noise(&random);
                sliders[j] = i % 2 ? 12.0f * height : height < 0.0f ? -12.0f : 12.0f;
            }
            CHECK(centres_follow_sliders(rates[r], sliders, &worst) == 0);
        }
        (void)fprintf(stderr, "%.0f Hz: centres within %.4f dB\n", rates[r], worst);
    }
    return 0;
}

/// Between the centres the response goes from slider to slider without wild detours.
static int between_centres_is_sensible(void) {
    for (int r = 0; r < rate_count; ++r) {
        // The highest band that the rate has.
        const double top = rates[r] < 32500.0 ? 8000.0 : 16000.0;
        float sliders[TIMBREL_EQ_BANDS];
        all(sliders, 12.0f);
        uint32_t length = impulse_response(rates[r], sliders);
        double least = 99.0;
        double most = -99.0;
        for (double f = 31.5; f < top; f *= 1.06) {
            const double heard = measure_decibels(samples[0], length, f / rates[r]);
            least = fmin(least, heard);
            most = fmax(most, heard);
        }
        CHECK(least > (rates[r] < 44100.0 ? 10.8 : 11.2) && most < 12.3);
        (void)fprintf(stderr, "%.0f Hz: all at 12 dB: %.2f to %.2f dB\n", rates[r], least, most);

        for (int j = 0; j < TIMBREL_EQ_BANDS; ++j) {
            sliders[j] = j % 2 ? -12.0f : 12.0f;
        }
        length = impulse_response(rates[r], sliders);
        for (double f = 31.5; f < top; f *= 1.06) {
            CHECK(fabs(measure_decibels(samples[0], length, f / rates[r])) < 12.1);
        }
    }
    return 0;
}

static int told_response_is_heard(void) {
    uint32_t random = 5;
    for (int r = 0; r < rate_count; ++r) {
        float sliders[TIMBREL_EQ_BANDS];
        for (int j = 0; j < TIMBREL_EQ_BANDS; ++j) {
            sliders[j] = 12.0f * measure_noise(&random);
        }
        const uint32_t length = impulse_response(rates[r], sliders);
        for (double f = 20.0; f < fmin(20000.0, 0.49 * rates[r]); f *= 1.13) {
            double told = 0.0;
            timbrel_equalizer_response(sliders, rates[r], &f, &told, 1);
            CHECK(fabs(measure_decibels(samples[0], length, f / rates[r]) - told) < 0.05);
        }
    }
    return 0;
}

static int flat_passes_every_bit(void) {
    enum { length = 30000 };
    TimbrelEqualizer e;
    float sliders[TIMBREL_EQ_BANDS];
    timbrel_equalizer_init(&e, 48000.0, 2);
    fill_noise(samples, length);
    memcpy(others, samples, sizeof others);
    process(&e, samples, 0, 100); // Nothing set yet
    all(sliders, 0.0f);
    timbrel_equalizer_set(&e, sliders);
    process(&e, samples, 100, 1000);
    CHECK(memcmp(samples[0], others[0], 1000 * sizeof(float)) == 0);
    all(sliders, -7.0f);
    timbrel_equalizer_set(&e, sliders);
    process(&e, samples, 1000, 10000);
    CHECK(memcmp(samples[0] + 1000, others[0] + 1000, 9000 * sizeof(float)) != 0);
    all(sliders, 0.0f);
    timbrel_equalizer_set(&e, sliders);
    process(&e, samples, 10000, length);
    const uint32_t settled = 10000 + 960 + 3 * 32;
    for (int c = 0; c < 2; ++c) {
        CHECK(memcmp(samples[c] + settled, others[c] + settled,
                     (length - settled) * sizeof(float)) == 0);
    }
    return 0;
}

/// A steady tone stays smooth while all sliders jump.
static int moves_are_smooth(void) {
    enum { length = 50000 };
    const double tones[] = {50.0, 125.0, 300.0};
    for (int t = 0; t < 3; ++t) {
        for (uint32_t i = 0; i < length; ++i) {
            samples[0][i] = samples[1][i] =
                (float)(0.25 * sin(2.0 * MEASURE_PI * tones[t] / 48000.0 * i + 1.0));
        }
        TimbrelEqualizer e;
        timbrel_equalizer_init(&e, 48000.0, 2);
        const float heights[] = {0.0f, 12.0f, 0.0f, -12.0f, 12.0f, -12.0f, 0.0f};
        for (uint32_t s = 0; s < 7; ++s) {
            float sliders[TIMBREL_EQ_BANDS];
            all(sliders, heights[s]);
            timbrel_equalizer_set(&e, sliders);
            process(&e, samples, s * 7001, (s + 1) * 7001);
        }
        // The tone itself bends by 1.6e-3 a sample at 300 Hz; a click would be near 1.
        CHECK(measure_roughness(samples[0], 7 * 7001) < 0.01);
    }
    return 0;
}

/// After a move, the sound is as if the sliders had always been there.
static int moves_arrive(void) {
    enum { length = 120000, late = 100000 };
    TimbrelEqualizer moved;
    TimbrelEqualizer still;
    timbrel_equalizer_init(&moved, 44100.0, 2);
    timbrel_equalizer_init(&still, 44100.0, 2);
    fill_noise(samples, length);
    memcpy(others, samples, sizeof others);
    float sliders[TIMBREL_EQ_BANDS];
    all(sliders, 5.0f);
    timbrel_equalizer_set(&moved, sliders);
    process(&moved, samples, 0, 500);
    for (int j = 0; j < TIMBREL_EQ_BANDS; ++j) {
        sliders[j] = j % 2 ? 12.0f : -3.0f;
    }
    timbrel_equalizer_set(&moved, sliders);
    timbrel_equalizer_set(&still, sliders);
    process(&moved, samples, 500, length);
    process(&still, others, 0, length);
    for (uint32_t i = late; i < length; ++i) {
        CHECK(fabsf(samples[0][i] - others[0][i]) < 1e-5f);
    }
    return 0;
}

/// Random automation at every rate, cut into blocks in two ways, with NaN in between.
static int blocks_change_nothing(void) {
    enum { length = 60000 };
    for (int r = 0; r < rate_count; ++r) {
        TimbrelEqualizer e[2];
        timbrel_equalizer_init(&e[0], rates[r], 2);
        timbrel_equalizer_init(&e[1], rates[r], 2);
        fill_noise(samples, length);
        memcpy(others, samples, sizeof others);
        uint32_t random = 5;
        for (uint32_t from = 0; from < length;) {
            const uint32_t end = from + 1 + measure_pick(&random, 1200);
            const uint32_t to = end < length ? end : length;
            float sliders[TIMBREL_EQ_BANDS];
            float nothing[TIMBREL_EQ_BANDS];
            const bool flat = measure_pick(&random, 4) == 0;
            for (int j = 0; j < TIMBREL_EQ_BANDS; ++j) {
                sliders[j] = flat ? 0.0f : 14.0f * measure_noise(&random); // Some out of range
                nothing[j] = NAN;
            }
            timbrel_equalizer_set(&e[0], sliders);
            timbrel_equalizer_set(&e[1], sliders);
            process(&e[0], samples, from, to);
            for (uint32_t at = from; at < to;) {
                const uint32_t piece = at + measure_pick(&random, 80);
                const uint32_t stop = piece < to ? piece : to;
                process(&e[1], others, at, stop);
                timbrel_equalizer_set(&e[1], nothing);
                at = stop;
            }
            from = to;
        }
        CHECK(memcmp(samples, others, sizeof samples) == 0);
        for (uint32_t i = 0; i < length; ++i) {
            CHECK(fabsf(samples[0][i]) < 50.0f);
        }
    }
    return 0;
}

static int clamps_to_twelve(void) {
    float sliders[TIMBREL_EQ_BANDS];
    all(sliders, INFINITY);
    sliders[3] = -40.0f;
    const uint32_t length = impulse_response(48000.0, sliders);
    CHECK(fabs(measure_decibels(samples[0], length, 1000.0 / 48000.0) - 12.0) < 0.05);
    CHECK(fabs(measure_decibels(samples[0], length, 250.0 / 48000.0) + 12.0) < 0.05);
    return 0;
}

static int recovers_from_overflow(void) {
    TimbrelEqualizer e;
    float sliders[TIMBREL_EQ_BANDS];
    all(sliders, 6.0f);
    timbrel_equalizer_init(&e, 48000.0, 1);
    timbrel_equalizer_set(&e, sliders);
    float block[64] = {INFINITY, 1.0f, NAN};
    timbrel_equalizer_process(&e, (float* const[]){block}, 64);
    float clean[64] = {1.0f, 0.5f};
    timbrel_equalizer_process(&e, (float* const[]){clean}, 64);
    CHECK(clean[0] > 1.0f);
    for (int i = 0; i < 64; ++i) {
        CHECK(isfinite(clean[i]));
    }
    return 0;
}

static int reset_forgets(void) {
    enum { length = 4000 };
    TimbrelEqualizer e;
    float sliders[TIMBREL_EQ_BANDS];
    timbrel_equalizer_init(&e, 96000.0, 2);
    for (int pass = 0; pass < 2; ++pass) {
        float(*const signal)[total] = pass ? others : samples;
        fill_noise(signal, length);
        all(sliders, 9.0f);
        timbrel_equalizer_set(&e, sliders);
        process(&e, signal, 0, length - 7);
        all(sliders, -9.0f); // A move under way
        timbrel_equalizer_set(&e, sliders);
        process(&e, signal, length - 7, length);
        timbrel_equalizer_reset(&e);
    }
    CHECK(memcmp(samples[0], others[0], (length - 7) * sizeof(float)) == 0);
    return 0;
}

int main(void) {
    CHECK(any_setting_is_honest() == 0);
    CHECK(between_centres_is_sensible() == 0);
    CHECK(told_response_is_heard() == 0);
    CHECK(flat_passes_every_bit() == 0);
    CHECK(moves_are_smooth() == 0);
    CHECK(moves_arrive() == 0);
    CHECK(blocks_change_nothing() == 0);
    CHECK(clamps_to_twelve() == 0);
    CHECK(recovers_from_overflow() == 0);
    CHECK(reset_forgets() == 0);
    return 0;
}
