// SPDX-License-Identifier: ISC
#include "deck.h"
#include "engine/base/rt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double fade_seconds = 0.02;
static const double decay_seconds = 0.003;

static uint32_t channels_of(const TimbrelDeck* d) {
    return d->stereo ? 2 : 1;
}

TimbrelDeck* timbrel_deck_new(TimbrelStream* stream, double rate, uint32_t channels,
                              TimbrelTiming timing, uint32_t block, bool dual) {
    TimbrelDeck* d = calloc(1, sizeof *d);
    if (!d) {
        timbrel_stream_free(stream);
        return NULL;
    }
    const uint32_t longest = timbrel_stream_max_latency(stream);
    d->stream = stream;
    d->stereo = channels == 2;
    d->timing = timing;
    d->block = block;
    d->dual = dual;
    d->fade_length = (uint32_t)(fade_seconds * rate) + 1;
    d->decay = (float)exp(-1.0 / (decay_seconds * rate));
    d->tap.wet = true;
    timbrel_stream_latency(stream, timing, block, dual, &d->tap.latency);
    if (!timbrel_delay_line_init(&d->raw, channels, longest, TIMBREL_CHUNK) ||
        !timbrel_delay_line_init(&d->dry, channels, longest, TIMBREL_CHUNK)) {
        timbrel_deck_free(d);
        return NULL;
    }
    return d;
}

void timbrel_deck_free(TimbrelDeck* d) {
    if (d) {
        timbrel_stream_free(d->stream);
        free(d->supply); // Its sources were the stream's
        timbrel_delay_line_free(&d->raw);
        timbrel_delay_line_free(&d->dry);
        free(d);
    }
}

TimbrelStatus timbrel_deck_reset(TimbrelDeck* d, TimbrelError* error) {
    timbrel_delay_line_reset(&d->raw);
    timbrel_delay_line_reset(&d->dry);
    d->time = 0;
    d->fade = 0;
    d->tap = (TimbrelTap){.latency = d->tap.latency, .wet = true};
    return timbrel_stream_reset(d->stream, error);
}

void timbrel_deck_retime(TimbrelDeck* d, TimbrelTiming timing, uint32_t block,
                         bool dual) TIMBREL_RT {
    if (d->fade > 0 || (timing == d->timing && block == d->block && dual == d->dual)) {
        return; // While fading: asked again at the next chunk
    }
    d->timing = timing;
    d->block = block;
    d->dual = dual;
    TimbrelLatency latency;
    timbrel_stream_latency(d->stream, timing, block, dual, &latency);
    if (latency.total != d->tap.latency.total) {
        d->former = d->tap;
        d->fade = d->time > 0 ? d->fade_length : 0;
    }
    d->tap.latency = latency;
}

void timbrel_deck_write(TimbrelDeck* d, const float* const* raw, const TimbrelStreamInput* input,
                        bool wait) TIMBREL_RT {
    timbrel_delay_line_write(&d->raw, raw, input->frames);
    timbrel_delay_line_write(&d->dry, input->in, input->frames);
    if (!timbrel_stream_failed(d->stream)) {
        timbrel_stream_write(d->stream, input, wait);
    }
    d->time += input->frames;
}

/// Replace what the model did not deliver by dry or silence, from sample `there` on, with no step
/// at either edge.
static void cover(TimbrelDeck* d, TimbrelTap* tap, float* const* wet, float* const* dry,
                  uint32_t there, uint32_t frames, bool silence) {
    for (uint32_t i = 0; i < frames; ++i) {
        const bool is_wet = i < there;
        const bool edge = is_wet != tap->wet;
        for (uint32_t c = 0; c < channels_of(d); ++c) {
            const float target = is_wet ? wet[c][i] : silence ? 0.0f : dry[c][i];
            if (edge) {
                tap->residual[c] = tap->last[c] - target;
            }
            wet[c][i] = target + tap->residual[c];
            tap->residual[c] *= d->decay;
            // Gone, and output is again the model's to the last bit.
            if (fabsf(tap->residual[c]) < 1e-7f) {
                tap->residual[c] = 0.0f;
            }
            tap->last[c] = wet[c][i];
        }
        tap->wet = is_wet;
    }
}

static void count_late(TimbrelDeck* d, TimbrelTap* tap, uint32_t missing, bool was_wet) {
    const uint32_t hop = tap->latency.hop;
    tap->late = was_wet ? hop : tap->late;
    if (missing > 0) {
        tap->late += missing;
        d->late_hops += tap->late / hop;
        tap->late %= hop;
    }
}

static void read_tap(TimbrelDeck* d, TimbrelTap* tap, const TimbrelDeckOutput* out,
                     const float* mix, uint32_t frames, TimbrelLateMode late, bool wait) {
    float dry_samples[2][TIMBREL_CHUNK];
    float* const dry[2] = {dry_samples[0], dry_samples[1]};
    timbrel_delay_line_read(&d->raw, out->raw, frames, tap->latency.total);
    timbrel_delay_line_read(&d->dry, dry, frames, tap->latency.total);
    const bool failed = timbrel_stream_failed(d->stream);
    uint32_t there = 0;
    if (!failed) {
        const int64_t first =
            (int64_t)(d->time - frames) - (int64_t)timbrel_stream_start(&tap->latency);
        there = timbrel_stream_read(d->stream, first, out->effect, frames, wait);
        count_late(d, tap, frames - there, tap->wet);
    }
    cover(d, tap, out->effect, dry, there, frames, !failed && late == TIMBREL_LATE_SILENCE);
    for (uint32_t c = 0; c < channels_of(d); ++c) {
        for (uint32_t i = 0; i < frames; ++i) {
            out->effect[c][i] = mix[i] * out->effect[c][i] + (1.0f - mix[i]) * dry[c][i];
        }
    }
}

void timbrel_deck_read(TimbrelDeck* d, const TimbrelDeckOutput* out, const float* mix,
                       uint32_t frames, TimbrelLateMode late, bool wait) TIMBREL_RT {
    if (d->fade == 0) {
        read_tap(d, &d->tap, out, mix, frames, late, wait);
        return;
    }
    float samples[4][TIMBREL_CHUNK];
    const TimbrelDeckOutput former = {{samples[0], samples[1]}, {samples[2], samples[3]}};
    read_tap(d, &d->former, &former, mix, frames, late, wait);
    read_tap(d, &d->tap, out, mix, frames, late, wait);
    for (uint32_t i = 0; i < frames; ++i) {
        const float old = (float)d->fade / (float)d->fade_length;
        d->fade -= d->fade > 0 ? 1 : 0;
        for (uint32_t c = 0; c < channels_of(d); ++c) {
            out->effect[c][i] += old * (former.effect[c][i] - out->effect[c][i]);
            out->raw[c][i] += old * (former.raw[c][i] - out->raw[c][i]);
        }
    }
}
