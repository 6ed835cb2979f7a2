// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_NATIVE_HALF_H
#define TIMBREL_ENGINE_MODEL_NATIVE_HALF_H

#include <stdint.h>
#include <string.h>

/// float16 (IEEE 754-2019, binary16) in plain C.

/// The nearest float16, ties to even; too large becomes infinite.
static inline uint16_t timbrel_half_from_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t sign = bits >> 16 & 0x8000u;
    bits &= 0x7fffffffu;
    if (bits > 0x7f800000u) {
        return (uint16_t)(sign | 0x7e00u);
    }
    if (bits >= 0x477ff000u) {
        return (uint16_t)(sign | 0x7c00u);
    }
    if (bits < 0x38800000u) { // subnormal: in units of 2^-24
        float scaled;
        memcpy(&scaled, &bits, sizeof scaled);
        scaled += 0.5f; // leaves the unit in the last place, rounded to even by the adder
        memcpy(&bits, &scaled, sizeof bits);
        return (uint16_t)(sign | (bits - 0x3f000000u));
    }
    return (uint16_t)(sign | (bits - 0x38000000u + 0xfffu + (bits >> 13 & 1u)) >> 13);
}

static inline float timbrel_half_to_float(uint16_t half) {
    const uint32_t exponent = half >> 10 & 0x1fu;
    const uint32_t mantissa = half & 0x3ffu;
    // A subnormal one must not become a subnormal float on the way: where those are flushed to
    // zero.
    const float small = (float)(int32_t)mantissa * 0x1p-24f;
    uint32_t bits = (exponent == 31 ? 255u : exponent + 112) << 23 | mantissa << 13;
    if (exponent == 0) {
        memcpy(&bits, &small, sizeof bits);
    }
    bits |= (uint32_t)(half & 0x8000u) << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
