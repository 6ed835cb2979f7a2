// SPDX-License-Identifier: ISC
#include "notify.h"
#include "engine/base/rt.h"

#include "engine/base/number.h"

#include <string.h>

/// Forge sink: once a message did not fit, nothing more of it is written.
static LV2_Atom_Forge_Ref append(LV2_Atom_Forge_Sink_Handle handle, const void* data,
                                 uint32_t size) TIMBREL_RT {
    TimbrelNotify* notify = handle;
    if (notify->full || size > notify->size - notify->used) {
        notify->full = true;
        return 0;
    }
    uint8_t* at = notify->buffer + notify->used;
    memcpy(at, data, size);
    notify->used += size;
    return (LV2_Atom_Forge_Ref)at;
}

static LV2_Atom* atom_at(LV2_Atom_Forge_Sink_Handle handle, LV2_Atom_Forge_Ref ref) TIMBREL_RT {
    (void)handle;
    return (LV2_Atom*)ref;
}

void timbrel_notify_init(TimbrelNotify* notify, TimbrelEffect* effect, const TimbrelUris* uris,
                         const TimbrelAttributeUris* attributes, LV2_URID_Map* map) {
    notify->effect = effect;
    notify->uris = uris;
    notify->attributes = attributes;
    if (map->map) {
        lv2_atom_forge_init(&notify->forge, map);
    }
}

// The forge calls its sink by a pointer that has no mark. It is append(), which has.
TIMBREL_RT_UNCHECKED

void timbrel_notify_begin(TimbrelNotify* notify, LV2_Atom_Sequence* port) TIMBREL_RT {
    notify->buffer = (uint8_t*)port;
    notify->size = port ? (uint32_t)sizeof(LV2_Atom) + port->atom.size : 0;
    notify->used = 0;
    notify->full = false;
    lv2_atom_forge_set_sink(&notify->forge, append, atom_at, notify);
    lv2_atom_forge_sequence_head(&notify->forge, &notify->sequence, 0);
}

void timbrel_notify_end(TimbrelNotify* notify) TIMBREL_RT {
    lv2_atom_forge_pop(&notify->forge, &notify->sequence);
}

typedef struct {
    uint32_t used;
    uint32_t size; ///< The sequence's
    LV2_Atom_Forge_Frame object;
} Message;

static void begin_event(TimbrelNotify* notify, Message* message, int64_t frame) {
    message->used = notify->used;
    message->size = notify->sequence.ref ? ((LV2_Atom*)notify->sequence.ref)->size : 0;
    notify->full = !notify->sequence.ref;
    lv2_atom_forge_frame_time(&notify->forge, frame);
}

static void begin(TimbrelNotify* notify, Message* message, int64_t frame, LV2_URID type) {
    begin_event(notify, message, frame);
    lv2_atom_forge_object(&notify->forge, &message->object, 0, type);
}

/// True if all of it was written; else the sequence is as it was before.
static bool end_event(TimbrelNotify* notify, const Message* message) {
    if (!notify->full) {
        return true;
    }
    notify->used = message->used;
    if (notify->sequence.ref) {
        ((LV2_Atom*)notify->sequence.ref)->size = message->size;
    }
    return false;
}

static bool end(TimbrelNotify* notify, Message* message) {
    lv2_atom_forge_pop(&notify->forge, &message->object);
    return end_event(notify, message);
}

static void write_urid(TimbrelNotify* notify, LV2_URID key, LV2_URID value) {
    lv2_atom_forge_key(&notify->forge, key);
    lv2_atom_forge_urid(&notify->forge, value);
}

static void write_string(TimbrelNotify* notify, const char* text) {
    lv2_atom_forge_string(&notify->forge, text, (uint32_t)strlen(text));
}

static void write_path(TimbrelNotify* notify, const char* text) {
    lv2_atom_forge_path(&notify->forge, text, (uint32_t)strlen(text));
}

static const char* status_word(TimbrelModelState state) {
    switch (state) {
    case TIMBREL_MODEL_NONE:
        break;
    case TIMBREL_MODEL_LOADING:
        return "loading";
    case TIMBREL_MODEL_READY:
        return "ready";
    case TIMBREL_MODEL_FAILED:
        return "failed";
    }
    return "none";
}

static void write_latents(TimbrelNotify* notify, bool controlled) {
    float frames[2][TIMBREL_MAX_LATENTS];
    const uint32_t n = timbrel_effect_latents(notify->effect, frames[0], frames[1]);
    lv2_atom_forge_vector(&notify->forge, sizeof(float), notify->uris->atom_float, n,
                          frames[controlled]);
}

static void write_latency(TimbrelNotify* notify, unsigned part) {
    TimbrelLatency latency;
    timbrel_effect_latency(notify->effect, &latency);
    lv2_atom_forge_int(&notify->forge, (int32_t)timbrel_latency_part(&latency, part));
}

static char* add_text(char* end, const char* text) {
    const size_t length = strlen(text);
    memcpy(end, text, length + 1);
    return end + length;
}

static char* add_number(char* end, double number) {
    timbrel_number_write(number, end);
    return end + strlen(end);
}

/// "captured: 375 rows, 8 beats. SENTENCE"
static void write_rows_info(TimbrelNotify* notify) {
    const TimbrelRowsReport* rows = timbrel_effect_rows_rt(notify->effect);
    char text[sizeof rows->message + 128];
    char* end = text;
    *end = '\0';
    if (rows->state == TIMBREL_ROWS_LOADING) {
        end = add_text(end, "loading");
    } else if (rows->state == TIMBREL_ROWS_READY) {
        end = add_text(end, rows->captured ? "captured: " : "file: ");
        end = add_text(add_number(end, rows->rows), rows->rows == 1 ? " row" : " rows");
        if (rows->beats > 0) {
            end = add_text(add_number(add_text(end, ", "), rows->beats), " beats");
        }
    }
    if (rows->message[0]) {
        end = add_text(end, end > text ? ". " : "");
        (void)add_text(end, rows->message);
    }
    write_string(notify, text);
}

static void write_property(TimbrelNotify* notify, TimbrelPropertyId id) {
    const TimbrelModelReport* report = timbrel_effect_report_rt(notify->effect);
    const TimbrelModelSummary* model = &report->model;
    LV2_Atom_Forge* forge = &notify->forge;
    switch (id) {
    case TIMBREL_PROPERTY_MODEL:
        write_path(notify, report->wanted);
        break;
    case TIMBREL_PROPERTY_STATUS:
        write_string(notify, status_word(report->state));
        break;
    case TIMBREL_PROPERTY_MESSAGE:
        write_string(notify, report->message);
        break;
    case TIMBREL_PROPERTY_MODEL_NAME:
        write_string(notify, model->name);
        break;
    case TIMBREL_PROPERTY_MODEL_FILE:
        write_path(notify, report->path);
        break;
    case TIMBREL_PROPERTY_BACKEND:
        write_string(notify, timbrel_backend_name(model->backend));
        break;
    case TIMBREL_PROPERTY_BACKEND_WHY:
        write_string(notify, model->backend_why);
        break;
    case TIMBREL_PROPERTY_RATE:
        lv2_atom_forge_double(forge, model->rate);
        break;
    case TIMBREL_PROPERTY_HOP:
        lv2_atom_forge_int(forge, (int32_t)model->hop);
        break;
    case TIMBREL_PROPERTY_HOP_TIME:
        lv2_atom_forge_double(forge, model->hop_seconds[0]);
        break;
    case TIMBREL_PROPERTY_MODEL_DELAY:
        lv2_atom_forge_double(forge, model->delay);
        break;
    case TIMBREL_PROPERTY_RATIO:
        lv2_atom_forge_int(forge, (int32_t)model->info.ratio);
        break;
    case TIMBREL_PROPERTY_LATENTS:
        lv2_atom_forge_int(forge, (int32_t)model->info.latents);
        break;
    case TIMBREL_PROPERTY_STREAMING:
        lv2_atom_forge_bool(forge, model->info.streaming);
        break;
    case TIMBREL_PROPERTY_LEVEL:
        lv2_atom_forge_float(forge, timbrel_effect_level(notify->effect));
        break;
    case TIMBREL_PROPERTY_LEARNT_GAIN:
        lv2_atom_forge_float(forge, timbrel_effect_learnt_gain(notify->effect));
        break;
    case TIMBREL_PROPERTY_LEARNING:
        lv2_atom_forge_bool(forge, timbrel_effect_learning(notify->effect));
        break;
    case TIMBREL_PROPERTY_METHOD:
        write_string(notify, report->method);
        break;
    case TIMBREL_PROPERTY_ROWS:
        write_path(notify, timbrel_effect_rows_rt(notify->effect)->path);
        break;
    case TIMBREL_PROPERTY_ROWS_INFO:
        write_rows_info(notify);
        break;
    case TIMBREL_PROPERTY_POINTS:
        write_string(notify, timbrel_effect_rows_rt(notify->effect)->names);
        break;
    case TIMBREL_PROPERTY_ENCODED:
    case TIMBREL_PROPERTY_CONTROLLED:
        write_latents(notify, id == TIMBREL_PROPERTY_CONTROLLED);
        break;
    default:
        write_latency(notify, id - TIMBREL_PROPERTY_LATENCY_FIRST);
    }
}

/// One value has its own type; several, or what is no number, stay text.
static void write_attribute(TimbrelNotify* notify, const TimbrelAttribute* attribute) {
    const uint32_t type = attribute->count == 1 ? attribute->types[0] : TIMBREL_ATTRIBUTE_STRING;
    double number = 0;
    if (type == TIMBREL_ATTRIBUTE_BOOL) {
        lv2_atom_forge_bool(&notify->forge, !strcmp(attribute->value, "true"));
    } else if (type == TIMBREL_ATTRIBUTE_FLOAT && timbrel_number_read(attribute->value, &number)) {
        lv2_atom_forge_double(&notify->forge, number);
    } else if (type == TIMBREL_ATTRIBUTE_INT && timbrel_number_read(attribute->value, &number) &&
               number >= INT32_MIN && number <= INT32_MAX) {
        lv2_atom_forge_int(&notify->forge, (int32_t)number);
    } else {
        write_string(notify, attribute->value);
    }
}

static const TimbrelAttribute* find_attribute(TimbrelNotify* notify, LV2_URID key) {
    const TimbrelModelInfo* info = &timbrel_effect_report_rt(notify->effect)->model.info;
    const char* name = timbrel_attribute_name(notify->attributes, key);
    for (uint32_t i = 0; name && i < info->attribute_count; ++i) {
        if (!strcmp(info->attributes[i].name, name)) {
            return &info->attributes[i];
        }
    }
    return NULL;
}

bool timbrel_notify_one(TimbrelNotify* notify, int64_t frame, LV2_URID key) TIMBREL_RT {
    const TimbrelAttribute* attribute = find_attribute(notify, key);
    TimbrelPropertyId id = 0;
    while (id < TIMBREL_PROPERTY_COUNT && notify->uris->properties[id] != key) {
        ++id;
    }
    if (id == TIMBREL_PROPERTY_COUNT && !attribute) {
        return true;
    }
    Message message;
    begin(notify, &message, frame, notify->uris->patch_set);
    write_urid(notify, notify->uris->patch_subject, notify->uris->plugin);
    write_urid(notify, notify->uris->patch_property, key);
    lv2_atom_forge_key(&notify->forge, notify->uris->patch_value);
    if (attribute) {
        write_attribute(notify, attribute);
    } else {
        write_property(notify, id);
    }
    return end(notify, &message);
}

static bool put_all(TimbrelNotify* notify, int64_t frame) {
    const TimbrelModelInfo* info = &timbrel_effect_report_rt(notify->effect)->model.info;
    Message message;
    LV2_Atom_Forge_Frame body;
    begin(notify, &message, frame, notify->uris->patch_put);
    write_urid(notify, notify->uris->patch_subject, notify->uris->plugin);
    lv2_atom_forge_key(&notify->forge, notify->uris->patch_body);
    lv2_atom_forge_object(&notify->forge, &body, 0, 0);
    for (TimbrelPropertyId id = 0; id < TIMBREL_PROPERTY_DESCRIPTIVE_COUNT; ++id) {
        lv2_atom_forge_key(&notify->forge, notify->uris->properties[id]);
        write_property(notify, id);
    }
    for (uint32_t i = 0; i < info->attribute_count; ++i) {
        const LV2_URID key = timbrel_attribute_urid(notify->attributes, info->attributes[i].name);
        if (key) {
            lv2_atom_forge_key(&notify->forge, key);
            write_attribute(notify, &info->attributes[i]);
        }
    }
    lv2_atom_forge_pop(&notify->forge, &body);
    return end(notify, &message);
}

bool timbrel_notify_all(TimbrelNotify* notify, int64_t frame) TIMBREL_RT {
    const LV2_URID* properties = notify->uris->properties;
    return timbrel_notify_one(notify, frame, properties[TIMBREL_PROPERTY_MODEL]) &&
           timbrel_notify_one(notify, frame, properties[TIMBREL_PROPERTY_ROWS]) &&
           put_all(notify, frame);
}

static bool set_three(TimbrelNotify* notify, int64_t frame, const TimbrelPropertyId told[3]) {
    bool done = true;
    for (int i = 0; i < 3; ++i) {
        done = done && timbrel_notify_one(notify, frame, notify->uris->properties[told[i]]);
    }
    return done;
}

bool timbrel_notify_level(TimbrelNotify* notify, int64_t frame) TIMBREL_RT {
    static const TimbrelPropertyId told[] = {TIMBREL_PROPERTY_LEVEL, TIMBREL_PROPERTY_LEARNT_GAIN,
                                             TIMBREL_PROPERTY_LEARNING};
    return set_three(notify, frame, told);
}

bool timbrel_notify_rows(TimbrelNotify* notify, int64_t frame) TIMBREL_RT {
    static const TimbrelPropertyId told[] = {TIMBREL_PROPERTY_ROWS, TIMBREL_PROPERTY_ROWS_INFO,
                                             TIMBREL_PROPERTY_POINTS};
    return set_three(notify, frame, told);
}

bool timbrel_notify_changed(TimbrelNotify* notify, int64_t frame) TIMBREL_RT {
    Message message;
    begin(notify, &message, frame, notify->uris->state_changed);
    return end(notify, &message);
}

bool timbrel_notify_wire(TimbrelNotify* notify, int64_t frame,
                         const TimbrelWireHead* message) TIMBREL_RT {
    Message event;
    begin_event(notify, &event, frame);
    lv2_atom_forge_atom(&notify->forge, message->size, notify->uris->wire);
    lv2_atom_forge_write(&notify->forge, message, message->size);
    return end_event(notify, &event);
}

TIMBREL_RT_CHECKED
