// SPDX-License-Identifier: ISC
#ifndef TIMBREL_TESTS_HOST_SOUND_H
#define TIMBREL_TESTS_HOST_SOUND_H

#include "host.h"

/// Test sounds, ways to cut time into blocks, and measures.

/// Pseudo-random numbers, the same everywhere: SplitMix64. `state` may begin with anything.
uint64_t random_next(uint64_t* state);

/// From `low` to `high`, both included.
uint32_t random_between(uint64_t* state, uint32_t low, uint32_t high);

/// Uniform noise in -peak..peak.
void sound_noise(float* sound, uint32_t frames, float peak, uint64_t seed);

/// Samples `first` and on of a sine of `hertz` at `rate`.
void sound_sine(float* sound, uint64_t first, uint32_t frames, double hertz, double rate,
                double peak);

float* sound_new(uint32_t frames); ///< Silence, freed by free()

/// Largest difference between one sample and the next, and where (may be NULL).
double sound_steepest(const float* sound, uint32_t frames, uint32_t* where);

/// Largest absolute difference.
double sound_difference(const float* a, const float* b, uint32_t frames);

/// Root of the mean square.
double sound_level(const float* sound, uint32_t frames);

bool sound_finite(const float* sound, uint32_t frames);

/// How time is cut into blocks: all of `frames`, or at random from 1 to `frames`.
typedef struct {
    uint32_t frames;
    bool random;
    uint64_t seed;
} Cut;

/// Called before each block with its first frame; returns the first frame after it at which it must
/// be called again (a block ends there), or UINT32_MAX.
typedef uint32_t (*Automation)(Instance* instance, uint32_t frame, void* data);

/// Run `frames` of `in` (a sound for each channel) through the instance, into `out`.
/// `automation` may be NULL.
void sound_run(Instance* instance, const float* const* in, float* const* out, uint32_t frames,
               Cut cut, Automation automation, void* data);

/// Free-wheel through as much silence as lets all that sounds end: history and crossfades.
void sound_settle(Instance* instance, uint32_t max_block);

#endif
