// SPDX-License-Identifier: ISC
#include "json.h"

#include "command.h"
#include "message.h"

#include <math.h>

json_t* json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

json_t* json_count(uint64_t value) {
    return json_integer((json_int_t)value);
}

int json_print(json_t* value) {
    const int failed =
        !value || json_dumpf(value, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) != 0;
    json_decref(value);
    if (failed || putchar('\n') == EOF || fflush(stdout) != 0) {
        message("The answer could not be written; check the disk and memory.");
        return EXIT_FAILED;
    }
    return 0;
}
