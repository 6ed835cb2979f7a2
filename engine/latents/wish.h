// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_WISH_H
#define TIMBREL_ENGINE_LATENTS_WISH_H

#include "engine/model/model_info.h"

#include <stdint.h>

/// What the inference thread asks of the thread that may allocate.
typedef enum {
    TIMBREL_WISH_KEEP,  ///< These frames of the history become the rows
    TIMBREL_WISH_UNDO,  ///< Keep was pressed while what it kept plays: the rows before are back
    TIMBREL_WISH_ADD,   ///< These frames are blended into the rows, which they are as long as
    TIMBREL_WISH_STORE, ///< This frame becomes a point
    TIMBREL_WISH_AXES,  ///< The map plays without rows: find the axes of what was heard
} TimbrelWishKind;

typedef struct {
    TimbrelWishKind kind;
    uint64_t first; ///< Frame of the history
    uint32_t frames;
    double beats;   ///< That they last; 0 if unknown
    uint32_t point; ///< From 0; TIMBREL_POINTS: the first that is free
    float frame[TIMBREL_MAX_LATENTS];
} TimbrelWish;

#endif
