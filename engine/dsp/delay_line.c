// SPDX-License-Identifier: ISC
#include "delay_line.h"
#include "engine/base/rt.h"

#include <stdlib.h>
#include <string.h>

bool timbrel_delay_line_init(TimbrelDelayLine* line, uint32_t channels, uint32_t max_delay,
                             uint32_t max_chunk) {
    *line = (TimbrelDelayLine){.channels = channels};
    const uint64_t least = (uint64_t)max_delay + max_chunk;
    uint64_t length = 1;
    while (length < least) {
        length *= 2;
    }
    line->mask = (uint32_t)(length - 1);
    for (uint32_t c = 0; c < channels; ++c) {
        line->samples[c] = calloc(length, sizeof(float));
        if (!line->samples[c]) {
            timbrel_delay_line_free(line);
            return false;
        }
    }
    return true;
}

void timbrel_delay_line_free(TimbrelDelayLine* line) {
    free(line->samples[0]);
    free(line->samples[1]);
    *line = (TimbrelDelayLine){0};
}

void timbrel_delay_line_reset(TimbrelDelayLine* line) {
    for (uint32_t c = 0; c < line->channels; ++c) {
        memset(line->samples[c], 0, ((size_t)line->mask + 1) * sizeof(float));
    }
    line->write = 0;
}

// Samples from ring index `at` up to the ring's end.
static uint32_t before_wrap(const TimbrelDelayLine* line, uint32_t at, uint32_t frames) {
    const uint32_t room = line->mask - at + 1;
    return frames < room ? frames : room;
}

void timbrel_delay_line_write(TimbrelDelayLine* line, const float* const* in,
                              uint32_t frames) TIMBREL_RT {
    const uint32_t first = before_wrap(line, line->write, frames);
    for (uint32_t c = 0; c < line->channels; ++c) {
        memcpy(line->samples[c] + line->write, in[c], first * sizeof(float));
        memcpy(line->samples[c], in[c] + first, (frames - first) * sizeof(float));
    }
    line->write = (line->write + frames) & line->mask;
}

void timbrel_delay_line_read(const TimbrelDelayLine* line, float* const* out, uint32_t frames,
                             uint32_t delay_frames) TIMBREL_RT {
    const uint32_t at = (line->write - frames - delay_frames) & line->mask;
    const uint32_t first = before_wrap(line, at, frames);
    for (uint32_t c = 0; c < line->channels; ++c) {
        memcpy(out[c], line->samples[c] + at, first * sizeof(float));
        memcpy(out[c] + first, line->samples[c], (frames - first) * sizeof(float));
    }
}
