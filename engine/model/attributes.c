// SPDX-License-Identifier: ISC
#include "attributes.h"

#include <stdio.h>
#include <string.h>

bool timbrel_attributes_set(TimbrelAttributeList* list, const char* name, const char* value) {
    const size_t name_length = strlen(name);
    const size_t value_length = strlen(value);
    // A line break in either would be another line in the session's text.
    if (name_length == 0 || name_length >= TIMBREL_NAME_SIZE ||
        value_length >= TIMBREL_VALUE_SIZE || strpbrk(name, "=\n") || strchr(value, '\n')) {
        return false;
    }
    uint32_t i = 0;
    while (i < list->count && strcmp(list->values[i].name, name) != 0) {
        ++i;
    }
    if (i == TIMBREL_MAX_ATTRIBUTES) {
        return false;
    }
    memcpy(list->values[i].name, name, name_length + 1);
    memcpy(list->values[i].value, value, value_length + 1);
    list->count += i == list->count ? 1 : 0;
    return true;
}

size_t timbrel_attributes_print(const TimbrelAttributeList* list, char* text, size_t size) {
    size_t length = 0;
    if (size > 0) {
        text[0] = '\0';
    }
    for (uint32_t i = 0; i < list->count; ++i) {
        char line[TIMBREL_NAME_SIZE + TIMBREL_VALUE_SIZE + 2];
        (void)snprintf(line, sizeof line, "%s=%s\n", list->values[i].name, list->values[i].value);
        if (length + 1 < size) {
            (void)snprintf(text + length, size - length, "%s", line);
        }
        length += strlen(line);
    }
    return length;
}

void timbrel_attributes_parse(TimbrelAttributeList* list, const char* text) {
    list->count = 0;
    while (*text) {
        const size_t line = strcspn(text, "\n");
        const char* equals = memchr(text, '=', line);
        const size_t name_length = equals ? (size_t)(equals - text) : 0;
        const size_t value_length = equals ? line - name_length - 1 : 0;
        if (equals && name_length < TIMBREL_NAME_SIZE && value_length < TIMBREL_VALUE_SIZE) {
            TimbrelAttributeValue entry = {{0}, {0}};
            memcpy(entry.name, text, name_length);
            memcpy(entry.value, equals + 1, value_length);
            (void)timbrel_attributes_set(list, entry.name, entry.value);
        }
        text += line + (text[line] == '\n' ? 1 : 0);
    }
}
