// SPDX-License-Identifier: ISC
#include "validate.h"

#include <math.h>
#include <string.h>

/// Length of the UTF-8 sequence at `text` within `room` bytes, or 0 if it is none (RFC 3629).
static size_t sequence_length(const unsigned char* text, size_t room) {
    const unsigned char lead = text[0];
    if (lead < 0x80) {
        return lead >= 0x20 && lead != 0x7f ? 1 : 0;
    }
    size_t length = 0;
    unsigned char low = 0x80; // range of the second byte: no overlong form, surrogate or > U+10FFFF
    unsigned char high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
        length = 2;
        low = lead == 0xc2 ? 0xa0 : 0x80; // U+0080 to U+009F are control characters
    } else if (lead >= 0xe0 && lead <= 0xef) {
        length = 3;
        low = lead == 0xe0 ? 0xa0 : 0x80;
        high = lead == 0xed ? 0x9f : 0xbf;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        length = 4;
        low = lead == 0xf0 ? 0x90 : 0x80;
        high = lead == 0xf4 ? 0x8f : 0xbf;
    }
    if (!length || length > room || text[1] < low || text[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

void timbrel_validate_text(char* text, size_t size) {
    unsigned char* bytes = (unsigned char*)text;
    size_t at = 0;
    while (at + 1 < size && bytes[at]) {
        const size_t length = sequence_length(bytes + at, size - 1 - at);
        if (length == 0) {
            bytes[at] = '?';
        }
        at += length ? length : 1;
    }
    memset(bytes + at, 0, size - at);
}

static bool ratio_ok(uint32_t ratio) {
    return ratio >= 1 && ratio <= TIMBREL_MAX_RATIO && (ratio & (ratio - 1)) == 0;
}

static bool channels_ok(uint32_t channels) {
    return channels >= 1 && channels <= TIMBREL_MAX_CHANNELS;
}

static bool attribute_ok(TimbrelAttribute* attribute) {
    timbrel_validate_text(attribute->name, sizeof attribute->name);
    timbrel_validate_text(attribute->value, sizeof attribute->value);
    if (attribute->count > TIMBREL_MAX_ATTRIBUTE_VALUES) {
        return false;
    }
    for (uint32_t i = 0; i < TIMBREL_MAX_ATTRIBUTE_VALUES; i++) {
        if (i >= attribute->count) {
            attribute->types[i] = 0;
        } else if (attribute->types[i] > TIMBREL_ATTRIBUTE_BUFFER) {
            return false;
        }
    }
    attribute->settable = attribute->settable != 0;
    return true;
}

/// What makes no sense is a normal latent.
static void mend_meaning(TimbrelLatentMeaning* meaning, bool used) {
    timbrel_validate_text(meaning->unit, sizeof meaning->unit);
    if (!used || meaning->kind == TIMBREL_LATENT_NORMAL ||
        meaning->kind > TIMBREL_LATENT_MEASURED || !isfinite(meaning->scale) ||
        !isfinite(meaning->offset) || meaning->scale == 0.0f) {
        *meaning = (TimbrelLatentMeaning){.kind = TIMBREL_LATENT_NORMAL, .scale = 1.0f};
    }
}

bool timbrel_validate_info(TimbrelModelInfo* info) {
    if (info->method_count > TIMBREL_MAX_METHODS ||
        info->attribute_count > TIMBREL_MAX_ATTRIBUTES) {
        return false;
    }
    for (uint32_t i = 0; i < info->method_count; i++) {
        timbrel_validate_text(info->methods[i].name, sizeof info->methods[i].name);
        if (info->methods[i].kind > TIMBREL_METHOD_VALUES) {
            return false;
        }
    }
    memset(info->methods + info->method_count, 0,
           (TIMBREL_MAX_METHODS - info->method_count) * sizeof info->methods[0]);
    for (uint32_t i = 0; i < info->attribute_count; i++) {
        if (!attribute_ok(&info->attributes[i])) {
            return false;
        }
    }
    memset(info->attributes + info->attribute_count, 0,
           (TIMBREL_MAX_ATTRIBUTES - info->attribute_count) * sizeof info->attributes[0]);

    timbrel_validate_text(info->method, sizeof info->method);
    if (info->play_mode > TIMBREL_PLAY_VALUES ||
        (info->play_mode == TIMBREL_PLAY_ENCODE_DECODE) != (info->method[0] == '\0')) {
        return false;
    }
    if (info->latents > TIMBREL_MAX_LATENTS ||
        (info->play_mode == TIMBREL_PLAY_FORWARD) != (info->latents == 0)) {
        return false;
    }
    if (!ratio_ok(info->ratio) || !channels_ok(info->in_channels) ||
        !channels_ok(info->out_channels)) {
        return false;
    }
    if (!(info->layers_delay >= 0.0 && info->layers_delay <= 1e6)) {
        info->layers_delay = -1.0;
    }
    if (!(info->rate >= TIMBREL_MIN_RATE && info->rate <= TIMBREL_MAX_RATE)) {
        return false;
    }
    // Labels and meanings are those of encode's values, not of another method's.
    const bool encodes = !info->method[0] || strcmp(info->method, "encode") == 0;
    const uint32_t named = encodes ? info->latents : 0;
    for (uint32_t i = 0; i < TIMBREL_MAX_LATENTS; i++) {
        if (i < named) {
            timbrel_validate_text(info->latent_labels[i], sizeof info->latent_labels[i]);
        } else {
            memset(info->latent_labels[i], 0, sizeof info->latent_labels[i]);
        }
        mend_meaning(&info->latent_meanings[i], i < named);
    }
    timbrel_validate_text(info->latent_space, sizeof info->latent_space);

    uint32_t* const flags[] = {&info->rate_known, &info->streaming,    &info->discrete,
                               &info->has_prior,  &info->draws_normal, &info->draws_uniform,
                               &info->draws_other};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        *flags[i] = *flags[i] != 0;
    }
    return true;
}
