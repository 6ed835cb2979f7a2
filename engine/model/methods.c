// SPDX-License-Identifier: ISC
#include "methods.h"
#include "engine/base/rt.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { described_size = 160 };

const TimbrelMethod* timbrel_methods_find(const TimbrelModelInfo* info, const char* name) {
    for (uint32_t i = 0; i < info->method_count; ++i) {
        if (strcmp(info->methods[i].name, name) == 0) {
            return &info->methods[i];
        }
    }
    return NULL;
}

/// Whether what encode gives is what decode takes.
static bool fit_together(const TimbrelMethod* encode, const TimbrelMethod* decode) {
    return encode && decode && encode->in_ratio == 1 && decode->out_ratio == 1 &&
           encode->out_channels == decode->in_channels && encode->out_ratio == decode->in_ratio;
}

const char* timbrel_methods_default(const TimbrelModelInfo* info) TIMBREL_RT {
    const TimbrelMethod* encode = timbrel_methods_find(info, "encode");
    const TimbrelMethod* decode = timbrel_methods_find(info, "decode");
    const TimbrelMethod* forward = timbrel_methods_find(info, "forward");
    if (fit_together(encode, decode)) {
        return "";
    }
    if (forward && forward->kind == TIMBREL_METHOD_SOUND) {
        return "forward";
    }
    if (encode && decode) { // a codec that is broken, not a model that measures
        return NULL;
    }
    for (TimbrelMethodKind kind = TIMBREL_METHOD_SOUND; kind <= TIMBREL_METHOD_VALUES; ++kind) {
        for (uint32_t i = 0; i < info->method_count; ++i) {
            if (info->methods[i].kind == (uint32_t)kind) {
                return info->methods[i].name;
            }
        }
    }
    return NULL;
}

/// snprintf() behind what `text` holds, cut to what fits.
__attribute__((format(printf, 3, 4))) static void append(char* text, size_t size,
                                                         const char* format, ...) {
    const size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, just above
    (void)vsnprintf(text + length, size - length, format, arguments);
    va_end(arguments);
}

static void describe(const TimbrelMethod* method, char text[described_size]) {
    (void)snprintf(text, described_size, "%s (%u x 1/%u to %u x 1/%u)", method->name,
                   method->in_channels, method->in_ratio, method->out_channels, method->out_ratio);
}

/// ", which has invert, saturate and rms" or the like: what can be asked for.
static void list_playable(const TimbrelModelInfo* info, char* text, size_t size) {
    uint32_t left = 0;
    for (uint32_t i = 0; i < info->method_count; ++i) {
        left += info->methods[i].kind != TIMBREL_METHOD_OTHER;
    }
    append(text, size, left > 0 ? "it has " : "it has none that can be played");
    for (uint32_t i = 0; i < info->method_count; ++i) {
        if (info->methods[i].kind != TIMBREL_METHOD_OTHER) {
            --left;
            append(text, size, "%s%s", info->methods[i].name,
                   left > 1 ? ", " : (left == 1 ? " and " : ""));
        }
    }
}

static bool choose_one(TimbrelModelInfo* info, const char* wanted, char* problem, size_t size) {
    const TimbrelMethod* method = timbrel_methods_find(info, wanted);
    if (!method || method->kind == TIMBREL_METHOD_OTHER) {
        char described[described_size];
        if (method) {
            describe(method, described);
            (void)snprintf(problem, size,
                           "its method %s does not take one sound and give sound or "
                           "values; ",
                           described);
        } else {
            (void)snprintf(problem, size, "it has no method called %.63s; ", wanted);
        }
        list_playable(info, problem, size);
        return false;
    }
    const bool values = method->kind == TIMBREL_METHOD_VALUES;
    info->play_mode = values ? TIMBREL_PLAY_VALUES : TIMBREL_PLAY_FORWARD;
    (void)snprintf(info->method, sizeof info->method, "%s", method->name);
    info->in_channels = method->in_channels;
    info->out_channels = values ? method->in_channels : method->out_channels;
    info->latents = values ? method->out_channels : 0;
    info->ratio = method->out_ratio;
    // forward hides how long its shortest call is: another method's ratio tells.
    for (uint32_t i = 0; strcmp(wanted, "forward") == 0 && i < info->method_count; ++i) {
        const uint32_t in = info->methods[i].in_ratio;
        const uint32_t out = info->methods[i].out_ratio;
        info->ratio = in > info->ratio ? in : info->ratio;
        info->ratio = out > info->ratio ? out : info->ratio;
    }
    return true;
}

static void choose_codec(TimbrelModelInfo* info) {
    const TimbrelMethod* encode = timbrel_methods_find(info, "encode");
    info->play_mode = TIMBREL_PLAY_ENCODE_DECODE;
    info->method[0] = '\0';
    info->in_channels = encode->in_channels;
    info->out_channels = timbrel_methods_find(info, "decode")->out_channels;
    info->latents = encode->out_channels;
    info->ratio = encode->out_ratio;
}

/// Why a model without a default cannot be played.
static void explain(const TimbrelModelInfo* info, char* problem, size_t size) {
    const TimbrelMethod* encode = timbrel_methods_find(info, "encode");
    const TimbrelMethod* decode = timbrel_methods_find(info, "decode");
    const TimbrelMethod* forward = timbrel_methods_find(info, "forward");
    char first[described_size];
    char second[described_size];
    if (encode && decode) {
        describe(encode, first);
        describe(decode, second);
        (void)snprintf(problem, size, "it cannot be played, as its %s and %s do not fit together",
                       first, second);
    } else if (forward || info->method_count > 0) {
        describe(forward ? forward : &info->methods[0], first);
        (void)snprintf(
            problem, size,
            "it cannot be played, as its %s does not take one sound and give sound or values",
            first);
    } else {
        (void)snprintf(
            problem, size,
            "it cannot be played, as it has no methods; choose a model that was exported "
            "for nn~ or RAVE");
    }
}

static bool in_range(const char* what, uint32_t value, uint32_t most, char* problem, size_t size) {
    if (value >= 1 && value <= most) {
        return true;
    }
    (void)snprintf(problem, size, "it cannot be played, as it has %u %s, not 1 to %u", value, what,
                   most);
    return false;
}

bool timbrel_methods_choose(TimbrelModelInfo* info, const char* wanted, char* problem,
                            size_t size) {
    const char* chosen = wanted[0] ? wanted : timbrel_methods_default(info);
    if (!chosen) {
        explain(info, problem, size);
        return false;
    }
    if (!chosen[0]) {
        choose_codec(info);
    } else if (!choose_one(info, chosen, problem, size)) {
        return false;
    }
    if (!in_range("channels in", info->in_channels, TIMBREL_MAX_CHANNELS, problem, size) ||
        !in_range("channels out", info->out_channels, TIMBREL_MAX_CHANNELS, problem, size) ||
        (info->play_mode != TIMBREL_PLAY_FORWARD &&
         !in_range("latents", info->latents, TIMBREL_MAX_LATENTS, problem, size))) {
        return false;
    }
    if (info->ratio >= 1 && info->ratio <= TIMBREL_MAX_RATIO &&
        (info->ratio & (info->ratio - 1)) == 0) {
        return true;
    }
    (void)snprintf(problem, size,
                   "it cannot be played, as its ratio is %u, not a power of two up to %u",
                   info->ratio, (uint32_t)TIMBREL_MAX_RATIO);
    return false;
}

const char* timbrel_methods_step(const TimbrelModelInfo* info, TimbrelStep step) {
    switch (info->play_mode) {
    case TIMBREL_PLAY_ENCODE_DECODE:
        return step == TIMBREL_STEP_ENCODE ? "encode"
                                           : (step == TIMBREL_STEP_DECODE ? "decode" : NULL);
    case TIMBREL_PLAY_VALUES:
        return step == TIMBREL_STEP_ENCODE ? info->method : NULL;
    default:
        return step == TIMBREL_STEP_FORWARD ? info->method : NULL;
    }
}

void timbrel_methods_note(const TimbrelModelInfo* info, const char* name, char* text, size_t size) {
    const bool forward = strcmp(info->method, "forward") == 0;
    const char* usual = timbrel_methods_default(info);
    text[0] = '\0';
    if (forward && usual && strcmp(usual, "forward") == 0) {
        append(text, size,
               "The model %s has no encode and decode, so it plays without latent controls. ",
               name);
    } else if (info->method[0] && !forward && usual && strcmp(usual, info->method) == 0) {
        append(text, size,
               "The model %s has no encode and decode, and no forward: its method %s plays. ", name,
               info->method);
    }
    if (info->play_mode == TIMBREL_PLAY_VALUES) {
        append(text, size,
               "The method %s gives values, not sound: the latents show them, and the sound passes "
               "dry. ",
               info->method);
    } else if (info->in_channels > 2 || info->out_channels > 2) {
        append(
            text, size,
            "The model %s takes %u channels and gives %u: left and right go in by turns, and the "
            "first two that come out are heard. ",
            name, info->in_channels, info->out_channels);
    }
    const size_t length = strlen(text);
    if (length > 0 && text[length - 1] == ' ') {
        text[length - 1] = '\0';
    }
}
