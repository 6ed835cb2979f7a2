// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/latents/bend.h"
#include "engine/latents/sources.h"
#include "engine/stream/stream.h"
#include "fake_backend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// The stream against a model that is a known delay: what comes out, when, and what happens when
/// the model is late, wrong or gone.

enum { length = 96000 };

static atomic_uint changes;

static void changed(void* handle) {
    (void)handle;
    atomic_fetch_add(&changes, 1);
}

static void default_controls(TimbrelLatentControls* latent) {
    float controls[TIMBREL_CONTROL_COUNT];
    timbrel_controls_default(controls);
    timbrel_latent_controls(latent, controls);
}

static TimbrelStream* open_stream(Fake* fake, double rate, uint32_t channels) {
    const TimbrelModelConfig config = {.min_hop = fake->backend.info.ratio, .dual = channels == 2};
    TimbrelModel* model =
        timbrel_model_new(&fake->backend, "/a/fake.ts", "", "", 0.0, &config, NULL, NULL);
    const TimbrelStreamConfig stream = {.rate = rate, .channels = channels, .changed = changed};
    return model ? timbrel_stream_new(model, &stream, NULL) : NULL;
}

static void write_sound(TimbrelStream* s, const float* const* in, uint32_t frames,
                        const TimbrelLatentControls* controls, bool wait) {
    const TimbrelStreamInput input = {.in = in, .frames = frames, .controls = controls};
    timbrel_stream_write(s, &input, wait);
}

static float noise(uint32_t* seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return (float)(int32_t)*seed * (1.0f / 2147483648.0f);
}

/// Free-wheel `in` through `s` in blocks of `block` (0: random ones) into `out`, as heard: wet
/// sample j at time j + start.
static void render(TimbrelStream* s, const TimbrelLatency* latency, const float* in, float* out,
                   uint32_t block) {
    TimbrelLatentControls controls;
    default_controls(&controls);
    const int64_t start = timbrel_stream_start(latency);
    uint32_t seed = 7;
    for (uint32_t t = 0; t < length;) {
        uint32_t n = block ? block : 1 + (uint32_t)((noise(&seed) + 1.0f) * 100.0f);
        n = n > length - t ? length - t : n;
        n = n > TIMBREL_CHUNK ? TIMBREL_CHUNK : n;
        const float* const from[1] = {in + t};
        float* const to[1] = {out + t};
        write_sound(s, from, n, &controls, true);
        (void)timbrel_stream_read(s, (int64_t)t - start, to, n, true);
        t += n;
    }
}

/// A band-limited test signal: sines up to 15 kHz.
static void fill_sines(float* in, double rate) {
    for (uint32_t t = 0; t < length; ++t) {
        in[t] = 0.0f;
        for (int k = 1; k <= 5; ++k) {
            in[t] += (float)(0.15 * sin(6.283185307179586 * 3000.0 * k * t / rate + k));
        }
    }
}

/// Output equals the delayed input (to -90 dB where rates differ), for all partitions alike.
static int test_alignment(double host, double model, uint32_t ratio, uint32_t delay,
                          bool streaming) {
    static float in[length];
    static float first[length];
    static float again[length];
    fill_sines(in, host);
    TimbrelStream* s = open_stream(fake_new(model, ratio, 4, delay, streaming), host, 1);
    CHECK(s != NULL);
    TimbrelLatency latency;
    timbrel_stream_latency(s, TIMBREL_TIMING_SAFE, 64, false, &latency);
    CHECK(latency.total == latency.hop + latency.context + latency.resampler + latency.deadline -
                               latency.alignment + latency.model);
    CHECK(!streaming || fabs(timbrel_stream_summary(s)->delay - delay) < 0.01);
    render(s, &latency, in, first, 256);
    double error = 0.0;
    double energy = 0.0;
    for (uint32_t t = latency.total + 2000; t < length; ++t) {
        const double d = (double)first[t] - (double)in[t - latency.total];
        error += d * d;
        energy += (double)first[t] * (double)first[t];
    }
    CHECK(energy > 1.0);
    CHECK(host == model && streaming ? error == 0.0 : error < 1e-9 * energy);
    static const uint32_t blocks[] = {64, 100, 0};
    for (int i = 0; i < 3; ++i) {
        CHECK(timbrel_stream_reset(s, NULL) == TIMBREL_OK);
        render(s, &latency, in, again, blocks[i]);
        CHECK(memcmp(first, again, sizeof first) == 0);
    }
    timbrel_stream_free(s);
    return 0;
}

/// What the design promises: under hop + block + deadline.
static int test_latency(void) {
    TimbrelStream* s = open_stream(fake_new(48000.0, 2048, 8, 0, true), 48000.0, 1);
    CHECK(s != NULL);
    TimbrelLatency latency;
    timbrel_stream_latency(s, TIMBREL_TIMING_SAFE, 64, false, &latency);
    CHECK(latency.hop == 2048 && latency.resampler == 0 && latency.model == 0);
    CHECK(latency.total < 2048 + 64 + latency.deadline);
    timbrel_stream_latency(s, TIMBREL_TIMING_FULL, 64, false, &latency);
    CHECK(latency.total == 2 * 2048 - 64);
    CHECK(timbrel_stream_max_latency(s) >= latency.total);
    timbrel_stream_free(s);
    return 0;
}

/// One block in real time: what is there, or not.
static uint32_t step(TimbrelStream* s, uint32_t t, const TimbrelLatency* latency, float* out) {
    TimbrelLatentControls controls;
    default_controls(&controls);
    float in[TIMBREL_CHUNK];
    for (uint32_t i = 0; i < TIMBREL_CHUNK; ++i) {
        in[i] = (float)(t + i + 1);
    }
    const float* const from[1] = {in};
    float* const to[1] = {out};
    write_sound(s, from, TIMBREL_CHUNK, &controls, false);
    return timbrel_stream_read(s, (int64_t)t - (int64_t)timbrel_stream_start(latency), to,
                               TIMBREL_CHUNK, false);
}

/// A model that stops for a while: nothing is read meanwhile, and afterwards time is what it was.
static int test_late(uint32_t blocks_late) {
    enum { ratio = 512 };
    Fake* fake = fake_new(48000.0, ratio, 4, 0, true);
    TimbrelStream* s = open_stream(fake, 48000.0, 1);
    CHECK(s != NULL);
    TimbrelLatency latency;
    timbrel_stream_latency(s, TIMBREL_TIMING_FULL, TIMBREL_CHUNK, false, &latency);
    float out[TIMBREL_CHUNK];
    uint32_t t = 0;
    (void)pthread_mutex_lock(&fake->gate);
    uint32_t missing = 0;
    for (uint32_t k = 0; k < blocks_late; ++k, t += TIMBREL_CHUNK) {
        missing += TIMBREL_CHUNK - step(s, t, &latency, out);
    }
    CHECK(missing > 0);
    (void)pthread_mutex_unlock(&fake->gate);
    // It skips what is of no use any more and is in time again.
    bool in_time = false;
    for (uint32_t k = 0; k < 2000 && !in_time; ++k, t += TIMBREL_CHUNK) {
        (void)usleep(2000);
        in_time = step(s, t, &latency, out) == TIMBREL_CHUNK;
    }
    CHECK(in_time);
    t -= TIMBREL_CHUNK;
    for (uint32_t i = 0; i < TIMBREL_CHUNK; ++i) {
        CHECK(out[i] == (float)(t + i + 1 - latency.total));
    }
    timbrel_stream_free(s);
    return 0;
}

static int test_failure(bool nan) {
    Fake* fake = fake_new(48000.0, 512, 4, 0, true);
    TimbrelStream* s = open_stream(fake, 48000.0, 1);
    CHECK(s != NULL);
    TimbrelLatency latency;
    timbrel_stream_latency(s, TIMBREL_TIMING_SAFE, 64, false, &latency);
    atomic_store(&changes, 0);
    atomic_store(nan ? &fake->nan : &fake->raise, true);
    static float in[length];
    static float out[length];
    render(s, &latency, in, out, 256); // Must end although the model never answers
    CHECK(timbrel_stream_failed(s));
    CHECK(atomic_load(&changes) == 1);
    TimbrelError error;
    timbrel_stream_error(s, &error);
    CHECK(error.status == (nan ? TIMBREL_BAD_MODEL : TIMBREL_MODEL_RAISED));
    for (uint32_t t = 0; t < length; ++t) {
        CHECK(out[t] == 0.0f);
    }
    timbrel_stream_free(s);
    return 0;
}

/// Controls act on the frames that end after they were set, and on no other.
static int test_frame_time(void) {
    enum { ratio = 512, turn = 5 * ratio + 100 };
    TimbrelStream* s = open_stream(fake_new(48000.0, ratio, 4, 0, true), 48000.0, 1);
    CHECK(s != NULL);
    TimbrelLatency latency;
    timbrel_stream_latency(s, TIMBREL_TIMING_SAFE, 64, false, &latency);
    TimbrelLatentControls controls;
    default_controls(&controls);
    const float zero = 0.0f;
    for (uint32_t t = 0; t < 20 * ratio; ++t) {
        controls.bias[0] = t >= turn ? 1.0f : 0.0f;
        const float* const from[1] = {&zero};
        float sample;
        float* const to[1] = {&sample};
        write_sound(s, from, 1, &controls, true);
        (void)timbrel_stream_read(s, (int64_t)t - (int64_t)timbrel_stream_start(&latency), to, 1,
                                  true);
        const int64_t source = (int64_t)t - (int64_t)latency.total;
        const bool biased = source >= (int64_t)5 * ratio && source % ratio == 0;
        CHECK(sample == (biased ? 1.0f : 0.0f));
    }
    timbrel_stream_free(s);
    return 0;
}

static int test_stereo(bool dual) {
    TimbrelStream* s = open_stream(fake_new(48000.0, 512, 4, 0, true), 48000.0, 2);
    CHECK(s != NULL);
    TimbrelLatency latency;
    timbrel_stream_latency(s, TIMBREL_TIMING_SAFE, 64, dual, &latency);
    TimbrelLatentControls controls;
    default_controls(&controls);
    controls.dual = dual;
    for (uint32_t t = 0; t < 8192; ++t) {
        const float left = (float)t;
        const float right = -3.0f * (float)t;
        const float* const from[2] = {&left, &right};
        float samples[2];
        float* const to[2] = {&samples[0], &samples[1]};
        write_sound(s, from, 1, &controls, true);
        (void)timbrel_stream_read(s, (int64_t)t - (int64_t)timbrel_stream_start(&latency), to, 1,
                                  true);
        const float source = t > latency.total ? (float)(t - latency.total) : 0.0f;
        CHECK(samples[0] == (dual ? source : -source));
        CHECK(samples[1] == (dual ? -3.0f * source : -source));
    }
    timbrel_stream_free(s);
    return 0;
}

/// Play hops that take `share` of their time each, until two verdicts could be spoken.
static void play_slowly(TimbrelStream* s, Fake* fake, double share) {
    static const float silence[TIMBREL_CHUNK];
    const float* const from[1] = {silence};
    TimbrelLatentControls controls;
    default_controls(&controls);
    const TimbrelModelSummary* summary = timbrel_stream_summary(s);
    const double hop = summary->hop / summary->rate;
    for (double played = 0.0; played < 4.0; played += hop) {
        const unsigned calls = atomic_load(&fake->calls);
        (void)pthread_mutex_lock(&fake->gate);
        for (uint32_t t = 0; t < summary->hop; t += TIMBREL_CHUNK) {
            write_sound(s, from, TIMBREL_CHUNK, &controls, false);
        }
        (void)usleep((unsigned)(1e6 * share * hop));
        (void)pthread_mutex_unlock(&fake->gate);
        while (atomic_load(&fake->calls) == calls) {
            (void)usleep(1000);
        }
    }
}

/// That a model needs more time than it has is said, and taken back, by what is played.
static int test_share(void) {
    Fake* fake = fake_new(48000.0, 16384, 4, 0, true);
    TimbrelStream* s = open_stream(fake, 48000.0, 1);
    CHECK(s != NULL);
    CHECK(timbrel_stream_share(s) < 1.0f);
    const unsigned before = atomic_load(&changes);
    play_slowly(s, fake, 1.2);
    CHECK(timbrel_stream_share(s) > 1.0f && timbrel_stream_share(s) < 10.0f);
    CHECK(atomic_load(&changes) == before + 1);
    play_slowly(s, fake, 0.0);
    CHECK(timbrel_stream_share(s) < 0.9f);
    CHECK(atomic_load(&changes) == before + 2);
    timbrel_stream_free(s);
    return 0;
}

/// A source that plays 1 in all latents of a frame on which a note falls, and else 0.
typedef struct {
    TimbrelSource source;
    uint64_t next;        ///< Frame that the next block must begin with
    atomic_uint blocks;   ///< Filled so far
    atomic_uint heard;    ///< Of these, with an encoder's frames
    atomic_uint disorder; ///< Of these, at a frame that was not next
    atomic_uint notes;
    atomic_uint gaps;
} Notes;

static void reset_notes(TimbrelSource* source) {
    ((Notes*)source)->next = 0;
}

static void fill_notes(TimbrelSource* source, const TimbrelLatentBlock* block) {
    Notes* n = (Notes*)source;
    const size_t values = (size_t)block->lanes * block->latents * block->frames;
    atomic_fetch_add(&n->blocks, 1);
    atomic_fetch_add(&n->heard, block->heard ? 1 : 0);
    atomic_fetch_add(&n->disorder, block->first != n->next ? 1 : 0);
    n->next = block->first + block->frames;
    memset(block->values, 0, values * sizeof(float));
    for (uint32_t e = 0; e < block->event_count; ++e) {
        const TimbrelLatentEvent* event = &block->events[e];
        const bool note = event->event.kind == TIMBREL_EVENT_MIDI;
        atomic_fetch_add(note ? &n->notes : &n->gaps, 1);
        if (event->frame < block->first || event->frame >= n->next) {
            atomic_fetch_add(&n->disorder, 1);
            continue;
        }
        for (uint32_t i = 0; i < block->latents; ++i) {
            block->values[(size_t)i * block->frames + (event->frame - block->first)] = 1.0f;
        }
    }
}

static atomic_uint freed;

static void free_notes(TimbrelSource* source) {
    atomic_fetch_add(&freed, 1);
    free(source);
}

static TimbrelNeed need_encoder(TimbrelSource* source, const TimbrelLatentControls* controls,
                                uint32_t frames) {
    (void)source;
    (void)controls;
    (void)frames;
    return TIMBREL_NEED_ENCODER;
}

static TimbrelNeed need_nothing(TimbrelSource* source, const TimbrelLatentControls* controls,
                                uint32_t frames) {
    (void)source;
    (void)controls;
    (void)frames;
    return TIMBREL_NEED_NOTHING;
}

static Notes* new_notes(bool needs_encoder) {
    Notes* notes = calloc(1, sizeof *notes);
    if (!notes) {
        abort();
    }
    notes->source = (TimbrelSource){"notes", needs_encoder ? need_encoder : need_nothing,
                                    reset_notes, fill_notes, free_notes};
    return notes;
}

typedef struct {
    double host;
    double model;
    uint32_t ratio;
    uint32_t delay; ///< Decode's
    uint32_t late;  ///< Frames that encode is late
    uint32_t block;
    uint32_t inputs;
} SourceCase;

static TimbrelStream* open_case(Fake* fake, const SourceCase* c, TimbrelLatency* latency) {
    fake->late = c->late;
    fake->backend.info.layers_delay = c->delay + (double)c->late * c->ratio;
    const TimbrelModelConfig config = {.min_hop = c->ratio};
    TimbrelModel* model =
        timbrel_model_new(&fake->backend, "/a/fake.ts", "", "", 0.0, &config, NULL, NULL);
    const TimbrelStreamConfig stream = {
        .rate = c->host, .no_input = c->inputs == 0, .channels = 1, .changed = changed};
    TimbrelStream* s = model ? timbrel_stream_new(model, &stream, NULL) : NULL;
    if (s) {
        timbrel_stream_latency(s, TIMBREL_TIMING_SAFE, c->block, false, latency);
    }
    return s;
}

/// Play silence, with one note at time `at`. False if anything came late.
static bool play_note(TimbrelStream* s, const SourceCase* c, const TimbrelLatency* latency,
                      uint32_t at, float* out) {
    static const float silence[TIMBREL_CHUNK];
    const float* const from[1] = {silence};
    TimbrelLatentControls controls;
    default_controls(&controls);
    for (uint32_t t = 0; t < length; t += c->block) {
        const TimbrelEvent note = {.kind = TIMBREL_EVENT_MIDI, .time = at - t};
        const TimbrelStreamInput input = {.in = c->inputs > 0 ? from : NULL,
                                          .frames = c->block,
                                          .controls = &controls,
                                          .events = &note,
                                          .event_count = at >= t && at < t + c->block ? 1 : 0};
        timbrel_stream_write(s, &input, true);
        float* const to[1] = {out + t};
        const int64_t first = (int64_t)t - (int64_t)timbrel_stream_start(latency);
        // Nothing may be missing that a hop which is complete by now could give.
        if (timbrel_stream_read(s, first, to, c->block, true) < c->block) {
            return false;
        }
    }
    return true;
}

/// A source without need of an encoder: encode does not run, time goes on with or without input,
/// and a note is heard at its time + the latency, to the frame; the latency is the sum of what is
/// left of its parts.
static int test_source(const SourceCase* c) {
    enum { at = 20000 };
    static float out[length];
    Fake* fake = fake_new(c->model, c->ratio, 4, c->delay, true);
    TimbrelLatency latency;
    TimbrelStream* s = open_case(fake, c, &latency);
    CHECK(s != NULL);
    const double rates = c->host / c->model;
    const double delay = c->delay + (c->inputs > 0 ? (double)c->late * c->ratio : 0.0);
    // To the frame: which is what events are placed by.
    CHECK(fabs(timbrel_stream_summary(s)->encode_delay - (double)c->late * c->ratio) <
          0.5 * c->ratio);
    CHECK(fabs(latency.model - delay * rates) <= 1.0);
    CHECK(latency.hop == (uint32_t)ceil(c->ratio * rates) && latency.context == 0);
    CHECK(latency.total ==
          latency.hop + latency.resampler + latency.deadline - latency.alignment + latency.model);
    CHECK(c->host == c->model ? latency.resampler == 0
                              : latency.resampler > 0 && latency.resampler < 160);
    CHECK(latency.alignment == (c->host == c->model && c->ratio % c->block == 0 ? c->block : 0));
    Notes* notes = new_notes(false);
    const unsigned encodes = atomic_load(&fake->encodes);
    timbrel_stream_set_source(s, &notes->source);
    for (int round = 0; round < 2; ++round) {
        CHECK(play_note(s, c, &latency, at, out));
        double energy = 0.0;
        double moment = 0.0;
        for (uint32_t t = 0; t < length; ++t) {
            energy += (double)out[t] * (double)out[t];
            moment += (double)out[t] * (double)out[t] * t;
        }
        CHECK(energy > 1.0 && energy < 5.0);
        // The frame's latents are its first four samples: 1.5 is their middle.
        const double frame = floor(at / rates / c->ratio) * c->ratio * rates;
        CHECK(fabs(moment / energy - (frame + 1.5 * rates + latency.total)) < 1.0);
        CHECK(atomic_load(&notes->notes) == (unsigned)round + 1);
        CHECK(timbrel_stream_reset(s, NULL) == TIMBREL_OK);
    }
    CHECK(atomic_load(&fake->encodes) == encodes);
    CHECK(atomic_load(&notes->blocks) > 0 && atomic_load(&notes->heard) == 0);
    CHECK(atomic_load(&notes->disorder) == 0);
    timbrel_stream_free(s);
    return 0;
}

/// A control that changes at a time is heard at that time + the latency, to the frame, however late
/// encode is; notes are too, see test_source().
static int test_control_time(uint32_t late) {
    enum { at = 79 * 256 };
    static float out[length];
    const SourceCase c = {48000.0, 48000.0, 512, 100, late, 256, 1};
    Fake* fake = fake_new(c.model, c.ratio, 4, c.delay, true);
    TimbrelLatency latency;
    TimbrelStream* s = open_case(fake, &c, &latency);
    CHECK(s != NULL);
    static const float silence[256];
    const float* const from[1] = {silence};
    TimbrelLatentControls controls;
    default_controls(&controls);
    for (uint32_t t = 0; t < length; t += c.block) {
        controls.bias[0] = t >= at ? 1.0f : 0.0f;
        const TimbrelStreamInput input = {.in = from, .frames = c.block, .controls = &controls};
        timbrel_stream_write(s, &input, true);
        float* const to[1] = {out + t};
        const int64_t first = (int64_t)t - (int64_t)timbrel_stream_start(&latency);
        CHECK(timbrel_stream_read(s, first, to, c.block, true) == c.block);
    }
    uint32_t heard = 0;
    while (heard < length && fabsf(out[heard]) < 1e-6f) {
        ++heard;
    }
    CHECK(heard == at / c.ratio * c.ratio + latency.total);
    timbrel_stream_free(s);
    return 0;
}

/// A source may read what is heard; another one takes its place, down to the sound itself.
static int test_exchange(bool streaming) {
    static float in[length];
    static float out[length];
    const SourceCase c = {48000.0, 48000.0, 512, 0, 0, 256, 1};
    fill_sines(in, 48000.0);
    Fake* fake = fake_new(c.model, c.ratio, 4, 0, streaming);
    TimbrelLatency latency;
    TimbrelStream* s = open_case(fake, &c, &latency);
    CHECK(s != NULL);
    Notes* notes = new_notes(true);
    atomic_store(&freed, 0);
    timbrel_stream_set_source(s, &notes->source);
    render(s, &latency, in, out, 256);
    CHECK(atomic_load(&notes->heard) == atomic_load(&notes->blocks));
    CHECK(atomic_load(&notes->heard) > 0 && atomic_load(&notes->disorder) == 0);
    const uint32_t begin = (latency.total + 511) / 512 * 512 + 4096;
    bool same = true;
    for (uint32_t t = begin; t < length; ++t) {
        same = same && out[t] == in[t - latency.total];
    }
    CHECK(!same); // Its frames, not those that are heard
    const TimbrelSourcesConfig nobody = {0};
    const TimbrelModelInfo* info = &timbrel_stream_summary(s)->info;
    TimbrelSource* sound = timbrel_sources_new(info, c.model / c.ratio, &nobody);
    CHECK(sound != NULL);
    timbrel_stream_set_source(s, sound);
    CHECK(timbrel_stream_reset(s, NULL) == TIMBREL_OK);
    render(s, &latency, in, out, 256);
    for (uint32_t t = begin; t < length; ++t) {
        CHECK(fabsf(out[t] - in[t - latency.total]) < 1e-6f);
    }
    TimbrelSource* again = timbrel_sources_new(info, c.model / c.ratio, &nobody);
    CHECK(again != NULL && atomic_load(&freed) == 0);
    timbrel_stream_set_source(s, again); // Which takes home the one that no longer plays
    CHECK(atomic_load(&freed) == 1);
    timbrel_stream_free(s);
    return 0;
}

/// A source that plays what is heard, in a song that begins 50 s before.
static void fill_song(TimbrelSource* source, const TimbrelLatentBlock* block) {
    (void)source;
    memset(block->values, 0, (size_t)block->lanes * block->latents * block->frames * sizeof(float));
    for (uint32_t g = 0; g < block->frames; ++g) {
        block->seconds[g] += 50.0;
    }
}

static void free_song(TimbrelSource* source) {
    free(source);
}

/// Jitter is that of the frame's place in the song, also where windows overlap and bend a frame
/// twice, and after a reset.
static int test_jitter(bool streaming, bool song, uint32_t block) {
    enum { latents = 4 };
    static float out[length];
    const SourceCase c = {48000.0, 48000.0, 512, 0, 0, block, 1};
    TimbrelLatency latency;
    TimbrelStream* s = open_case(fake_new(c.model, c.ratio, latents, 0, streaming), &c, &latency);
    CHECK(s != NULL);
    Notes* notes = new_notes(true);
    notes->source.fill = fill_song;
    notes->source.free = free_song;
    if (song) {
        timbrel_stream_set_source(s, &notes->source);
    } else {
        free(notes);
    }
    TimbrelLatentControls controls;
    default_controls(&controls);
    controls.jitter = 1.0f;
    controls.jitter_rate = 7.0f;
    static const float silence[TIMBREL_CHUNK];
    const float* const from[1] = {silence};
    for (int run = 0; run < 2; ++run) {
        for (uint32_t t = 0; t < length; t += block) {
            write_sound(s, from, block, &controls, true);
            float* const to[1] = {out + t};
            const int64_t first = (int64_t)t - (int64_t)timbrel_stream_start(&latency);
            (void)timbrel_stream_read(s, first, to, block, true);
        }
        for (uint32_t f = 0; f * c.ratio + latency.total + latents < length; ++f) {
            TimbrelLatentState state = {0};
            float frame[latents] = {0};
            timbrel_latent_process(&state, &controls, frame, 1, latents, false, c.model / c.ratio,
                                   f * c.ratio / c.model + (song ? 50.0 : 0.0));
            for (uint32_t i = 0; i < latents; ++i) {
                CHECK(fabsf(out[f * c.ratio + latency.total + i] - frame[i]) < 1e-5f);
            }
        }
        CHECK(timbrel_stream_reset(s, NULL) == TIMBREL_OK);
    }
    timbrel_stream_free(s);
    return 0;
}

static void fill_ones(TimbrelSource* source, const TimbrelLatentBlock* block) {
    (void)source;
    for (size_t i = 0; i < (size_t)block->lanes * block->latents * block->frames; ++i) {
        block->values[i] = 1.0f;
    }
}

/// What a source plays in both channels goes on in both where left and right become two lanes, also
/// where windows overlap.
static int test_lanes(bool streaming) {
    enum { latents = 4, ratio = 512, blocks = 128 };
    static float out[2][blocks * TIMBREL_CHUNK];
    TimbrelStream* s = open_stream(fake_new(48000.0, ratio, latents, 0, streaming), 48000.0, 2);
    CHECK(s != NULL);
    Notes* notes = new_notes(false);
    notes->source.fill = fill_ones;
    timbrel_stream_set_source(s, &notes->source);
    TimbrelLatency latency;
    timbrel_stream_latency(s, TIMBREL_TIMING_SAFE, TIMBREL_CHUNK, false, &latency);
    TimbrelLatentControls controls;
    default_controls(&controls);
    static const float silence[TIMBREL_CHUNK];
    const float* const from[2] = {silence, silence};
    for (uint32_t b = 0; b < blocks; ++b) {
        controls.dual = b / 40 % 2 == 1;
        const uint32_t t = b * TIMBREL_CHUNK;
        float* const to[2] = {out[0] + t, out[1] + t};
        write_sound(s, from, TIMBREL_CHUNK, &controls, true);
        (void)timbrel_stream_read(s, (int64_t)t - (int64_t)timbrel_stream_start(&latency), to,
                                  TIMBREL_CHUNK, true);
    }
    for (uint32_t t = latency.total + 8 * ratio; t < blocks * TIMBREL_CHUNK; ++t) {
        CHECK(fabsf(out[0][t] - out[1][t]) < 1e-6f);
    }
    timbrel_stream_free(s);
    return 0;
}

/// More events than there is room for are lost, but a source hears of it; hops that come too late
/// to be played lose none.
static int test_events(void) {
    const SourceCase c = {48000.0, 48000.0, 512, 0, 0, TIMBREL_CHUNK, 1};
    Fake* fake = fake_new(c.model, c.ratio, 4, 0, true);
    TimbrelLatency latency;
    TimbrelStream* s = open_case(fake, &c, &latency);
    CHECK(s != NULL);
    Notes* notes = new_notes(true);
    timbrel_stream_set_source(s, &notes->source);
    static TimbrelEvent events[TIMBREL_FEED_EVENTS + 100];
    for (uint32_t i = 0; i < TIMBREL_FEED_EVENTS + 100; ++i) {
        events[i].kind = TIMBREL_EVENT_MIDI;
    }
    static const float silence[TIMBREL_CHUNK];
    const float* const from[1] = {silence};
    TimbrelLatentControls controls;
    default_controls(&controls);
    TimbrelStreamInput input = {.in = from,
                                .frames = TIMBREL_CHUNK,
                                .controls = &controls,
                                .events = events,
                                .event_count = TIMBREL_FEED_EVENTS + 100};
    timbrel_stream_write(s, &input, true);
    input.event_count = 0;
    timbrel_stream_write(s, &input, true);
    float samples[TIMBREL_CHUNK];
    float* const to[1] = {samples};
    (void)timbrel_stream_read(s, c.ratio - TIMBREL_CHUNK, to, TIMBREL_CHUNK, true);
    CHECK(atomic_load(&notes->notes) == TIMBREL_FEED_EVENTS && atomic_load(&notes->gaps) == 0);
    // One a hop from here on, while the model stands still for long.
    input.event_count = 1;
    (void)pthread_mutex_lock(&fake->gate);
    for (uint32_t k = 0; k < 100; ++k) {
        input.event_count = k % 2;
        timbrel_stream_write(s, &input, false);
        (void)timbrel_stream_read(s, (int64_t)k * TIMBREL_CHUNK, to, TIMBREL_CHUNK, false);
    }
    (void)pthread_mutex_unlock(&fake->gate);
    input.event_count = 0;
    for (uint32_t k = 0; k < 2; ++k) {
        timbrel_stream_write(s, &input, true);
    }
    (void)timbrel_stream_read(s, (int64_t)51 * c.ratio, to, TIMBREL_CHUNK, true);
    CHECK(atomic_load(&notes->notes) == TIMBREL_FEED_EVENTS + 50);
    CHECK(atomic_load(&notes->gaps) == 1);
    CHECK(atomic_load(&notes->disorder) == 0);
    timbrel_stream_free(s);
    return 0;
}

int main(void) {
    CHECK(test_alignment(48000.0, 48000.0, 512, 0, true) == 0);
    CHECK(test_alignment(48000.0, 48000.0, 2048, 137, true) == 0);
    CHECK(test_alignment(44100.0, 44100.0, 64, 0, true) == 0);
    CHECK(test_alignment(48000.0, 44100.0, 2048, 0, true) == 0);
    CHECK(test_alignment(44100.0, 48000.0, 512, 137, true) == 0);
    CHECK(test_alignment(96000.0, 44100.0, 512, 11, true) == 0);
    CHECK(test_alignment(88200.0, 48000.0, 512, 0, true) == 0);
    CHECK(test_alignment(192000.0, 44100.0, 1024, 0, true) == 0);
    CHECK(test_alignment(48000.0, 48000.0, 512, 0, false) == 0);
    CHECK(test_alignment(44100.0, 48000.0, 2048, 0, false) == 0);
    CHECK(test_latency() == 0);
    CHECK(test_late(12) == 0);
    CHECK(test_late(400) == 0); // Longer than the input ring
    CHECK(test_failure(false) == 0);
    CHECK(test_failure(true) == 0);
    CHECK(test_frame_time() == 0);
    CHECK(test_stereo(false) == 0);
    CHECK(test_stereo(true) == 0);
    CHECK(test_share() == 0);
    static const SourceCase cases[] = {
        {48000.0, 48000.0, 512, 0, 0, 64, 0},   {48000.0, 48000.0, 512, 137, 3, 64, 0},
        {48000.0, 48000.0, 512, 137, 3, 64, 1}, {48000.0, 48000.0, 2048, 11, 5, 250, 0},
        {48000.0, 44100.0, 512, 100, 3, 64, 0}, {48000.0, 44100.0, 512, 100, 3, 64, 1},
        {44100.0, 48000.0, 1024, 0, 2, 100, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        CHECK(test_source(&cases[i]) == 0);
    }
    CHECK(test_lanes(true) == 0);
    CHECK(test_lanes(false) == 0);
    CHECK(test_exchange(true) == 0);
    CHECK(test_exchange(false) == 0);
    CHECK(test_control_time(0) == 0);
    CHECK(test_control_time(3) == 0);
    CHECK(test_events() == 0);
    for (int k = 0; k < 8; ++k) {
        CHECK(test_jitter(k % 2 == 0, k / 2 % 2 == 0, k < 4 ? 256 : 64) == 0);
    }
    return 0;
}
