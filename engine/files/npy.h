// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_FILES_NPY_H
#define TIMBREL_ENGINE_FILES_NPY_H

#include "engine/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The head of numpy's .npy files, formats 1.0, 2.0 and 3.0 (NumPy Enhancement Proposal 1 and
/// numpy.lib.format), of two-dimensional little-endian float arrays in C order and of nothing else:
/// what latents are. No file is touched here.

#define TIMBREL_NPY_HEAD_SIZE 128   ///< Bytes of the heads that we write
#define TIMBREL_NPY_MAX_HEAD  65536 ///< Bytes of the largest head that we read

typedef struct {
    uint64_t rows;
    uint64_t columns;
    bool wide;        ///< float64, else float32
    size_t head_size; ///< Bytes before the first value
} TimbrelNpy;

/// Whether a file that starts so is a .npy at all.
bool timbrel_npy_is(const unsigned char* bytes, size_t size);

/// Read a head from the first `size` bytes of a file; `size` is the whole file's where that is
/// less than TIMBREL_NPY_MAX_HEAD. `name` is for the message. Rows x columns values and the head
/// never overflow 63 bits of bytes.
TimbrelStatus timbrel_npy_parse(const unsigned char* bytes, size_t size, const char* name,
                                TimbrelNpy* npy, TimbrelError* error);

/// Write a head of TIMBREL_NPY_HEAD_SIZE bytes, format 1.0, as numpy itself does.
void timbrel_npy_format(const TimbrelNpy* npy, unsigned char bytes[TIMBREL_NPY_HEAD_SIZE]);

#endif
