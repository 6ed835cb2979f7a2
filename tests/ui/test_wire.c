// SPDX-License-Identifier: ISC
/// Nothing that is no message is taken for one.

#include "plugin/wire.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

static int test_text(void) {
    TimbrelWireText message;
    timbrel_wire_text(&message, TIMBREL_WIRE_SET_METHOD, 0, "rms");
    CHECK(timbrel_wire_valid(&message, message.head.size));
    timbrel_wire_text(&message, TIMBREL_WIRE_LOAD, 0, "choir");
    CHECK(timbrel_wire_valid(&message, message.head.size));
    CHECK(!strcmp(message.text, "choir"));
    CHECK(message.head.size == timbrel_wire_text_size(5));
    CHECK(!timbrel_wire_valid(&message, message.head.size - 1));
    CHECK(!timbrel_wire_valid(&message, message.head.size + 1));

    message.text[5] = 'x'; // no end
    CHECK(!timbrel_wire_valid(&message, message.head.size));
    message.head.size = offsetof(TimbrelWireText, text); // no text
    CHECK(!timbrel_wire_valid(&message, message.head.size));

    char longest[2 * TIMBREL_WIRE_TEXT_SIZE];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    timbrel_wire_text(&message, TIMBREL_WIRE_TEXT, TIMBREL_TEXT_MESSAGE, longest);
    CHECK(timbrel_wire_valid(&message, message.head.size));
    CHECK(strlen(message.text) == TIMBREL_WIRE_TEXT_SIZE - 1);
    message.kind = TIMBREL_TEXT_COUNT;
    CHECK(!timbrel_wire_valid(&message, message.head.size));
    return 0;
}

static int test_counts(void) {
    TimbrelWireMeters meters = {.channels = 2, .latents = TIMBREL_MAX_LATENTS};
    timbrel_wire_head(&meters, TIMBREL_WIRE_METERS, timbrel_wire_meters_size(TIMBREL_MAX_LATENTS));
    CHECK(meters.head.size == sizeof meters);
    CHECK(timbrel_wire_valid(&meters, meters.head.size));
    meters.latents = TIMBREL_MAX_LATENTS - 1; // not what the size says
    CHECK(!timbrel_wire_valid(&meters, meters.head.size));
    meters.latents = UINT32_MAX;
    CHECK(!timbrel_wire_valid(&meters, meters.head.size));

    TimbrelWireScope scope = {.frames = 3};
    timbrel_wire_head(&scope, TIMBREL_WIRE_SCOPE, timbrel_wire_scope_size(3));
    CHECK(timbrel_wire_valid(&scope, scope.head.size));
    scope.frames = 1U << 31;
    CHECK(!timbrel_wire_valid(&scope, scope.head.size));

    TimbrelWireLatent latent = {.index = TIMBREL_MAX_LATENTS - 1};
    timbrel_wire_head(&latent, TIMBREL_WIRE_LATENT, sizeof latent);
    CHECK(timbrel_wire_valid(&latent, sizeof latent));
    latent.index = TIMBREL_MAX_LATENTS;
    CHECK(!timbrel_wire_valid(&latent, sizeof latent));
    latent.index = 0;
    memset(latent.meaning.unit, 'a', sizeof latent.meaning.unit);
    CHECK(!timbrel_wire_valid(&latent, sizeof latent));

    TimbrelWireAttribute attribute = {.index = TIMBREL_MAX_ATTRIBUTES - 1};
    timbrel_wire_head(&attribute, TIMBREL_WIRE_ATTRIBUTE, sizeof attribute);
    CHECK(timbrel_wire_valid(&attribute, sizeof attribute));
    attribute.index = TIMBREL_MAX_ATTRIBUTES;
    CHECK(!timbrel_wire_valid(&attribute, sizeof attribute));
    attribute.index = 0;
    attribute.attribute.count = TIMBREL_MAX_ATTRIBUTE_VALUES + 1;
    CHECK(!timbrel_wire_valid(&attribute, sizeof attribute));
    attribute.attribute.count = 1;
    memset(attribute.attribute.value, 'a', sizeof attribute.attribute.value);
    CHECK(!timbrel_wire_valid(&attribute, sizeof attribute));
    return 0;
}

static int test_version(void) {
    TimbrelWirePort port = {.index = 7, .value = 1};
    timbrel_wire_head(&port, TIMBREL_WIRE_PORT, sizeof port);
    CHECK(timbrel_wire_valid(&port, sizeof port));
    CHECK(!timbrel_wire_foreign(&port, sizeof port));
    port.head.version++;
    CHECK(!timbrel_wire_valid(&port, sizeof port));
    CHECK(timbrel_wire_foreign(&port, sizeof port));
    CHECK(!timbrel_wire_foreign(&port, 4)); // not even a head
    port.head.version--;
    port.head.type = 999;
    CHECK(!timbrel_wire_valid(&port, sizeof port));
    return 0;
}

/// Random bytes with a plausible head never lead beyond their end (as a sanitizer sees).
static int test_noise(void) {
    srand(1);
    for (int i = 0; i < 20000; ++i) {
        const size_t size = sizeof(TimbrelWireHead) + (size_t)rand() % 600;
        unsigned char* bytes = malloc(size);
        CHECK(bytes);
        for (size_t k = 0; k < size; ++k) {
            bytes[k] = (unsigned char)rand();
        }
        timbrel_wire_head(bytes, (TimbrelWireType)(rand() % 70), size);
        const bool valid = timbrel_wire_valid(bytes, size);
        const TimbrelWireHead* head = (const void*)bytes;
        CHECK(!valid || head->size == size);
        free(bytes);
    }
    return 0;
}

int main(void) {
    CHECK(!test_text());
    CHECK(!test_counts());
    CHECK(!test_version());
    CHECK(!test_noise());
    return 0;
}
