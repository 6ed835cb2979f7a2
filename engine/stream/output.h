// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_STREAM_OUTPUT_H
#define TIMBREL_ENGINE_STREAM_OUTPUT_H

#include "engine/base/rt.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/// What comes out: wet samples by their index, from the inference thread to the audio thread, which
/// may read the latest ones more than once, at any latency that there is. So nothing is dropped by
/// the reader: there is room for all that it may still ask for.
typedef struct {
    uint32_t channels;
    uint64_t mask;
    float* samples[2];
    uint64_t made;                      ///< The inference thread's
    atomic_uint_fast64_t written;       ///< Samples there are
    atomic_uint_fast64_t invalid_until; ///< Samples before this were not made by the model
    atomic_int_fast64_t read_until;     ///< Samples before this have been asked for
} TimbrelOutput;

/// False when memory ran out; then, as after free, it holds nothing.
bool timbrel_output_init(TimbrelOutput* output, uint32_t channels, uint64_t least);

/// A zeroed or freed output is fine.
void timbrel_output_free(TimbrelOutput* output);

/// Empty. Neither thread may be at it.
void timbrel_output_reset(TimbrelOutput* output);

/// The next samples of one channel; then, for all channels, count them. Thread: inference.
void timbrel_output_put(TimbrelOutput* output, uint32_t channel, const float* samples,
                        uint32_t count);
void timbrel_output_add(TimbrelOutput* output, uint32_t count, bool valid);

/// How many of the samples from `first` on are there; negative ones always are. Thread: audio.
uint32_t timbrel_output_ready(const TimbrelOutput* output, int64_t first,
                              uint32_t frames) TIMBREL_RT;

/// Read those that are there; negative ones, and those that are not, are silence. Thread: audio.
void timbrel_output_read(TimbrelOutput* output, int64_t first, float* const* out, uint32_t there,
                         uint32_t frames) TIMBREL_RT;

/// Up to which sample it was read. Thread: any.
int64_t timbrel_output_read_until(const TimbrelOutput* output) TIMBREL_RT;

#endif
