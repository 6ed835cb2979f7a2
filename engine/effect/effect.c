// SPDX-License-Identifier: ISC
#include "effect.h"
#include "engine/base/rt.h"

#include "engine/base/denormal.h"
#include "engine/base/number.h"
#include "engine/dsp/cut.h"
#include "engine/dsp/equalizer.h"
#include "engine/dsp/gain.h"
#include "engine/dsp/loudness.h"
#include "engine/dsp/smooth.h"
#include "loader.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const double switch_seconds = 0.04;
static const float loudest = 1000.0f;      // 60 dB above full scale
static const float usual_level = -20.0f;   // dBFS that a model was trained at, if it does not say
static const float most_learnt = 24.0f;    // dB either way
static const float softest_level = -50.0f; // that can be learnt

/// The switches, which act when they are pressed.
static const TimbrelControlId switches[] = {
    TIMBREL_CONTROL_NEXT_MODEL,  TIMBREL_CONTROL_PREVIOUS_MODEL,
    TIMBREL_CONTROL_LEARN_LEVEL, TIMBREL_CONTROL_KEEP,
    TIMBREL_CONTROL_ADD,         TIMBREL_CONTROL_STORE,
};
enum { next_model, previous_model, learn, keep, add, store, switch_count };

struct TimbrelEffect {
    double rate;
    bool stereo;
    uint32_t block; ///< The host's usual one
    TimbrelLoader* loader;

    // All below is the audio thread's.
    TimbrelHandover* handover; ///< Last one taken: holds the present report; never NULL
    TimbrelDeck* deck;         ///< What plays; NULL: dry
    TimbrelDeck* next;         ///< What will play once it is warm
    bool switching;            ///< Whether `next` (or nothing) is to replace `deck`
    uint32_t fade;             ///< Samples of the crossfade still to go, 0 before it has begun
    uint32_t fade_length;
    TimbrelDeckSettings settings;
    TimbrelGain input_gain;
    TimbrelCut cut;
    TimbrelEqualizer equalizer;
    TimbrelLoudness loudness; ///< Loudness of what reaches the learnt gain, while it learns
    bool learning;
    TimbrelGain learnt_gain;
    float trained; ///< dBFS that the model was trained at
    TimbrelGain output_gain;
    TimbrelSmooth mix;
    TimbrelSmooth enabled;
    uint64_t late_hops;         ///< Late hops of decks that are gone
    bool started;               ///< Whether anything was processed since the reset
    bool followed;              ///< Whether the switches were seen once
    bool down[switch_count];    ///< The switches as they were
    int steps;                  ///< Along the list of models, not yet asked for
    uint32_t changes;           ///< See timbrel_effect_changes()
    uint32_t number;            ///< Model's number that was asked for last by the control
    bool restoring;             ///< The control's number comes with what another thread chose
    uint32_t program;           ///< Number of a model that MIDI chose, not yet asked for; 0: none
    bool transported;           ///< Whether the host told of a transport
    TimbrelTransport transport; ///< As it told last
    uint64_t transport_age;     ///< Samples since then

    atomic_uint processed; ///< Counts process(); any thread may read it
    _Atomic float level;   ///< See timbrel_effect_level()
    atomic_bool loaded;    ///< Another thread chose a model: a number is to be asked for anew
};

static uint32_t channels_of(const TimbrelEffect* e) {
    return e->stereo ? 2 : 1;
}

TimbrelEffect* timbrel_effect_new(const TimbrelEffectConfig* config, TimbrelError* error) {
    TimbrelEffect* e = calloc(1, sizeof *e);
    if (!e) {
        (void)timbrel_error_no_memory(error);
        return NULL;
    }
    e->rate = config->rate;
    e->stereo = config->channels == 2;
    e->fade_length = (uint32_t)(switch_seconds * config->rate) + 1;
    e->settings.timing = TIMBREL_TIMING_SAFE;
    e->loader = timbrel_loader_new(config, error);
    if (!e->loader) {
        free(e);
        return NULL;
    }
    timbrel_effect_set_block(e, config->block);
    e->handover = timbrel_loader_first(e->loader);
    if (!e->handover) {
        (void)timbrel_error_no_memory(error);
        timbrel_effect_free(e);
        return NULL;
    }
    timbrel_gain_init(&e->input_gain, config->rate, config->channels);
    timbrel_cut_init(&e->cut, config->rate, config->channels);
    timbrel_equalizer_init(&e->equalizer, config->rate, config->channels);
    timbrel_gain_init(&e->learnt_gain, config->rate, config->channels);
    e->trained = usual_level;
    timbrel_gain_init(&e->output_gain, config->rate, config->channels);
    timbrel_smooth_init(&e->mix, config->rate);
    timbrel_smooth_init(&e->enabled, config->rate);
    return e;
}

void timbrel_effect_free(TimbrelEffect* e) {
    if (e) {
        // The loader frees them, after its thread has ended.
        timbrel_loader_give_back(e->loader, e->handover, e->deck);
        timbrel_loader_give_back(e->loader, NULL, e->next);
        timbrel_loader_free(e->loader);
        free(e);
    }
}

/// Let `next` play alone.
static void finish_switch(TimbrelEffect* e) {
    if (e->deck) {
        e->late_hops += e->deck->late_hops;
        timbrel_loader_give_back(e->loader, NULL, e->deck);
    }
    e->deck = e->next;
    e->next = NULL;
    e->switching = false;
    e->fade = 0;
}

/// What the model that plays was trained at, by its attribute.
static float trained_level(const TimbrelModelInfo* info) {
    double value = 0.0;
    for (uint32_t i = 0; i < info->attribute_count; ++i) {
        const TimbrelAttribute* attribute = &info->attributes[i];
        if (strcmp(attribute->name, TIMBREL_LOUDNESS_ATTRIBUTE) == 0 &&
            timbrel_number_read(attribute->value, &value) && value < 0.0 &&
            value >= (double)softest_level) {
            return (float)value;
        }
    }
    return usual_level;
}

/// Take what the loader has for us, unless a switch is under way.
static void take_handover(TimbrelEffect* e) {
    TimbrelHandover* taken = e->switching ? NULL : timbrel_loader_take(e->loader);
    if (!taken) {
        return;
    }
    if (taken->replace && (taken->deck || e->deck)) {
        e->next = taken->deck;
        e->switching = true;
    }
    taken->deck = NULL;
    timbrel_loader_give_back(e->loader, e->handover, NULL);
    e->handover = taken;
    if (taken->report.state == TIMBREL_MODEL_READY) {
        e->trained = trained_level(&taken->report.model.info);
    }
}

/// Take it while nothing sounds: with no crossfade.
static void take_handover_at_once(TimbrelEffect* e) {
    if (e->switching) {
        finish_switch(e);
    }
    take_handover(e);
    if (e->switching) {
        finish_switch(e);
    }
}

void timbrel_effect_set_block(TimbrelEffect* e, uint32_t block) {
    e->block = block > 0 ? block : TIMBREL_DEFAULT_BLOCK;
    e->settings.block = e->block;
    timbrel_loader_settings(e->loader, &e->settings);
}

void timbrel_effect_reset(TimbrelEffect* e) {
    take_handover_at_once(e);
    timbrel_effect_set_block(e, e->block);
    e->started = false;
    if (e->deck) {
        // A failure shows itself at the next hop, where it is reported.
        (void)timbrel_deck_reset(e->deck, NULL);
    }
    timbrel_gain_reset(&e->input_gain);
    timbrel_cut_reset(&e->cut);
    timbrel_equalizer_reset(&e->equalizer);
    timbrel_loudness_start(&e->loudness, e->rate, channels_of(e));
    timbrel_gain_reset(&e->learnt_gain);
    timbrel_gain_reset(&e->output_gain);
    timbrel_smooth_reset(&e->mix);
    timbrel_smooth_reset(&e->enabled);
}

static void set_controls(TimbrelEffect* e, const float* controls) {
    timbrel_gain_set(&e->input_gain, controls[TIMBREL_CONTROL_INPUT_GAIN]);
    timbrel_cut_set(&e->cut, controls[TIMBREL_CONTROL_LOW_CUT], controls[TIMBREL_CONTROL_HIGH_CUT]);
    timbrel_equalizer_set(&e->equalizer, controls + TIMBREL_CONTROL_EQ_FIRST);
    timbrel_gain_set(&e->learnt_gain, timbrel_effect_learnt_gain(e));
    timbrel_gain_set(&e->output_gain, controls[TIMBREL_CONTROL_OUTPUT_GAIN]);
    timbrel_smooth_set(&e->mix, controls[TIMBREL_CONTROL_MIX] * 0.01f);
    timbrel_smooth_set(&e->enabled, controls[TIMBREL_CONTROL_ENABLED] > 0.5f ? 1.0f : 0.0f);
}

/// Follow what the latency depends on.
static void set_timing(TimbrelEffect* e, const float* controls, uint32_t frames, bool freewheel) {
    const float timing = controls[TIMBREL_CONTROL_TIMING];
    const TimbrelDeckSettings wanted = {
        .timing = timing < 0.5f   ? TIMBREL_TIMING_TIGHT
                  : timing < 1.5f ? TIMBREL_TIMING_SAFE
                                  : TIMBREL_TIMING_FULL,
        // Offline blocks may be of any size: nothing is late there.
        .block = frames > e->settings.block && !freewheel ? frames : e->settings.block,
        .dual = controls[TIMBREL_CONTROL_STEREO] > 0.5f};
    e->settings = wanted;
    timbrel_loader_settings(e->loader, &wanted);
    if (e->deck) {
        timbrel_deck_retime(e->deck, wanted.timing, wanted.block, wanted.dual);
    }
    if (e->next) {
        timbrel_deck_retime(e->next, wanted.timing, wanted.block, wanted.dual);
    }
}

/// The control *model* has the last word where it was moved, or stands above 0 when a session is
/// restored, whose method it then has.
static void follow_number(TimbrelEffect* e, float value) {
    const uint32_t number = (uint32_t)lrintf(value);
    if (atomic_exchange(&e->loaded, false)) {
        e->number = 0;
        e->restoring = true;
    }
    if (number == e->number || timbrel_loader_request_number_rt(e->loader, number, e->restoring)) {
        e->number = number;
        e->restoring = false;
    }
}

/// A program change chooses a model: the last of a block, as the others would not be heard.
static void follow_programs(TimbrelEffect* e, const TimbrelBlock* block) {
    for (uint32_t i = 0; i < block->event_count; ++i) {
        const TimbrelEvent* event = &block->events[i];
        if (event->kind == TIMBREL_EVENT_MIDI && (event->is.midi[0] & 0xF0) == 0xC0) {
            e->program = (event->is.midi[1] & 0x7FU) + 1;
        }
    }
    if (e->program != 0 && timbrel_loader_request_program_rt(e->loader, e->program)) {
        e->program = 0;
        ++e->changes;
    }
}

/// Which switches were pressed since the last call.
static void look_at_switches(TimbrelEffect* e, const float* controls, bool pressed[switch_count]) {
    for (int i = 0; i < switch_count; ++i) {
        const bool down = controls[switches[i]] > 0.5f;
        // A session in which a switch was left on does not press it.
        pressed[i] = e->followed && down && !e->down[i];
        e->down[i] = down;
    }
    e->followed = true;
}

/// Begin to learn the level; or, while that goes on, end it and take back what was learnt.
static void learn_level(TimbrelEffect* e) {
    if (e->learning) {
        atomic_store(&e->level, 0.0f);
    }
    e->learning = !e->learning;
    timbrel_loudness_start(&e->loudness, e->rate, channels_of(e));
    ++e->changes;
}

static void follow_switches(TimbrelEffect* e, const bool pressed[switch_count]) {
    e->steps += (pressed[next_model] ? 1 : 0) - (pressed[previous_model] ? 1 : 0);
    if (e->steps != 0 && timbrel_loader_request_step_rt(e->loader, e->steps)) {
        e->steps = 0;
        ++e->changes;
    }
    if (pressed[learn]) {
        learn_level(e);
    }
}

/// What was played in the last chunk, before the learnt gain, was all that is to be heard.
static void keep_level(TimbrelEffect* e) {
    atomic_store(&e->level, timbrel_loudness_level(&e->loudness));
    timbrel_gain_set(&e->learnt_gain, timbrel_effect_learnt_gain(e));
    e->learning = false;
    ++e->changes;
}

static void pause_a_moment(void) TIMBREL_RT_WAITS {
    const struct timespec moment = {.tv_nsec = 1000000};
    (void)nanosleep(&moment, NULL);
}

/// A free-wheeling host wants the sound that was asked for, not the dry signal while it loads.
static void wait_for_loader(TimbrelEffect* e) TIMBREL_RT_WAITS {
    while (timbrel_loader_busy(e->loader)) {
        pause_a_moment();
    }
}

/// What plays (a deck, or dry for NULL) for the chunk just written.
static void read_deck(TimbrelEffect* e, TimbrelDeck* deck, const TimbrelDeckOutput* out,
                      float* const* raw, float* const* filtered, const float* mix, uint32_t frames,
                      TimbrelLateMode late, bool freewheel) {
    if (deck) {
        timbrel_deck_read(deck, out, mix, frames, late, freewheel);
        return;
    }
    for (uint32_t c = 0; c < channels_of(e); ++c) {
        memcpy(out->effect[c], filtered[c], frames * sizeof(float));
        memcpy(out->raw[c], raw[c], frames * sizeof(float));
    }
}

/// Crossfade from `from` into `to`, in place in `to`.
static void crossfade(TimbrelEffect* e, const TimbrelDeckOutput* from, const TimbrelDeckOutput* to,
                      uint32_t frames) {
    for (uint32_t i = 0; i < frames; ++i) {
        const float old = (float)e->fade / (float)e->fade_length;
        e->fade -= e->fade > 0 ? 1 : 0;
        for (uint32_t c = 0; c < channels_of(e); ++c) {
            to->effect[c][i] += old * (from->effect[c][i] - to->effect[c][i]);
            to->raw[c][i] += old * (from->raw[c][i] - to->raw[c][i]);
        }
    }
}

/// What is no number is silence; what is louder than any sound is limited, before a filter
/// overflows.
static float sane(float sample) {
    return isfinite(sample) ? fminf(fmaxf(sample, -loudest), loudest) : 0.0f;
}

/// The events of a block that fall into the samples from `from` to before `to`, or after its end.
static uint32_t events_of(const TimbrelBlock* block, uint32_t from, uint32_t to,
                          const TimbrelEvent** events) {
    uint32_t begin = 0;
    while (begin < block->event_count && block->events[begin].time < from) {
        ++begin;
    }
    uint32_t end = begin;
    while (end < block->event_count && (block->events[end].time < to || to >= block->frames)) {
        ++end;
    }
    *events = block->events ? block->events + begin : NULL;
    return end - begin;
}

static void process_chunk(TimbrelEffect* e, const TimbrelBlock* block, uint32_t offset,
                          uint32_t frames) {
    const float* controls = block->controls;
    const bool waits = block->waits;
    float samples[12][TIMBREL_CHUNK];
    float* const raw[2] = {samples[0], samples[1]};
    float* const filtered[2] = {samples[2], samples[3]};
    TimbrelDeckOutput now = {{samples[4], samples[5]}, {samples[6], samples[7]}};
    TimbrelDeckOutput then = {{samples[8], samples[9]}, {samples[10], samples[11]}};
    float mix[TIMBREL_CHUNK];
    const TimbrelLateMode late =
        controls[TIMBREL_CONTROL_LATE] > 0.5f ? TIMBREL_LATE_SILENCE : TIMBREL_LATE_DRY;
    TimbrelLatentControls latent;
    timbrel_latent_controls(&latent, controls);

    for (uint32_t c = 0; c < channels_of(e); ++c) {
        for (uint32_t i = 0; i < frames; ++i) {
            raw[c][i] = filtered[c][i] = sane(block->in[c][offset + i]);
        }
    }
    timbrel_gain_process(&e->input_gain, filtered, frames);
    timbrel_cut_process(&e->cut, filtered, frames);
    timbrel_equalizer_process(&e->equalizer, filtered, frames);
    const bool learnt = e->learning && timbrel_loudness_process(
                                           &e->loudness, (const float* const*)filtered, frames);
    timbrel_gain_process(&e->learnt_gain, filtered, frames);
    if (learnt) {
        keep_level(e);
    }
    for (uint32_t i = 0; i < frames; ++i) {
        mix[i] = timbrel_smooth_next(&e->mix);
    }

    TimbrelStreamInput input = {.in = (const float* const*)filtered,
                                .frames = frames,
                                .begin = offset,
                                .controls = &latent};
    input.event_count = events_of(block, offset, offset + frames, &input.events);
    TimbrelDeck* const decks[2] = {e->deck, e->next};
    for (int d = 0; d < 2; ++d) {
        if (decks[d]) {
            timbrel_deck_write(decks[d], (const float* const*)raw, &input, waits);
        }
    }
    read_deck(e, e->deck, &now, raw, filtered, mix, frames, late, waits);
    if (e->fade > 0) {
        read_deck(e, e->next, &then, raw, filtered, mix, frames, late, waits);
        crossfade(e, &now, &then, frames);
        const TimbrelDeckOutput swap = now;
        now = then;
        then = swap;
        if (e->fade == 0) {
            finish_switch(e);
        }
    }

    timbrel_gain_process(&e->output_gain, now.effect, frames);
    for (uint32_t i = 0; i < frames; ++i) {
        const float enabled = timbrel_smooth_next(&e->enabled);
        for (uint32_t c = 0; c < channels_of(e); ++c) {
            block->out[c][offset + i] =
                enabled * now.effect[c][i] + (1.0f - enabled) * now.raw[c][i];
        }
    }
}

/// An event at the block's first sample.
static void send(TimbrelDeck* deck, const float* controls, const TimbrelEvent* event) {
    TimbrelLatentControls latent;
    timbrel_latent_controls(&latent, controls);
    const float none = 0.0f;
    const float* const in[2] = {&none, &none}; // No sample of it is read
    const TimbrelStreamInput input = {
        .in = in, .controls = &latent, .events = event, .event_count = 1};
    timbrel_deck_write(deck, in, &input, false);
}

/// The beat of now, as far as the host told.
static double find_beat(const TimbrelEffect* e, const float* controls) {
    const TimbrelTransport* told = &e->transport;
    const float tempo =
        told->beats_per_minute > 0.0f ? told->beats_per_minute : controls[TIMBREL_CONTROL_TEMPO];
    const double minutes = (double)e->transport_age / e->rate / 60.0;
    return told->beat + minutes * (double)tempo * (double)told->speed;
}

/// A deck that begins knows no transport, and the host may not tell it again before it changes.
static void tell_transport(TimbrelEffect* e, const float* controls) {
    TimbrelEvent event = {.kind = TIMBREL_EVENT_TRANSPORT, .is.transport = e->transport};
    event.is.transport.beat = find_beat(e, controls);
    TimbrelDeck* const decks[2] = {e->deck, e->next};
    for (int d = 0; d < 2; ++d) {
        if (decks[d] && decks[d]->time == 0) {
            send(decks[d], controls, &event);
        }
    }
}

/// Remember what the host told in this block.
static void follow_transport(TimbrelEffect* e, const TimbrelBlock* block) {
    uint64_t begun = 0;
    for (uint32_t i = 0; i < block->event_count; ++i) {
        const TimbrelEvent* event = &block->events[i];
        if (event->kind == TIMBREL_EVENT_TRANSPORT) {
            e->transport_age += event->time - begun;
            const double beat = find_beat(e, block->controls);
            begun = event->time;
            e->transported = true;
            e->transport = event->is.transport;
            e->transport.beat = isfinite(e->transport.beat) ? e->transport.beat : beat;
            e->transport_age = 0;
        }
    }
    e->transport_age += block->frames > begun ? block->frames - begun : 0;
}

/// Keep, add and store.
static void send_messages(TimbrelEffect* e, const float* controls,
                          const bool pressed[switch_count]) {
    TimbrelLatentControls latent;
    timbrel_latent_controls(&latent, controls);
    const struct {
        bool sent;
        TimbrelLatentMessage message;
    } messages[] = {
        {pressed[keep], {TIMBREL_MESSAGE_KEEP, (float)latent.from.rows.bars}},
        {pressed[add], {TIMBREL_MESSAGE_ADD, 0.0f}},
        {pressed[store], {TIMBREL_MESSAGE_STORE, controls[TIMBREL_CONTROL_STORE_POINT]}},
    };
    TimbrelDeck* const decks[2] = {e->deck, e->next};
    const TimbrelDeck* newest = e->switching ? e->next : e->deck;
    const bool steers = newest && newest->supply && newest->supply->sources;
    if (!steers && (pressed[keep] || pressed[add] || pressed[store])) {
        timbrel_library_refuse_rt(timbrel_loader_library(e->loader));
    }
    for (int i = 0; i < 6; ++i) {
        if (decks[i % 2] && messages[i / 2].sent) {
            const TimbrelEvent event = {.kind = TIMBREL_EVENT_MESSAGE,
                                        .is.message = messages[i / 2].message};
            send(decks[i % 2], controls, &event);
        }
    }
}

/// A free-wheeling host must not reach its end before it has heard that the model failed.
static void wait_for_failure(TimbrelEffect* e) TIMBREL_RT_WAITS {
    while (e->deck && !e->switching && timbrel_stream_failed(e->deck->stream) &&
           e->handover->report.state == TIMBREL_MODEL_READY) {
        pause_a_moment();
        take_handover(e);
    }
}

void timbrel_effect_process(TimbrelEffect* e, const TimbrelBlock* block) TIMBREL_RT {
    const float* controls = block->controls;
    const uint32_t frames = block->frames;
    const uint32_t denormals = timbrel_denormals_off();
    atomic_fetch_add_explicit(&e->processed, 1, memory_order_relaxed);
    timbrel_library_take_report(timbrel_loader_library(e->loader));
    follow_number(e, controls[TIMBREL_CONTROL_MODEL]);
    follow_programs(e, block);
    bool pressed[switch_count];
    look_at_switches(e, controls, pressed);
    follow_switches(e, pressed);
    timbrel_library_freewheel(timbrel_loader_library(e->loader), block->waits);
    if (block->waits) {
        TIMBREL_RT_UNCHECKED
        wait_for_loader(e);
        TIMBREL_RT_CHECKED
    }
    if (e->started) {
        take_handover(e);
    } else {
        take_handover_at_once(e);
    }
    e->started = e->started || frames > 0;
    set_controls(e, controls);
    set_timing(e, controls, frames, block->waits);
    if (e->transported && frames > 0) {
        tell_transport(e, controls);
    }
    send_messages(e, controls, pressed);
    if (frames == 0 && block->event_count > 0) {
        process_chunk(e, block, 0, 0);
    }
    for (uint32_t offset = 0; offset < frames;) {
        uint32_t chunk = frames - offset < TIMBREL_CHUNK ? frames - offset : TIMBREL_CHUNK;
        // A crossfade starts at the sample at which the next deck is warm, however blocks are cut.
        const uint32_t cold = e->next ? timbrel_deck_cold(e->next) : 0;
        chunk = cold > 0 && cold < chunk ? cold : chunk;
        // So does a learnt gain, at the sample at which it is known.
        const uint32_t left = e->learning ? timbrel_loudness_left(&e->loudness) : chunk;
        chunk = left < chunk ? left : chunk;
        if (e->switching && e->fade == 0 && cold == 0) {
            e->fade = e->fade_length;
        }
        process_chunk(e, block, offset, chunk);
        offset += chunk;
    }
    if (block->waits) {
        TIMBREL_RT_UNCHECKED
        wait_for_failure(e);
        TIMBREL_RT_CHECKED
    }
    follow_transport(e, block);
    timbrel_denormals_restore(denormals);
}

/// What the host is to be told about: the deck that plays, or takes over just now.
static const TimbrelDeck* audible(const TimbrelEffect* e) {
    return e->switching && e->fade > 0 ? e->next : e->deck;
}

void timbrel_effect_latency(const TimbrelEffect* e, TimbrelLatency* latency) TIMBREL_RT {
    const TimbrelDeck* deck = audible(e);
    *latency = deck ? deck->tap.latency : (TimbrelLatency){0};
}

uint32_t timbrel_effect_latents(const TimbrelEffect* e, float raw[TIMBREL_MAX_LATENTS],
                                float controlled[TIMBREL_MAX_LATENTS]) TIMBREL_RT {
    const TimbrelDeck* deck = audible(e);
    return deck ? timbrel_stream_latents(deck->stream, raw, controlled) : 0;
}

void timbrel_effect_reports(const TimbrelEffect* e,
                            float reports[TIMBREL_REPORT_COUNT]) TIMBREL_RT {
    const TimbrelDeck* deck = audible(e);
    float raw[TIMBREL_MAX_LATENTS] = {0};
    float controlled[TIMBREL_MAX_LATENTS] = {0};
    uint64_t late = e->late_hops;
    late += e->deck ? e->deck->late_hops : 0;
    late += e->next ? e->next->late_hops : 0;
    reports[TIMBREL_REPORT_LATENCY] = deck ? (float)deck->tap.latency.total : 0.0f;
    reports[TIMBREL_REPORT_LOAD] = deck ? 100.0f * timbrel_stream_load(deck->stream) : 0.0f;
    reports[TIMBREL_REPORT_DROPOUTS] = (float)late;
    (void)timbrel_effect_latents(e, raw, controlled);
    memcpy(reports + TIMBREL_REPORT_LATENT_FIRST, controlled,
           TIMBREL_CONTROLLED_LATENTS * sizeof(float));
}

float timbrel_effect_level(const TimbrelEffect* e) TIMBREL_RT {
    return atomic_load(&e->level);
}

void timbrel_effect_set_level(TimbrelEffect* e, float level) TIMBREL_RT {
    atomic_store(&e->level, level < 0.0f ? fmaxf(level, softest_level) : 0.0f);
}

float timbrel_effect_learnt_gain(const TimbrelEffect* e) TIMBREL_RT {
    const float level = atomic_load(&e->level);
    return level < 0.0f ? fminf(fmaxf(e->trained - level, -most_learnt), most_learnt) : 0.0f;
}

bool timbrel_effect_learning(const TimbrelEffect* e) TIMBREL_RT {
    return e->learning;
}

uint32_t timbrel_effect_changes(const TimbrelEffect* e) TIMBREL_RT {
    return e->changes + timbrel_library_granted(timbrel_loader_library(e->loader));
}

bool timbrel_effect_request_rt(TimbrelEffect* e, const char* wanted, uint32_t length) TIMBREL_RT {
    return timbrel_loader_request_rt(e->loader, wanted, length);
}

void timbrel_effect_measure(TimbrelEffect* e) TIMBREL_RT {
    timbrel_loader_measure(e->loader);
}

void timbrel_effect_request(TimbrelEffect* e, const char* wanted, const char* method) {
    timbrel_loader_request(e->loader, wanted, method);
    atomic_store(&e->loaded, true);
}

TimbrelStatus timbrel_effect_wait(TimbrelEffect* e, TimbrelError* error) {
    timbrel_loader_wait(e->loader);
    take_handover_at_once(e);
    if (e->handover->report.state == TIMBREL_MODEL_FAILED) {
        return timbrel_error_set(error, TIMBREL_BAD_MODEL, "%s", e->handover->report.message);
    }
    return TIMBREL_OK;
}

void timbrel_effect_settle(TimbrelEffect* e, uint32_t milliseconds) {
    const unsigned processed = atomic_load(&e->processed);
    for (uint32_t i = 0; i < milliseconds && timbrel_loader_busy(e->loader) &&
                         atomic_load(&e->processed) == processed;
         ++i) {
        pause_a_moment();
    }
}

uint32_t timbrel_effect_await(TimbrelEffect* e, const float controls[TIMBREL_CONTROL_COUNT],
                              uint32_t milliseconds) TIMBREL_RT_WAITS {
    follow_number(e, controls[TIMBREL_CONTROL_MODEL]);
    uint32_t waited = 0;
    for (; waited < milliseconds && timbrel_loader_busy(e->loader); ++waited) {
        pause_a_moment();
    }
    return waited;
}

void timbrel_effect_report(TimbrelEffect* e, TimbrelModelReport* report) {
    timbrel_loader_report(e->loader, report);
}

const TimbrelModelReport* timbrel_effect_report_rt(TimbrelEffect* e) TIMBREL_RT {
    return &e->handover->report;
}

bool timbrel_effect_request_attribute_rt(TimbrelEffect* e, const char* name,
                                         const char* value) TIMBREL_RT {
    return timbrel_loader_request_attribute_rt(e->loader, name, value);
}

bool timbrel_effect_request_method_rt(TimbrelEffect* e, const char* name) TIMBREL_RT {
    return timbrel_loader_request_attribute_rt(e->loader, "", name);
}

size_t timbrel_effect_attributes(TimbrelEffect* e, char* text, size_t size) {
    return timbrel_loader_attributes(e->loader, text, size);
}

void timbrel_effect_restore_attributes(TimbrelEffect* e, const char* text) {
    timbrel_loader_restore_attributes(e->loader, text);
}

void timbrel_effect_load_rows(TimbrelEffect* e, const char* path) {
    timbrel_library_load_rows(timbrel_loader_library(e->loader), path);
}

bool timbrel_effect_request_rows_rt(TimbrelEffect* e, const char* path,
                                    uint32_t length) TIMBREL_RT {
    return timbrel_library_request_rows_rt(timbrel_loader_library(e->loader), path, length);
}

void timbrel_effect_rows(TimbrelEffect* e, TimbrelRowsReport* report) {
    timbrel_library_report(timbrel_loader_library(e->loader), report);
}

const TimbrelRowsReport* timbrel_effect_rows_rt(TimbrelEffect* e) TIMBREL_RT {
    return timbrel_library_report_rt(timbrel_loader_library(e->loader));
}

TimbrelTable* timbrel_effect_hold_table(TimbrelEffect* e) {
    return timbrel_library_hold_table(timbrel_loader_library(e->loader));
}

void timbrel_effect_set_table(TimbrelEffect* e, TimbrelTable* table) {
    timbrel_library_set_table(timbrel_loader_library(e->loader), table);
}

void timbrel_effect_points(TimbrelEffect* e, TimbrelPoints* points) {
    timbrel_library_points(timbrel_loader_library(e->loader), points);
}

void timbrel_effect_set_points(TimbrelEffect* e, const TimbrelPoints* points) {
    timbrel_library_set_points(timbrel_loader_library(e->loader), points);
}

void timbrel_effect_set_point_name(TimbrelEffect* e, uint32_t point, const char* name) {
    timbrel_library_set_point_name(timbrel_loader_library(e->loader), point, name);
}

bool timbrel_effect_request_point_name_rt(TimbrelEffect* e, uint32_t point, const char* name,
                                          uint32_t length) TIMBREL_RT {
    return timbrel_library_request_point_name_rt(timbrel_loader_library(e->loader), point, name,
                                                 length);
}

void timbrel_effect_rows_problem(TimbrelEffect* e, const char* sentence) {
    timbrel_library_rows_problem(timbrel_loader_library(e->loader), sentence);
}
