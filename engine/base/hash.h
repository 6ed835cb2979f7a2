// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_BASE_HASH_H
#define TIMBREL_ENGINE_BASE_HASH_H

#include "status.h"

#include <stddef.h>

/// Telling files apart by what they hold, not by their names.

#define TIMBREL_HASH_SIZE 33 ///< 32 hexadecimal digits and the NUL

/// Write the XXH3 128-bit hash of the whole file to `text`, lower-case hexadecimal in the canonical
/// (big-endian) order, as `xxh128sum` prints it. It tells files apart, and is no protection against
/// forgery. On failure `text` is "". Thread: any but audio.
TimbrelStatus timbrel_hash_file(const char* path, char text[TIMBREL_HASH_SIZE],
                                TimbrelError* error);

/// The same of `size` bytes.
void timbrel_hash_bytes(const void* bytes, size_t size, char text[TIMBREL_HASH_SIZE]);

#endif
