// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_MESSAGES_H
#define TIMBREL_PLUGIN_MESSAGES_H

#include "engine/base/rt.h"
#include "notify.h"

/// What arrives at the control port: patch:Set of the model, its method and its attributes, of rows
/// and points, and patch:Get, answered on the notify port. Nothing that arrives is trusted: sizes
/// are checked, texts ended. Thread: audio.

/// What is still to be done when a run could not do it. Begins zeroed.
typedef struct {
    TimbrelNotify* notify;
    char wanted[TIMBREL_PATH_SIZE]; ///< Model that the effect did not take yet
    char method[TIMBREL_NAME_SIZE]; ///< The same of a method
    char rows[TIMBREL_PATH_SIZE];   ///< The same of a file of rows
    uint32_t serial;                ///< Of the report last told
    uint32_t rows_serial;           ///< Of that of rows and points
    uint32_t changes;               ///< By switches (see timbrel_effect_changes()) that were told
    bool has_wanted;
    bool has_method;
    bool has_rows;
    bool must_tell; ///< Tell all, whether changed or not
} TimbrelMessages;

/// Walk over a sequence's events. Begin with `event` NULL; NULL at the end. Only objects,
/// MIDI and messages of the window that lie whole in the sequence are given. The port may be NULL.
const LV2_Atom_Event* timbrel_messages_next(const TimbrelMessages* messages,
                                            const LV2_Atom_Sequence* port,
                                            const LV2_Atom_Event* event) TIMBREL_RT;

/// Do as the object at `event` asks, and answer at `frame`; what is not for us is ignored.
void timbrel_messages_handle(TimbrelMessages* messages, const LV2_Atom_Event* event,
                             int64_t frame) TIMBREL_RT;

/// At the end of a run, at its last `frame`: what is left over, and news of the model.
void timbrel_messages_finish(TimbrelMessages* messages, int64_t frame) TIMBREL_RT;

#endif
