// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_NUMBER_H
#define TIMBREL_CLI_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/// Numbers as text. True only if the whole of `text` is one finite number from `minimum` to
/// `maximum`.
bool number_parse(const char* text, double minimum, double maximum, double* value);
bool number_parse_whole(const char* text, uint64_t minimum, uint64_t maximum, uint64_t* value);

#endif
