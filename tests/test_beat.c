// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/base/random.h"
#include "engine/latents/beat.h"

#include <math.h>
#include <string.h>

static const double rate = 48000.0 / 2048.0; // Frames a second

enum { most_events = 64, chunk = 32 };

/// A host that plays at one tempo and tells where it is as hosts do.
typedef enum { EXACT, AS_FLOAT, IN_TICKS } Telling;

static double told_as(double beat, Telling telling) {
    const double bar = floor(beat / 4.0);
    switch (telling) {
    case AS_FLOAT: // Bar and beat in the bar
        return bar * 4.0 + (double)(float)(beat - bar * 4.0);
    case IN_TICKS:
        return floor(beat * 1920.0) / 1920.0;
    case EXACT:
        break;
    }
    return beat;
}

static TimbrelLatentEvent tell(double position, double beat, double tempo, double speed) {
    return (TimbrelLatentEvent){
        .frame = (uint64_t)position,
        .position = position,
        .event = {.kind = TIMBREL_EVENT_TRANSPORT,
                  .is.transport = {beat, 4.0f, (float)tempo, (float)speed}},
    };
}

/// The moment of one frame, where of `events` only its own are handed over.
static TimbrelMoment step(TimbrelBeat* beat, uint64_t frame, const TimbrelLatentEvent* events,
                          uint32_t count, float tempo) {
    TimbrelMoment moment;
    uint32_t first = 0;
    while (first < count && events[first].frame < frame) {
        ++first;
    }
    uint32_t end = first;
    while (end < count && events[end].frame == frame) {
        ++end;
    }
    timbrel_beat_moments(beat, frame, 1, end > first ? events + first : NULL, end - first, &tempo,
                         &moment);
    return moment;
}

static int test_no_transport(void) {
    TimbrelBeat beat;
    timbrel_beat_reset(&beat, rate);
    const double beats = (double)97.3f / 60.0 / rate;
    for (uint64_t f = 0; f < 1000000; ++f) {
        const TimbrelMoment moment = step(&beat, f, NULL, 0, 97.3f);
        CHECK(moment.beat == (double)f * beats && moment.beats == beats);
        CHECK(moment.beats_per_bar == 4.0 && moment.rolls && !moment.transport && !moment.jumped);
    }
    double last = 999999.0 * beats;
    double more = beats;
    for (uint64_t f = 1000000; f < 1001000; ++f) { // Automated
        const float tempo = 60.0f + 0.1f * (float)(f - 1000000);
        const TimbrelMoment moment = step(&beat, f, NULL, 0, tempo);
        CHECK(fabs(moment.beat - last - more) < 1e-9 && !moment.jumped);
        CHECK(moment.beats == (double)tempo / 60.0 / rate);
        last = moment.beat;
        more = moment.beats;
    }
    return 0;
}

// 1000 loops of 8 beats, told at the beginning of blocks of random sizes or only once: the same
// bits, and on the beat.
static int test_drift(Telling telling) {
    TimbrelBeat often;
    TimbrelBeat once;
    timbrel_beat_reset(&often, rate);
    timbrel_beat_reset(&once, rate);
    const double beats = 97.3 / 60.0 / rate; // Not the float that the host tells
    const double offset = 0.1234;
    TimbrelRandom random = timbrel_random(5);
    const TimbrelLatentEvent first = tell(0.0, told_as(offset, telling), 97.3, 1.0);
    double position = 0.0; // Of the next block
    double worst = 0.0;
    for (uint64_t f = 0; (double)f * beats < 8000.0; ++f) {
        TimbrelLatentEvent events[most_events];
        uint32_t count = 0;
        while (position < (double)(f + 1)) {
            events[count++] =
                tell(position, told_as(offset + position * beats, telling), 97.3, 1.0);
            position += (double)(64 + timbrel_random_below(&random, 2000)) / 2048.0;
        }
        const TimbrelMoment a = step(&often, f, events, count, 120.0f);
        const TimbrelMoment b = step(&once, f, &first, 1, 120.0f);
        CHECK(memcmp(&a.beat, &b.beat, sizeof a.beat) == 0);
        CHECK(a.rolls && a.transport && !a.jumped && !b.jumped);
        worst = fmax(worst, fabs(a.beat - offset - (double)f * beats));
    }
    (void)fprintf(stderr, "1000 loops at 97.3 BPM: off by %.2g beats, %.2g frames\n", worst,
                  worst / beats);
    CHECK(worst < 1e-3 && worst < 0.1 * beats);
    return 0;
}

static int test_stop(void) {
    TimbrelBeat beat;
    timbrel_beat_reset(&beat, rate);
    const double beats = 2.0 / rate;
    const TimbrelLatentEvent events[] = {
        tell(0.0, 16.0, 120.0, 1.0),
        tell(10.25, 16.0 + 10.25 * beats, 120.0, 0.0), // Stops
        tell(15.0, 16.0 + 10.25 * beats, 120.0, 0.0),  // Says so again
        tell(20.5, 3.0, 120.0, 0.0),                   // Somebody moves the cursor
        tell(30.75, (double)NAN, 0.0, 1.0),            // Rolls, and tells no more
    };
    for (uint64_t f = 0; f < 50; ++f) {
        const TimbrelMoment moment = step(&beat, f, events, 5, 120.0f);
        const double expected = f <= 10   ? 16.0 + (double)f * beats
                                : f <= 20 ? 16.0 + 10.25 * beats
                                : f <= 30 ? 3.0
                                          : 3.0 + ((double)f - 30.75) * beats;
        CHECK(fabs(moment.beat - expected) < 1e-12);
        CHECK(moment.rolls == (f <= 10 || f > 30));
        CHECK(moment.jumped == (f == 21));
        CHECK(moment.beats == beats && moment.transport);
    }
    return 0;
}

// The host goes round between beats 4 and 6.5; it tells where it jumps only.
static int test_host_loop(void) {
    TimbrelBeat beat;
    timbrel_beat_reset(&beat, rate);
    const double beats = 97.3 / 60.0 / rate;
    const double around = 2.5 / beats; // Frames
    double jump = around;              // The next one
    uint32_t jumps = 0;
    TimbrelLatentEvent event = tell(0.0, 4.0, 97.3, 1.0);
    for (uint64_t f = 0; f < 100000; ++f) {
        if (f > 0 && jump < (double)(f + 1)) {
            event = tell(jump, 4.0, 97.3, 1.0);
            jump += around;
        }
        const TimbrelMoment moment = step(&beat, f, &event, 1, 120.0f);
        const double expected = 4.0 + fmod((double)f, around) * beats;
        CHECK(fabs(moment.beat - expected) < 1e-6);
        jumps += moment.jumped ? 1 : 0;
    }
    CHECK(jumps == (uint32_t)(99999.0 / around));
    return 0;
}

// From 60 to 180 BPM in a minute, a new tempo each block.
static int test_ramp(void) {
    TimbrelBeat beat;
    timbrel_beat_reset(&beat, rate);
    const double block = 256.0 / 2048.0;
    double position = 0.0;
    double worst = 0.0;
    for (uint64_t f = 0; (double)f < 60.0 * rate; ++f) {
        TimbrelLatentEvent events[most_events];
        uint32_t count = 0;
        for (; position < (double)(f + 1); position += block) {
            const double seconds = position / rate;
            events[count++] =
                tell(position, seconds + seconds * seconds / 60.0, 60.0 + 2.0 * seconds, 1.0);
        }
        const TimbrelMoment moment = step(&beat, f, events, count, 120.0f);
        const double seconds = (double)f / rate;
        worst = fmax(worst, fabs(moment.beat - seconds - seconds * seconds / 60.0));
        CHECK(!moment.jumped);
    }
    CHECK(worst < 1e-3);
    return 0;
}

static int test_backward(void) {
    TimbrelBeat beat;
    timbrel_beat_reset(&beat, rate);
    const TimbrelLatentEvent event = tell(0.0, 1.0, 60.0, -2.0);
    for (uint64_t f = 0; f < 100; ++f) {
        const TimbrelMoment moment = step(&beat, f, &event, 1, 120.0f);
        CHECK(fabs(moment.beat - 1.0 + 2.0 * (double)f / rate) < 1e-12);
        CHECK(moment.rolls && !moment.jumped && moment.beats == 1.0 / rate);
    }
    return 0;
}

// Speed without a beat; a tempo that only our control knows; a gap; a meter.
static int test_little_told(void) {
    TimbrelBeat beat;
    timbrel_beat_reset(&beat, rate);
    TimbrelLatentEvent events[] = {
        tell(4.5, (double)NAN, 0.0, 0.0),
        tell(8.0, (double)NAN, 0.0, 1.0),
        {.frame = 10, .position = 10.5, .event = {.kind = TIMBREL_EVENT_GAP}},
        tell(12.0, (double)NAN, 60.0, 1.0),
    };
    events[1].event.is.transport.beats_per_bar = 3.0f;
    const double beats = 2.0 / rate;
    for (uint64_t f = 0; f < 20; ++f) {
        const TimbrelMoment moment = step(&beat, f, events, 4, 120.0f);
        const double frames = (double)f;
        const double expected = f <= 4    ? frames * beats
                                : f <= 8  ? 4.5 * beats
                                : f <= 12 ? (frames - 3.5) * beats
                                          : 8.5 * beats + (frames - 12.0) / rate;
        CHECK(fabs(moment.beat - expected) < 1e-12);
        CHECK(!moment.jumped && moment.transport == (f > 4));
        CHECK(moment.beats_per_bar == (f >= 8 && f < 12 ? 3.0 : 4.0));
    }
    // The host's tempo holds against the control's, until it says none.
    CHECK(step(&beat, 20, NULL, 0, 200.0f).beats == 1.0 / rate);
    const TimbrelLatentEvent none = tell(21.0, (double)NAN, 0.0, 1.0);
    CHECK(fabs(step(&beat, 21, &none, 1, 200.0f).beats - 200.0 / 60.0 / rate) < 1e-12);
    return 0;
}

static int test_nonsense(void) {
    const double numbers[] = {
        (double)NAN, (double)INFINITY, -(double)INFINITY, 1e300, -1e300, -1.0, 1e-300, 0.0, 1e30,
        4.0};
    TimbrelRandom random = timbrel_random(1);
    TimbrelBeat beat;
    timbrel_beat_reset(&beat, rate);
    for (uint64_t f = 0; f < 100000; ++f) {
        float told[3];
        for (int i = 0; i < 3; ++i) {
            told[i] = (float)fmax(fmin(numbers[timbrel_random_below(&random, 10)], 3e38), -3e38);
            told[i] = timbrel_random_below(&random, 8) == 0 ? NAN : told[i];
        }
        TimbrelLatentEvent event =
            tell((double)f + 0.5, numbers[timbrel_random_below(&random, 10)], 0.0, 0.0);
        event.event.is.transport.beats_per_bar = told[0];
        event.event.is.transport.beats_per_minute = told[1];
        event.event.is.transport.speed = told[2];
        const TimbrelMoment moment = step(&beat, f, &event, 1, 120.0f);
        CHECK(isfinite(moment.beat) && fabs(moment.beat) < 2e9);
        CHECK(moment.beats > 0.0 && moment.beats < 100.0);
        CHECK(moment.beats_per_bar > 0.0 && isfinite(moment.beats_per_bar));
    }
    return 0;
}

// Blocks of frames of any size give the same moments.
static int test_partition(void) {
    TimbrelBeat single;
    TimbrelBeat blocks;
    timbrel_beat_reset(&single, rate);
    timbrel_beat_reset(&blocks, rate);
    TimbrelRandom random = timbrel_random(9);
    for (uint64_t f = 0; f < 20000;) {
        const uint32_t frames = 1 + (uint32_t)timbrel_random_below(&random, chunk);
        TimbrelLatentEvent events[most_events];
        uint32_t count = 0;
        float tempo[chunk];
        for (uint32_t g = 0; g < frames; ++g) {
            tempo[g] = timbrel_random_below(&random, 20) == 0 ? 90.0f : 120.0f;
            if (timbrel_random_below(&random, 6) == 0) {
                events[count++] =
                    tell((double)(f + g) + timbrel_random_uniform(&random),
                         timbrel_random_below(&random, 2) ? timbrel_random_uniform(&random) * 64.0
                                                          : (double)NAN,
                         (double)timbrel_random_below(&random, 3) * 60.0,
                         (double)timbrel_random_below(&random, 3) * 0.5);
            }
        }
        TimbrelMoment together[chunk];
        timbrel_beat_moments(&blocks, f, frames, events, count, tempo, together);
        for (uint32_t g = 0; g < frames; ++g) {
            const TimbrelMoment one = step(&single, f + g, events, count, tempo[g]);
            CHECK(memcmp(&one.beat, &together[g].beat, sizeof one.beat) == 0);
            CHECK(one.beats == together[g].beats && one.rolls == together[g].rolls);
            CHECK(one.jumped == together[g].jumped && one.transport == together[g].transport);
        }
        f += frames;
    }
    return 0;
}

int main(void) {
    return test_no_transport() || test_drift(EXACT) || test_drift(AS_FLOAT) ||
           test_drift(IN_TICKS) || test_stop() || test_host_loop() || test_ramp() ||
           test_backward() || test_little_told() || test_nonsense() || test_partition();
}
