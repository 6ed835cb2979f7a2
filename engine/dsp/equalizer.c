// SPDX-License-Identifier: ISC
#include "equalizer.h"
#include "engine/base/rt.h"

#include <string.h>

enum {
    step_frames = 32,
    bands = TIMBREL_EQ_BANDS,
    solutions = 4,
};

static const double move_seconds = 0.02;
static const double limit = 12.0;
static const double spill = 0.35; // Share of its dB that a band has an octave below its centre
static const double highest_share = 0.49; // Share of the rate, for a band's centre

// A band's filter is (s^2 + G k s + 1) / (s^2 + k s + 1), s = j tan(pi f / rate) / g: gain G at its
// centre. Its power response is (d + G^2) / (d + 1), with d = (detune / k)^2 and
// detune = (s / j) - 1 / (s / j).

static double detune(double tuning, double centre) {
    return tuning / centre - centre / tuning;
}

void timbrel_equalizer_init(TimbrelEqualizer* e, double rate, uint32_t channels) TIMBREL_RT {
    memset(e, 0, sizeof *e);
    e->channels = channels;
    e->steps = (uint32_t)(move_seconds * rate / step_frames) + 1;
    while (e->active < bands && (double)timbrel_eq_centres[e->active] < highest_share * rate) {
        e->active++;
    }
    for (uint32_t j = 0; j < e->active; ++j) {
        const double centre = (double)timbrel_eq_centres[j];
        TimbrelEqualizerBand* band = &e->bands[j];
        band->g = timbrel_biquad_tuning(centre, rate);
        // The lower octave, because near the Nyquist frequency the upper one is squeezed.
        band->width = -detune(timbrel_biquad_tuning(centre / 2.0, rate), band->g);
    }
    for (uint32_t i = 0; i < e->active; ++i) {
        for (uint32_t j = 0; j < e->active; ++j) {
            e->detune[i][j] = detune(e->bands[i].g, e->bands[j].g);
        }
    }
    timbrel_equalizer_reset(e);
}

void timbrel_equalizer_reset(TimbrelEqualizer* e) TIMBREL_RT {
    memset(e->sections, 0, sizeof e->sections);
    e->changed = true;
    e->jump = true;
    e->left = 0;
    e->phase = 0;
}

void timbrel_equalizer_set(TimbrelEqualizer* e, const float decibels[TIMBREL_EQ_BANDS]) TIMBREL_RT {
    for (int j = 0; j < bands; ++j) {
        const float wanted = fminf(fmaxf(decibels[j], (float)-limit), (float)limit);
        if (!isnan(decibels[j]) && (wanted < e->sliders[j] || wanted > e->sliders[j])) {
            e->sliders[j] = wanted;
            e->changed = true;
        }
    }
}

static double power_of(double decibels) {
    return pow(10.0, decibels / 10.0);
}

// The damping with which a filter of `gain` dB has `spill` of it at the lower octave.
static double damping_of(const TimbrelEqualizerBand* band, double gain) {
    if (fabs(gain) < 1e-3) {
        return band->width * sqrt(spill / (1.0 - spill)); // The limit for no gain
    }
    const double there = power_of(spill * gain);
    return band->width * sqrt((there - 1.0) / (power_of(gain) - there));
}

// Solves `matrix` x = `values` by elimination, the solution in place of `values`. The large
// elements are on the diagonal, so that no row needs to be moved.
static void solve(double matrix[bands][bands], double values[bands], uint32_t count) {
    for (uint32_t p = 0; p < count; ++p) {
        for (uint32_t i = p + 1; i < count; ++i) {
            const double share = matrix[i][p] / matrix[p][p];
            for (uint32_t j = p + 1; j < count; ++j) {
                matrix[i][j] -= share * matrix[p][j];
            }
            values[i] -= share * values[p];
        }
    }
    for (uint32_t p = count; p-- > 0;) {
        for (uint32_t j = p + 1; j < count; ++j) {
            values[p] -= matrix[p][j] * values[j];
        }
        values[p] /= matrix[p][p];
    }
}

// The filters' gains that add up to the sliders.
static void find_goals(TimbrelEqualizer* e) {
    for (uint32_t j = 0; j < e->active; ++j) {
        e->goals[j] = limit;
    }
    for (int round = 0; round < solutions; ++round) {
        double spread[bands][bands]; // dB at centre i for a dB of filter j
        double values[bands];
        for (uint32_t j = 0; j < e->active; ++j) {
            const double gain = fmax(fabs(e->goals[j]), 0.5); // The same for a boost and a cut
            const double power = power_of(gain);
            const double damping = damping_of(&e->bands[j], gain);
            for (uint32_t i = 0; i < e->active; ++i) {
                const double ratio = e->detune[i][j] / damping;
                const double d = ratio * ratio;
                spread[i][j] = 10.0 * log10((d + power) / (d + 1.0)) / gain;
            }
            values[j] = (double)e->sliders[j];
        }
        solve(spread, values, e->active);
        memcpy(e->goals, values, e->active * sizeof *values);
    }
}

static TimbrelEqualizerFilter make_filter(const TimbrelEqualizerBand* band, double gain) {
    const double damping = damping_of(band, gain);
    return (TimbrelEqualizerFilter){
        .factor = timbrel_biquad_factor(band->g, damping),
        .added = damping * (pow(10.0, gain / 20.0) - 1.0),
    };
}

static bool sections_finite(const TimbrelEqualizer* e) {
    bool finite = true;
    for (uint32_t j = 0; j < e->active; ++j) {
        finite = finite && timbrel_biquad_finite(&e->sections[j]);
    }
    return finite;
}

// Moves the gains on by one step, to be reached at its end.
static void move_on(TimbrelEqualizer* e) {
    for (uint32_t j = 0; j < e->active; ++j) {
        const double rest = (e->goals[j] - e->gains[j]) / e->left;
        e->gains[j] = e->left > 1 ? e->gains[j] + rest : e->goals[j];
        e->next[j] = make_filter(&e->bands[j], e->gains[j]);
    }
    e->left--;
}

// Once every step_frames samples.
static void begin_step(TimbrelEqualizer* e) {
    if (e->changed) {
        find_goals(e);
        e->changed = false;
        e->left = e->jump ? 1 : e->steps;
    }
    bool rests = e->left == 0;
    memcpy(e->now, e->next, sizeof e->now);
    if (!rests) {
        move_on(e);
    }
    if (e->jump) {
        memcpy(e->now, e->next, sizeof e->now);
        e->jump = false;
        rests = true;
    }
    double sum = 0.0;
    for (uint32_t j = 0; j < e->active; ++j) {
        sum += fabs(e->gains[j]);
        e->slope[j].factor = (e->next[j].factor - e->now[j].factor) / step_frames;
        e->slope[j].added = (e->next[j].added - e->now[j].added) / step_frames;
    }
    e->flat = rests && sum <= 0.0;
    if (e->flat || !sections_finite(e)) {
        memset(e->sections, 0, sizeof e->sections);
    }
}

static void filter(TimbrelEqualizer* e, float* const* buffers, uint32_t offset, uint32_t count) {
    double samples[step_frames][2] = {{0.0, 0.0}};
    for (uint32_t c = 0; c < e->channels; ++c) {
        for (uint32_t i = 0; i < count; ++i) {
            samples[i][c] = (double)buffers[c][offset + i];
        }
    }
    for (uint32_t j = 0; j < e->active; ++j) {
        TimbrelEqualizerFilter now = e->now[j];
        TimbrelBiquad section = e->sections[j];
        for (uint32_t i = 0; i < count; ++i) {
            now.factor += e->slope[j].factor;
            now.added += e->slope[j].added;
            const TimbrelBiquadOut out =
                timbrel_biquad_step(&section, samples[i], e->bands[j].g, now.factor);
            samples[i][0] += now.added * out.band[0];
            samples[i][1] += now.added * out.band[1];
        }
        e->sections[j] = section;
        e->now[j] = now;
    }
    for (uint32_t c = 0; c < e->channels; ++c) {
        for (uint32_t i = 0; i < count; ++i) {
            buffers[c][offset + i] = (float)samples[i][c];
        }
    }
}

void timbrel_equalizer_process(TimbrelEqualizer* e, float* const* buffers,
                               uint32_t frames) TIMBREL_RT {
    for (uint32_t done = 0; done < frames;) {
        if (e->phase == 0) {
            begin_step(e);
        }
        const uint32_t rest = step_frames - e->phase;
        const uint32_t count = frames - done < rest ? frames - done : rest;
        if (!e->flat) {
            filter(e, buffers, done, count);
        }
        done += count;
        e->phase = (e->phase + count) % step_frames;
    }
}

void timbrel_equalizer_response(const float decibels[TIMBREL_EQ_BANDS], double rate,
                                const double* frequencies, double* gains, uint32_t count) {
    TimbrelEqualizer e;
    timbrel_equalizer_init(&e, rate, 1);
    timbrel_equalizer_set(&e, decibels);
    find_goals(&e);
    for (uint32_t i = 0; i < count; ++i) {
        const double tuning = timbrel_biquad_tuning(frequencies[i], rate);
        gains[i] = 0.0;
        for (uint32_t j = 0; j < e.active; ++j) {
            const double ratio = detune(tuning, e.bands[j].g) / damping_of(&e.bands[j], e.goals[j]);
            const double d = ratio * ratio;
            gains[i] += 10.0 * log10((d + power_of(e.goals[j])) / (d + 1.0));
        }
    }
}
