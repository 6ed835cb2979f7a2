// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_AUTOMATION_H
#define TIMBREL_CLI_AUTOMATION_H

#include "engine/base/controls.h"

#include <stddef.h>

/// One control's course in time, from a CSV file of lines "seconds,value" in order of time. Between
/// two lines the value moves in a straight line, or, for a switch or a choice, stays until the
/// next; before the first and after the last line it stands still. Two lines at one time are a
/// jump. Empty lines, lines that start with '#' and one header line are passed over.
typedef struct {
    double seconds;
    float value;
} AutomationPoint;

typedef struct {
    int control; ///< Index into timbrel_controls
    AutomationPoint* points;
    size_t count; ///< At least 1
    size_t next;  ///< First point later than the last time asked for
} Automation;

/// On failure says why, and nothing is to be freed.
bool automation_read(Automation* automation, int control, const char* path);
void automation_free(Automation* automation);

/// The value at `seconds`, which never goes back between calls.
float automation_value(Automation* automation, double seconds);

#endif
