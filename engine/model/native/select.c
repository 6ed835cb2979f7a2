// SPDX-License-Identifier: ISC
#include "kernels.h"

#include <string.h>

extern const TimbrelKernels timbrel_kernels_plain;
extern const TimbrelKernels timbrel_kernels_avx2;
extern const TimbrelKernels timbrel_kernels_avx512;

static bool runs_here(const TimbrelKernels* kernels) {
#ifdef __x86_64__
    if (kernels == &timbrel_kernels_avx512) {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    }
    // What has AVX2 has F16C too, for which clang 14 cannot ask.
    if (kernels == &timbrel_kernels_avx2) {
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    }
#endif
    return kernels == &timbrel_kernels_plain;
}

const TimbrelKernels* timbrel_kernels(const char* name) {
    static const TimbrelKernels* const all[] = {
#ifdef __x86_64__
        &timbrel_kernels_avx512,
        &timbrel_kernels_avx2,
#endif
        &timbrel_kernels_plain,
        NULL,
    };
    const TimbrelKernels* const* each = all;
    while (*each && !((!name || strcmp(name, (*each)->name) == 0) && runs_here(*each))) {
        ++each;
    }
    return *each;
}
