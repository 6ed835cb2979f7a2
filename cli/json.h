// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_JSON_H
#define TIMBREL_CLI_JSON_H

#include <jansson.h>
#include <stdint.h>

/// What jansson alone refuses: text that is not UTF-8 (shown with '?'), numbers that are not finite
/// (null). Each returns a new reference.
json_t* json_text(const char* text);
json_t* json_number(double value);
json_t* json_count(uint64_t value);

/// Print `value` to stdout and release it. Returns the exit status.
int json_print(json_t* value);

#endif
