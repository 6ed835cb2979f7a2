// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_CAPTURE_H
#define TIMBREL_ENGINE_LATENTS_CAPTURE_H

#include "history.h"
#include "table.h"
#include "wish.h"

/// Which frames of the history *keep* and *add* mean. Bars are the host's, or seconds without a
/// transport. One struct a stream, zeroed by a reset; thread: inference.
typedef struct {
    bool keeping;   ///< Keep was pressed; its bars end at `line`
    uint32_t bars;  ///< That it is to take
    double line;    ///< Beat
    bool adding;    ///< A pass is awaited or under way
    bool started;   ///< It is under way
    uint32_t rows;  ///< That it lasts without beat lock
    double beats;   ///< That it lasts with beat lock; 0 without
    double ends;    ///< Beat at which it does, with beat lock
    uint64_t begun; ///< Frame at which it began
    double next;    ///< Beat at which the next frame is due
} TimbrelCapture;

/// Keep was pressed at the frame that the history holds last: it is to take so many bars that end
/// at the last bar line; or at the next where that is less than half a beat away. Bars are taken
/// back along the beats that were played; from where the transport stood or jumped, back by time at
/// the present tempo. While the transport stands, they end now.
void timbrel_capture_keep(TimbrelCapture* capture, uint32_t bars, const TimbrelMoment* moment);

/// Add was pressed: the next pass through `table` is to be blended into it. It begins where the
/// loop does: at the next multiple of the table's beats with beat lock, at once without. With beat
/// lock, a locate or a stop in between abandons it; a host's loop that ends where the pass does
/// completes it.
void timbrel_capture_add(TimbrelCapture* capture, const TimbrelTable* table, bool beat_lock,
                         const TimbrelMoment* moment);

/// A frame was put into the history; to be called until it is false. True: `wish` is now to be
/// granted. It has 0 frames where
/// there is nothing to be kept, or a pass is longer than the history.
bool timbrel_capture_step(TimbrelCapture* capture, const TimbrelHistory* history,
                          const TimbrelMoment* moment, double frame_rate, TimbrelWish* wish);

#endif
