// SPDX-License-Identifier: ISC
#include "check.h"
#include "compose/tempo.h"

#include <math.h>

int main(void) {
    const double row_rate = 44100.0 / 2048.0;
    const double expected[] = {184.57, 161.49, 143.55, 129.19, 117.45, 107.66};
    for (uint64_t k = 7; k <= 12; ++k) {
        CHECK(fabs(timbrel_tempo(row_rate, k) - expected[k - 7]) < 0.01); // Cut, not rounded
    }

    TimbrelTempo tempo = timbrel_tempo_nearest(row_rate, 120);
    CHECK(tempo.rows == 11 && fabs(tempo.error + 2.55) < 0.006);
    // Stretched, a loop lasts one beat.
    CHECK(fabs((double)tempo.rows * tempo.stretch / row_rate - 60.0 / 120) < 1e-12);
    tempo = timbrel_tempo_nearest(row_rate, 1e6);
    CHECK(tempo.rows == 1 && tempo.stretch < 1);
    for (uint64_t k = 1; k < 2000; ++k) {
        tempo = timbrel_tempo_nearest(row_rate, timbrel_tempo(row_rate, k));
        CHECK(tempo.rows == k && fabs(tempo.error) < 1e-9 && fabs(tempo.stretch - 1) < 1e-9);
    }
    return 0;
}
