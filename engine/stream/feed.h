// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_STREAM_FEED_H
#define TIMBREL_ENGINE_STREAM_FEED_H

#include "clock.h"
#include "engine/base/ring.h"
#include "engine/base/rt.h"
#include "engine/latents/controls.h"
#include "engine/latents/event.h"

/// What goes in: a host's samples, the controls sampled at each frame, the events at their frames,
/// from the audio thread to the inference thread.

#define TIMBREL_CHUNK       256  ///< Most samples at once
#define TIMBREL_FEED_EVENTS 1024 ///< Most events that can wait for their frames

/// One piece of a host's block.
typedef struct {
    const float* const* in;                ///< [channel]; not read where no sound comes in
    uint32_t frames;                       ///< At most TIMBREL_CHUNK
    uint32_t begin;                        ///< Time of the first sample in the host's block
    const TimbrelLatentControls* controls; ///< In force
    const TimbrelEvent* events;            ///< Of this piece, sorted; `time` in the host's block
    uint32_t event_count;
} TimbrelStreamInput;

typedef struct {
    uint32_t channels;    ///< Of the sound, 0 to 2
    TimbrelRing sound;    ///< A float a channel, numbered by time
    TimbrelRing controls; ///< TimbrelLatentControls, numbered by frame
    TimbrelRing events;   ///< TimbrelLatentEvent

    // The audio thread's.
    uint64_t time;       ///< Samples written
    uint64_t hop;        ///< Hops complete
    uint64_t hop_time;   ///< Time at which the next one is
    uint64_t frame;      ///< Latent frames whose controls were sampled
    uint64_t frame_time; ///< Time at which the next one is complete
    bool gap;            ///< Events were lost, and nobody was told yet
} TimbrelFeed;

/// `least`: samples that must fit. False when memory ran out; then, as after free, it holds
/// nothing.
bool timbrel_feed_init(TimbrelFeed* feed, const TimbrelClock* clock, uint32_t channels,
                       uint64_t least);

/// A zeroed or freed feed is fine.
void timbrel_feed_free(TimbrelFeed* feed);

/// Empty, at time 0. Neither thread may be at it.
void timbrel_feed_reset(TimbrelFeed* feed, const TimbrelClock* clock);

/// Whether so many samples fit. Thread: audio.
bool timbrel_feed_fits(const TimbrelFeed* feed, const TimbrelClock* clock,
                       uint32_t frames) TIMBREL_RT;

/// Time goes on by `input->frames`. What does not fit is lost, and known to be. True if hops became
/// complete: `feed->hop` is their number now. Thread: audio.
bool timbrel_feed_write(TimbrelFeed* feed, const TimbrelClock* clock,
                        const TimbrelStreamInput* input) TIMBREL_RT;

/// The controls of all frames of a hop's window: for each, those in force when the frame was due
/// that encode gives `clock->lead` frames later, which is how they are heard at their time + the
/// latency, as events are. Those before time 0 are frame 0's. False if some were lost: what
/// `controls` holds stands in. Thread: inference, as for the next two.
bool timbrel_feed_controls(const TimbrelFeed* feed, const TimbrelClock* clock, uint64_t hop,
                           TimbrelLatentControls* controls);

/// Take the events of the frames that this hop is the first to have, TIMBREL_FEED_EVENTS at most.
uint32_t timbrel_feed_events(TimbrelFeed* feed, const TimbrelClock* clock, uint64_t hop,
                             TimbrelLatentEvent* events);

/// The hop was played: drop the controls that no later one needs.
void timbrel_feed_drop(TimbrelFeed* feed, const TimbrelClock* clock, uint64_t hop);

#endif
