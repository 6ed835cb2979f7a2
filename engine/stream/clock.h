// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_STREAM_CLOCK_H
#define TIMBREL_ENGINE_STREAM_CLOCK_H

#include "engine/base/rt.h"
#include "engine/codec/framing.h"
#include "engine/dsp/resampler.h"
#include "timing.h"

/// When what happens in a stream, as arithmetic: from the host's samples since the last reset,
/// which are its time, to hops, frames and wet samples. Nothing here changes once it is made.
typedef struct {
    TimbrelFraming framing;
    uint32_t host_rate; ///< Rounded to Hz, as the resampler needs it
    uint32_t model_rate;
    bool same_rate;
    bool hears;             ///< Sound comes in; else frames are made from nothing but events
    uint32_t lead;          ///< Frames by which encode's trail the sound, where sound comes in
    uint32_t span;          ///< Most host samples from a hop's first wet sample to its completion
    uint32_t hop;           ///< Host samples in a hop, rounded up
    uint32_t delay;         ///< Host samples by which a wet sample trails the time that it is of
    double phase;           ///< Of the up-sampler, so that the delay is a whole number
    TimbrelResampler* down; ///< For their timing alone; NULL at equal rates
    TimbrelResampler* up;
} TimbrelClock;

/// False when memory ran out; then, as after free, it holds nothing.
bool timbrel_clock_init(TimbrelClock* clock, const TimbrelModelSummary* summary, double rate,
                        bool hears);

/// A zeroed or freed clock is fine.
void timbrel_clock_free(TimbrelClock* clock);

/// Time from which on hop `hop` can be played. Thread: any, as for all below.
uint64_t timbrel_clock_hop_time(const TimbrelClock* clock, uint64_t hop) TIMBREL_RT;

/// Time from which on what latent frame `frame` depends on is known.
uint64_t timbrel_clock_frame_time(const TimbrelClock* clock, uint64_t frame) TIMBREL_RT;

/// The frame on which acts what happens at `time`: it is heard at `time` + the whole latency. To
/// `position` goes the same with the part of the frame that has passed.
uint64_t timbrel_clock_event_frame(const TimbrelClock* clock, uint64_t time,
                                   double* position) TIMBREL_RT;

/// Wet samples there are after `hops` hops.
uint64_t timbrel_clock_out_total(const TimbrelClock* clock, uint64_t hops) TIMBREL_RT;

/// The latency where a hop takes so many seconds.
void timbrel_clock_latency(const TimbrelClock* clock, double rate, double hop_seconds,
                           TimbrelTiming timing, uint32_t block,
                           TimbrelLatency* latency) TIMBREL_RT;

#endif
