// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_POINTS_H
#define TIMBREL_ENGINE_LATENTS_POINTS_H

#include "engine/base/controls.h"
#include "engine/model/model_info.h"

#include <stdbool.h>
#include <stdint.h>

/// Stored frames of latents, each with a number, from 0 here, from 1 to the user, and a name.
typedef struct {
    bool there;
    char name[TIMBREL_NAME_SIZE]; ///< One line of UTF-8, or ""
    float values[TIMBREL_MAX_LATENTS];
} TimbrelPoint;

typedef struct {
    uint32_t latents;              ///< Of each; 0: there is no point
    char space[TIMBREL_NAME_SIZE]; ///< Latent-space id that they belong to; "" if unknown
    TimbrelPoint points[TIMBREL_POINTS];
} TimbrelPoints;

/// Bytes of the names of all points as text: three digits, '=' and a newline each, and a NUL.
#define TIMBREL_POINT_NAMES_SIZE (TIMBREL_POINTS * (TIMBREL_NAME_SIZE + 4) + 1)

/// Name it. What is too long is cut at a character's end, control characters become spaces. Thread:
/// any but audio.
void timbrel_point_set_name(TimbrelPoint* point, const char* name);

/// The points that are there, a line "NUMBER=NAME\n" each, numbers from 1. Thread: any but audio.
void timbrel_points_print(const TimbrelPoints* points, char text[TIMBREL_POINT_NAMES_SIZE]);

#endif
