// SPDX-License-Identifier: ISC
#ifndef TIMBREL_TESTS_MEASURE_H
#define TIMBREL_TESTS_MEASURE_H

#include <math.h>
#include <stdint.h>

/// Signals and measurements that the tests of the sound processing units share.

#define MEASURE_PI 3.14159265358979323846

/// The next of a sequence of random numbers, -1..1; `state` starts anywhere.
static inline float measure_noise(uint32_t* state) {
    *state = *state * 1664525u + 1013904223u;
    return (float)((double)*state / 2147483648.0 - 1.0);
}

/// A random whole number 0..below-1.
static inline uint32_t measure_pick(uint32_t* state, uint32_t below) {
    (void)measure_noise(state);
    return (*state >> 16) % below;
}

/// The level in dB of an impulse response at `cycles` per sample.
static inline double measure_decibels(const float* impulse, uint32_t length, double cycles) {
    const double turn_re = cos(2.0 * MEASURE_PI * cycles);
    const double turn_im = -sin(2.0 * MEASURE_PI * cycles);
    double re = 0.0;
    double im = 0.0;
    // Horner's rule from the end: one complex product a sample.
    for (uint32_t i = length; i-- > 0;) {
        const double next = re * turn_re - im * turn_im + (double)impulse[i];
        im = re * turn_im + im * turn_re;
        re = next;
    }
    return 10.0 * log10(re * re + im * im + 1e-30);
}

/// The largest |x[i+1] - 2 x[i] + x[i-1]|: small for a smooth signal, its height for a click.
static inline double measure_roughness(const float* samples, uint32_t length) {
    double most = 0.0;
    for (uint32_t i = 2; i < length; ++i) {
        const double bend =
            (double)samples[i] - 2.0 * (double)samples[i - 1] + (double)samples[i - 2];
        most = fmax(most, fabs(bend));
    }
    return most;
}

#endif
