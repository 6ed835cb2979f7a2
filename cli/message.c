// SPDX-License-Identifier: ISC
#include "message.h"

#include "engine/base/status.h"

#include <stdarg.h>
#include <unistd.h>

// UTF-8 passes; C0, DEL and C1 (which UTF-8 writes as 0xC2 0x80..0x9F) do not.
void print_safely(FILE* stream, const char* text) {
    for (const unsigned char* c = (const unsigned char*)text; *c; ++c) {
        const int control = *c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0);
        (void)putc(control ? '?' : *c, stream);
        if (control && *c == 0xc2) {
            ++c;
        }
    }
}

void message(const char* format, ...) {
    char text[8192];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    flockfile(stderr); // Threads have their lines one after the other
    if (isatty(STDERR_FILENO)) {
        (void)fputs("\r\033[K", stderr); // A line of progress may stand there
    }
    (void)fputs("timbrel: ", stderr);
    print_safely(stderr, text);
    (void)putc('\n', stderr);
    funlockfile(stderr);
}

void message_no_memory(void) {
    TimbrelError error;
    (void)timbrel_error_no_memory(&error);
    message("%s", error.message);
}
