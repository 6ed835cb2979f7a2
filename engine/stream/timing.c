// SPDX-License-Identifier: ISC
#include "timing.h"
#include "engine/base/rt.h"

// NOLINTBEGIN(bugprone-macro-parentheses): a sign
#define PART(FIELD, NAME, SIGN, LABEL, COMMENT)                                                    \
    {.symbol = #FIELD, .label = (LABEL), .sign = 0 SIGN 1},
const TimbrelLatencyPart timbrel_latency_parts[TIMBREL_LATENCY_COUNT] = {
    TIMBREL_LATENCY_PARTS(PART)};
#undef PART
// NOLINTEND(bugprone-macro-parentheses)

uint32_t timbrel_latency_part(const TimbrelLatency* latency, uint32_t part) TIMBREL_RT {
#define PART(FIELD, NAME, SIGN, LABEL, COMMENT) latency->FIELD,
    const uint32_t samples[TIMBREL_LATENCY_COUNT] = {TIMBREL_LATENCY_PARTS(PART)};
#undef PART
    return samples[part];
}

void timbrel_latency_sum(TimbrelLatency* latency) TIMBREL_RT {
#define PART(FIELD, NAME, SIGN, LABEL, COMMENT) SIGN latency->FIELD
    latency->total = 0 TIMBREL_LATENCY_PARTS(PART);
#undef PART
}

/// Share of the measured time that is added for the machine's other work, and a constant for waking
/// two threads; "safe" survives a loaded machine, "tight" an idle one.
static double allowance(const TimbrelDeadlineQuery* query) {
    return query->timing == TIMBREL_TIMING_TIGHT ? 1.25 * query->hop_seconds + 0.00025
                                                 : 2.0 * query->hop_seconds + 0.001;
}

void timbrel_deadline(const TimbrelDeadlineQuery* query, TimbrelLatency* latency) TIMBREL_RT {
    const uint32_t block = query->block > 0 ? query->block : 1;
    uint32_t samples = query->hop;
    if (query->timing != TIMBREL_TIMING_FULL) {
        const double needed = allowance(query) * query->rate;
        samples = needed < (double)query->hop ? (uint32_t)needed + 1 : query->hop;
    }
    const uint32_t blocks = (samples + block - 1) / block;
    latency->deadline = blocks * block;
    latency->alignment = query->same_rate && query->hop % block == 0 ? block : 0;
}
