// SPDX-License-Identifier: ISC
#include "encoder.h"

#include <stdlib.h>
#include <string.h>

bool timbrel_encoder_init(TimbrelEncoder* encoder, TimbrelModel* model, uint32_t channels,
                          uint32_t most) {
    *encoder = (TimbrelEncoder){.backend = timbrel_model_backend(model),
                                .framing = timbrel_framing(timbrel_model_summary(model)),
                                .channels = channels};
    encoder->room = encoder->framing.window + most;
    for (uint32_t c = 0; c < channels; ++c) {
        encoder->sound[c] = calloc(encoder->room, sizeof(float));
        if (!encoder->sound[c]) {
            timbrel_encoder_free(encoder);
            return false;
        }
    }
    encoder->filled = encoder->framing.context;
    return true;
}

void timbrel_encoder_free(TimbrelEncoder* encoder) {
    for (uint32_t c = 0; c < encoder->channels; ++c) {
        free(encoder->sound[c]);
    }
    *encoder = (TimbrelEncoder){0};
}

void timbrel_encoder_reset(TimbrelEncoder* encoder) {
    for (uint32_t c = 0; c < encoder->channels; ++c) {
        memset(encoder->sound[c], 0, encoder->room * sizeof(float));
    }
    encoder->filled = encoder->framing.context;
}

void timbrel_encoder_pad(TimbrelEncoder* encoder) {
    const uint32_t missing = timbrel_encoder_missing(encoder);
    for (uint32_t c = 0; c < encoder->channels; ++c) {
        memset(encoder->sound[c] + encoder->filled, 0, missing * sizeof(float));
    }
    encoder->filled += missing;
}

void timbrel_encoder_fill(const TimbrelEncoder* encoder, uint32_t lanes) {
    const uint32_t window = encoder->framing.window;
    const uint32_t inputs = encoder->backend->info.in_channels;
    float* const* sound = encoder->sound;
    for (uint32_t b = 0; b < lanes; ++b) {
        for (uint32_t c = 0; c < inputs; ++c) {
            float* to = encoder->backend->audio_in + ((size_t)b * inputs + c) * window;
            if (encoder->channels == 2 && lanes == 1 && inputs == 1) {
                for (uint32_t i = 0; i < window; ++i) {
                    to[i] = 0.5f * (sound[0][i] + sound[1][i]);
                }
            } else {
                memcpy(to, sound[(b + c) % encoder->channels], window * sizeof(float));
            }
        }
    }
}

void timbrel_encoder_advance(TimbrelEncoder* encoder) {
    const uint32_t hop = encoder->framing.hop;
    encoder->filled -= hop;
    for (uint32_t c = 0; c < encoder->channels; ++c) {
        memmove(encoder->sound[c], encoder->sound[c] + hop, encoder->filled * sizeof(float));
    }
}
