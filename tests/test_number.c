// SPDX-License-Identifier: ISC
/// Numbers as text, independent of the locale: known spellings, and there and back.

#include "check.h"
#include "engine/base/number.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static int test_write(void) {
    static const struct {
        double value;
        const char* text;
    } cases[] = {
        {0, "0"},
        {1, "1"},
        {-1, "-1"},
        {0.5, "0.5"},
        {-0.25, "-0.25"},
        {44100, "44100"},
        {0.001, "0.001"},
        {1234.5678, "1234.5678"},
        {1e-12, "1e-12"},
        {2147483647.0, "2147483647"},
        {-2147483648.0, "-2147483648"},
        {1.05, "1.05"},
        {1e20, "1e20"},
        {0.1, "0.1"},
        {1e6, "1000000"},
        {0.999999999999, "1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        char text[TIMBREL_NUMBER_SIZE];
        timbrel_number_write(cases[i].value, text);
        if (strcmp(text, cases[i].text) != 0) {
            (void)fprintf(stderr, "%.17g was written as %s\n", cases[i].value, text);
            return 1;
        }
    }
    return 0;
}

static int test_read(void) {
    double value = 0;
    CHECK(timbrel_number_read("-1.5e-3", &value) && value == -1.5e-3);
    CHECK(timbrel_number_read("+.5", &value) && value == 0.5);
    CHECK(timbrel_number_read("3.", &value) && value == 3);
    CHECK(timbrel_number_read("1E3", &value) && value == 1000);
    CHECK(timbrel_number_read("9007199254740993000000000", &value) && value > 9.007e24);
    CHECK(timbrel_number_read("1e-400", &value) && value == 0);
    static const char* const bad[] = {"",    "-",   ".",     "nan", "inf", "1,5",  "1e",
                                      "1e+", "0x1", "1.2.3", " 1",  "1 2", "1e400"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
        CHECK(!timbrel_number_read(bad[i], &value));
    }
    return 0;
}

/// Any float comes back as it was: 9 digits are enough (IEEE 754, 5.12.2).
static int test_round_trip(void) {
    uint32_t seed = 1;
    for (int i = 0; i < 200000; ++i) {
        seed = seed * 1664525u + 1013904223u;
        float value = 0;
        memcpy(&value, &seed, sizeof value);
        if (!isfinite(value) || (value != 0 && fabsf(value) < FLT_MIN)) {
            continue;
        }
        char text[TIMBREL_NUMBER_SIZE];
        double back = 0;
        timbrel_number_write((double)value, text);
        CHECK(strlen(text) < TIMBREL_NUMBER_SIZE);
        if (!timbrel_number_read(text, &back) || (float)back != value) {
            (void)fprintf(stderr, "%.9g became %s, then %.9g\n", (double)value, text, back);
            return 1;
        }
    }
    return 0;
}

int main(void) {
    return test_write() || test_read() || test_round_trip();
}
