// SPDX-License-Identifier: ISC
#include "number.h"
#include "rt.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/// value * 10^exponent, correctly rounded up to 10^22; in steps, to keep each power finite.
static double scale(double value, int exponent) {
    for (int left = exponent < 0 ? -exponent : exponent; left > 0;) {
        double power = 1;
        for (int i = 0; i < 300 && left > 0; ++i, --left) {
            power *= 10;
        }
        value = exponent < 0 ? value / power : value * power;
    }
    return value;
}

static char* write_digits(char* out, uint64_t digits) {
    char reversed[20];
    int n = 0;
    do {
        reversed[n++] = (char)('0' + digits % 10);
        digits /= 10;
    } while (digits);
    while (n > 0) {
        *out++ = reversed[--n];
    }
    return out;
}

void timbrel_number_write(double value, char text[TIMBREL_NUMBER_SIZE]) TIMBREL_RT {
    if (value < 0) {
        *text++ = '-';
        value = -value;
    }
    if (value < 1e15 && value == floor(value)) {
        *write_digits(text, (uint64_t)value) = '\0';
        return;
    }
    int exponent = (int)floor(log10(value)) - 8;
    uint64_t digits = (uint64_t)llround(scale(value, -exponent));
    while (digits % 10 == 0) {
        digits /= 10;
        ++exponent;
    }
    if (exponent < 0 && exponent >= -9) {
        const uint64_t unit = (uint64_t)scale(1, -exponent);
        char* point = write_digits(text, digits / unit);
        text = write_digits(point, unit + digits % unit); // its leading 1 keeps the zeros
        *point = '.';
    } else {
        text = write_digits(text, digits);
        if (exponent) {
            *text++ = 'e';
            if (exponent < 0) {
                *text++ = '-';
            }
            text = write_digits(text, (uint64_t)abs(exponent));
        }
    }
    *text = '\0';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool timbrel_number_read(const char* text, double* value) TIMBREL_RT {
    const bool negative = *text == '-';
    text += *text == '-' || *text == '+';
    uint64_t digits = 0;
    int exponent = 0;
    bool any = false;
    bool point = false;
    for (; is_digit(*text) || (*text == '.' && !point); ++text) {
        if (*text == '.') {
            point = true;
            continue;
        }
        any = true;
        const bool kept = digits < UINT64_C(100000000000000000);
        if (kept) {
            digits = 10 * digits + (uint64_t)(*text - '0');
        }
        exponent += (kept ? 0 : 1) - (point ? 1 : 0);
    }
    if (!any) {
        return false;
    }
    if (*text == 'e' || *text == 'E') {
        ++text;
        const int sign = *text == '-' ? -1 : 1;
        text += *text == '-' || *text == '+';
        if (!is_digit(*text)) {
            return false;
        }
        int power = 0;
        for (; is_digit(*text); ++text) {
            power = power < 1000 ? 10 * power + (*text - '0') : power;
        }
        exponent += sign * power;
    }
    if (*text) {
        return false;
    }
    exponent = exponent < -700 ? -700 : exponent > 700 ? 700 : exponent;
    *value = scale((double)digits, exponent) * (negative ? -1 : 1);
    return isfinite(*value);
}
