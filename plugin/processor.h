// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_PROCESSOR_H
#define TIMBREL_PLUGIN_PROCESSOR_H

#include "engine/base/rt.h"
#include "engine/effect/effect.h"

/// What plays behind a plugin's ports. Each stands in a file of processors/ under the name that the
/// table of plugins has for it, as timbrel_processor_NAME.
typedef struct {
    /// NULL with `error` on failure. The configuration is that of the model it plays; its
    /// `channels` are the plugin's audio outputs. Thread: any but audio, as of reset and free.
    void* (*new)(const TimbrelEffectConfig* config, TimbrelError* error);

    /// Forget all signal history. Not while process() runs.
    void (*reset)(void* processor);

    /// Audio thread, for a block of any length, 0 too. `in` and `out` have the plugin's channels.
    void (*process)(void* processor, const TimbrelBlock* block) TIMBREL_RT;

    /// What it tells back, as of the last process(). Audio thread.
    void (*report)(const void* processor, float reports[TIMBREL_REPORT_COUNT]) TIMBREL_RT;

    void (*free)(void* processor);

    /// Whose model it plays: messages, session and window speak of that. Never NULL. Thread: any.
    TimbrelEffect* (*effect)(void* processor);
} TimbrelProcessor;

#endif
