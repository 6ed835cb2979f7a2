// SPDX-License-Identifier: ISC
#include "tempo.h"

#include <math.h>

double timbrel_tempo(double row_rate, uint64_t rows) {
    return 60.0 * row_rate / (double)rows;
}

TimbrelTempo timbrel_tempo_nearest(double row_rate, double bpm) {
    const double exact = 60.0 * row_rate / bpm; // Rows to a beat
    uint64_t rows = exact < 1.0 ? 1 : (uint64_t)exact;
    // Between two lengths the geometric mean decides: tempi are heard as ratios.
    if (exact * exact > (double)rows * ((double)rows + 1.0)) {
        ++rows;
    }
    TimbrelTempo tempo = {.rows = rows, .bpm = timbrel_tempo(row_rate, rows)};
    tempo.error = tempo.bpm - bpm;
    tempo.stretch = exact / (double)rows;
    return tempo;
}
