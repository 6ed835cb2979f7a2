// SPDX-License-Identifier: ISC
#include "value.h"

#include <glib.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double log_step = 1.0 / 60.0;

static const TimbrelControl* control_of(int control) {
    return &timbrel_controls[control];
}

static bool is_log(int control) {
    return control_of(control)->flags & TIMBREL_LOGARITHMIC;
}

/// The time of smoothing is even to the hand when it is even to the ear: finest near 0.
static bool is_square(int control) {
    return control == TIMBREL_CONTROL_SMOOTHING;
}

double timbrel_value_place(int control, float value) {
    const double low = (double)control_of(control)->minimum;
    const double high = (double)control_of(control)->maximum;
    const double v = fmin(fmax((double)value, low), high);
    if (is_log(control)) {
        return log(v / low) / log(high / low);
    }
    const double place = (v - low) / (high - low);
    return is_square(control) ? sqrt(place) : place;
}

float timbrel_value_at(int control, double place) {
    const double low = (double)control_of(control)->minimum;
    const double high = (double)control_of(control)->maximum;
    const double p = fmin(fmax(place, 0.0), 1.0);
    double value = low + (high - low) * (is_square(control) ? p * p : p);
    if (is_log(control)) {
        value = low * pow(high / low, p);
    }
    return timbrel_control_limit(control, (float)value);
}

static double step_of(const TimbrelControl* control) {
    switch (control->unit) {
    case TIMBREL_UNIT_DECIBEL:
        return 0.5;
    case TIMBREL_UNIT_PERCENT:
        return 1.0;
    case TIMBREL_UNIT_NONE:
        return control->flags & (TIMBREL_INTEGER | TIMBREL_TOGGLED) ? 1.0 : 0.05;
    default:
        return 1.0;
    }
}

float timbrel_value_step(int control, float value, double steps) {
    if (is_log(control) || is_square(control)) {
        return timbrel_value_at(control, timbrel_value_place(control, value) + steps * log_step);
    }
    const double step = step_of(control_of(control));
    const double next = (double)value + steps * step;
    // Whole steps stay whole, however many there were.
    const double grid = fmin(fabs(steps), 1.0) * step;
    return timbrel_control_limit(control, (float)(grid > 0 ? round(next / grid) * grid : next));
}

static const char* point_label(const TimbrelControl* control, float value) {
    for (int i = 0; i < TIMBREL_SCALE_POINTS && control->points[i].label; ++i) {
        if (fabsf(control->points[i].value - value) < 1e-4f * fmaxf(1.0f, fabsf(value))) {
            return control->points[i].label;
        }
    }
    return NULL;
}

/// Has no sign where what is shown is a zero.
static double shown(double value, double unit) {
    return fabs(value) < unit / 2 ? 0.0 : value;
}

void timbrel_value_text(int control, float value, char text[TIMBREL_TEXT_SIZE]) {
    const TimbrelControl* c = control_of(control);
    const char* label = point_label(c, value);
    const double v = (double)value;
    if (label) {
        (void)snprintf(text, TIMBREL_TEXT_SIZE, "%s", label);
        return;
    }
    switch (c->unit) {
    case TIMBREL_UNIT_DECIBEL:
        (void)snprintf(text, TIMBREL_TEXT_SIZE, "%+.1f dB", shown(v, 0.1));
        break;
    case TIMBREL_UNIT_HERTZ:
        if (v < 1000.0) {
            (void)snprintf(text, TIMBREL_TEXT_SIZE, "%.0f Hz", v);
        } else {
            (void)snprintf(text, TIMBREL_TEXT_SIZE, "%.2f kHz", v / 1000.0);
        }
        break;
    case TIMBREL_UNIT_MILLISECOND:
        (void)snprintf(text, TIMBREL_TEXT_SIZE, "%.0f ms", v);
        break;
    case TIMBREL_UNIT_PERCENT:
        (void)snprintf(text, TIMBREL_TEXT_SIZE, "%.0f %%", v);
        break;
    default:
        (void)snprintf(text, TIMBREL_TEXT_SIZE, c->minimum < 0 ? "%+.2f" : "%.2f", shown(v, 0.01));
    }
}

void timbrel_value_short(int control, float value, int decimals, char text[TIMBREL_TEXT_SIZE]) {
    const double unit = pow(10.0, -decimals);
    const double v = shown((double)value, unit);
    (void)snprintf(text, TIMBREL_TEXT_SIZE,
                   control_of(control)->minimum < 0 && (v < 0 || v > 0) ? "%+.*f" : "%.*f",
                   decimals, v);
    size_t length = strlen(text);
    while (decimals > 0 && text[length - 1] == '0') {
        text[--length] = '\0';
    }
    if (text[length - 1] == '.') {
        text[length - 1] = '\0';
    }
}

bool timbrel_value_read(int control, const char* text, float* value) {
    const TimbrelControl* c = control_of(control);
    for (int i = 0; i < TIMBREL_SCALE_POINTS && c->points[i].label; ++i) {
        if (!g_ascii_strcasecmp(text, c->points[i].label)) {
            *value = c->points[i].value;
            return true;
        }
    }
    char plain[TIMBREL_TEXT_SIZE];
    (void)snprintf(plain, sizeof plain, "%s", text);
    g_strdelimit(plain, ",", '.');
    const char* start = plain + strspn(plain, " \t\xc3\x97"); // perhaps a multiplication sign
    char* end = NULL;
    double number = g_ascii_strtod(start, &end);
    if (end == start || !isfinite(number)) {
        return false;
    }
    end += strspn(end, " ");
    if (c->unit == TIMBREL_UNIT_HERTZ && (*end == 'k' || *end == 'K')) {
        number *= 1000.0;
    }
    if (c->unit == TIMBREL_UNIT_MILLISECOND && *end == 's') {
        number *= 1000.0;
    }
    *value = timbrel_control_limit(control, (float)number);
    return true;
}
