// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/stream/timing.h"

static TimbrelLatency query(double seconds, uint32_t hop, uint32_t block, bool same,
                            TimbrelTiming timing) {
    const TimbrelDeadlineQuery q = {.rate = 48000.0,
                                    .hop_seconds = seconds,
                                    .hop = hop,
                                    .block = block,
                                    .same_rate = same,
                                    .timing = timing};
    TimbrelLatency latency = {0};
    timbrel_deadline(&q, &latency);
    return latency;
}

/// The total is the sum of the parts with their signs.
static int test_sum(void) {
    TimbrelLatency latency = {.hop = 2048,
                              .context = 512,
                              .resampler = 33,
                              .deadline = 256,
                              .alignment = 64,
                              .model = 480};
    timbrel_latency_sum(&latency);
    CHECK(latency.total == 2048 + 512 + 33 + 256 - 64 + 480);
    int64_t sum = 0;
    for (uint32_t i = 0; i < TIMBREL_LATENCY_COUNT; ++i) {
        sum += timbrel_latency_parts[i].sign * (int64_t)timbrel_latency_part(&latency, i);
    }
    CHECK(sum == latency.total);
    return 0;
}

int main(void) {
    static const double seconds[] = {0.0, 0.0001, 0.003, 0.02, 0.1};
    static const uint32_t hops[] = {64, 512, 2048, 2230};
    static const uint32_t blocks[] = {1, 37, 64, 256, 1024, 8192};
    for (int s = 0; s < 5; ++s) {
        for (int h = 0; h < 4; ++h) {
            for (int b = 0; b < 6; ++b) {
                const bool same = h < 3;
                const TimbrelLatency tight =
                    query(seconds[s], hops[h], blocks[b], same, TIMBREL_TIMING_TIGHT);
                const TimbrelLatency safe =
                    query(seconds[s], hops[h], blocks[b], same, TIMBREL_TIMING_SAFE);
                const TimbrelLatency full =
                    query(seconds[s], hops[h], blocks[b], same, TIMBREL_TIMING_FULL);
                // Whole blocks, at least the inference, at most a hop's worth of blocks.
                CHECK(tight.deadline % blocks[b] == 0 && tight.deadline > 0);
                CHECK(tight.deadline >= seconds[s] * 48000.0 || tight.deadline == full.deadline);
                CHECK(tight.deadline <= safe.deadline && safe.deadline <= full.deadline);
                CHECK(full.deadline >= hops[h] && full.deadline < hops[h] + blocks[b]);
                CHECK(full.alignment == (same && hops[h] % blocks[b] == 0 ? blocks[b] : 0));
                CHECK(tight.deadline >= tight.alignment);
            }
        }
    }
    return test_sum();
}
