// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_MATERIAL_H
#define TIMBREL_ENGINE_LATENTS_MATERIAL_H

#include "axes.h"
#include "points.h"
#include "table.h"

/// What sources play beside what is heard. It fits the model's latents, and nothing in it changes
/// once it is handed over.
typedef struct {
    TimbrelTable* table; ///< Held; NULL: no rows
    uint32_t serial;     ///< Of the table: another number, other rows
    bool kept;           ///< Keep was the last to change the rows: pressed again, it undoes
    TimbrelAxes axes;
    TimbrelPoints points;
} TimbrelMaterial;

/// Empty, with plain axes for so many latents. NULL when memory ran out. Thread: any but audio and
/// inference, as of free.
TimbrelMaterial* timbrel_material_new(uint32_t latents);

/// NULL is fine.
void timbrel_material_free(TimbrelMaterial* material);

#endif
