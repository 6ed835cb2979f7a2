// SPDX-License-Identifier: ISC
#ifndef TIMBREL_COMPOSE_TEMPO_H
#define TIMBREL_COMPOSE_TEMPO_H

#include <stdint.h>

/// Rows come at a steady rate (Hz), so a loop of k rows is a beat of a certain tempo.

/// Beats a minute of loops of `rows` rows, one beat a loop.
double timbrel_tempo(double row_rate, uint64_t rows);

typedef struct {
    uint64_t rows;  ///< Whose tempo is nearest by ratio, at least 1
    double bpm;     ///< Theirs
    double error;   ///< bpm less the wanted one
    double stretch; ///< Factor of length that makes a loop of `rows` exactly the wanted beat
} TimbrelTempo;

TimbrelTempo timbrel_tempo_nearest(double row_rate, double bpm);

#endif
