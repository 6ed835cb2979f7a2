// SPDX-License-Identifier: ISC
#include "player.h"

#include "engine/model/methods.h"

#include <stdlib.h>
#include <string.h>

bool timbrel_player_init(TimbrelPlayer* p, TimbrelModel* model, uint32_t inputs, uint32_t channels,
                         uint32_t most) {
    const TimbrelModelSummary* summary = timbrel_model_summary(model);
    *p = (TimbrelPlayer){.backend = timbrel_model_backend(model),
                         .info = summary->info,
                         .framing = timbrel_framing(summary),
                         .frame_rate = summary->rate / summary->info.ratio,
                         .channels = channels,
                         .two = channels == 2 && summary->lanes > 1};
    const size_t values = (size_t)2 * p->framing.frames * p->info.latents + 1;
    p->heard = calloc(values, sizeof(float));
    p->fresh = calloc(values, sizeof(float));
    p->values = calloc(values, sizeof(float));
    p->seconds = calloc(p->framing.frames, sizeof *p->seconds);
    p->amounts = calloc(p->framing.frames, sizeof *p->amounts);
    if (!p->heard || !p->fresh || !p->values || !p->seconds || !p->amounts ||
        !timbrel_encoder_init(&p->encoder, model, inputs, inputs > 0 ? most : 0) ||
        !timbrel_decoder_init(&p->decoder, model, channels)) {
        timbrel_player_free(p);
        return false;
    }
    return true;
}

void timbrel_player_free(TimbrelPlayer* p) {
    timbrel_encoder_free(&p->encoder);
    timbrel_decoder_free(&p->decoder);
    free(p->heard);
    free(p->fresh);
    free(p->values);
    free(p->seconds);
    free(p->amounts);
    *p = (TimbrelPlayer){0};
}

/// What the source gave last is forgotten.
static void restart_source(TimbrelPlayer* p) {
    memset(p->values, 0, (size_t)2 * p->framing.frames * p->info.latents * sizeof(float));
    if (p->source) {
        p->source->reset(p->source);
    }
}

void timbrel_player_reset(TimbrelPlayer* p) {
    timbrel_encoder_reset(&p->encoder);
    timbrel_decoder_reset(&p->decoder);
    memset(p->latent, 0, sizeof p->latent);
    restart_source(p);
}

void timbrel_player_exchange(TimbrelPlayer* p, TimbrelSource* source) {
    p->source = source;
    restart_source(p);
}

/// Copy `frames` frames of each latent, between blocks in which a latent has `from_stride` and
/// `to_stride` frames.
static void copy_frames(const TimbrelPlayer* p, uint32_t lanes, const float* from,
                        uint32_t from_stride, float* to, uint32_t to_stride, uint32_t frames) {
    for (size_t i = 0; i < (size_t)lanes * p->info.latents; ++i) {
        memmove(to + i * to_stride, from + i * from_stride, frames * sizeof(float));
    }
}

/// When the frames of the window are, as far as the source does not know better. Those that it
/// shares with the hop before keep their place, so that they are bent alike.
static void place_frames(TimbrelPlayer* p, const TimbrelPlayerHop* hop) {
    const uint32_t frames = p->framing.frames;
    const uint32_t kept = frames - p->framing.advance;
    memmove(p->seconds, p->seconds + p->framing.advance, kept * sizeof *p->seconds);
    for (uint32_t g = hop->number == 0 ? 0 : kept; g < frames; ++g) {
        p->seconds[g] = (double)timbrel_framing_frame(&p->framing, hop->number, g) / p->frame_rate;
    }
}

/// Let the source fill the frames that this hop is the first to have. Those that it shares with the
/// hop before are kept: a source fills each frame once.
static void fill(TimbrelPlayer* p, const TimbrelPlayerHop* hop, uint32_t lanes, bool heard) {
    const uint32_t frames = p->framing.frames;
    const uint32_t fresh = p->framing.advance + (hop->number == 0 ? p->framing.before : 0);
    const uint32_t kept = frames - fresh;
    if (heard) {
        copy_frames(p, lanes, p->backend->latents + kept, frames, p->heard, fresh, fresh);
        timbrel_latents_mend(p->heard, (size_t)lanes * p->info.latents * fresh);
    }
    const TimbrelLatentBlock block = {
        .first = (uint64_t)timbrel_framing_frame(&p->framing, hop->number, kept),
        .frames = fresh,
        .latents = p->info.latents,
        .lanes = lanes,
        .heard = heard ? p->heard : NULL,
        .values = p->fresh,
        .controls = hop->controls + kept,
        .events = hop->events,
        .event_count = hop->event_count,
        .seconds = p->seconds + kept};
    p->source->fill(p->source, &block);
    copy_frames(p, lanes, p->values + p->framing.advance, frames, p->values, frames,
                frames - p->framing.advance);
    copy_frames(p, lanes, p->fresh, fresh, p->values + kept, frames, fresh);
    if (lanes == 1) { // What left and right begin with where they part
        const size_t values = (size_t)p->info.latents * frames;
        memcpy(p->values + values, p->values, values * sizeof(float));
    }
}

/// How much randomness each frame has; whether they differ in it.
static bool fill_amounts(TimbrelPlayer* p, const TimbrelLatentControls* controls) {
    bool varied = false;
    for (uint32_t g = 0; g < p->framing.frames; ++g) {
        p->amounts[g] = (TimbrelAmounts){controls[g].randomness, controls[g].noise};
        varied = varied || p->amounts[g].normal != p->amounts[0].normal ||
                 p->amounts[g].uniform != p->amounts[0].uniform;
    }
    return varied;
}

static void bend(TimbrelPlayer* p, const TimbrelLatentControls* controls, uint32_t lanes) {
    const uint32_t frames = p->framing.frames;
    const uint32_t latents = p->info.latents;
    const uint32_t shown = p->framing.before + p->framing.advance - 1;
    for (uint32_t b = 0; b < lanes; ++b) {
        float* values = p->backend->latents + (size_t)b * latents * frames;
        // Windows may overlap: the state that goes on is the one where the next window begins.
        TimbrelLatentState state = p->latent[b];
        for (uint32_t g = 0; g < frames; ++g) {
            for (uint32_t i = 0; b == 0 && g == shown && i < latents; ++i) {
                p->raw[i] = values[(size_t)i * frames + g];
            }
            if (p->info.play_mode != TIMBREL_PLAY_VALUES) { // What is measured is shown as it is
                timbrel_latent_process(&state, &controls[g], values + g, frames, latents,
                                       p->info.discrete != 0, p->frame_rate, p->seconds[g]);
            }
            if (g + 1 == p->framing.advance) {
                p->latent[b] = state;
            }
            for (uint32_t i = 0; b == 0 && g == shown && i < latents; ++i) {
                p->controlled[i] = values[(size_t)i * frames + g];
            }
        }
    }
}

/// The sound of a model that only measures, as it is.
static void pass_sound(TimbrelPlayer* p) {
    for (uint32_t c = 0; c < p->encoder.channels; ++c) {
        memcpy(p->decoder.out[c], p->encoder.sound[c] + p->framing.context,
               p->framing.hop * sizeof(float));
    }
}

static uint32_t lanes_of(const TimbrelPlayer* p, const TimbrelPlayerHop* hop) {
    return hop->controls[p->framing.before].dual && p->two ? 2 : 1;
}

/// The window's frames as they are to be bent.
static TimbrelStatus make_frames(TimbrelPlayer* p, const TimbrelPlayerHop* hop, TimbrelCall* call,
                                 TimbrelError* error) {
    const uint32_t lanes = timbrel_lanes_count(call->lanes);
    const size_t values = (size_t)lanes * p->info.latents * p->framing.frames;
    const TimbrelNeed need = p->source
                                 ? p->source->need(p->source, hop->controls, p->framing.frames)
                                 : TIMBREL_NEED_SOUND;
    const bool hears = p->encoder.channels > 0 && need != TIMBREL_NEED_NOTHING;
    TimbrelStatus status = TIMBREL_OK;
    place_frames(p, hop);
    if (hears) {
        timbrel_encoder_fill(&p->encoder, lanes);
        call->step = TIMBREL_STEP_ENCODE;
        status = p->backend->ops->call(p->backend, call, error);
    } else {
        memset(p->backend->latents, 0, values * sizeof(float));
    }
    if (p->source) {
        fill(p, hop, lanes, hears && !status);
    }
    if (need != TIMBREL_NEED_SOUND) {
        memcpy(p->backend->latents, p->values, values * sizeof(float));
    }
    return status;
}

TimbrelStatus timbrel_player_play(TimbrelPlayer* p, const TimbrelPlayerHop* hop, bool* finite,
                                  TimbrelError* error) {
    const uint32_t lanes = lanes_of(p, hop);
    TimbrelCall call = {.lanes = timbrel_lanes_first(lanes),
                        .frames = p->framing.frames,
                        .amounts = p->amounts,
                        .varied = fill_amounts(p, hop->controls)};
    TimbrelStatus status = TIMBREL_OK;
    if (timbrel_methods_step(&p->info, TIMBREL_STEP_ENCODE)) {
        status = make_frames(p, hop, &call, error);
        if (!status) {
            bend(p, hop->controls, lanes);
        }
    } else {
        timbrel_encoder_fill(&p->encoder, lanes);
    }
    for (int step = TIMBREL_STEP_DECODE; step < TIMBREL_STEP_COUNT && !status; ++step) {
        call.step = (TimbrelStep)step;
        if (timbrel_methods_step(&p->info, call.step)) {
            status = p->backend->ops->call(p->backend, &call, error);
        }
    }
    if (status) {
        return status;
    }
    *finite = true;
    if (p->info.play_mode == TIMBREL_PLAY_VALUES) {
        pass_sound(p);
    } else {
        *finite = timbrel_decoder_take(&p->decoder, lanes);
    }
    return TIMBREL_OK;
}

void timbrel_player_skip(TimbrelPlayer* p, const TimbrelPlayerHop* hop) {
    place_frames(p, hop);
    if (p->source && timbrel_methods_step(&p->info, TIMBREL_STEP_ENCODE)) {
        fill(p, hop, lanes_of(p, hop), false);
    }
}

void timbrel_player_advance(TimbrelPlayer* p) {
    if (p->encoder.channels > 0) {
        timbrel_encoder_advance(&p->encoder);
    }
}
