// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_ATTRIBUTES_H
#define TIMBREL_ENGINE_MODEL_ATTRIBUTES_H

#include "model_info.h"

#include <stdbool.h>
#include <stddef.h>

/// Model attributes that the user has set, by name, as text; what a session remembers of them.

typedef struct {
    char name[TIMBREL_NAME_SIZE];
    char value[TIMBREL_VALUE_SIZE];
} TimbrelAttributeValue;

/// All zero is the empty list. Not thread-safe.
typedef struct {
    TimbrelAttributeValue values[TIMBREL_MAX_ATTRIBUTES];
    uint32_t count;
} TimbrelAttributeList;

/// Add or replace. False when the list is full, the name empty, or a text too long.
bool timbrel_attributes_set(TimbrelAttributeList* list, const char* name, const char* value);

/// As lines "name=value\n" into `size` bytes, NUL included, cut to what fits; returns the length of
/// the whole text.
size_t timbrel_attributes_print(const TimbrelAttributeList* list, char* text, size_t size);

/// The reverse, instead of what the list held; lines without '=' or with texts too long are
/// skipped.
void timbrel_attributes_parse(TimbrelAttributeList* list, const char* text);

#endif
