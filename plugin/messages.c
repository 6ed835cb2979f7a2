// SPDX-License-Identifier: ISC
#include "messages.h"
#include "engine/base/rt.h"

#include "atoms.h"
#include "engine/base/number.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/// Whether it is for us.
static bool known(const TimbrelUris* uris, const LV2_Atom* body) {
    return body->type == uris->wire || body->type == uris->midi_event ||
           (body->type == uris->atom_object && body->size >= sizeof(LV2_Atom_Object_Body));
}

const LV2_Atom_Event* timbrel_messages_next(const TimbrelMessages* messages,
                                            const LV2_Atom_Sequence* port,
                                            const LV2_Atom_Event* event) TIMBREL_RT {
    const TimbrelUris* uris = messages->notify->uris;
    if (!port || port->atom.type != uris->atom_sequence) {
        return NULL;
    }
    do {
        uint32_t offset = sizeof(LV2_Atom_Sequence_Body);
        if (event) {
            const ptrdiff_t at = (const uint8_t*)event - (const uint8_t*)&port->body;
            offset = (uint32_t)at + (uint32_t)sizeof *event + lv2_atom_pad_size(event->body.size);
        }
        event = timbrel_atom_event(port, offset);
    } while (event && !known(uris, &event->body));
    return event;
}

static LV2_URID urid_value(const TimbrelUris* uris, const LV2_Atom_Object* object, LV2_URID key) {
    const LV2_Atom* atom = timbrel_atom_property(object, key);
    LV2_URID urid = 0;
    return atom && timbrel_atom_read(atom, uris->atom_urid, &urid, sizeof urid) ? urid : 0;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const int lower = c | 32;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The local path of a file: URI (RFC 8089) in place. False if it names another host.
static bool uri_to_path(char* text) {
    const char* in = text + strlen("file:");
    if (!strncmp(in, "//", 2)) {
        in += 2;
        if (!strncmp(in, "localhost/", 10)) {
            in += strlen("localhost");
        }
    }
    if (*in != '/') { // NOLINT(clang-analyzer-core.UndefinedBinaryOperatorResult): NUL-terminated
        return false;
    }
    char* out = text;
    while (*in) {
        const int high = in[0] == '%' ? hex_digit(in[1]) : -1;
        const int low = high >= 0 ? hex_digit(in[2]) : -1;
        if (low >= 0) {
            *out = (char)(16 * high + low);
        } else {
            *out = *in;
        }
        ++out;
        in += low >= 0 ? 3 : 1;
    }
    *out = '\0';
    return true;
}

/// A text's value into `text`; false if it is none or too long.
static bool read_text(const TimbrelUris* uris, const LV2_Atom* atom, char* text, size_t size) {
    if (atom->type != uris->atom_path && atom->type != uris->atom_string &&
        atom->type != uris->atom_uri) {
        return false;
    }
    const char* body = (const char*)(atom + 1);
    const char* end = memchr(body, 0, atom->size);
    const size_t length = end ? (size_t)(end - body) : atom->size;
    if (length >= size) {
        return false;
    }
    memcpy(text, body, length);
    text[length] = '\0';
    return strncmp(text, "file:", 5) != 0 || uri_to_path(text);
}

/// An attribute's value as the text that the engine takes; false for what cannot be one.
static bool read_attribute(const TimbrelUris* uris, const LV2_Atom* atom,
                           char text[TIMBREL_VALUE_SIZE]) {
    int32_t whole = 0;
    double number = 0;
    if (timbrel_atom_read(atom, uris->atom_bool, &whole, sizeof whole)) {
        if (whole) {
            memcpy(text, "true", sizeof "true");
        } else {
            memcpy(text, "false", sizeof "false");
        }
        return true;
    }
    if (!timbrel_atom_number(uris, atom, &number)) {
        // A session keeps one attribute a line.
        return read_text(uris, atom, text, TIMBREL_VALUE_SIZE) && !strpbrk(text, "\r\n");
    }
    if (!isfinite(number)) {
        return false;
    }
    timbrel_number_write(number, text);
    return true;
}

/// A level that patch:Set brings, in any of the types of numbers that hosts send.
static bool set_level(TimbrelMessages* messages, const LV2_Atom* value, int64_t frame) {
    TimbrelNotify* notify = messages->notify;
    char text[TIMBREL_VALUE_SIZE];
    double level = 0;
    if (!read_attribute(notify->uris, value, text) || !timbrel_number_read(text, &level)) {
        return false;
    }
    timbrel_effect_set_level(notify->effect, (float)level);
    messages->must_tell = !timbrel_notify_level(notify, frame) || messages->must_tell;
    return true;
}

/// Give points names, a line NUMBER=NAME each. False if some of it makes no sense, or waits for too
/// many others.
static bool set_points(TimbrelMessages* messages, const LV2_Atom* value) {
    TimbrelNotify* notify = messages->notify;
    if (value->type != notify->uris->atom_string) {
        return false;
    }
    const char* at = (const char*)(value + 1);
    const char* end = at + strnlen(at, value->size);
    bool good = true;
    while (at < end) {
        const char* line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end ? line_end : end;
        uint32_t number = 0;
        while (at < line_end && *at >= '0' && *at <= '9' && number <= TIMBREL_POINTS) {
            number = number * 10 + (uint32_t)(*at++ - '0');
        }
        good = good && at < line_end && *at == '=' && number >= 1 && number <= TIMBREL_POINTS &&
               timbrel_effect_request_point_name_rt(notify->effect, number - 1, at + 1,
                                                    (uint32_t)(line_end - at - 1));
        at = line_end + 1;
    }
    return good;
}

static void handle_set(TimbrelMessages* messages, const LV2_Atom_Object* object, int64_t frame) {
    TimbrelNotify* notify = messages->notify;
    const TimbrelUris* uris = notify->uris;
    const LV2_URID key = urid_value(uris, object, uris->patch_property);
    const LV2_Atom* value = timbrel_atom_property(object, uris->patch_value);
    if (!key || !value) {
        return;
    }
    bool taken = false;
    if (key == uris->properties[TIMBREL_PROPERTY_MODEL]) {
        taken = read_text(uris, value, messages->wanted, sizeof messages->wanted);
        messages->has_wanted = taken;
    } else if (key == uris->properties[TIMBREL_PROPERTY_METHOD]) {
        taken = read_text(uris, value, messages->method, sizeof messages->method);
        messages->has_method = taken;
    } else if (key == uris->properties[TIMBREL_PROPERTY_LEVEL]) {
        taken = set_level(messages, value, frame);
    } else if (key == uris->properties[TIMBREL_PROPERTY_ROWS]) {
        taken = read_text(uris, value, messages->rows, sizeof messages->rows);
        messages->has_rows = taken;
    } else if (key == uris->properties[TIMBREL_PROPERTY_POINTS]) {
        taken = set_points(messages, value);
    } else {
        const char* name = timbrel_attribute_name(notify->attributes, key);
        if (!name) {
            return;
        }
        char text[TIMBREL_VALUE_SIZE];
        taken = read_attribute(uris, value, text) &&
                timbrel_effect_request_attribute_rt(notify->effect, name, text);
    }
    if (taken) {
        (void)timbrel_notify_changed(notify, frame);
    } else {
        messages->must_tell = true; // the sender believes otherwise
    }
}

static void handle_get(TimbrelMessages* messages, const LV2_Atom_Object* object, int64_t frame) {
    const TimbrelUris* uris = messages->notify->uris;
    if (!timbrel_atom_property(object, uris->patch_property)) {
        messages->must_tell = !timbrel_notify_all(messages->notify, frame);
        return;
    }
    const LV2_URID key = urid_value(uris, object, uris->patch_property);
    if (!timbrel_notify_one(messages->notify, frame, key)) {
        messages->must_tell = true;
    }
}

void timbrel_messages_handle(TimbrelMessages* messages, const LV2_Atom_Event* event,
                             int64_t frame) TIMBREL_RT {
    const LV2_Atom_Object* object = (const LV2_Atom_Object*)&event->body;
    const TimbrelUris* uris = messages->notify->uris;
    if (object->body.otype == uris->patch_set) {
        handle_set(messages, object, frame);
    } else if (object->body.otype == uris->patch_get) {
        handle_get(messages, object, frame);
    }
}

void timbrel_messages_finish(TimbrelMessages* messages, int64_t frame) TIMBREL_RT {
    TimbrelEffect* effect = messages->notify->effect;
    if (messages->has_wanted &&
        timbrel_effect_request_rt(effect, messages->wanted, (uint32_t)strlen(messages->wanted))) {
        messages->has_wanted = false;
    }
    // A method is one model's: it waits for that.
    if (messages->has_method && !messages->has_wanted &&
        timbrel_effect_request_method_rt(effect, messages->method)) {
        messages->has_method = false;
    }
    if (messages->has_rows &&
        timbrel_effect_request_rows_rt(effect, messages->rows, (uint32_t)strlen(messages->rows))) {
        messages->has_rows = false;
    }
    const uint32_t rows_serial = timbrel_effect_rows_rt(effect)->serial;
    if (rows_serial != messages->rows_serial && timbrel_notify_rows(messages->notify, frame)) {
        messages->rows_serial = rows_serial;
    }
    const uint32_t changes = timbrel_effect_changes(effect);
    if (changes != messages->changes && timbrel_notify_level(messages->notify, frame) &&
        timbrel_notify_changed(messages->notify, frame)) {
        messages->changes = changes;
    }
    const uint32_t serial = timbrel_effect_report_rt(effect)->serial;
    if ((messages->must_tell || serial != messages->serial) &&
        timbrel_notify_all(messages->notify, frame)) {
        messages->must_tell = false;
        messages->serial = serial;
    }
}
