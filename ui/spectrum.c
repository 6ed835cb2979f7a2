// SPDX-License-Identifier: ISC
#include "spectrum.h"

#include <glib.h>
#include <kiss_fftr.h>

#include <math.h>

enum { size = 4096 };

struct TimbrelSpectrum {
    kiss_fftr_cfg plan;
    float ring[size];
    float window[size];
    uint32_t at; ///< Oldest sample
    float input[size];
    kiss_fft_cpx bins[size / 2 + 1];
    double power[size / 2 + 2]; ///< Summed up from the lowest bin: [i] is below bin i
};

TimbrelSpectrum* timbrel_spectrum_new(void) {
    TimbrelSpectrum* s = g_new0(TimbrelSpectrum, 1);
    s->plan = kiss_fftr_alloc(size, 0, NULL, NULL);
    for (int i = 0; i < size; ++i) { // Hann
        s->window[i] = (float)(0.5 - 0.5 * cos(2 * G_PI * i / size));
    }
    return s;
}

void timbrel_spectrum_free(TimbrelSpectrum* s) {
    kiss_fftr_free(s->plan);
    g_free(s);
}

void timbrel_spectrum_add(TimbrelSpectrum* s, const int16_t* samples, uint32_t count, float scale) {
    for (uint32_t i = 0; i < count; ++i) {
        s->ring[s->at] = (float)samples[i] / scale;
        s->at = (s->at + 1) % size;
    }
}

void timbrel_spectrum_levels(TimbrelSpectrum* s, double rate, const double* edges, double* levels,
                             uint32_t count) {
    for (uint32_t i = 0; i < size; ++i) {
        s->input[i] = s->ring[(s->at + i) % size] * s->window[i];
    }
    kiss_fftr(s->plan, s->input, s->bins);
    // A full-scale sine has size/4 in its bin, and 1.5 bins' worth of power around it.
    const double unit = 1.0 / (1.5 * (size / 4.0) * (size / 4.0));
    s->power[0] = 0;
    for (int i = 0; i <= size / 2; ++i) {
        s->power[i + 1] = s->power[i] + unit * ((double)s->bins[i].r * (double)s->bins[i].r +
                                                (double)s->bins[i].i * (double)s->bins[i].i);
    }
    for (uint32_t i = 0; i < count; ++i) {
        // Where a band is narrower than a bin, a part of the bin's power.
        const double from = fmin(edges[i] * size / rate + 0.5, size / 2.0);
        const double to = fmin(edges[i + 1] * size / rate + 0.5, size / 2.0);
        const int low = (int)from;
        const int high = (int)to;
        const double below = s->power[low] + (from - low) * (s->power[low + 1] - s->power[low]);
        const double above = s->power[high] + (to - high) * (s->power[high + 1] - s->power[high]);
        const double octaves = log2(edges[i + 1] / edges[i]);
        // Energy in an octave, whatever the band's width.
        levels[i] = 10.0 * log10(fmax((above - below) / octaves, 1e-12));
    }
}
