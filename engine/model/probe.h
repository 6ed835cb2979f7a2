// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_PROBE_H
#define TIMBREL_ENGINE_MODEL_PROBE_H

#include "model.h"

#include <stdatomic.h>

/// Measurements of a model that was just opened: which hop it takes, how long one takes, how late
/// its output is. Thread: loader. All leave the model's streaming state dirty: reset it afterwards.

/// One hop as the effect plays it (encode and decode, or the method), on whatever the buffers hold.
TimbrelStatus timbrel_probe_play(TimbrelBackend* backend, const TimbrelCall* shape,
                                 TimbrelError* error);

/// Time up to `count` hops, fewer of a slow model but at least three: returns the given quantile of
/// their seconds, or a negative number on failure. The input is quiet noise.
double timbrel_probe_time(TimbrelBackend* backend, uint32_t lanes, uint32_t frames, uint32_t count,
                          double quantile, const _Atomic(bool)* cancel, TimbrelError* error);

/// What one such hop takes of a processor, however busy the machine is: the shortest of enough
/// calls, where a call takes the time that passes or, if someone else had the processor meanwhile,
/// the time that our thread and the model's process were given. Exact only above the least step of
/// timbrel_cost_round(). Seconds, or a negative number on failure.
double timbrel_probe_cost(TimbrelBackend* backend, uint32_t lanes, uint32_t frames,
                          const _Atomic(bool)* cancel, TimbrelError* error);

/// The delay inside a streaming model, in model samples: what a short burst on top of quiet noise
/// changes in the output, as the moment by which half of that change's energy has come, against the
/// burst's own. Exact for a model that only delays. For a network it is the middle of its reach in
/// time: half of the receptive field where convolutions look both ways (which is what streaming
/// must then delay by, see arXiv 2204.07064), little where they are causal. A memory that follows
/// slowly, or rings, changes the output long afterwards: while that is less than half of the energy
/// it moves the figure by little; where it is more, there is no one delay, and this is the middle
/// of what is heard. 0 with TIMBREL_OK where the burst changes nothing. `frames` latent frames make
/// a hop, on whose length the delay does not depend; `rate` is the model's, Hz.
TimbrelStatus timbrel_probe_delay(TimbrelBackend* backend, uint32_t frames, double rate,
                                  double* delay, const _Atomic(bool)* cancel, TimbrelError* error);

#endif
