// SPDX-License-Identifier: ISC
#include "resampler.h"

#include <math.h>
#include <speex/speex_resampler.h>
#include <stdlib.h>

// speexdsp keeps the position of its next output as whole input samples (counted from the newest
// end of its filter) plus a fraction, a multiple of 1/step_out. Its public calls set the whole part
// only to "half the filter", so that the output is centred on the next input sample (skip_zeros);
// the fraction only moves by making output.

struct TimbrelResampler {
    SpeexResamplerState* speex;
    uint64_t step_in; // Reduced ratio: step_out outputs to step_in inputs
    uint64_t step_out;
    uint64_t half;    // Input samples of look-ahead
    uint64_t offset;  // Phase in 1/step_out input samples
    uint32_t priming; // Outputs to drop at reset, which bring speex to the phase's fraction
    uint32_t lead;    // Inputs still to come before the one that output sample 0 is centred on
};

static uint32_t greatest_divisor(uint32_t a, uint32_t b) {
    while (b != 0) {
        const uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

TimbrelResampler* timbrel_resampler_new(uint32_t in_rate, uint32_t out_rate, double phase) {
    if (in_rate == 0 || out_rate == 0) {
        return NULL;
    }
    TimbrelResampler* resampler = calloc(1, sizeof *resampler);
    if (resampler == NULL) {
        return NULL;
    }
    int error = 0;
    resampler->speex =
        speex_resampler_init(1, in_rate, out_rate, SPEEX_RESAMPLER_QUALITY_MAX, &error);
    if (resampler->speex == NULL) {
        free(resampler);
        return NULL;
    }
    const uint32_t divisor = greatest_divisor(in_rate, out_rate);
    resampler->step_in = in_rate / divisor;
    resampler->step_out = out_rate / divisor;
    resampler->half = (uint64_t)speex_resampler_get_input_latency(resampler->speex);

    const double offset = round(phase * (double)resampler->step_out);
    if (offset > 0.0) {
        resampler->offset = (uint64_t)fmin(offset, (double)resampler->step_in);
    }
    const uint64_t fraction = resampler->offset % resampler->step_out;
    for (uint64_t reached = 0; reached != fraction; ++resampler->priming) {
        reached = (reached + resampler->step_in) % resampler->step_out;
    }
    timbrel_resampler_reset(resampler);
    return resampler;
}

void timbrel_resampler_free(TimbrelResampler* resampler) {
    if (resampler != NULL) {
        speex_resampler_destroy(resampler->speex);
        free(resampler);
    }
}

void timbrel_resampler_reset(TimbrelResampler* resampler) {
    speex_resampler_reset_mem(resampler->speex);
    for (uint32_t dropped = 0; dropped < resampler->priming;) {
        float scratch[64];
        spx_uint32_t in_count = 64;
        spx_uint32_t out_count = resampler->priming - dropped;
        out_count = out_count < 64 ? out_count : 64;
        speex_resampler_process_float(resampler->speex, 0, NULL, &in_count, scratch, &out_count);
        dropped += out_count;
    }
    speex_resampler_skip_zeros(resampler->speex);
    resampler->lead = (uint32_t)(resampler->offset / resampler->step_out);
}

// Hands speex all of `in`: it stops reading once `out` is full, so what is left goes in with a
// spare place for output.
static uint32_t feed(SpeexResamplerState* speex, const float* in, uint32_t in_count, float* out,
                     uint32_t out_room) {
    uint32_t written = 0;
    while (in_count > 0) {
        float spare;
        const int full = written == out_room;
        spx_uint32_t used = in_count;
        spx_uint32_t made = full ? 1 : out_room - written;
        speex_resampler_process_float(speex, 0, in, &used, full ? &spare : out + written, &made);
        in += used;
        in_count -= used;
        written += full ? 0 : made;
    }
    return written;
}

uint32_t timbrel_resampler_process(TimbrelResampler* resampler, const float* in, uint32_t in_count,
                                   float* out, uint32_t out_room) {
    if (resampler->lead > 0) {
        const uint32_t count = in_count < resampler->lead ? in_count : resampler->lead;
        feed(resampler->speex, in, count, out, out_room); // Too few for any output
        in += count;
        in_count -= count;
        resampler->lead -= count;
        if (resampler->lead == 0) {
            speex_resampler_skip_zeros(resampler->speex);
        }
    }
    return feed(resampler->speex, in, in_count, out, out_room);
}

uint64_t timbrel_resampler_available(const TimbrelResampler* resampler, uint64_t in_total) {
    // Output n needs more than half + floor((n * step_in + offset) / step_out) inputs.
    if (in_total <= resampler->half) {
        return 0;
    }
    const uint64_t reach = (in_total - resampler->half) * resampler->step_out;
    if (reach <= resampler->offset) {
        return 0;
    }
    return (reach - resampler->offset + resampler->step_in - 1) / resampler->step_in;
}

uint64_t timbrel_resampler_needed(const TimbrelResampler* resampler, uint64_t out_total) {
    if (out_total == 0) {
        return 0;
    }
    const uint64_t last = (out_total - 1) * resampler->step_in + resampler->offset;
    return resampler->half + last / resampler->step_out + 1;
}
