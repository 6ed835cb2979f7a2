// SPDX-License-Identifier: ISC
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

bool number_parse(const char* text, double minimum, double maximum, double* value) {
    char* end = NULL;
    const double number = strtod(text, &end);
    if (end == text || *end || !isfinite(number) || number < minimum || number > maximum) {
        return false;
    }
    *value = number;
    return true;
}

bool number_parse_whole(const char* text, uint64_t minimum, uint64_t maximum, uint64_t* value) {
    if (!isdigit((unsigned char)text[0])) {
        return false;
    }
    char* end = NULL;
    errno = 0;
    const unsigned long long number = strtoull(text, &end, 10);
    if (errno || *end || number < minimum || number > maximum) {
        return false;
    }
    *value = number;
    return true;
}
