// SPDX-License-Identifier: ISC
// What a hostile child process may say of a model is either made harmless or refused.
#include "check.h"
#include "engine/model/validate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static TimbrelModelInfo good(void) {
    TimbrelModelInfo info;
    memset(&info, 0, sizeof info);
    info.rate = 44100.0;
    info.in_channels = info.out_channels = 1;
    info.latents = 8;
    info.ratio = 2048;
    info.method_count = 2;
    info.attribute_count = 1;
    info.attributes[0].count = 1;
    return info;
}

static int test_text(void) {
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"plain", "plain"},
        {"", ""},
        {"a\nb\x7f", "a?b?"},
        {"\xc3\xa9", "\xc3\xa9"},                 // e acute
        {"\xe2\x82\xac", "\xe2\x82\xac"},         // euro sign
        {"\xf0\x9f\x8e\xb5", "\xf0\x9f\x8e\xb5"}, // a note
        {"\xc0\xaf", "??"},                       // overlong
        {"\xe0\x80\xaf", "???"},                  // overlong
        {"\xed\xa0\x80", "???"},                  // surrogate
        {"\xf4\x90\x80\x80", "????"},             // above U+10FFFF
        {"\xc2\x85", "??"},                       // control character
        {"\xff\xfe", "??"},
        {"abc\xe2\x82", "abc??"}, // cut short
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[16] = "";
        memcpy(text, cases[i].from, strlen(cases[i].from));
        timbrel_validate_text(text, sizeof text);
        CHECK(strcmp(text, cases[i].to) == 0);
    }
    char full[6];
    memset(full, 'x', sizeof full);
    timbrel_validate_text(full, sizeof full);
    CHECK(memcmp(full, "xxxxx", 6) == 0);
    memcpy(full, "1234\xc3\xa9", 6); // its end would be cut
    timbrel_validate_text(full, sizeof full);
    CHECK(memcmp(full, "1234?", 6) == 0);
    memcpy(full, "1\0junk", 6); // what lies behind the end is not kept
    timbrel_validate_text(full, sizeof full);
    CHECK(memcmp(full, "1\0\0\0\0\0", 6) == 0);
    return 0;
}

/// What a latent cannot mean is taken for a normal one.
static int test_meanings(void) {
    TimbrelModelInfo info = good();
    const TimbrelLatentMeaning pitch = {TIMBREL_LATENT_PITCH, 12.0f, 60.0f, "note"};
    for (uint32_t i = 0; i < 10; i++) {
        info.latent_meanings[i] = pitch;
    }
    info.latent_meanings[1].kind = TIMBREL_LATENT_MEASURED + 1;
    info.latent_meanings[2].scale = 0.0f;
    info.latent_meanings[3].offset = NAN;
    info.latent_meanings[4].unit[0] = '\n';
    memset(info.latent_space, 'x', sizeof info.latent_space);
    CHECK(timbrel_validate_info(&info));
    for (uint32_t i = 0; i < 10; i++) { // of which eight are there
        const bool kept = i == 0 || (i >= 4 && i < 8);
        CHECK(info.latent_meanings[i].kind ==
              (kept ? TIMBREL_LATENT_PITCH : TIMBREL_LATENT_NORMAL));
        CHECK(info.latent_meanings[i].scale == (kept ? 12.0f : 1.0f));
    }
    CHECK(strcmp(info.latent_meanings[4].unit, "?ote") == 0);
    CHECK(strlen(info.latent_space) == TIMBREL_NAME_SIZE - 1);
    return 0;
}

#define REFUSED(member, number)                                                                    \
    do {                                                                                           \
        TimbrelModelInfo bad = good();                                                             \
        bad.member = (number);                                                                     \
        CHECK(!timbrel_validate_info(&bad));                                                       \
    } while (0)

static int test_ranges(void) {
    TimbrelModelInfo info = good();
    CHECK(timbrel_validate_info(&info));
    REFUSED(method_count, TIMBREL_MAX_METHODS + 1);
    REFUSED(method_count, UINT32_MAX);
    REFUSED(attribute_count, TIMBREL_MAX_ATTRIBUTES + 1);
    REFUSED(attribute_count, UINT32_MAX);
    REFUSED(attributes[0].count, TIMBREL_MAX_ATTRIBUTE_VALUES + 1);
    REFUSED(attributes[0].types[0], TIMBREL_ATTRIBUTE_BUFFER + 1);
    REFUSED(play_mode, TIMBREL_PLAY_VALUES + 1);
    REFUSED(play_mode, TIMBREL_PLAY_VALUES); // without a method
    REFUSED(method[0], 'x');                 // beside encode and decode
    REFUSED(methods[0].kind, TIMBREL_METHOD_VALUES + 1);
    REFUSED(play_mode, TIMBREL_PLAY_FORWARD); // with latents
    REFUSED(latents, 0);
    REFUSED(latents, TIMBREL_MAX_LATENTS + 1);
    REFUSED(ratio, 0);
    REFUSED(ratio, 3);
    REFUSED(ratio, 2 * TIMBREL_MAX_RATIO);
    REFUSED(in_channels, 0);
    REFUSED(in_channels, TIMBREL_MAX_CHANNELS + 1);
    REFUSED(out_channels, 0);
    REFUSED(out_channels, UINT32_MAX);
    REFUSED(rate, (double)NAN);
    REFUSED(rate, (double)INFINITY);
    REFUSED(rate, -44100.0);
    REFUSED(rate, 0.0);
    REFUSED(rate, 1e9);
    return 0;
}

/// A block of nothing but ones, and random ones: refused or terminated everywhere, flags 0 or 1.
static int test_rubbish(void) {
    TimbrelModelInfo info;
    memset(&info, 0xff, sizeof info);
    CHECK(!timbrel_validate_info(&info));
    srand(1);
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < sizeof info; i++) {
            ((unsigned char*)&info)[i] = (unsigned char)rand();
        }
        const TimbrelModelInfo likely = good(); // numbers in range, all texts rubbish
        info.method_count = TIMBREL_MAX_METHODS;
        info.attribute_count = 1;
        info.attributes[0].count = 0;
        for (size_t i = 0; i < TIMBREL_MAX_METHODS; i++) {
            info.methods[i].kind = TIMBREL_METHOD_OTHER;
        }
        info.play_mode = TIMBREL_PLAY_VALUES;
        info.method[0] = 'm';
        info.rate = likely.rate;
        info.in_channels = info.out_channels = 1;
        info.latents = 100;
        info.ratio = 1;
        CHECK(timbrel_validate_info(&info));
        for (size_t i = 0; i < TIMBREL_MAX_METHODS; i++) {
            CHECK(memchr(info.methods[i].name, 0, TIMBREL_NAME_SIZE));
        }
        for (size_t i = 0; i < TIMBREL_MAX_ATTRIBUTES; i++) {
            CHECK(memchr(info.attributes[i].name, 0, TIMBREL_NAME_SIZE) &&
                  memchr(info.attributes[i].value, 0, TIMBREL_VALUE_SIZE));
        }
        for (size_t i = 0; i < TIMBREL_MAX_LATENTS; i++) {
            CHECK(memchr(info.latent_labels[i], 0, TIMBREL_NAME_SIZE));
        }
        CHECK(memchr(info.method, 0, TIMBREL_NAME_SIZE));
        CHECK(info.attributes[1].name[0] == '\0' && info.latent_labels[100][0] == '\0');
        CHECK(info.latent_labels[0][0] == '\0'); // they are encode's
        CHECK(info.streaming <= 1 && info.discrete <= 1 && info.has_prior <= 1 &&
              info.rate_known <= 1 && info.draws_normal <= 1 && info.draws_uniform <= 1 &&
              info.attributes[0].settable <= 1);
    }
    return 0;
}

int main(void) {
    return test_text() || test_meanings() || test_ranges() || test_rubbish();
}
