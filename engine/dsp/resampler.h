// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_DSP_RESAMPLER_H
#define TIMBREL_ENGINE_DSP_RESAMPLER_H

#include "engine/base/rt.h"

#include <stdint.h>

/// Sample-rate conversion of one channel by a rational ratio, with a symmetric filter (linear
/// phase) of 16 samples of the lower rate to each side: both ways between 44.1 and 48 kHz take
/// 0.74 ms. Flat to 0.816 of the lower Nyquist frequency (18 kHz at 44.1 kHz); images of what lies
/// there, and aliases that would fall there, are below -90 dB. Above it, aliases fold.
/// Timing is exact over the whole stream: output sample n stands for input time
/// n * in_rate / out_rate + phase, in input samples since the last reset, so output sample 0 with
/// phase 0 is input sample 0. Input before time 0 is silence. It looks ahead, so output comes only
/// when enough input has: timbrel_resampler_needed() says when.
typedef struct TimbrelResampler TimbrelResampler;

/// `phase`: time of output sample 0, in input samples, 0 <= phase < in_rate / out_rate. It is
/// rounded to the nearest multiple of gcd(in_rate, out_rate) / out_rate, which is the grid all
/// output times lie on; whole multiples are exact. NULL when a rate is 0 or memory ran out. Thread:
/// any but audio.
TimbrelResampler* timbrel_resampler_new(uint32_t in_rate, uint32_t out_rate, double phase);
void timbrel_resampler_free(TimbrelResampler* resampler);

/// Back to the start of a stream. Does not allocate.
void timbrel_resampler_reset(TimbrelResampler* resampler) TIMBREL_RT;

/// Consume all `in_count` input samples and write to `out` the output they allow: with `in_total`
/// samples consumed before, that is available(in_total + in_count) - available(in_total), which
/// `out_room` must hold (what does not fit is lost). Returns the number written. `in` and `out` do
/// not overlap. How the input is cut into calls does not change the output. Does not allocate.
uint32_t timbrel_resampler_process(TimbrelResampler* resampler, const float* in, uint32_t in_count,
                                   float* out, uint32_t out_room) TIMBREL_RT;

/// Total output samples available after `in_total` input samples since the last reset: exact.
/// Totals are good up to 2^44 samples.
uint64_t timbrel_resampler_available(const TimbrelResampler* resampler,
                                     uint64_t in_total) TIMBREL_RT;

/// Least number of input samples since the reset after which `out_total` output samples are there.
uint64_t timbrel_resampler_needed(const TimbrelResampler* resampler, uint64_t out_total) TIMBREL_RT;

#endif
