// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_PRESSES_H
#define TIMBREL_CLI_PRESSES_H

#include "engine/base/controls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Switches that are pressed at times: keep, add, store.

typedef struct {
    int control;    ///< Index into timbrel_controls
    double seconds; ///< Of the sound
    uint64_t step;  ///< In which it is down
    bool done;
} Press;

/// Zeroed: none.
typedef struct {
    Press* list;
    size_t count;
} Presses;

/// Whether a switch can be pressed: it plays latents, and does not choose models.
bool presses_allow(int control);

/// Whether this switch is pressed at any time.
bool presses_hold(const Presses* presses, int control);

/// One press more, from "SYMBOL=SECONDS". On failure says why.
bool presses_add(Presses* presses, const char* argument);
void presses_free(Presses* presses);

/// Find the step of each press, of `step_seconds` each. False, after saying so, where two of one
/// switch come so close that it would not be let go between them.
bool presses_place(Presses* presses, double step_seconds);

/// Set the switches as they are in this step; steps come in order.
void presses_apply(Presses* presses, uint64_t step, float controls[TIMBREL_CONTROL_COUNT]);

/// Says which presses never came, as the sound ended before them.
void presses_tell_left(const Presses* presses);

#endif
