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
