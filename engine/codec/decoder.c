// SPDX-License-Identifier: ISC
#include "decoder.h"

#include <stdlib.h>
#include <string.h>

bool timbrel_decoder_init(TimbrelDecoder* decoder, TimbrelModel* model, uint32_t channels) {
    *decoder = (TimbrelDecoder){.backend = timbrel_model_backend(model),
                                .framing = timbrel_framing(timbrel_model_summary(model)),
                                .channels = channels};
    for (uint32_t c = 0; c < channels; ++c) {
        decoder->out[c] = calloc(decoder->framing.hop, sizeof(float));
        decoder->tail[c] = calloc((size_t)decoder->framing.overlap + 1, sizeof(float));
        if (!decoder->out[c] || !decoder->tail[c]) {
            timbrel_decoder_free(decoder);
            return false;
        }
    }
    return true;
}

void timbrel_decoder_free(TimbrelDecoder* decoder) {
    for (uint32_t c = 0; c < decoder->channels; ++c) {
        free(decoder->out[c]);
        free(decoder->tail[c]);
    }
    *decoder = (TimbrelDecoder){0};
}

void timbrel_decoder_reset(TimbrelDecoder* decoder) {
    for (uint32_t c = 0; c < decoder->channels; ++c) {
        memset(decoder->tail[c], 0, decoder->framing.overlap * sizeof(float));
    }
}

/// The model's samples for one channel of the sound.
static const float* channel_of(const TimbrelDecoder* decoder, uint32_t channel, uint32_t lanes) {
    const uint32_t window = decoder->framing.window;
    const uint32_t outputs = decoder->backend->info.out_channels;
    float* all = decoder->backend->audio_out;
    if (decoder->channels == 1 && outputs > 1) {
        for (uint32_t i = 0; i < window; ++i) {
            all[i] = 0.5f * (all[i] + all[window + i]);
        }
        return all;
    }
    const uint32_t side = channel < outputs ? channel : outputs - 1;
    return all + ((size_t)(lanes == 2 ? channel : 0) * outputs + side) * window;
}

bool timbrel_decoder_take(TimbrelDecoder* decoder, uint32_t lanes) {
    const TimbrelFraming* f = &decoder->framing;
    bool finite = true;
    for (uint32_t c = 0; c < decoder->channels; ++c) {
        const float* y = channel_of(decoder, c, lanes) + f->context - f->overlap;
        float* out = decoder->out[c];
        float* tail = decoder->tail[c];
        for (uint32_t i = 0; i < f->hop; ++i) {
            out[i] = y[i];
            if (i < f->overlap) {
                const float in = ((float)i + 0.5f) / (float)f->overlap;
                out[i] = in * out[i] + (1.0f - in) * tail[i];
            }
            finite = finite && isfinite(out[i]);
        }
        memcpy(tail, y + f->hop, f->overlap * sizeof(float));
    }
    return finite;
}
