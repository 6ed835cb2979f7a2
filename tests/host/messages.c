// SPDX-License-Identifier: ISC
#include "messages.h"

#include <lv2/atom/util.h>
#include <lv2/patch/patch.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { queue_bytes = 32768 };

static void begin_queue(Messages* m) {
    lv2_atom_forge_set_buffer(&m->forge, m->queue, queue_bytes);
    lv2_atom_forge_sequence_head(&m->forge, &m->sequence, 0);
}

void messages_init(Messages* m, Host* host) {
    *m = (Messages){.host = host, .queue = calloc(1, queue_bytes)};
    if (!m->queue) {
        exit(2);
    }
    lv2_atom_forge_init(&m->forge, host_map_feature(host));
    begin_queue(m);
}

void messages_free(Messages* m) {
    free(m->queue);
    free(m->tellings);
}

static void begin(Messages* m, LV2_Atom_Forge_Frame* object, const char* type,
                  const char* property) {
    lv2_atom_forge_frame_time(&m->forge, 0);
    lv2_atom_forge_object(&m->forge, object, 0, host_map(m->host, type));
    if (property) {
        lv2_atom_forge_key(&m->forge, host_map(m->host, LV2_PATCH__property));
        lv2_atom_forge_urid(&m->forge, host_map(m->host, property));
    }
}

void messages_set_path(Messages* m, const char* property, const char* path) {
    LV2_Atom_Forge_Frame object;
    begin(m, &object, LV2_PATCH__Set, property);
    lv2_atom_forge_key(&m->forge, host_map(m->host, LV2_PATCH__value));
    lv2_atom_forge_path(&m->forge, path, (uint32_t)strlen(path));
    lv2_atom_forge_pop(&m->forge, &object);
}

void messages_set_string(Messages* m, const char* property, const char* text) {
    LV2_Atom_Forge_Frame object;
    begin(m, &object, LV2_PATCH__Set, property);
    lv2_atom_forge_key(&m->forge, host_map(m->host, LV2_PATCH__value));
    lv2_atom_forge_string(&m->forge, text, (uint32_t)strlen(text));
    lv2_atom_forge_pop(&m->forge, &object);
}

void messages_set_float(Messages* m, const char* property, float value) {
    LV2_Atom_Forge_Frame object;
    begin(m, &object, LV2_PATCH__Set, property);
    lv2_atom_forge_key(&m->forge, host_map(m->host, LV2_PATCH__value));
    lv2_atom_forge_float(&m->forge, value);
    lv2_atom_forge_pop(&m->forge, &object);
}

void messages_get(Messages* m, const char* property) {
    LV2_Atom_Forge_Frame object;
    begin(m, &object, LV2_PATCH__Get, property);
    lv2_atom_forge_pop(&m->forge, &object);
}

void messages_atom(Messages* m, const char* type, const void* body, uint32_t size) {
    lv2_atom_forge_frame_time(&m->forge, 0);
    lv2_atom_forge_atom(&m->forge, size, host_map(m->host, type));
    lv2_atom_forge_write(&m->forge, body, size);
}

void messages_give(Messages* m, LV2_Atom_Sequence* port, uint32_t size) {
    lv2_atom_forge_pop(&m->forge, &m->sequence);
    const uint32_t bytes = lv2_atom_total_size((const LV2_Atom*)(const void*)m->queue);
    if (bytes > size) {
        (void)fprintf(stderr, "The messages do not fit the port.\n");
        exit(2);
    }
    memcpy(port, m->queue, bytes);
    begin_queue(m);
}

void messages_clear(Messages* m, LV2_Atom_Sequence* port, uint32_t size) {
    port->atom.size = size - (uint32_t)sizeof(LV2_Atom);
    port->atom.type = host_map(m->host, LV2_ATOM__Chunk);
}

Telling* messages_find(const Messages* m, LV2_URID property) {
    for (uint32_t i = 0; i < m->telling_count; ++i) {
        if (m->tellings[i].property == property) {
            return &m->tellings[i];
        }
    }
    return NULL;
}

static void print_value(const Messages* m, const LV2_Atom* value, char* text, size_t size) {
    const LV2_Atom_Forge* f = &m->forge;
    const void* body = LV2_ATOM_BODY_CONST(value);
    if (value->type == f->String || value->type == f->Path || value->type == f->URI) {
        (void)snprintf(text, size, "%.*s", (int)value->size, (const char*)body);
    } else if (value->type == f->Int || value->type == f->Bool) {
        (void)snprintf(text, size, "%d", *(const int32_t*)body);
    } else if (value->type == f->Float) {
        (void)snprintf(text, size, "%.9g", (double)*(const float*)body);
    } else if (value->type == f->Double) {
        (void)snprintf(text, size, "%.17g", *(const double*)body);
    } else {
        (void)snprintf(text, size, "%u bytes", value->size);
    }
}

static void keep(Messages* m, LV2_URID property, const LV2_Atom* value) {
    Telling* telling = messages_find(m, property);
    if (!telling) {
        m->tellings = realloc(m->tellings, (m->telling_count + 1) * sizeof *m->tellings);
        if (!m->tellings) {
            exit(2);
        }
        telling = &m->tellings[m->telling_count++];
        telling->property = property;
    }
    print_value(m, value, telling->text, sizeof telling->text);
}

/// A patch:Set tells one property, a patch:Put those of its body.
static void take_object(Messages* m, const LV2_Atom_Object* object) {
    const LV2_Atom* property = NULL;
    const LV2_Atom* value = NULL;
    const LV2_Atom* body = NULL;
    lv2_atom_object_get(object, host_map(m->host, LV2_PATCH__property), &property,
                        host_map(m->host, LV2_PATCH__value), &value,
                        host_map(m->host, LV2_PATCH__body), &body, 0);
    const LV2_URID type = object->body.otype;
    if (type == host_map(m->host, LV2_PATCH__Set) && property && value) {
        keep(m, ((const LV2_Atom_URID*)property)->body, value);
    } else if (type == host_map(m->host, LV2_PATCH__Put) && body) {
        LV2_ATOM_OBJECT_FOREACH((const LV2_Atom_Object*)body, pair)
        keep(m, pair->key, &pair->value);
    }
}

bool messages_take(Messages* m, const LV2_Atom_Sequence* port, uint32_t size) {
    if (port->atom.type == host_map(m->host, LV2_ATOM__Chunk)) {
        return true; // nothing was written
    }
    if (port->atom.type != m->forge.Sequence || lv2_atom_total_size(&port->atom) > size) {
        return false;
    }
    const uint8_t* end = (const uint8_t*)&port->body + port->atom.size;
    LV2_ATOM_SEQUENCE_FOREACH(port, event) {
        if ((const uint8_t*)LV2_ATOM_BODY_CONST(&event->body) + event->body.size > end) {
            return false;
        }
        ++m->messages;
        if (event->body.type == m->forge.Object) {
            take_object(m, (const LV2_Atom_Object*)&event->body);
        } else if (m->heard) {
            m->heard(m->handle, &event->body);
        }
    }
    return true;
}
