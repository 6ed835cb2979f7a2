// SPDX-License-Identifier: ISC
#include "output.h"
#include "engine/base/rt.h"

#include <stdlib.h>

bool timbrel_output_init(TimbrelOutput* output, uint32_t channels, uint64_t least) {
    uint64_t size = 64;
    while (size < least) {
        size *= 2;
    }
    output->channels = channels;
    output->mask = size - 1;
    for (uint32_t c = 0; c < channels; ++c) {
        output->samples[c] = calloc(size, sizeof(float));
        if (!output->samples[c]) {
            timbrel_output_free(output);
            return false;
        }
    }
    timbrel_output_reset(output);
    return true;
}

void timbrel_output_free(TimbrelOutput* output) {
    for (int c = 0; c < 2; ++c) {
        free(output->samples[c]);
        output->samples[c] = NULL;
    }
}

void timbrel_output_reset(TimbrelOutput* output) {
    output->made = 0;
    atomic_store(&output->written, 0);
    atomic_store(&output->invalid_until, 0);
    atomic_store(&output->read_until, INT64_MIN / 2);
}

void timbrel_output_put(TimbrelOutput* output, uint32_t channel, const float* samples,
                        uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
        output->samples[channel][(output->made + i) & output->mask] = samples[i];
    }
}

void timbrel_output_add(TimbrelOutput* output, uint32_t count, bool valid) {
    output->made += count;
    if (!valid) {
        atomic_store_explicit(&output->invalid_until, output->made, memory_order_release);
    }
    atomic_store_explicit(&output->written, output->made, memory_order_release);
}

uint32_t timbrel_output_ready(const TimbrelOutput* output, int64_t first,
                              uint32_t frames) TIMBREL_RT {
    const uint64_t written = atomic_load_explicit(&output->written, memory_order_acquire);
    const uint64_t invalid = atomic_load_explicit(&output->invalid_until, memory_order_acquire);
    if (first >= 0 && (uint64_t)first < invalid) {
        return 0;
    }
    const int64_t there = (int64_t)written - first;
    return there <= 0 ? 0 : there < (int64_t)frames ? (uint32_t)there : frames;
}

void timbrel_output_read(TimbrelOutput* output, int64_t first, float* const* out, uint32_t there,
                         uint32_t frames) TIMBREL_RT {
    for (uint32_t c = 0; c < output->channels; ++c) {
        const float* samples = output->samples[c];
        for (uint32_t i = 0; i < frames; ++i) {
            const int64_t index = first + i;
            out[c][i] = i < there && index >= 0 ? samples[(uint64_t)index & output->mask] : 0.0f;
        }
    }
    atomic_store_explicit(&output->read_until, first + frames, memory_order_release);
}

int64_t timbrel_output_read_until(const TimbrelOutput* output) TIMBREL_RT {
    return atomic_load_explicit(&output->read_until, memory_order_acquire);
}
