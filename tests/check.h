// SPDX-License-Identifier: ISC
#ifndef TIMBREL_TESTS_CHECK_H
#define TIMBREL_TESTS_CHECK_H

#include <stdio.h>

/// In a test function or main(): unless `cond` holds, say where and return 1.
#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                       \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

#endif
