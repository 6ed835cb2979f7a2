// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_BEAT_H
#define TIMBREL_ENGINE_LATENTS_BEAT_H

#include "event.h"

#include <stdbool.h>

/// Musical time, frame by frame: the host's, as its transport events tell it, or one by the tempo
/// control where there is no transport.

/// Where a frame lies: its beginning, so that an event within a frame shows from the next one on.
typedef struct {
    double beat;          ///< Since the song's beginning, or since the reset without a transport;
                          ///< may be below 0
    double beats;         ///< A frame's length at this tempo, at speed 1, also while it stands
    double beats_per_bar; ///< 4 where nobody tells
    bool rolls;           ///< False: the host's transport stands, and so does `beat`
    bool transport;       ///< Whether a host told of it
    bool jumped;          ///< `beat` does not go on from the frame before: a locate, a host's loop
} TimbrelMoment;

/// Zeroed by timbrel_beat_reset().
typedef struct {
    double frame_rate; ///< Hz
    bool transport;    ///< Whether a host told of it
    bool started;      ///< Whether there was a frame yet
    bool jumps;        ///< The next frame is where it jumped to
    // What goes on from the anchor, which only moves where something changes: so nothing adds up.
    double position; ///< The anchor, in frames
    double beat;     ///< At the anchor
    double tempo;    ///< Beats a minute
    double speed;
    double told_tempo; ///< The same as the host tells it; 0: the tempo control holds
    double beats_per_bar;
} TimbrelBeat;

void timbrel_beat_reset(TimbrelBeat* beat, double frame_rate);

/// The moments of `frames` frames from `first` on, which follow those of the call before; `events`
/// are theirs, sorted. `tempo[g]`, beats a minute, is used where the host tells none.
///
/// Where a host repeats what it told, as it goes on as told, nothing changes by it, to the last
/// bit: moments do not depend on how often it repeats itself. Its beat may be a thousandth off for
/// that, as some round it to ticks. Thread: inference.
void timbrel_beat_moments(TimbrelBeat* beat, uint64_t first, uint32_t frames,
                          const TimbrelLatentEvent* events, uint32_t event_count,
                          const float* tempo, TimbrelMoment* moments);

#endif
