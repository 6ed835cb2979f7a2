// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_SPECTRUM_H
#define TIMBREL_UI_SPECTRUM_H

#include <stdint.h>

/// The spectrum of a sound that comes in pieces.
typedef struct TimbrelSpectrum TimbrelSpectrum;

TimbrelSpectrum* timbrel_spectrum_new(void);
void timbrel_spectrum_free(TimbrelSpectrum* spectrum);

/// The next samples; `scale` of them stand for 1.
void timbrel_spectrum_add(TimbrelSpectrum* spectrum, const int16_t* samples, uint32_t count,
                          float scale);

/// Levels in dB of the latest sound in the bands between `edges` (count + 1 frequencies in Hz,
/// rising): the power in an octave as dense as the band, where a full-scale sine has 0 dB in all.
/// So a noise that is even to the ear, 3 dB less an octave, is level. Costs an FFT.
void timbrel_spectrum_levels(TimbrelSpectrum* spectrum, double rate, const double* edges,
                             double* levels, uint32_t count);

#endif
