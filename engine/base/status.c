// SPDX-License-Identifier: ISC
#include "status.h"

#include <stdarg.h>
#include <stdio.h>

TimbrelStatus timbrel_error_set(TimbrelError* error, TimbrelStatus status, const char* format,
                                ...) {
    if (error) {
        va_list args;
        va_start(args, format);
        error->status = status;
        (void)vsnprintf(error->message, sizeof error->message, format, args);
        va_end(args);
    }
    return status;
}

TimbrelStatus timbrel_error_no_memory(TimbrelError* error) {
    return timbrel_error_set(error, TIMBREL_NO_MEMORY,
                             "There is not enough memory; close other programs and try again.");
}
