// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_BASE_TEXT_H
#define TIMBREL_ENGINE_BASE_TEXT_H

#include <string.h>

#define TIMBREL_PATH_SIZE 4096 ///< Bytes of a model's path or name, NUL included

/// Copy an array to another of the same size, in bytes; with any other it does not compile.
#define TIMBREL_COPY(TO, FROM)                                                                     \
    do {                                                                                           \
        _Static_assert(sizeof(TO) == sizeof(FROM), "the arrays differ in size");                   \
        memcpy((TO), (FROM), sizeof(TO));                                                          \
    } while (0)

#endif
