// SPDX-License-Identifier: ISC
#include "timeline.h"

#include "message.h"
#include "midi_file.h"

#include <stdlib.h>
#include <string.h>

static const double latest = 1e15; // Sample; what comes later is never reached

static uint64_t sample_at(double seconds, double rate) {
    const double sample = seconds * rate + 0.5;
    return (uint64_t)(sample < latest ? sample : latest);
}

static void add(Timeline* timeline, uint64_t sample, TimbrelEvent event) {
    timeline->samples[timeline->count] = sample;
    timeline->events[timeline->count++] = event;
}

static void add_tempo(Timeline* timeline, const MidiTempo* tempo, double rate) {
    const uint64_t sample = sample_at(tempo->seconds, rate);
    // The sample is not quite where the file has the change.
    const double later = (double)sample / rate - tempo->seconds;
    const TimbrelTransport transport = {
        .beat = tempo->beat + later * tempo->beats_per_minute / 60.0,
        .beats_per_bar = (float)tempo->beats_per_bar,
        .beats_per_minute = (float)tempo->beats_per_minute,
        .speed = 1.0f,
    };
    add(timeline, sample,
        (TimbrelEvent){.kind = TIMBREL_EVENT_TRANSPORT, .is.transport = transport});
}

static void add_message(Timeline* timeline, const MidiMessage* message, double rate) {
    TimbrelEvent event = {.kind = TIMBREL_EVENT_MIDI};
    memcpy(event.is.midi, message->bytes, sizeof message->bytes);
    add(timeline, sample_at(message->seconds, rate), event);
}

/// Programs choose models; here that is done once and for all, and the latency with it.
static bool is_program(const MidiMessage* message) {
    return (message->bytes[0] & 0xf0) == 0xc0;
}

static void tell_programs(const MidiFile* file, const char* path) {
    for (size_t i = 0; i < file->message_count; ++i) {
        if (is_program(&file->messages[i])) {
            message("The program changes in \"%s\" are passed over: -m chooses the model.", path);
            return;
        }
    }
}

/// Both are sorted; of one sample, the tempo comes first.
static void merge(Timeline* timeline, const MidiFile* file, double rate) {
    const MidiTempo* tempo = file->tempi;
    const MidiTempo* tempo_end = tempo + file->tempo_count;
    for (size_t i = 0; i < file->message_count; ++i) {
        const uint64_t sample = sample_at(file->messages[i].seconds, rate);
        for (; tempo < tempo_end && sample_at(tempo->seconds, rate) <= sample; ++tempo) {
            add_tempo(timeline, tempo, rate);
        }
        if (!is_program(&file->messages[i])) {
            add_message(timeline, &file->messages[i], rate);
        }
    }
    for (; tempo < tempo_end; ++tempo) {
        add_tempo(timeline, tempo, rate);
    }
}

static bool make(Timeline* timeline, const MidiFile* file, double rate) {
    const size_t count = file->message_count + file->tempo_count;
    if (count == 0) {
        return true;
    }
    timeline->samples = calloc(count, sizeof *timeline->samples);
    timeline->events = calloc(count, sizeof *timeline->events);
    if (!timeline->samples || !timeline->events) {
        message_no_memory();
        timeline_free(timeline);
        return false;
    }
    merge(timeline, file, rate);
    return true;
}

bool timeline_open(Timeline* timeline, const TimelineConfig* config, double rate) {
    MidiFile file = {0};
    TimbrelError error = {0};
    *timeline = (Timeline){0};
    if (config->midi && midi_file_read(&file, config->midi, &error) != TIMBREL_OK) {
        message("%s", error.message);
        return false;
    }
    MidiTempo steady = {.beats_per_minute = config->tempo, .beats_per_bar = config->beats_per_bar};
    MidiFile played = file;
    if (config->tempo > 0.0) {
        played.tempi = &steady;
        played.tempo_count = 1;
    }
    const bool made = make(timeline, &played, rate);
    tell_programs(&file, config->midi);
    midi_file_free(&file);
    return made;
}

void timeline_free(Timeline* timeline) {
    free(timeline->samples);
    free(timeline->events);
    *timeline = (Timeline){0};
}

uint32_t timeline_take(Timeline* timeline, uint64_t place, uint32_t frames,
                       const TimbrelEvent** events) {
    const size_t first = timeline->next;
    size_t next = first;
    for (; next < timeline->count && timeline->samples[next] < place + frames; ++next) {
        timeline->events[next].time = (uint32_t)(timeline->samples[next] - place);
    }
    timeline->next = next;
    *events = timeline->events ? timeline->events + first : NULL;
    return (uint32_t)(next - first);
}
