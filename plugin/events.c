// SPDX-License-Identifier: ISC
#include "events.h"

#include "atoms.h"

#include <math.h>
#include <string.h>

bool timbrel_events_takes(const TimbrelEvents* events, const LV2_Atom* body) TIMBREL_RT {
    const LV2_Atom_Object* object = (const LV2_Atom_Object*)body;
    return body->type == events->uris->midi_event ||
           (body->type == events->uris->atom_object && body->size >= sizeof object->body &&
            object->body.otype == events->uris->time_position);
}

/// What the position tells of `key`; `value` stays if it tells nothing, or no number.
static void update(const TimbrelEvents* events, const LV2_Atom_Object* position, LV2_URID key,
                   double* value) {
    const LV2_Atom* atom = timbrel_atom_property(position, key);
    double number = 0;
    if (atom && timbrel_atom_number(events->uris, atom, &number) && isfinite(number)) {
        *value = number;
    }
}

static void follow(TimbrelEvents* events, const LV2_Atom_Object* position) {
    const TimbrelUris* uris = events->uris;
    TimbrelTransport* transport = &events->transport;
    double speed = (double)transport->speed;
    double tempo = (double)transport->beats_per_minute;
    double meter = (double)transport->beats_per_bar;
    update(events, position, uris->time_speed, &speed);
    update(events, position, uris->time_beats_per_minute, &tempo);
    update(events, position, uris->time_beats_per_bar, &meter);
    transport->speed = (float)speed;
    transport->beats_per_minute = (float)tempo;
    transport->beats_per_bar = (float)meter;
    // Most hosts tell the bar and the beat in it, some the beat since the beginning.
    double bar = (double)NAN;
    double in_bar = (double)NAN;
    update(events, position, uris->time_bar, &bar);
    update(events, position, uris->time_bar_beat, &in_bar);
    const double beat = bar * meter + in_bar;
    transport->beat = beat;
    update(events, position, uris->time_beat, &transport->beat);
}

void timbrel_events_add(TimbrelEvents* events, const LV2_Atom* body, uint32_t time) TIMBREL_RT {
    TimbrelEvent* event = &events->list[events->count];
    *event = (TimbrelEvent){.time = time};
    if (body->type == events->uris->midi_event) {
        const uint8_t* message = (const uint8_t*)(body + 1);
        if (body->size < 1 || body->size > 3 || message[0] < 0x80) {
            return;
        }
        event->kind = TIMBREL_EVENT_MIDI;
        memcpy(event->is.midi, message, body->size);
    } else {
        follow(events, (const LV2_Atom_Object*)body);
        event->kind = TIMBREL_EVENT_TRANSPORT;
        event->is.transport = events->transport;
    }
    ++events->count;
}
