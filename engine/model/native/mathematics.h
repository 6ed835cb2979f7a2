// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_NATIVE_MATHEMATICS_H
#define TIMBREL_ENGINE_MODEL_NATIVE_MATHEMATICS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/// Functions without branches or calls, so that a loop over them becomes vector instructions.
/// Errors are within a few units in the last place, as tests/test_kernels.c has it. Polynomials for
/// log and tanh are those of Cephes (S. Moshier, netlib.org/cephes), the others are Taylor's.

static inline float timbrel_as_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t timbrel_as_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// To the nearest integer, for |x| < 2^22: the adder drops what lies behind the point.
static inline float timbrel_round_small(float x) {
    return (x + 0x1.8p23f) - 0x1.8p23f;
}

static inline float timbrel_exp(float x) {
    // Beyond these it is 0 or infinite. Comparisons, as fmaxf() would be a call.
    const float above = x > -104.0f ? x : -104.0f;
    const float within = above < 88.8f ? above : 88.8f;
    const float n = timbrel_round_small(within * 1.44269504f);
    const float r = (within - n * 0.693359375f) + n * 2.12194440e-4f;
    float y = 1.0f / 5040.0f;
    y = y * r + 1.0f / 720.0f;
    y = y * r + 1.0f / 120.0f;
    y = y * r + 1.0f / 24.0f;
    y = y * r + 1.0f / 6.0f;
    y = y * r + 0.5f;
    y = y * r * r + r + 1.0f;
    // In two halves, as 2^128 is no float.
    const int32_t whole = (int32_t)n;
    const int32_t half = whole >> 1;
    const float scale = timbrel_as_float((uint32_t)(half + 127) << 23);
    const float rest = timbrel_as_float((uint32_t)(whole - half + 127) << 23);
    return x == x ? y * scale * rest : x;
}

static inline float timbrel_log(float x) {
    const float small = x < 0x1p-126f ? 0x1p23f : 1.0f; // subnormal
    const uint32_t bits = timbrel_as_bits(x * small);
    // m in [sqrt(1/2), sqrt(2))
    const uint32_t shifted = bits - 0x3f3504f3u;
    const float exponent = (float)((int32_t)shifted >> 23) - (x < 0x1p-126f ? 23.0f : 0.0f);
    const float m = timbrel_as_float((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
    const float z = m * m;
    float y = 7.0376836292e-2f;
    y = y * m - 1.1514610310e-1f;
    y = y * m + 1.1676998740e-1f;
    y = y * m - 1.2420140846e-1f;
    y = y * m + 1.4249322787e-1f;
    y = y * m - 1.6668057665e-1f;
    y = y * m + 2.0000714765e-1f;
    y = y * m - 2.4999993993e-1f;
    y = y * m + 3.3333331174e-1f;
    y = y * m * z - 2.12194440e-4f * exponent - 0.5f * z;
    const float result = m + y + 0.693359375f * exponent;
    const float finite = x > 3.4028234e38f ? x : result;
    return x > 0.0f ? finite : x == 0.0f ? -HUGE_VALF : NAN;
}

static inline float timbrel_log1p(float x) {
    const float w = 1.0f + x;
    const float lost = x - (w - 1.0f);
    return w > 0.0f && w < 3.4e38f ? timbrel_log(w) + lost / w : timbrel_log(w);
}

static inline float timbrel_sin_of(float x, double quarter) {
    // In double: an argument of thousands of turns keeps its place within one.
    const double turns = (double)x * 0.31830988618379067 + quarter;
    const double whole = (turns + 0x1.8p52) - 0x1.8p52;
    // What is too large to have a place within a turn is taken to be at one's beginning.
    const double within = fabs(turns) < 0x1p51 ? turns - whole : turns * 0.0;
    const float r = (float)(within * 3.14159265358979323846);
    const float z = r * r;
    float y = -2.3889859e-8f;
    y = y * z + 2.7525562e-6f;
    y = y * z - 1.9840874e-4f;
    y = y * z + 8.3333310e-3f;
    y = y * z - 1.6666667e-1f;
    y = y * z * r + r;
    const double odd = whole - 2.0 * ((whole * 0.5 + 0x1.8p52) - 0x1.8p52);
    return odd != 0.0 ? -y : y;
}

static inline float timbrel_sin(float x) {
    return timbrel_sin_of(x, 0.0);
}

static inline float timbrel_cos(float x) {
    return timbrel_sin_of(x, 0.5);
}

static inline float timbrel_tanh(float x) {
    const float z = x * x;
    float y = -5.70498872745e-3f;
    y = y * z + 2.06390887954e-2f;
    y = y * z - 5.37397155531e-2f;
    y = y * z + 1.33314422036e-1f;
    y = y * z - 3.33332819422e-1f;
    const float small = y * z * x + x;
    const float size = fabsf(x);
    const float large = 1.0f - 2.0f / (timbrel_exp(2.0f * size) + 1.0f);
    return size >= 0.625f ? copysignf(large, x) : small;
}

static inline float timbrel_sigmoid(float x) {
    return 1.0f / (1.0f + timbrel_exp(-x));
}

/// A well-mixed number for each counter (a 32-bit finalizer with the constants of C. Wellons,
/// "Prospecting for Hash Functions", 2018).
static inline uint32_t timbrel_mix(uint32_t x) {
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    return x;
}

#endif
