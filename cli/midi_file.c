// SPDX-License-Identifier: ISC
#include "midi_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Bytes that are still to be read.
typedef struct {
    const uint8_t* at;
    const uint8_t* end;
} Bytes;

typedef enum { ITEM_MESSAGE, ITEM_TEMPO, ITEM_METER } ItemKind;

/// What is kept of a track's event.
typedef struct {
    uint64_t tick;
    uint32_t order; // In the file, for those of one tick
    ItemKind kind;
    union {
        uint8_t message[3];
        uint32_t microseconds; // A quarter note
        double beats_per_bar;
    } is;
} Item;

typedef struct {
    Item* items;
    size_t count;
    size_t room;
    uint32_t ticks_per_beat; // 0: ticks are of seconds
    double tick_seconds;     // Where they are
    uint32_t tracks;         // Announced
    const char* problem;     // The end of "The MIDI file NAME ..."; NULL: none so far
    bool no_memory;
} Reader;

static const char* const cut_off = "ends in the middle of a track";
static const char* const damaged = "is damaged";
static const double default_tempo = 120.0;
static const double default_meter = 4.0;

static bool fail(Reader* reader, const char* problem) {
    reader->problem = problem;
    return false;
}

static size_t left(const Bytes* bytes) {
    return (size_t)(bytes->end - bytes->at);
}

static bool take(Reader* reader, Bytes* bytes, size_t count, const uint8_t** taken) {
    if (left(bytes) < count) {
        return fail(reader, cut_off);
    }
    *taken = bytes->at;
    bytes->at += count;
    return true;
}

static uint32_t big_endian(const uint8_t* bytes, size_t count) {
    uint32_t number = 0;
    for (size_t i = 0; i < count; ++i) {
        number = number << 8 | bytes[i];
    }
    return number;
}

/// A number of seven bits a byte, the last of which is below 128.
static bool take_length(Reader* reader, Bytes* bytes, uint32_t* length) {
    *length = 0;
    for (int i = 0; i < 4; ++i) {
        const uint8_t* byte = NULL;
        if (!take(reader, bytes, 1, &byte)) {
            return false;
        }
        *length = *length << 7 | (*byte & 0x7f);
        if (*byte < 0x80) {
            return true;
        }
    }
    return fail(reader, damaged);
}

static bool add(Reader* reader, Item item) {
    if (reader->count == reader->room) {
        const size_t room = reader->room ? 2 * reader->room : 256;
        Item* items = realloc(reader->items, room * sizeof *items);
        if (!items) {
            reader->no_memory = true;
            return false;
        }
        reader->items = items;
        reader->room = room;
    }
    item.order = (uint32_t)reader->count;
    reader->items[reader->count++] = item;
    return true;
}

static bool add_tempo(Reader* reader, uint64_t tick, const uint8_t* data, uint32_t length) {
    const uint32_t microseconds = length == 3 ? big_endian(data, 3) : 0;
    if (microseconds == 0) {
        return fail(reader, "holds a tempo that is none");
    }
    return add(reader, (Item){.tick = tick, .kind = ITEM_TEMPO, .is.microseconds = microseconds});
}

static bool add_meter(Reader* reader, uint64_t tick, const uint8_t* data, uint32_t length) {
    if (length < 2 || data[0] == 0 || data[1] > 8) {
        return fail(reader, "holds a time signature that is none");
    }
    const double beats = (double)data[0] * 4.0 / (double)(1u << data[1]);
    return add(reader, (Item){.tick = tick, .kind = ITEM_METER, .is.beats_per_bar = beats});
}

static bool read_meta(Reader* reader, Bytes* track, uint64_t tick) {
    const uint8_t* type = NULL;
    const uint8_t* data = NULL;
    uint32_t length = 0;
    if (!take(reader, track, 1, &type) || !take_length(reader, track, &length) ||
        !take(reader, track, length, &data)) {
        return false;
    }
    switch (*type) {
    case 0x51:
        return add_tempo(reader, tick, data, length);
    case 0x58:
        return add_meter(reader, tick, data, length);
    case 0x2f: // End of the track
        track->at = track->end;
        return true;
    default:
        return true;
    }
}

static bool read_message(Reader* reader, Bytes* track, uint64_t tick, uint8_t status) {
    const uint8_t kind = status & 0xf0;
    const size_t count = kind == 0xc0 || kind == 0xd0 ? 1 : 2;
    const uint8_t* data = NULL;
    if (status < 0x80 || kind == 0xf0) {
        return fail(reader, damaged);
    }
    if (!take(reader, track, count, &data)) {
        return false;
    }
    if (data[0] > 127 || data[count - 1] > 127) {
        return fail(reader, damaged);
    }
    return add(reader, (Item){.tick = tick,
                              .kind = ITEM_MESSAGE,
                              .is.message = {status, data[0], count == 2 ? data[1] : 0}});
}

static bool skip_exclusive(Reader* reader, Bytes* track) {
    const uint8_t* data = NULL;
    uint32_t length = 0;
    return take_length(reader, track, &length) && take(reader, track, length, &data);
}

static bool read_track(Reader* reader, Bytes track) {
    uint64_t tick = 0;
    uint8_t status = 0; // Holds until another one comes
    bool good = true;
    while (good && track.at < track.end) {
        uint32_t delta = 0;
        if (!take_length(reader, &track, &delta)) {
            return false;
        }
        tick += delta;
        const uint8_t first = left(&track) > 0 ? *track.at : 0;
        track.at += first >= 0x80 ? 1 : 0;
        if (first == 0xff) {
            good = read_meta(reader, &track, tick);
        } else if (first == 0xf0 || first == 0xf7) {
            good = skip_exclusive(reader, &track);
        } else {
            status = first >= 0x80 ? first : status;
            good = read_message(reader, &track, tick, status);
        }
    }
    return good;
}

static bool read_division(Reader* reader, uint32_t division) {
    if (division < 0x8000) {
        reader->ticks_per_beat = division;
        return division > 0 || fail(reader, damaged);
    }
    const uint32_t frames = 256 - (division >> 8);
    const uint32_t ticks = division & 0xff;
    if (ticks == 0 || (frames != 24 && frames != 25 && frames != 29 && frames != 30)) {
        return fail(reader, damaged);
    }
    const double rate = frames == 29 ? 30000.0 / 1001.0 : (double)frames;
    reader->tick_seconds = 1.0 / rate / (double)ticks;
    return true;
}

static bool read_head(Reader* reader, Bytes* bytes) {
    enum { HEAD = 14 };
    const uint8_t* head = bytes->at;
    if (left(bytes) < HEAD || memcmp(head, "MThd", 4) != 0) {
        return fail(reader, "is no Standard MIDI File");
    }
    const uint32_t length = big_endian(head + 4, 4);
    if (length < 6 || length > left(bytes) - 8) {
        return fail(reader, damaged);
    }
    if (big_endian(head + 8, 2) > 1) {
        return fail(reader, "holds tracks that do not belong together (type 2)");
    }
    reader->tracks = big_endian(head + 10, 2);
    bytes->at += 8 + length;
    return read_division(reader, big_endian(head + 12, 2));
}

static bool read_tracks(Reader* reader, Bytes bytes) {
    enum { CHUNK_HEAD = 8 };
    uint32_t tracks = 0;
    while (left(&bytes) >= CHUNK_HEAD) {
        const uint32_t length = big_endian(bytes.at + 4, 4);
        const bool is_track = memcmp(bytes.at, "MTrk", 4) == 0;
        const uint8_t* data = NULL;
        bytes.at += CHUNK_HEAD;
        if (!take(reader, &bytes, length, &data)) {
            return false;
        }
        if (is_track && !read_track(reader, (Bytes){data, data + length})) {
            return false;
        }
        tracks += is_track;
    }
    return tracks >= reader->tracks || fail(reader, "ends before its last track");
}

static int compare(const void* a, const void* b) {
    const Item* first = a;
    const Item* second = b;
    if (first->tick != second->tick) {
        return first->tick < second->tick ? -1 : 1;
    }
    return first->order < second->order ? -1 : first->order > second->order;
}

/// A tempo that holds from `seconds` on; another one at the same time is replaced.
static MidiTempo* next_tempo(MidiFile* file, double seconds, double beat) {
    MidiTempo* last = &file->tempi[file->tempo_count - 1];
    if (last->seconds < seconds) {
        last[1] = *last;
        ++last;
        ++file->tempo_count;
    }
    last->seconds = seconds;
    last->beat = beat;
    return last;
}

static void place(const Reader* reader, MidiFile* file) {
    uint64_t tick = 0;
    double seconds = 0.0;
    double beat = 0.0;
    file->tempi[0] = (MidiTempo){.beats_per_minute = default_tempo, .beats_per_bar = default_meter};
    file->tempo_count = 1;
    for (const Item* item = reader->items; item < reader->items + reader->count; ++item) {
        const double ticks = (double)(item->tick - tick);
        const double per_second = file->tempi[file->tempo_count - 1].beats_per_minute / 60.0;
        if (reader->ticks_per_beat) {
            const double beats = ticks / (double)reader->ticks_per_beat;
            beat += beats;
            seconds += beats / per_second;
        } else {
            seconds += ticks * reader->tick_seconds;
            beat += ticks * reader->tick_seconds * per_second;
        }
        tick = item->tick;
        if (item->kind == ITEM_TEMPO) {
            next_tempo(file, seconds, beat)->beats_per_minute =
                60e6 / (double)item->is.microseconds;
        } else if (item->kind == ITEM_METER) {
            next_tempo(file, seconds, beat)->beats_per_bar = item->is.beats_per_bar;
        } else {
            MidiMessage* message = &file->messages[file->message_count++];
            message->seconds = seconds;
            memcpy(message->bytes, item->is.message, sizeof message->bytes);
        }
    }
}

static bool make(Reader* reader, MidiFile* file) {
    size_t tempi = 1;
    for (size_t i = 0; i < reader->count; ++i) {
        tempi += reader->items[i].kind != ITEM_MESSAGE;
    }
    file->messages = calloc(reader->count + 1, sizeof *file->messages);
    file->tempi = calloc(tempi, sizeof *file->tempi);
    if (!file->messages || !file->tempi) {
        reader->no_memory = true;
        midi_file_free(file);
        return false;
    }
    if (reader->count > 0) {
        qsort(reader->items, reader->count, sizeof *reader->items, compare);
    }
    place(reader, file);
    return true;
}

TimbrelStatus midi_file_parse(MidiFile* file, const char* name, const uint8_t* bytes, size_t size,
                              TimbrelError* error) {
    Reader reader = {0};
    Bytes all = {bytes, bytes + size};
    *file = (MidiFile){0};
    const bool good = read_head(&reader, &all) && read_tracks(&reader, all) && make(&reader, file);
    free(reader.items);
    if (good) {
        return TIMBREL_OK;
    }
    if (reader.no_memory) {
        return timbrel_error_no_memory(error);
    }
    return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                             "The MIDI file \"%s\" %s; export it anew, as type 0 or 1.", name,
                             reader.problem);
}

static TimbrelStatus read_stream(MidiFile* file, const char* path, FILE* stream,
                                 TimbrelError* error) {
    uint8_t* bytes = malloc(MIDI_FILE_LARGEST + 1);
    if (!bytes) {
        return timbrel_error_no_memory(error);
    }
    errno = 0;
    const size_t size = fread(bytes, 1, MIDI_FILE_LARGEST + 1, stream);
    TimbrelStatus status = TIMBREL_OK;
    if (ferror(stream)) {
        status = timbrel_error_set(error, TIMBREL_IO_ERROR,
                                   "The MIDI file \"%s\" cannot be read (%s); check it.", path,
                                   strerror(errno));
    } else if (size > MIDI_FILE_LARGEST) {
        status = timbrel_error_set(
            error, TIMBREL_BAD_ARGUMENT,
            "The MIDI file \"%s\" is larger than 16 MiB; choose a smaller one.", path);
    } else {
        status = midi_file_parse(file, path, bytes, size, error);
    }
    free(bytes);
    return status;
}

TimbrelStatus midi_file_read(MidiFile* file, const char* path, TimbrelError* error) {
    *file = (MidiFile){0};
    FILE* stream = fopen(path, "rbe");
    if (!stream) {
        return timbrel_error_set(error, TIMBREL_NOT_FOUND,
                                 "The MIDI file \"%s\" cannot be opened (%s); check its path.",
                                 path, strerror(errno));
    }
    const TimbrelStatus status = read_stream(file, path, stream, error);
    (void)fclose(stream);
    return status;
}

void midi_file_free(MidiFile* file) {
    free(file->messages);
    free(file->tempi);
    *file = (MidiFile){0};
}
