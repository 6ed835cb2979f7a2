// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/dsp/delay_line.h"
#include "measure.h"

enum { total = 20000, max_chunk = 96 };

static float signal_at(uint32_t channel, int64_t time) {
    return time < 0 ? 0.0f : (float)(channel * 100000 + (uint32_t)time + 1);
}

/// Taps at several delays give the input, later, for every cut into chunks.
static int taps_are_exact(uint32_t channels, uint32_t max_delay) {
    TimbrelDelayLine delay;
    CHECK(timbrel_delay_line_init(&delay, channels, max_delay, max_chunk));
    uint32_t random = 7;
    for (int pass = 0; pass < 2; ++pass) {
        const uint32_t delays[] = {0, 1, max_delay / 2, max_delay - 1, max_delay};
        for (uint32_t time = 0; time < total;) {
            const uint32_t frames = measure_pick(&random, max_chunk + 1);
            float in[2][max_chunk];
            float out[2][max_chunk];
            for (uint32_t i = 0; i < frames; ++i) {
                in[0][i] = signal_at(0, time + i);
                in[1][i] = signal_at(1, time + i);
            }
            timbrel_delay_line_write(&delay, (const float* const[]){in[0], in[1]}, frames);
            for (uint32_t d = 0; d < 5; ++d) {
                timbrel_delay_line_read(&delay, (float* const[]){out[0], out[1]}, frames,
                                        delays[d]);
                for (uint32_t c = 0; c < channels; ++c) {
                    for (uint32_t i = 0; i < frames; ++i) {
                        const float wanted = signal_at(c, (int64_t)time + i - delays[d]);
                        CHECK(out[c][i] == wanted);
                    }
                }
            }
            time += frames;
        }
        timbrel_delay_line_reset(&delay); // The second pass finds silence before its time 0
    }
    timbrel_delay_line_free(&delay);
    timbrel_delay_line_free(&delay);
    return 0;
}

int main(void) {
    const uint32_t delays[] = {1, 31, 32, 33, 4096, 5000};
    for (uint32_t d = 0; d < sizeof delays / sizeof *delays; ++d) {
        CHECK(taps_are_exact(1, delays[d]) == 0);
        CHECK(taps_are_exact(2, delays[d]) == 0);
    }
    return 0;
}
