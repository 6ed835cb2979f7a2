// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_CONTROL_VALUE_H
#define TIMBREL_CLI_CONTROL_VALUE_H

#include "engine/base/controls.h"

#include <stdio.h>

/// The effect's controls as text.

/// Index of the control that the first `length` bytes of `symbol` name; says why and returns -1
/// where there is none.
int control_value_find(const char* symbol, size_t length);

/// Read a number or one of the control's scale points ("Off", "Dual mono"). On failure says why,
/// after `where` ("" or e.g. "a.csv, line 3: "), and returns false.
bool control_value_parse(int control, const char* text, const char* where, float* value);

/// The control's unit as written after a number ("" or e.g. " dB").
const char* control_value_unit(const TimbrelControl* control);

#endif
