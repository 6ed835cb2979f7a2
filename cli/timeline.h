// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_TIMELINE_H
#define TIMBREL_CLI_TIMELINE_H

#include "engine/latents/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What happens in a render beside its sound: MIDI and the transport, each at its sample.

typedef struct {
    const char* midi;     ///< Path of a MIDI file; NULL: none
    double tempo;         ///< Beats a minute of the transport; 0: the MIDI file's tempo map
    double beats_per_bar; ///< Beside `tempo`
} TimelineConfig;

/// Zeroed: nothing happens.
typedef struct {
    uint64_t* samples; ///< Of each event, since the beginning; sorted
    TimbrelEvent* events;
    size_t count;
    size_t next; ///< First one that was not taken
} Timeline;

/// `rate` in Hz. On failure says why, and nothing is to be freed.
bool timeline_open(Timeline* timeline, const TimelineConfig* config, double rate);
void timeline_free(Timeline* timeline);

/// The events of `frames` samples from `place` on, their times counted from there; steps follow one
/// another without a gap. Returns how many; they are valid until the next call.
uint32_t timeline_take(Timeline* timeline, uint64_t place, uint32_t frames,
                       const TimbrelEvent** events);

#endif
