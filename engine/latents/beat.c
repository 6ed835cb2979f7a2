// SPDX-License-Identifier: ISC
#include "beat.h"

#include <math.h>

// Beats that a host's word may be off without being news. Many tell their beat in ticks, of which
// there are 1920 or 960 to a beat, and some as a float.
static const double same = 1.1e-3;

// What is told beyond these is no number that music has.
static const double most_beats = 1e9;
static const double most_tempo = 1e4;
static const double most_speed = 1e3;

void timbrel_beat_reset(TimbrelBeat* beat, double frame_rate) {
    *beat = (TimbrelBeat){.frame_rate = frame_rate, .speed = 1.0, .beats_per_bar = 4.0};
}

static double frame_beats(const TimbrelBeat* beat) {
    return beat->tempo / 60.0 / beat->frame_rate;
}

static double beat_at(const TimbrelBeat* beat, double position) {
    return beat->beat + (position - beat->position) * frame_beats(beat) * beat->speed;
}

/// From `position` on, which is `at`, it goes on by other numbers.
static void move_anchor(TimbrelBeat* beat, double position, double at, double tempo, double speed) {
    beat->position = position;
    beat->beat = at;
    beat->tempo = tempo;
    beat->speed = speed;
}

static double positive(float value, double most, double otherwise) {
    return value > 0.0f && (double)value <= most ? (double)value : otherwise;
}

static void follow(TimbrelBeat* beat, const TimbrelTransport* told, double position) {
    const double ours = beat_at(beat, position);
    const bool tells = fabs(told->beat) < most_beats; // A NaN is not
    const double theirs = tells ? told->beat : ours;
    const double off = fabs(theirs - ours);
    beat->told_tempo = positive(told->beats_per_minute, most_tempo, 0.0);
    beat->beats_per_bar = positive(told->beats_per_bar, most_beats, 4.0);
    const double tempo = beat->told_tempo > 0.0 ? beat->told_tempo : beat->tempo;
    const double speed = fabs((double)told->speed) <= most_speed ? (double)told->speed : 0.0;
    if (off > same || tempo != beat->tempo || speed != beat->speed) {
        move_anchor(beat, position, theirs, tempo, speed);
        // A host that is off by less than half a frame only sets us right.
        beat->jumps = beat->jumps || off > fmax(2.0 * same, 0.5 * frame_beats(beat));
    }
    beat->transport = true;
}

/// Follow the events from `done` on, up to `position`; returns the first that is later.
static uint32_t follow_until(TimbrelBeat* beat, double position, const TimbrelLatentEvent* events,
                             uint32_t event_count, uint32_t done) {
    for (; done < event_count && events[done].position <= position; ++done) {
        // Of what a gap has swallowed nothing is known: it goes on as told last.
        if (events[done].event.kind == TIMBREL_EVENT_TRANSPORT) {
            follow(beat, &events[done].event.is.transport, events[done].position);
        }
    }
    return done;
}

void timbrel_beat_moments(TimbrelBeat* beat, uint64_t first, uint32_t frames,
                          const TimbrelLatentEvent* events, uint32_t event_count,
                          const float* tempo, TimbrelMoment* moments) {
    uint32_t done = 0;
    for (uint32_t g = 0; g < frames; ++g) {
        const double position = (double)(first + g);
        done = follow_until(beat, position, events, event_count, done);
        const double now = beat->told_tempo > 0.0 ? beat->told_tempo : (double)tempo[g];
        if (now != beat->tempo) {
            move_anchor(beat, position, beat_at(beat, position), now, beat->speed);
        }
        moments[g] = (TimbrelMoment){
            .beat = beat_at(beat, position),
            .beats = frame_beats(beat),
            .beats_per_bar = beat->beats_per_bar,
            .rolls = beat->speed != 0.0,
            .transport = beat->transport,
            .jumped = beat->jumps && beat->started,
        };
        beat->jumps = false;
        beat->started = true;
    }
    // Those within the last frame show from the next one on.
    (void)follow_until(beat, (double)(first + frames), events, event_count, done);
}
