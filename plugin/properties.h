// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_PROPERTIES_H
#define TIMBREL_PLUGIN_PROPERTIES_H

#include "engine/stream/timing.h"

/// The vocabulary of the patch messages: what can be asked of the plugin with patch:Get, and what
/// it tells by itself. The Turtle is made from this table. A model's attributes come on top of
/// these, each as TIMBREL_ATTRIBUTE_PREFIX and its name.

#define TIMBREL_PROPERTY_PREFIX  "urn:timbrel:"
#define TIMBREL_ATTRIBUTE_PREFIX "urn:timbrel:attribute:"

typedef enum {
    TIMBREL_PROPERTY_MODEL, ///< patch:Set changes this one, and those marked W
    TIMBREL_PROPERTY_STATUS,
    TIMBREL_PROPERTY_MESSAGE,
    TIMBREL_PROPERTY_MODEL_NAME,
    TIMBREL_PROPERTY_MODEL_FILE,
    TIMBREL_PROPERTY_BACKEND,
    TIMBREL_PROPERTY_BACKEND_WHY,
    TIMBREL_PROPERTY_RATE,
    TIMBREL_PROPERTY_HOP,
    TIMBREL_PROPERTY_HOP_TIME,
    TIMBREL_PROPERTY_MODEL_DELAY,
    TIMBREL_PROPERTY_RATIO,
    TIMBREL_PROPERTY_LATENTS,
    TIMBREL_PROPERTY_STREAMING,
    TIMBREL_PROPERTY_LATENCY_FIRST, ///< TIMBREL_LATENCY_COUNT of them
    TIMBREL_PROPERTY_LATENCY_LAST = TIMBREL_PROPERTY_LATENCY_FIRST + TIMBREL_LATENCY_COUNT - 1,
    TIMBREL_PROPERTY_LEVEL, ///< W
    TIMBREL_PROPERTY_LEARNT_GAIN,
    TIMBREL_PROPERTY_LEARNING,
    TIMBREL_PROPERTY_METHOD, ///< W
    TIMBREL_PROPERTY_ROWS,   ///< W
    TIMBREL_PROPERTY_ROWS_INFO,
    TIMBREL_PROPERTY_POINTS,            ///< W
    TIMBREL_PROPERTY_DESCRIPTIVE_COUNT, ///< Those above make up the patch:Put
    TIMBREL_PROPERTY_ENCODED =
        TIMBREL_PROPERTY_DESCRIPTIVE_COUNT, ///< Told only when asked for by name
    TIMBREL_PROPERTY_CONTROLLED,
    TIMBREL_PROPERTY_COUNT
} TimbrelPropertyId;

typedef struct {
    const char* uri;
    const char* range; ///< Local name of the atom: class of its values
    const char* label;
    const char* comment;
} TimbrelProperty;

extern const TimbrelProperty timbrel_properties[TIMBREL_PROPERTY_COUNT];

#endif
