// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_SOURCES_H
#define TIMBREL_ENGINE_LATENTS_SOURCES_H

#include "history.h"
#include "source.h"
#include "wish.h"

/// The effect's source: whichever the controls name (rows, map, points), blended with what is
/// heard, without a click where the choice, the blend or the material changes. It remembers what
/// was played.

typedef struct {
    /// A wish is there to be granted; on the inference thread, so it only wakes somebody. May be
    /// NULL.
    void (*wished)(void* handle);
    void* handle;
} TimbrelSourcesConfig;

/// `info` is copied. `frame_rate` in Hz. NULL when memory ran out. Thread: any but audio and
/// inference, as for all below.
TimbrelSource* timbrel_sources_new(const TimbrelModelInfo* info, double frame_rate,
                                   const TimbrelSourcesConfig* config);

/// Play this from the next hop on; takes it over. What played before is freed by a later call, or
/// with the source. One thread at a time, as for the next two.
void timbrel_sources_give(TimbrelSource* sources, TimbrelMaterial* material);

/// The next wish, in the order in which they came. False: there is none.
bool timbrel_sources_wish(TimbrelSource* sources, TimbrelWish* wish);

/// What was played; outlived by the source.
const TimbrelHistory* timbrel_sources_history(TimbrelSource* sources);

#endif
