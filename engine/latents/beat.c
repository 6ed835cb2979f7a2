// SPDX-License-Identifier: ISC
#include "beat.h"

void timbrel_beat_reset(TimbrelBeat* beat, double frame_rate) {
    *beat = (TimbrelBeat){.frame_rate = frame_rate};
}

void timbrel_beat_moments(TimbrelBeat* beat, uint64_t first, uint32_t frames,
                          const TimbrelLatentEvent* events, uint32_t event_count,
                          const float* tempo, TimbrelMoment* moments) {
    (void)first;
    (void)events;
    (void)event_count;
    for (uint32_t g = 0; g < frames; ++g) {
        const double beats = (double)tempo[g] / 60.0 / beat->frame_rate;
        moments[g] = (TimbrelMoment){
            .beat = beat->beat, .beats = beats, .beats_per_bar = 4.0, .rolls = true};
        beat->beat += beats;
    }
}
