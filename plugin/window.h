// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_WINDOW_H
#define TIMBREL_PLUGIN_WINDOW_H

#include "engine/base/rt.h"
#include "messages.h"
#include "wire.h"

/// What the effect tells its window while one is open, and does for it: the effect's end of the
/// wire. A window announces itself and is forgotten when it falls silent, so that without one
/// nothing is measured. Thread: audio, but for init.

typedef struct {
    TimbrelNotify* notify;
    TimbrelMessages* messages;
    double rate;
    uint32_t inputs;
    uint32_t outputs;
    uint32_t left;                  ///< Frames until the window counts as gone; 0: there is none
    uint32_t serial;                ///< Of the news that the window knows, as it says
    uint32_t playing_serial;        ///< Of the news that `playing` was made from
    uint32_t telling;               ///< Item of the news that is next; 0: all are told
    uint32_t until_meters;          ///< Frames
    uint32_t late_base;             ///< Late hops that were cleared
    TimbrelWireStatus playing;      ///< Numbers of the model that was ready last
    char wanted[TIMBREL_PATH_SIZE]; ///< As which it was asked for
    char methods[TIMBREL_MAX_METHODS * TIMBREL_NAME_SIZE + 1]; ///< See TIMBREL_TEXT_METHODS
    char name[256];
    TimbrelBackendKind backend; ///< What plays it
    char backend_why[160];
    char labels[TIMBREL_MAX_LATENTS][TIMBREL_NAME_SIZE];
    TimbrelLatentMeaning meanings[TIMBREL_MAX_LATENTS];
    TimbrelWireMeters meters;
    TimbrelWireScope scope;
    TimbrelWire message; ///< Where others are put together
} TimbrelWindow;

void timbrel_window_init(TimbrelWindow* window, TimbrelMessages* messages, double rate,
                         uint32_t inputs, uint32_t outputs);

/// Do as the message of `size` bytes at `data` asks; what is none is ignored.
void timbrel_window_handle(TimbrelWindow* window, const void* data, uint32_t size,
                           int64_t frame) TIMBREL_RT;

/// The next `frames` of the input, before they are processed (in place, it may be), at `frame` of
/// the run; then of the output. NULL is silence.
void timbrel_window_input(TimbrelWindow* window, const float* const* in, uint32_t frames,
                          int64_t frame) TIMBREL_RT;
void timbrel_window_output(TimbrelWindow* window, float* const* out, uint32_t frames) TIMBREL_RT;

/// At the end of a run of `frames`: meters and news as far as there is room. A host that
/// free-wheels is told only the news.
void timbrel_window_finish(TimbrelWindow* window, uint32_t frames, bool freewheel) TIMBREL_RT;

#endif
