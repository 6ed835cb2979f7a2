// SPDX-License-Identifier: ISC
#include "voice.h"
#include "engine/base/rt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double fade_seconds = 0.02;
static const double decay_seconds = 0.003;

static uint32_t channels_of(const TimbrelVoice* v) {
    return v->stereo ? 2 : 1;
}

TimbrelVoice* timbrel_voice_new(TimbrelStream* stream, double rate, uint32_t channels,
                                TimbrelTiming timing, uint32_t block, bool dual) {
    TimbrelVoice* v = calloc(1, sizeof *v);
    if (!v) {
        timbrel_stream_free(stream);
        return NULL;
    }
    const uint32_t longest = timbrel_stream_max_latency(stream);
    v->stream = stream;
    v->stereo = channels == 2;
    v->timing = timing;
    v->block = block;
    v->dual = dual;
    v->fade_length = (uint32_t)(fade_seconds * rate) + 1;
    v->decay = (float)exp(-1.0 / (decay_seconds * rate));
    v->tap.wet = true;
    timbrel_stream_latency(stream, timing, block, dual, &v->tap.latency);
    if (!timbrel_delay_init(&v->raw, channels, longest, TIMBREL_CHUNK) ||
        !timbrel_delay_init(&v->dry, channels, longest, TIMBREL_CHUNK)) {
        timbrel_voice_free(v);
        return NULL;
    }
    return v;
}

void timbrel_voice_free(TimbrelVoice* v) {
    if (v) {
        timbrel_stream_free(v->stream);
        timbrel_delay_free(&v->raw);
        timbrel_delay_free(&v->dry);
        free(v);
    }
}

TimbrelStatus timbrel_voice_reset(TimbrelVoice* v, TimbrelError* error) {
    timbrel_delay_reset(&v->raw);
    timbrel_delay_reset(&v->dry);
    v->time = 0;
    v->fade = 0;
    v->tap = (TimbrelTap){.latency = v->tap.latency, .wet = true};
    return timbrel_stream_reset(v->stream, error);
}

void timbrel_voice_retime(TimbrelVoice* v, TimbrelTiming timing, uint32_t block,
                          bool dual) TIMBREL_RT {
    if (v->fade > 0 || (timing == v->timing && block == v->block && dual == v->dual)) {
        return; // While fading: asked again at the next chunk
    }
    v->timing = timing;
    v->block = block;
    v->dual = dual;
    TimbrelLatency latency;
    timbrel_stream_latency(v->stream, timing, block, dual, &latency);
    if (latency.total != v->tap.latency.total) {
        v->former = v->tap;
        v->fade = v->time > 0 ? v->fade_length : 0;
    }
    v->tap.latency = latency;
}

void timbrel_voice_write(TimbrelVoice* v, const float* const* raw, const TimbrelStreamInput* input,
                         bool wait) TIMBREL_RT {
    timbrel_delay_write(&v->raw, raw, input->frames);
    timbrel_delay_write(&v->dry, input->in, input->frames);
    if (!timbrel_stream_failed(v->stream)) {
        timbrel_stream_write(v->stream, input, wait);
    }
    v->time += input->frames;
}

/// Replace what the model did not deliver by dry or silence, from sample `there` on, with no step
/// at either edge.
static void cover(TimbrelVoice* v, TimbrelTap* tap, float* const* wet, float* const* dry,
                  uint32_t there, uint32_t frames, bool silence) {
    for (uint32_t i = 0; i < frames; ++i) {
        const bool is_wet = i < there;
        const bool edge = is_wet != tap->wet;
        for (uint32_t c = 0; c < channels_of(v); ++c) {
            const float target = is_wet ? wet[c][i] : silence ? 0.0f : dry[c][i];
            if (edge) {
                tap->residual[c] = tap->last[c] - target;
            }
            wet[c][i] = target + tap->residual[c];
            tap->residual[c] *= v->decay;
            // Gone, and output is again the model's to the last bit.
            if (fabsf(tap->residual[c]) < 1e-7f) {
                tap->residual[c] = 0.0f;
            }
            tap->last[c] = wet[c][i];
        }
        tap->wet = is_wet;
    }
}

static void count_late(TimbrelVoice* v, TimbrelTap* tap, uint32_t missing, bool was_wet) {
    const uint32_t hop = tap->latency.hop;
    tap->late = was_wet ? hop : tap->late;
    if (missing > 0) {
        tap->late += missing;
        v->late_hops += tap->late / hop;
        tap->late %= hop;
    }
}

static void read_tap(TimbrelVoice* v, TimbrelTap* tap, const TimbrelVoiceOutput* out,
                     const float* mix, uint32_t frames, TimbrelLateMode late, bool wait) {
    float dry_samples[2][TIMBREL_CHUNK];
    float* const dry[2] = {dry_samples[0], dry_samples[1]};
    timbrel_delay_read(&v->raw, out->raw, frames, tap->latency.total);
    timbrel_delay_read(&v->dry, dry, frames, tap->latency.total);
    const bool failed = timbrel_stream_failed(v->stream);
    uint32_t there = 0;
    if (!failed) {
        const int64_t first =
            (int64_t)(v->time - frames) - (int64_t)timbrel_stream_start(&tap->latency);
        there = timbrel_stream_read(v->stream, first, out->effect, frames, wait);
        count_late(v, tap, frames - there, tap->wet);
    }
    cover(v, tap, out->effect, dry, there, frames, !failed && late == TIMBREL_LATE_SILENCE);
    for (uint32_t c = 0; c < channels_of(v); ++c) {
        for (uint32_t i = 0; i < frames; ++i) {
            out->effect[c][i] = mix[i] * out->effect[c][i] + (1.0f - mix[i]) * dry[c][i];
        }
    }
}

void timbrel_voice_read(TimbrelVoice* v, const TimbrelVoiceOutput* out, const float* mix,
                        uint32_t frames, TimbrelLateMode late, bool wait) TIMBREL_RT {
    if (v->fade == 0) {
        read_tap(v, &v->tap, out, mix, frames, late, wait);
        return;
    }
    float samples[4][TIMBREL_CHUNK];
    const TimbrelVoiceOutput former = {{samples[0], samples[1]}, {samples[2], samples[3]}};
    read_tap(v, &v->former, &former, mix, frames, late, wait);
    read_tap(v, &v->tap, out, mix, frames, late, wait);
    for (uint32_t i = 0; i < frames; ++i) {
        const float old = (float)v->fade / (float)v->fade_length;
        v->fade -= v->fade > 0 ? 1 : 0;
        for (uint32_t c = 0; c < channels_of(v); ++c) {
            out->effect[c][i] += old * (former.effect[c][i] - out->effect[c][i]);
            out->raw[c][i] += old * (former.raw[c][i] - out->raw[c][i]);
        }
    }
}
