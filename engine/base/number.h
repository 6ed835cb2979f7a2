// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_BASE_NUMBER_H
#define TIMBREL_ENGINE_BASE_NUMBER_H

#include "rt.h"

#include <stdbool.h>
#include <stddef.h>

/// Numbers as text for the audio thread, with a point whatever the locale: a host may well set one
/// with a comma.

#define TIMBREL_NUMBER_SIZE 32

/// Write a finite `value`: whole numbers below 10^15 in full, others with 9 significant digits,
/// which is enough for any float. Thread: any.
void timbrel_number_write(double value, char text[TIMBREL_NUMBER_SIZE]) TIMBREL_RT;

/// Read a whole text such as "-1.5e-3" (up to 18 digits count). False if it is none. Thread: any.
bool timbrel_number_read(const char* text, double* value) TIMBREL_RT;

#endif
