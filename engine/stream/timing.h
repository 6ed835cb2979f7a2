// SPDX-License-Identifier: ISC
#ifndef TIMBREL_TIMING_H
#define TIMBREL_TIMING_H

#include "engine/base/controls.h"
#include "engine/base/status.h"

#include <stdint.h>

/// The latency as a sum of named causes, all in host samples. total = hop + context + resampler
/// + deadline - alignment + model.
typedef struct {
    uint32_t hop;       ///< Until a hop of input is there
    uint32_t context;   ///< Look-ahead that a non-streaming model's window needs
    uint32_t resampler; ///< Both sample-rate converters; 0 at equal rates
    uint32_t deadline;  ///< Time given to the inference of one hop, in whole blocks
    uint32_t alignment; ///< Saved because hops end where blocks end
    uint32_t model; ///< Delay inside the model, and the overlap of a non-streaming model's windows
    uint32_t total; ///< What the host is told
} TimbrelLatency;

/// What the deadline depends on.
typedef struct {
    double rate;        ///< Host rate, Hz
    double hop_seconds; ///< Warm inference time of one hop
    uint32_t hop;       ///< Host samples in a hop (rounded up)
    uint32_t block;     ///< Largest block that the host processes in real time
    bool same_rate;     ///< Host and model rate are equal
    TimbrelTiming timing;
} TimbrelDeadlineQuery;

/// Fill `latency->deadline` and `latency->alignment` (nothing else).
///
/// A hop that is complete in one block is needed, at the earliest, in the block that holds the
/// sample `deadline` later: between the two lies at least the deadline rounded down to whole
/// blocks, hence whole blocks. Where blocks divide the hop, hops end with a block, and the block in
/// which the hop was completed comes on top: it is given back as `alignment`. The deadline is at
/// most one hop: a model that needs longer never catches up anyway.
void timbrel_deadline(const TimbrelDeadlineQuery* query, TimbrelLatency* latency) TIMBREL_RT;

#endif
