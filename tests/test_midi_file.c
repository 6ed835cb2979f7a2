// SPDX-License-Identifier: ISC
// MIDI files: what is read of them, and that no damage does harm.
#include "check.h"
#include "cli/midi_file.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint8_t bytes[512];
    size_t size;
} Made;

static void put(Made* made, const void* bytes, size_t size) {
    memcpy(made->bytes + made->size, bytes, size);
    made->size += size;
}

static void put_head(Made* made, uint8_t type, uint8_t tracks, uint8_t division_high,
                     uint8_t division_low) {
    const uint8_t head[] = {'M',  'T', 'h',    'd',           0,           0, 0, 6, 0,
                            type, 0,   tracks, division_high, division_low};
    put(made, head, sizeof head);
}

static void put_track(Made* made, const void* bytes, uint8_t size) {
    const uint8_t head[] = {'M', 'T', 'r', 'k', 0, 0, 0, size};
    put(made, head, sizeof head);
    put(made, bytes, size);
}

#define PUT_TRACK(MADE, ...)                                                                       \
    do {                                                                                           \
        static const uint8_t track[] = {__VA_ARGS__};                                              \
        put_track((MADE), track, sizeof track);                                                    \
    } while (0)

/// 96 ticks a beat; 120 to the minute, from beat 4 on 97.3; 3/4, later 6/8; two tracks.
static Made make_song(void) {
    Made song = {.size = 0};
    put_head(&song, 1, 2, 0, 96);
    PUT_TRACK(&song, 0, 0xff, 0x58, 4, 3, 2, 24, 8,     // 3/4
              0x83, 0x00, 0xff, 0x51, 3, 9, 0x68, 0x92, // After 384 ticks: 616594 us
              0, 0xff, 0x58, 4, 6, 3, 24, 8,            // At once: 6/8
              0, 0xff, 0x2f, 0);
    PUT_TRACK(&song, 0, 0xff, 3, 2, 'h', 'i', // A name
              0, 0xc1, 5,                     // Program 5, channel 2
              96, 0x90, 60, 100,              // Beat 1
              96, 60, 0,                      // Beat 2, by the running status
              0, 0xf0, 3, 1, 2, 0xf7,         // Exclusive
              0x83, 0x00, 0xe0, 0, 96,        // Beat 6
              0, 0xff, 0x2f, 0);
    return song;
}

static TimbrelStatus parse(MidiFile* file, const Made* made, TimbrelError* error) {
    uint8_t* exact = malloc(made->size + 1); // So that a sanitizer sees what is read too far
    const size_t size = made->size;
    uint8_t* bytes = exact ? exact + 1 : NULL;
    if (!bytes) {
        abort();
    }
    memcpy(bytes, made->bytes, size);
    const TimbrelStatus status = midi_file_parse(file, "a.mid", bytes, size, error);
    free(exact);
    return status;
}

static bool near(double a, double b) {
    return fabs(a - b) < 1e-9;
}

static int test_song(void) {
    const Made song = make_song();
    MidiFile file;
    CHECK(parse(&file, &song, NULL) == TIMBREL_OK);
    CHECK(file.message_count == 4 && file.tempo_count == 2);
    const MidiTempo* tempi = file.tempi;
    CHECK(near(tempi[0].seconds, 0.0) && near(tempi[0].beats_per_minute, 120.0));
    CHECK(near(tempi[0].beats_per_bar, 3.0) && near(tempi[0].beat, 0.0));
    const double slow = 60e6 / 616594.0;
    CHECK(near(tempi[1].seconds, 2.0) && near(tempi[1].beats_per_minute, slow));
    CHECK(near(tempi[1].beats_per_bar, 3.0) && near(tempi[1].beat, 4.0));
    const MidiMessage* messages = file.messages;
    CHECK(near(messages[0].seconds, 0.0) && memcmp(messages[0].bytes, "\xc1\x05\x00", 3) == 0);
    CHECK(near(messages[1].seconds, 0.5) && memcmp(messages[1].bytes, "\x90\x3c\x64", 3) == 0);
    CHECK(near(messages[2].seconds, 1.0) && memcmp(messages[2].bytes, "\x90\x3c\x00", 3) == 0);
    CHECK(near(messages[3].seconds, 2.0 + 2.0 * 0.616594));
    CHECK(memcmp(messages[3].bytes, "\xe0\x00\x60", 3) == 0);
    midi_file_free(&file);
    return 0;
}

/// Ticks of seconds: 25 frames of 40 ticks.
static int test_time_code(void) {
    Made made = {.size = 0};
    MidiFile file;
    put_head(&made, 0, 1, 256 - 25, 40);
    PUT_TRACK(&made, 0x87, 0x68, 0xb0, 1, 127); // After 1000 ticks
    CHECK(parse(&file, &made, NULL) == TIMBREL_OK);
    CHECK(file.message_count == 1 && near(file.messages[0].seconds, 1.0));
    CHECK(file.tempo_count == 1);
    midi_file_free(&file);
    return 0;
}

static bool refuses(const Made* made, const char* why) {
    MidiFile file;
    TimbrelError error = {0};
    return parse(&file, made, &error) != TIMBREL_OK && strstr(error.message, why) &&
           strstr(error.message, "a.mid") && !file.messages;
}

static int test_refused(void) {
    Made made = {.size = 0};
    CHECK(refuses(&made, "no Standard MIDI File"));
    put_head(&made, 2, 1, 0, 96);
    CHECK(refuses(&made, "type 2"));
    made.size = 0;
    put_head(&made, 0, 1, 0, 0);
    CHECK(refuses(&made, "damaged"));
    made.size = 0;
    put_head(&made, 0, 1, 0, 96);
    CHECK(refuses(&made, "before its last track"));
    const size_t head = made.size;
    PUT_TRACK(&made, 0, 60, 100); // No status yet
    CHECK(refuses(&made, "damaged"));
    made.size = head;
    PUT_TRACK(&made, 0, 0x90, 60);
    CHECK(refuses(&made, "middle"));
    made.size = head;
    PUT_TRACK(&made, 0, 0x90, 60, 0x90);
    CHECK(refuses(&made, "damaged"));
    made.size = head;
    PUT_TRACK(&made, 0, 0xff, 0x51, 3, 0, 0, 0);
    CHECK(refuses(&made, "tempo"));
    made.size = head;
    PUT_TRACK(&made, 0, 0xff, 0x58, 4, 0, 2, 24, 8);
    CHECK(refuses(&made, "time signature"));
    return 0;
}

/// Cut anywhere it is refused; changed anywhere it does no harm, and what is read is in order.
static int test_damage(void) {
    const Made song = make_song();
    uint32_t seed = 1;
    MidiFile file;
    for (size_t size = 0; size < song.size; ++size) {
        Made cut = song;
        cut.size = size;
        CHECK(parse(&file, &cut, NULL) != TIMBREL_OK);
    }
    for (int i = 0; i < 20000; ++i) {
        static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0x90, 0xc0, 0xf0, 0xf7, 0xff};
        Made changed = song;
        for (int k = 0; k <= i % 4; ++k) {
            seed = seed * 1664525u + 1013904223u;
            changed.bytes[(seed >> 8) % song.size] = odd[(seed >> 24) % sizeof odd];
        }
        if (parse(&file, &changed, NULL) == TIMBREL_OK) {
            for (size_t m = 1; m < file.message_count; ++m) {
                CHECK(file.messages[m - 1].seconds <= file.messages[m].seconds);
            }
            for (size_t t = 1; t < file.tempo_count; ++t) {
                CHECK(file.tempi[t - 1].seconds < file.tempi[t].seconds);
            }
            midi_file_free(&file);
        }
    }
    return 0;
}

int main(void) {
    return test_song() || test_time_code() || test_refused() || test_damage();
}
