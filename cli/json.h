// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_JSON_H
#define TIMBREL_CLI_JSON_H

#include <jansson.h>
#include <stdint.h>

/// Numbers that jansson alone refuses or takes for others; not finite ones become null. Each
/// returns a new reference. For text see timbrel_json_text().
json_t* json_number(double value);
json_t* json_count(uint64_t value);

/// Print `value` to stdout and release it. Returns the exit status.
int json_print(json_t* value);

#endif
