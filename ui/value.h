// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_VALUE_H
#define TIMBREL_UI_VALUE_H

#include "engine/base/controls.h"

#include <stddef.h>

/// Values of controls as a hand and an eye take them: as places along a way, as texts, and in
/// steps.

#define TIMBREL_TEXT_SIZE 32

/// The place of a value along the control's way, 0..1, and the value at a place.
double timbrel_value_place(int control, float value);
float timbrel_value_at(int control, double place);

/// The value as text, with its unit: "-3.5 dB", "1.20 kHz", "Off".
void timbrel_value_text(int control, float value, char text[TIMBREL_TEXT_SIZE]);

/// The same without what goes without saying: no unit, no zeros at the end. With `decimals`, at
/// most so many.
void timbrel_value_short(int control, float value, int decimals, char text[TIMBREL_TEXT_SIZE]);

/// The value of a text as a user types it, unit or not, with a comma or a point. False if it is
/// none.
bool timbrel_value_read(int control, const char* text, float* value);

/// `value` moved by `steps` (1 is a key press or a notch of a wheel), in range.
float timbrel_value_step(int control, float value, double steps);

#endif
