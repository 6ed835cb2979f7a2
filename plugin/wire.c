// SPDX-License-Identifier: ISC
#include "wire.h"
#include "engine/base/rt.h"

#include <string.h>

_Static_assert(sizeof(TimbrelWire) <= TIMBREL_WIRE_SIZE, "a message is larger than allowed");

size_t timbrel_wire_text_size(size_t length) TIMBREL_RT {
    return offsetof(TimbrelWireText, text) + length + 1;
}

size_t timbrel_wire_meters_size(uint32_t latents) TIMBREL_RT {
    return offsetof(TimbrelWireMeters, values) + 2 * (size_t)latents * sizeof(float);
}

size_t timbrel_wire_scope_size(uint32_t frames) TIMBREL_RT {
    return offsetof(TimbrelWireScope, samples) + frames * sizeof(int16_t);
}

void timbrel_wire_text(TimbrelWireText* message, TimbrelWireType type, uint32_t kind,
                       const char* text) TIMBREL_RT {
    const char* end = memchr(text, 0, sizeof message->text - 1);
    const size_t length = end ? (size_t)(end - text) : sizeof message->text - 1;
    timbrel_wire_head(message, type, timbrel_wire_text_size(length));
    message->kind = kind;
    memcpy(message->text, text, length);
    message->text[length] = '\0';
}

static bool ended(const char* text, size_t size) {
    return memchr(text, '\0', size) != NULL;
}

static bool text_valid(const TimbrelWireText* message, size_t size) {
    const size_t start = offsetof(TimbrelWireText, text);
    return size > start && size <= sizeof *message && ended(message->text, size - start) &&
           message->kind < TIMBREL_TEXT_COUNT;
}

static bool latent_valid(const TimbrelWireLatent* message) {
    return message->index < TIMBREL_MAX_LATENTS && ended(message->label, sizeof message->label) &&
           ended(message->meaning.unit, sizeof message->meaning.unit);
}

static bool attribute_valid(const TimbrelWireAttribute* message) {
    const TimbrelAttribute* attribute = &message->attribute;
    return ended(attribute->name, sizeof attribute->name) &&
           ended(attribute->value, sizeof attribute->value) &&
           attribute->count <= TIMBREL_MAX_ATTRIBUTE_VALUES &&
           message->index < TIMBREL_MAX_ATTRIBUTES;
}

static bool meters_valid(const TimbrelWireMeters* message, size_t size) {
    return size >= timbrel_wire_meters_size(0) && message->latents <= TIMBREL_MAX_LATENTS &&
           message->channels <= 2 && size == timbrel_wire_meters_size(message->latents);
}

static bool scope_valid(const TimbrelWireScope* message, size_t size) {
    return size >= timbrel_wire_scope_size(0) && message->frames <= TIMBREL_WIRE_SCOPE_FRAMES &&
           size == timbrel_wire_scope_size(message->frames);
}

static bool status_valid(const TimbrelWireStatus* message) {
    return message->latents <= TIMBREL_MAX_LATENTS && message->rate > 0;
}

bool timbrel_wire_valid(const void* data, size_t size) TIMBREL_RT {
    const TimbrelWire* message = data;
    if (size < sizeof message->head || message->head.version != TIMBREL_WIRE_VERSION ||
        message->head.size != size) {
        return false;
    }
    switch ((TimbrelWireType)message->head.type) {
    case TIMBREL_WIRE_CLEAR_LATE:
    case TIMBREL_WIRE_MEASURE:
        return size == sizeof message->head;
    case TIMBREL_WIRE_HELLO:
        return size == sizeof message->hello;
    case TIMBREL_WIRE_LOAD:
    case TIMBREL_WIRE_SET_METHOD:
    case TIMBREL_WIRE_TEXT:
        return text_valid(&message->text, size);
    case TIMBREL_WIRE_LATENT:
        return size == sizeof message->latent && latent_valid(&message->latent);
    case TIMBREL_WIRE_SET_ATTRIBUTE:
    case TIMBREL_WIRE_ATTRIBUTE:
        return size == sizeof message->attribute && attribute_valid(&message->attribute);
    case TIMBREL_WIRE_METERS:
        return meters_valid(&message->meters, size);
    case TIMBREL_WIRE_SCOPE:
        return scope_valid(&message->scope, size);
    case TIMBREL_WIRE_STATUS:
        return size == sizeof message->status && status_valid(&message->status);
    case TIMBREL_WIRE_TOLD:
        return size == sizeof message->told;
    case TIMBREL_WIRE_PORT:
    case TIMBREL_WIRE_TOUCH:
        return size == sizeof message->port;
    case TIMBREL_WIRE_KEY:
        return size == sizeof message->key;
    }
    return false;
}

bool timbrel_wire_foreign(const void* data, size_t size) TIMBREL_RT {
    const TimbrelWireHead* head = data;
    return size >= sizeof *head && head->version != TIMBREL_WIRE_VERSION && head->size == size;
}
