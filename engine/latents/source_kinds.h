// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_SOURCE_KINDS_H
#define TIMBREL_ENGINE_LATENTS_SOURCE_KINDS_H

#include "source.h"

/// What makes each source of the table engine/base/sources.def: timbrel_source_NAME(info,
/// frame_rate), `info` copied, `frame_rate` in Hz, NULL when memory ran out; its file says what it
/// plays. They are for timbrel_sources_new(), which asks for one frame at a time.
#define SOURCE(ID, NAME, LABEL)                                                                    \
    TimbrelSource* timbrel_source_##NAME(const TimbrelModelInfo* info, double frame_rate);
#include "engine/base/sources.def"
#undef SOURCE

#endif
