// SPDX-License-Identifier: ISC
#ifndef TIMBREL_TESTS_HOST_CODEC_H
#define TIMBREL_TESTS_HOST_CODEC_H

#include "host.h"

/// What the fixture `codec` plays, in closed form: see tests/fixtures/codec.py.

enum { codec_ratio = 512 };

static const double codec_exact = 1e-5;

/// Whether `out` is `in`, later by `latency`, from there on.
bool codec_is_delayed(const float* in, const float* out, uint32_t frames, uint32_t latency);

/// In silence, a bias of latent 1 adds `bias` times its basis to each frame. Find the one sample,
/// of the first codec_ratio, at which a frame begins in `out`, which holds at least ten frames.
/// False if there is none or several.
bool codec_find_frames(const float* out, double bias, uint32_t* begin);

/// Whether each frame of `out` from `begin` on is the delayed input with its latent 1 multiplied by
/// `scale`: x + (scale - 1) <x, basis> basis.
bool codec_is_scaled(const float* in, const float* out, uint32_t frames, uint32_t latency,
                     uint32_t begin, double scale);

#endif
