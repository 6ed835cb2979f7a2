// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_MIDI_FILE_H
#define TIMBREL_CLI_MIDI_FILE_H

#include "engine/base/status.h"

#include <stddef.h>
#include <stdint.h>

/// A Standard MIDI File (.mid): what it tells an instrument, and its tempo map. All tracks are
/// merged; text, system exclusive messages and the like are passed over.

#define MIDI_FILE_LARGEST ((size_t)16 << 20) ///< Bytes

/// A note, controller, program change, pressure or pitch bend.
typedef struct {
    double seconds;   ///< Since the file's beginning, by its tempo map
    uint8_t bytes[3]; ///< Those that the message does not have are 0
} MidiMessage;

/// From here on, to the next.
typedef struct {
    double seconds;
    double beat; ///< Quarter notes since the file's beginning
    double beats_per_minute;
    double beats_per_bar; ///< In quarter notes: 3 for 6/8
} MidiTempo;

typedef struct {
    MidiMessage* messages; ///< Sorted by time, those of one time in the order of tracks
    size_t message_count;
    MidiTempo* tempi;   ///< Sorted; the first one is at 0
    size_t tempo_count; ///< At least 1
} MidiFile;

/// Read the bytes of a file; `name` is for the sentence. On failure nothing is to be freed.
TimbrelStatus midi_file_parse(MidiFile* file, const char* name, const uint8_t* bytes, size_t size,
                              TimbrelError* error);

/// The same from a path.
TimbrelStatus midi_file_read(MidiFile* file, const char* path, TimbrelError* error);

void midi_file_free(MidiFile* file);

#endif
