// SPDX-License-Identifier: ISC
#include "sound.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

uint64_t random_next(uint64_t* state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t random_between(uint64_t* state, uint32_t low, uint32_t high) {
    return low + (uint32_t)(random_next(state) % ((uint64_t)high - low + 1));
}

void sound_noise(float* sound, uint32_t frames, float peak, uint64_t seed) {
    for (uint32_t i = 0; i < frames; ++i) {
        sound[i] = peak * (float)((double)(random_next(&seed) >> 11) * 0x1p-52 - 1.0);
    }
}

void sound_sine(float* sound, uint64_t first, uint32_t frames, double hertz, double rate,
                double peak) {
    for (uint32_t i = 0; i < frames; ++i) {
        sound[i] = (float)(peak * sin(2.0 * M_PI * fmod((double)(first + i) * hertz / rate, 1.0)));
    }
}

float* sound_new(uint32_t frames) {
    float* sound = calloc(frames, sizeof(float));
    if (!sound) {
        exit(2);
    }
    return sound;
}

double sound_steepest(const float* sound, uint32_t frames, uint32_t* where) {
    double most = 0.0;
    for (uint32_t i = 1; i < frames; ++i) {
        const double step = fabs((double)sound[i] - (double)sound[i - 1]);
        if (!(step <= most)) {
            most = step;
            if (where) {
                *where = i;
            }
        }
    }
    return most;
}

double sound_difference(const float* a, const float* b, uint32_t frames) {
    double most = 0.0;
    for (uint32_t i = 0; i < frames; ++i) {
        const double difference = fabs((double)a[i] - (double)b[i]);
        if (!(difference <= most)) {
            most = difference;
        }
    }
    return most;
}

double sound_level(const float* sound, uint32_t frames) {
    double sum = 0.0;
    for (uint32_t i = 0; i < frames; ++i) {
        sum += (double)sound[i] * (double)sound[i];
    }
    return frames > 0 ? sqrt(sum / frames) : 0.0;
}

bool sound_finite(const float* sound, uint32_t frames) {
    for (uint32_t i = 0; i < frames; ++i) {
        if (!isfinite(sound[i])) {
            return false;
        }
    }
    return true;
}

void sound_run(Instance* instance, const float* const* in, float* const* out, uint32_t frames,
               Cut cut, Automation automation, void* data) {
    uint32_t done = 0;
    uint32_t due = automation ? 0 : UINT32_MAX;
    while (done < frames) {
        if (done == due) {
            due = automation(instance, done, data);
        }
        uint32_t block = cut.random ? random_between(&cut.seed, 1, cut.frames) : cut.frames;
        if (block > frames - done) {
            block = frames - done;
        }
        if (block > due - done) {
            block = due - done;
        }
        for (uint32_t c = 0; c < instance_channels(instance); ++c) {
            memcpy(instance_in(instance, c), in[c] + done, block * sizeof(float));
        }
        instance_run(instance, block);
        for (uint32_t c = 0; c < instance_channels(instance); ++c) {
            memcpy(out[c] + done, instance_out(instance, c), block * sizeof(float));
        }
        done += block;
    }
}

void sound_settle(Instance* instance, uint32_t max_block) {
    instance_freewheel(instance, true);
    uint32_t done = 0;
    do {
        for (uint32_t c = 0; c < instance_channels(instance); ++c) {
            memset(instance_in(instance, c), 0, max_block * sizeof(float));
        }
        instance_run(instance, max_block);
        done += max_block;
    } while (done < 3 * (uint32_t)instance_get(instance, "latency") + 48000);
}
