// SPDX-License-Identifier: ISC
#include "control_value.h"

#include "message.h"
#include "number.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { POINTS = sizeof timbrel_controls->points / sizeof *timbrel_controls->points };

int control_value_find(const char* symbol, size_t length) {
    char name[64];
    const int written = snprintf(name, sizeof name, "%.*s", (int)length, symbol);
    const int control =
        written >= 0 && (size_t)written < sizeof name ? timbrel_control_find(name) : -1;
    if (control < 0) {
        message("There is no control named \"%s\"; `timbrel controls' lists them.", name);
    }
    return control;
}

const char* control_value_unit(const TimbrelControl* control) {
    switch (control->unit) {
    case TIMBREL_UNIT_DECIBEL:
        return " dB";
    case TIMBREL_UNIT_HERTZ:
        return " Hz";
    case TIMBREL_UNIT_MILLISECOND:
        return " ms";
    case TIMBREL_UNIT_PERCENT:
        return " %";
    case TIMBREL_UNIT_FRAMES:
        return " samples";
    case TIMBREL_UNIT_BEATS:
        return " beats";
    case TIMBREL_UNIT_BPM:
        return " bpm";
    case TIMBREL_UNIT_NONE:
        break;
    }
    return "";
}

bool control_value_parse(int index, const char* text, const char* where, float* value) {
    const TimbrelControl* control = &timbrel_controls[index];
    for (size_t i = 0; i < POINTS && control->points[i].label; ++i) {
        if (strcasecmp(text, control->points[i].label) == 0) {
            *value = control->points[i].value;
            return true;
        }
    }
    double number = 0;
    if (!number_parse(text, (double)control->minimum, (double)control->maximum, &number)) {
        message("%s\"%s\" is not a value for %s, which goes from %g to %g%s.", where, text,
                control->symbol, (double)control->minimum, (double)control->maximum,
                control_value_unit(control));
        return false;
    }
    if (control->flags & (TIMBREL_TOGGLED | TIMBREL_INTEGER) && number != nearbyint(number)) {
        message("%s\"%s\" is not a value for %s, which takes whole numbers only.", where, text,
                control->symbol);
        return false;
    }
    *value = (float)number;
    return true;
}
