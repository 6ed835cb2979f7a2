// SPDX-License-Identifier: ISC
/// Values as places, texts and steps.

#include "tests/check.h"
#include "ui/value.h"

#include <math.h>
#include <string.h>

static bool near(float a, float b) {
    return fabsf(a - b) <= 1e-3f * fmaxf(1.0f, fabsf(b));
}

/// Every control's way leads there and back, and its text is read as the value it shows.
static int test_all(void) {
    for (int i = 0; i < TIMBREL_CONTROL_COUNT; ++i) {
        const TimbrelControl* c = &timbrel_controls[i];
        char text[TIMBREL_TEXT_SIZE];
        float value = 0;
        CHECK(near(timbrel_value_at(i, 0), c->minimum));
        CHECK(near(timbrel_value_at(i, 1), c->maximum));
        CHECK(near(timbrel_value_at(i, -5), c->minimum));
        for (double place = 0; place <= 1.0; place += 0.125) {
            const float there = timbrel_value_at(i, place);
            CHECK(near(timbrel_value_at(i, timbrel_value_place(i, there)), there));
            timbrel_value_text(i, there, text);
            CHECK(timbrel_value_read(i, text, &value));
            // Whole Hz, ms and %, tenths of dB, hundredths; three digits of kHz.
            const float unit = c->unit == TIMBREL_UNIT_NONE      ? 0.01f
                               : c->unit == TIMBREL_UNIT_DECIBEL ? 0.1f
                                                                 : 1.0f;
            CHECK(fabsf(value - there) <= fmaxf(0.51f * unit, 0.006f * fabsf(there)));
        }
        CHECK(timbrel_value_step(i, c->maximum, 1) <= c->maximum);
        CHECK(timbrel_value_step(i, c->minimum, -1) >= c->minimum);
        CHECK(timbrel_value_step(i, c->minimum, 1) > c->minimum);
    }
    return 0;
}

static int test_texts(void) {
    char text[TIMBREL_TEXT_SIZE];
    timbrel_value_text(TIMBREL_CONTROL_INPUT_GAIN, -3.5f, text);
    CHECK(!strcmp(text, "-3.5 dB"));
    timbrel_value_text(TIMBREL_CONTROL_INPUT_GAIN, -0.01f, text);
    CHECK(!strcmp(text, "+0.0 dB"));
    timbrel_value_text(TIMBREL_CONTROL_LOW_CUT, 10, text);
    CHECK(!strcmp(text, "Off"));
    timbrel_value_text(TIMBREL_CONTROL_HIGH_CUT, 1234, text);
    CHECK(!strcmp(text, "1.23 kHz"));
    timbrel_value_short(TIMBREL_CONTROL_BIAS_FIRST, 1.5f, 2, text);
    CHECK(!strcmp(text, "+1.5"));
    timbrel_value_short(TIMBREL_CONTROL_BIAS_FIRST, 0, 2, text);
    CHECK(!strcmp(text, "0"));
    timbrel_value_short(TIMBREL_CONTROL_SCALE_FIRST, 2, 2, text);
    CHECK(!strcmp(text, "2"));
    return 0;
}

static int test_reading(void) {
    float value = 0;
    CHECK(timbrel_value_read(TIMBREL_CONTROL_LOW_CUT, "0,5 kHz", &value) && near(value, 500));
    CHECK(timbrel_value_read(TIMBREL_CONTROL_HIGH_CUT, "off", &value) && near(value, 22000));
    CHECK(timbrel_value_read(TIMBREL_CONTROL_SMOOTHING, "1.5 s", &value) && near(value, 1500));
    CHECK(timbrel_value_read(TIMBREL_CONTROL_MIX, " 250", &value) && near(value, 100));
    CHECK(timbrel_value_read(TIMBREL_CONTROL_SCALE_FIRST, "×2", &value) && near(value, 2));
    CHECK(!timbrel_value_read(TIMBREL_CONTROL_MIX, "loud", &value));
    CHECK(!timbrel_value_read(TIMBREL_CONTROL_MIX, "", &value));
    return 0;
}

/// Wheel and keys stay on round numbers.
static int test_steps(void) {
    float value = 0;
    for (int i = 0; i < 7; ++i) {
        value = timbrel_value_step(TIMBREL_CONTROL_INPUT_GAIN, value, 1);
    }
    CHECK(near(value, 3.5f));
    value = timbrel_value_step(TIMBREL_CONTROL_INPUT_GAIN, 0.3f, 1);
    CHECK(near(value, 1.0f));
    return 0;
}

int main(void) {
    CHECK(!test_all());
    CHECK(!test_texts());
    CHECK(!test_reading());
    CHECK(!test_steps());
    return 0;
}
