// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_BEAT_H
#define TIMBREL_ENGINE_LATENTS_BEAT_H

#include "event.h"

#include <stdbool.h>

/// Musical time, frame by frame: the host's, as its transport events tell it, or one by the tempo
/// control where there is no transport.

/// Where a frame lies.
typedef struct {
    double beat;          ///< Since the song's beginning, or since the reset without a transport
    double beats;         ///< From one frame to the next at this tempo, also while it stands
    double beats_per_bar; ///< 4 where nobody tells
    bool rolls;           ///< False: the host's transport stands, and so does `beat`
    bool transport;       ///< Whether a host told of it
    bool jumped;          ///< `beat` does not go on from the frame before: a locate, a host's loop
} TimbrelMoment;

/// Zeroed by timbrel_beat_reset().
typedef struct {
    double frame_rate; ///< Hz
    bool transport;    ///< The rest is only valid where true
    TimbrelTransport told;
    double position; ///< Of `told`, in frames
    double beat;     ///< Of the frame before, and whether there was one
    bool started;
} TimbrelBeat;

void timbrel_beat_reset(TimbrelBeat* beat, double frame_rate);

/// The moments of `frames` frames from `first` on, which follow those of the call before; `events`
/// are theirs, sorted. `tempo[g]`, beats a minute, is used where the host tells none.
///
/// Where a host repeats what it told, as it goes on as told, nothing changes by it, to the last
/// bit: moments do not depend on how often it repeats itself. Thread: inference.
void timbrel_beat_moments(TimbrelBeat* beat, uint64_t first, uint32_t frames,
                          const TimbrelLatentEvent* events, uint32_t event_count,
                          const float* tempo, TimbrelMoment* moments);

#endif
