// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_TORCH_SANDBOX_H
#define TIMBREL_ENGINE_MODEL_TORCH_SANDBOX_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Give up, for good, what playing a model needs no part of: network, other programs, new
/// processes, writing files, other processes. What is refused fails with EPERM. Threads are still
/// possible, and reading files is. False if the kernel or the build has no such filter; then
/// nothing changed.
bool timbrel_sandbox_enter(void);

#ifdef __cplusplus
}
#endif
#endif
