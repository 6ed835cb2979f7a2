// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_CAPTURE_H
#define TIMBREL_ENGINE_LATENTS_CAPTURE_H

#include "history.h"
#include "table.h"
#include "wish.h"

/// Which frames of the history *keep* and *add* mean. Bars are the host's, or seconds without a
/// transport. One struct a stream, zeroed by a reset; thread: inference.
typedef struct {
    bool keeping;     ///< Keep was pressed a little before its bar line
    bool adding;      ///< A pass is awaited or under way
    bool started;     ///< The pass is under way
    uint32_t bars;    ///< That keep is to take
    double until;     ///< Beat at which what is awaited ends
    uint64_t begun;   ///< Frame at which the pass began
    uint32_t missing; ///< Frames of the pass still to come
} TimbrelCapture;

/// Keep was pressed at the frame that the history holds last: it is to take so many bars that end
/// at the last bar line; or at the next where that is less than half a beat away.
void timbrel_capture_keep(TimbrelCapture* capture, uint32_t bars, const TimbrelMoment* moment);

/// Add was pressed: the next pass through `table` is to be blended into it. It begins where the
/// loop does: at the next multiple of the table's beats with beat lock, at once without.
void timbrel_capture_add(TimbrelCapture* capture, const TimbrelTable* table, bool beat_lock,
                         const TimbrelMoment* moment);

/// A frame was put into the history. True if `wish` is now to be granted.
bool timbrel_capture_step(TimbrelCapture* capture, const TimbrelHistory* history,
                          const TimbrelMoment* moment, double frame_rate, TimbrelWish* wish);

#endif
