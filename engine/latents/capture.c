// SPDX-License-Identifier: ISC
#include "capture.h"

void timbrel_capture_keep(TimbrelCapture* capture, uint32_t bars, const TimbrelMoment* moment) {
    (void)moment;
    capture->bars = bars;
}

void timbrel_capture_add(TimbrelCapture* capture, const TimbrelTable* table, bool beat_lock,
                         const TimbrelMoment* moment) {
    (void)capture;
    (void)table;
    (void)beat_lock;
    (void)moment;
}

bool timbrel_capture_step(TimbrelCapture* capture, const TimbrelHistory* history,
                          const TimbrelMoment* moment, double frame_rate, TimbrelWish* wish) {
    (void)capture;
    (void)history;
    (void)moment;
    (void)frame_rate;
    (void)wish;
    return false;
}
