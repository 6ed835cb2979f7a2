// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_EFFECT_ROWS_H
#define TIMBREL_CLI_EFFECT_ROWS_H

#include "engine/effect/effect.h"

/// Give an effect, whose model is there and has not played, the rows and points of these files;
/// NULL: none. On failure, also where they do not fit the model, says why and returns false.
bool effect_rows_load(TimbrelEffect* effect, const char* rows, const char* points);

#endif
