// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_MESSAGE_H
#define TIMBREL_CLI_MESSAGE_H

#include <stdio.h>

/// Print "timbrel: " and one sentence to stderr. Thread: any.
void message(const char* format, ...) __attribute__((format(printf, 1, 2)));

/// Print that there is not enough memory. Thread: any.
void message_no_memory(void);

/// Print text that a model file holds, with what could steer a terminal replaced by '?'.
void print_safely(FILE* stream, const char* text);

#endif
