// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_BASE_NOISE_H
#define TIMBREL_ENGINE_BASE_NOISE_H

#include <stdint.h>

/// White noise in -1..1 for measurements, the same in every run (Numerical Recipes' quick
/// generator). `state` begins as any seed. Thread: any.
static inline float timbrel_noise(uint32_t* state) {
    *state = *state * 1664525u + 1013904223u;
    return (float)(int32_t)*state * (1.0f / 2147483648.0f);
}

#endif
