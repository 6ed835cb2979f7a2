// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_BENCH_H
#define TIMBREL_CLI_BENCH_H

#include "engine/model/model.h"

/// Parts that the measurements of `timbrel bench` share.

/// One hop as the effect plays it, on what the buffers hold. Says why on failure.
bool bench_play(TimbrelModel* model, uint32_t lanes);

/// Quiet noise for the next hop.
void bench_fill(TimbrelModel* model, uint32_t lanes, uint64_t* noise);

/// How many instances of an open model's file play at once without a late hop: opens more and more
/// of them, each with a thread of its own, up to `most`. Negative on failure, which is told.
int bench_instances(const char* path, const TimbrelModelConfig* config, int most, double seconds);

/// How long a hop takes from each source of latents, measured in turn. Returns an exit status.
int bench_sources(TimbrelModel* model, uint64_t hops, bool as_json);

#endif
