// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_BASE_DENORMAL_H
#define TIMBREL_ENGINE_BASE_DENORMAL_H

#include "status.h"

#include <stdint.h>

/// Denormal numbers cost a hundred times a normal one: treat them as zero, per thread.

#if defined(__SSE__)
#include <xmmintrin.h>

/// Flush-to-zero and denormals-are-zero on; returns the mode to go back to. Thread: any.
static inline uint32_t timbrel_denormals_off(void) {
    const uint32_t before = _mm_getcsr();
    _mm_setcsr(before | 0x8040u);
    return before;
}
static inline void timbrel_denormals_restore(uint32_t before) {
    _mm_setcsr(before);
}
#elif defined(__aarch64__)
static inline uint32_t timbrel_denormals_off(void) {
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | (UINT64_C(1) << 24)));
    return (uint32_t)before;
}
static inline void timbrel_denormals_restore(uint32_t before) {
    __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)before));
}
#else
static inline uint32_t timbrel_denormals_off(void) {
    return 0;
}
static inline void timbrel_denormals_restore(uint32_t before) {
    (void)before;
}
#endif

#endif
