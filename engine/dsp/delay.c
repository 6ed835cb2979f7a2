// SPDX-License-Identifier: ISC
#include "delay.h"
#include "engine/base/rt.h"

#include <stdlib.h>
#include <string.h>

bool timbrel_delay_init(TimbrelDelay* delay, uint32_t channels, uint32_t max_delay,
                        uint32_t max_chunk) {
    *delay = (TimbrelDelay){.channels = channels};
    const uint64_t least = (uint64_t)max_delay + max_chunk;
    uint64_t length = 1;
    while (length < least) {
        length *= 2;
    }
    delay->mask = (uint32_t)(length - 1);
    for (uint32_t c = 0; c < channels; ++c) {
        delay->samples[c] = calloc(length, sizeof(float));
        if (!delay->samples[c]) {
            timbrel_delay_free(delay);
            return false;
        }
    }
    return true;
}

void timbrel_delay_free(TimbrelDelay* delay) {
    free(delay->samples[0]);
    free(delay->samples[1]);
    *delay = (TimbrelDelay){0};
}

void timbrel_delay_reset(TimbrelDelay* delay) {
    for (uint32_t c = 0; c < delay->channels; ++c) {
        memset(delay->samples[c], 0, ((size_t)delay->mask + 1) * sizeof(float));
    }
    delay->write = 0;
}

// Samples from ring index `at` up to the ring's end.
static uint32_t before_wrap(const TimbrelDelay* delay, uint32_t at, uint32_t frames) {
    const uint32_t room = delay->mask - at + 1;
    return frames < room ? frames : room;
}

void timbrel_delay_write(TimbrelDelay* delay, const float* const* in, uint32_t frames) TIMBREL_RT {
    const uint32_t first = before_wrap(delay, delay->write, frames);
    for (uint32_t c = 0; c < delay->channels; ++c) {
        memcpy(delay->samples[c] + delay->write, in[c], first * sizeof(float));
        memcpy(delay->samples[c], in[c] + first, (frames - first) * sizeof(float));
    }
    delay->write = (delay->write + frames) & delay->mask;
}

void timbrel_delay_read(const TimbrelDelay* delay, float* const* out, uint32_t frames,
                        uint32_t delay_frames) TIMBREL_RT {
    const uint32_t at = (delay->write - frames - delay_frames) & delay->mask;
    const uint32_t first = before_wrap(delay, at, frames);
    for (uint32_t c = 0; c < delay->channels; ++c) {
        memcpy(out[c], delay->samples[c] + at, first * sizeof(float));
        memcpy(out[c] + first, delay->samples[c], (frames - first) * sizeof(float));
    }
}
