// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_NATIVE_KERNELS_H
#define TIMBREL_ENGINE_MODEL_NATIVE_KERNELS_H

#include "engine/model/backend.h"
#include "plan.h"

#include <stdbool.h>
#include <stddef.h>

/// The loops in which a plan's time goes, compiled once for each instruction set from one source.
/// Thread: any, no state of their own, nothing allocated.

/// A CONVOLVE step made ready: strides and counts as in plan.h, in floats.
typedef struct {
    const void* weights;
    const float* bias;      ///< By (group, row), rows filled up to whole panels; or NULL
    const int32_t* offsets; ///< Of an input value for each weight of a row
    uint32_t batch, groups, rows, columns;
    uint32_t across; ///< Weights of a row: channels x taps
    uint32_t flags;  ///< TIMBREL_PLAN_HALF, TIMBREL_PLAN_NARROW
    ptrdiff_t in_batch, in_group, in_column;
    ptrdiff_t out_batch, out_group, out_row, out_column;
    ptrdiff_t other_batch, other_group, other_row, other_column; ///< Of what is added
    uint32_t function;                                           ///< TimbrelMap
    float numbers[4];
} TimbrelConvolution;

/// Where one convolution reads and writes: places in lane 0, and how far behind those each lane of
/// the call has its own.
typedef struct {
    const float* in;
    const float* other; ///< NULL: nothing is added
    float* out;
    float* scratch;       ///< TIMBREL_SCRATCH floats, 64-byte aligned
    const size_t* behind; ///< Floats, rising, for each lane of the call
    uint32_t lanes;       ///< 1 to TIMBREL_MAX_LANES
} TimbrelConvolutionCall;

#define TIMBREL_SCRATCH 16384u

typedef struct {
    const char* name; ///< "avx2", ...
    void (*convolve)(const TimbrelConvolution* work, const TimbrelConvolutionCall* call);
    /// out[i] = function(in[i]), side by side; in and out may be one.
    void (*map)(uint32_t function, const float* numbers, size_t count, float* out, const float* in);
    void (*combine)(uint32_t function, const float* numbers, size_t count, float* out,
                    const float* a, const float* b);
    /// out[i] += factor x in[i]
    void (*add_scaled)(size_t count, float* out, const float* in, float factor);
    float (*dot)(size_t count, const float* a, const float* b);
    /// Random numbers, which a key and a first number choose.
    void (*draw)(uint32_t function, const float* numbers, size_t count, float* out,
                 const uint32_t key[2], uint32_t first);
} TimbrelKernels;

/// The best for this machine, or by name ("plain", "avx2", "avx512"); NULL if there is
/// none of that name or the machine cannot run it.
const TimbrelKernels* timbrel_kernels(const char* name);

#endif
