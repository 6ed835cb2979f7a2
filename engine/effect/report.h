// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_EFFECT_REPORT_H
#define TIMBREL_ENGINE_EFFECT_REPORT_H

#include "engine/base/text.h"
#include "engine/latents/points.h"
#include "engine/model/model.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    TIMBREL_MODEL_NONE,    ///< No model was asked for: dry
    TIMBREL_MODEL_LOADING, ///< The former model (or dry) plays meanwhile
    TIMBREL_MODEL_READY,
    TIMBREL_MODEL_FAILED, ///< Could not be loaded, or ended while it played: see message
} TimbrelModelState;

/// What the user is told of the model. Immutable once published.
typedef struct {
    TimbrelModelState state;
    uint32_t serial;                ///< Grows with every change of status
    char wanted[TIMBREL_PATH_SIZE]; ///< What was asked for (path or name), "" for none; this is
                                    ///< what a session saves
    char method[TIMBREL_NAME_SIZE]; ///< Its method that was asked for, "" for the default
    char path[TIMBREL_PATH_SIZE];   ///< The file found for it, or ""
    char message[512]; ///< One sentence, e.g. why it failed or that the rate was assumed; may be ""
    TimbrelModelSummary model; ///< Zeroed unless READY
    float share; ///< Of the time that the model has, what it needs; above 1 the message says so
} TimbrelModelReport;

typedef enum {
    TIMBREL_ROWS_NONE,
    TIMBREL_ROWS_LOADING, ///< The former rows play meanwhile
    TIMBREL_ROWS_READY,
    TIMBREL_ROWS_FAILED, ///< The file could not be read: see message
} TimbrelRowsState;

/// What the user is told of the rows and points of latents. Immutable once published.
typedef struct {
    TimbrelRowsState state;
    uint32_t serial;              ///< Grows with every change of rows, points or report
    char path[TIMBREL_PATH_SIZE]; ///< The file that was asked for; "" for none, or where the rows
                                  ///< were captured
    bool captured;    ///< The rows, or a part of them, were played, and are in no file: a session
                      ///< saves them
    uint32_t rows;    ///< How many there are
    uint32_t latents; ///< Of each row
    double beats;     ///< That they last; 0 if unknown
    uint32_t points;  ///< How many points are stored
    char names[TIMBREL_POINT_NAMES_SIZE]; ///< Theirs, see timbrel_points_print()
    char message[512];                    ///< One sentence, e.g. why they are not played; may be ""
} TimbrelRowsReport;

/// Until a host that does not say how long its blocks are shows its largest
#define TIMBREL_DEFAULT_BLOCK 512

#endif
