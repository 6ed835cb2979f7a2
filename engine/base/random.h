// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_BASE_RANDOM_H
#define TIMBREL_ENGINE_BASE_RANDOM_H

#include <math.h>
#include <stdint.h>

/// Random numbers that are the same on every machine: PCG XSH RR 64/32 (O'Neill 2014, "PCG: A
/// Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random Number
/// Generation", HMC-CS-2014-0905).
typedef struct {
    uint64_t state;
} TimbrelRandom;

/// The next 32 random bits.
static inline uint32_t timbrel_random_bits(TimbrelRandom* random) {
    const uint64_t state = random->state;
    random->state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    const uint32_t shifted = (uint32_t)(((state >> 18) ^ state) >> 27);
    const uint32_t turn = (uint32_t)(state >> 59);
    return (shifted >> turn) | (shifted << ((32 - turn) & 31));
}

static inline TimbrelRandom timbrel_random(uint64_t seed) {
    TimbrelRandom random = {seed + UINT64_C(1442695040888963407)};
    (void)timbrel_random_bits(&random);
    return random;
}

/// One of its own for each pair of numbers, so that what is drawn at a place does not depend on
/// what was drawn before (the mixing of SplitMix64: Steele, Lea and Flood 2014, "Fast Splittable
/// Pseudorandom Number Generators").
static inline TimbrelRandom timbrel_random_at(uint64_t first, uint64_t second) {
    uint64_t mixed = first * UINT64_C(0x9e3779b97f4a7c15) + second * UINT64_C(0xd1342543de82ef95);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return timbrel_random(mixed ^ (mixed >> 31));
}

/// 0 <= x < 1
static inline double timbrel_random_uniform(TimbrelRandom* random) {
    const uint64_t high = timbrel_random_bits(random) >> 5;
    const uint64_t low = timbrel_random_bits(random) >> 6;
    return (double)(high << 26 | low) * 0x1p-53;
}

/// A whole number 0..below-1, `below` >= 1.
static inline uint64_t timbrel_random_below(TimbrelRandom* random, uint64_t below) {
    const uint64_t place = (uint64_t)(timbrel_random_uniform(random) * (double)below);
    return place < below ? place : below - 1;
}

/// Mean 0, deviation 1 (Box and Muller 1958).
static inline double timbrel_random_normal(TimbrelRandom* random) {
    const double radius = sqrt(-2.0 * log(1.0 - timbrel_random_uniform(random)));
    return radius * cos(6.283185307179586 * timbrel_random_uniform(random));
}

#endif
