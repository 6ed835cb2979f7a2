// SPDX-License-Identifier: ISC
#include "resampler.h"
#include "engine/base/rt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// A polyphase filter: one row of coefficients for each place that an output can have between two
// inputs. The filter is a sinc under a Kaiser window (J. F. Kaiser, "Nonrecursive digital filter
// design using the I0-sinh window function", 1974), both in samples of the lower rate. It is half
// down at that rate's Nyquist frequency, and its transition goes as far above as below: what folds
// does so above the pass band only.

enum {
    reach = 16,  // Lower-rate samples to each side
    at_once = 8, // Sums that run side by side; rows are whole multiples of it
    piece = 256, // Input samples taken at once
};

static const double beta = 9.1; // 92 dB from 1.184 of the lower Nyquist frequency on
static const double pi = 3.14159265358979323846;

struct TimbrelResampler {
    uint64_t step_in; // Reduced ratio: step_out outputs to step_in inputs
    uint64_t step_out;
    uint64_t ahead;  // Inputs that an output needs beyond the one at or before its time
    uint64_t offset; // Phase in 1/step_out input samples
    size_t taps;
    float* rows;       // step_out rows of `taps` coefficients, the oldest input's first
    float* recent;     // The last `taps` - 1 inputs, and room for a piece
    uint64_t missing;  // Inputs still to come for the next output
    uint64_t fraction; // Its time past an input, in 1/step_out input samples
};

static uint32_t greatest_divisor(uint32_t a, uint32_t b) {
    while (b != 0) {
        const uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

// The modified Bessel function I0, by its power series.
static double bessel(double x) {
    double sum = 1.0;
    double term = 1.0;
    for (int k = 1; term > 1e-12 * sum; ++k) {
        term *= (x / 2.0 / k) * (x / 2.0 / k);
        sum += term;
    }
    return sum;
}

// The filter at `x` samples of the lower rate from its centre.
static double impulse(double x) {
    const double edge = x / reach;
    if (fabs(edge) >= 1.0) {
        return 0.0;
    }
    const double sinc = x == 0.0 ? 1.0 : sin(pi * x) / (pi * x);
    return sinc * bessel(beta * sqrt(1.0 - edge * edge));
}

static void fill_row(const TimbrelResampler* resampler, uint64_t phase, double stretch) {
    float* row = resampler->rows + phase * resampler->taps;
    const double first = (double)resampler->ahead + 1.0 - (double)resampler->taps -
                         (double)phase / (double)resampler->step_out;
    double sum = 0.0;
    for (size_t i = 0; i < resampler->taps; ++i) {
        sum += impulse((first + (double)i) / stretch);
    }
    for (size_t i = 0; i < resampler->taps; ++i) { // A constant stays what it is, in every phase
        row[i] = (float)(impulse((first + (double)i) / stretch) / sum);
    }
}

TimbrelResampler* timbrel_resampler_new(uint32_t in_rate, uint32_t out_rate, double phase) {
    if (in_rate == 0 || out_rate == 0) {
        return NULL;
    }
    TimbrelResampler* resampler = calloc(1, sizeof *resampler);
    if (resampler == NULL) {
        return NULL;
    }
    const uint32_t divisor = greatest_divisor(in_rate, out_rate);
    resampler->step_in = in_rate / divisor;
    resampler->step_out = out_rate / divisor;
    const double stretch = in_rate > out_rate ? (double)in_rate / out_rate : 1.0;
    const double width = reach * stretch;
    const double latest = (double)(resampler->step_out - 1) / (double)resampler->step_out;
    resampler->ahead = (uint64_t)ceil(latest + width) - 1;
    const size_t needed = (size_t)resampler->ahead + (size_t)ceil(width);
    resampler->taps = (needed + at_once - 1) / at_once * at_once;
    const double offset = round(phase * (double)resampler->step_out);
    if (offset > 0.0) {
        resampler->offset = (uint64_t)fmin(offset, (double)resampler->step_in);
    }
    resampler->rows = calloc(resampler->step_out, resampler->taps * sizeof *resampler->rows);
    resampler->recent = calloc(resampler->taps - 1 + piece, sizeof *resampler->recent);
    if (resampler->rows == NULL || resampler->recent == NULL) {
        timbrel_resampler_free(resampler);
        return NULL;
    }
    for (uint64_t p = 0; p < resampler->step_out; ++p) {
        fill_row(resampler, p, stretch);
    }
    timbrel_resampler_reset(resampler);
    return resampler;
}

void timbrel_resampler_free(TimbrelResampler* resampler) {
    if (resampler != NULL) {
        free(resampler->rows);
        free(resampler->recent);
        free(resampler);
    }
}

void timbrel_resampler_reset(TimbrelResampler* resampler) TIMBREL_RT {
    memset(resampler->recent, 0, (resampler->taps - 1) * sizeof *resampler->recent);
    resampler->missing = timbrel_resampler_needed(resampler, 1);
    resampler->fraction = resampler->offset % resampler->step_out;
}

static float dot(const float* a, const float* b, size_t count) {
    float sums[at_once] = {0.0f};
    for (size_t i = 0; i < count; i += at_once) {
        for (size_t j = 0; j < at_once; ++j) {
            sums[j] += a[i + j] * b[i + j];
        }
    }
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) +
           ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

uint32_t timbrel_resampler_process(TimbrelResampler* resampler, const float* in, uint32_t in_count,
                                   float* out, uint32_t out_room) TIMBREL_RT {
    TimbrelResampler* r = resampler;
    const size_t kept = r->taps - 1;
    uint32_t made = 0;
    while (in_count > 0) {
        const uint32_t count = in_count < piece ? in_count : piece;
        memcpy(r->recent + kept, in, count * sizeof *in);
        while (r->missing <= count) {
            if (made < out_room) {
                const float* row = r->rows + r->fraction * r->taps;
                out[made++] = dot(row, r->recent + r->missing - 1, r->taps);
            }
            r->fraction += r->step_in;
            r->missing += r->fraction / r->step_out;
            r->fraction %= r->step_out;
        }
        r->missing -= count;
        memmove(r->recent, r->recent + count, kept * sizeof *in);
        in += count;
        in_count -= count;
    }
    return made;
}

uint64_t timbrel_resampler_available(const TimbrelResampler* resampler,
                                     uint64_t in_total) TIMBREL_RT {
    // Output n needs more than ahead + floor((n * step_in + offset) / step_out) inputs.
    if (in_total <= resampler->ahead) {
        return 0;
    }
    const uint64_t limit = (in_total - resampler->ahead) * resampler->step_out;
    if (limit <= resampler->offset) {
        return 0;
    }
    return (limit - resampler->offset + resampler->step_in - 1) / resampler->step_in;
}

uint64_t timbrel_resampler_needed(const TimbrelResampler* resampler,
                                  uint64_t out_total) TIMBREL_RT {
    if (out_total == 0) {
        return 0;
    }
    const uint64_t last = (out_total - 1) * resampler->step_in + resampler->offset;
    return resampler->ahead + last / resampler->step_out + 1;
}
