// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_STREAM_TIMING_H
#define TIMBREL_ENGINE_STREAM_TIMING_H

#include "engine/base/controls.h"
#include "engine/base/rt.h"

#include <stdint.h>

/// The causes of the latency: PART(field of TimbrelLatency, its name in URIs, sign in the sum, what
/// users read, one sentence), in the order in which users read them.
///
/// The model's part holds the overlap of a non-streaming model's windows too; the deadline is in
/// whole blocks.
#define TIMBREL_LATENCY_PARTS(PART)                                                                \
    PART(hop, Hop, +, "hop", "Until a hop of input is there.")                                     \
    PART(context, Context, +, "look-ahead of the window",                                          \
         "What a model that does not stream looks ahead.")                                         \
    PART(resampler, Resampler, +, "sample-rate conversion",                                        \
         "Of the conversion between the host's rate and the model's.")                             \
    PART(deadline, Deadline, +, "deadline of the inference",                                       \
         "Time that the model is given for a hop.")                                                \
    PART(alignment, Alignment, -, "hops that end with a block",                                    \
         "Saved, as hops end where blocks end: taken off the sum.")                                \
    PART(model, Model, +, "inside the model", "Delay inside the model.")

/// A sum of named causes, all in host samples.
typedef struct {
#define PART(FIELD, NAME, SIGN, LABEL, COMMENT) uint32_t FIELD;
    TIMBREL_LATENCY_PARTS(PART)
#undef PART
    uint32_t total; ///< What the host is told
} TimbrelLatency;

enum {
#define PART(FIELD, NAME, SIGN, LABEL, COMMENT) TIMBREL_LATENCY_##FIELD,
    TIMBREL_LATENCY_PARTS(PART)
#undef PART
        TIMBREL_LATENCY_COUNT
};

typedef struct {
    const char* symbol;
    const char* label;
    int sign; ///< 1, or -1: taken off the sum
} TimbrelLatencyPart;

extern const TimbrelLatencyPart timbrel_latency_parts[TIMBREL_LATENCY_COUNT];

/// The number of samples of one part. Thread: any.
uint32_t timbrel_latency_part(const TimbrelLatency* latency, uint32_t part) TIMBREL_RT;

/// Fill `latency->total` with the sum. Thread: any.
void timbrel_latency_sum(TimbrelLatency* latency) TIMBREL_RT;

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
