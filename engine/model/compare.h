// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_COMPARE_H
#define TIMBREL_ENGINE_MODEL_COMPARE_H

#include "backend.h"

/// Play a plan beside the model that it was made from, before it is trusted: silence, noise and a
/// chirp without randomness, in one lane and two, after a reset, then with randomness, compared
/// by how much it varies. `native` plays the plan, `torch` the model; both are as after a reset
/// when it returns TIMBREL_OK. TIMBREL_BAD_MODEL with a sentence in `error` ("NAME: its plan
/// ...") where they differ, another status where either of them failed, or `cancel` (may be NULL)
/// became true. Takes some hundred calls of each. Thread: any but audio.
TimbrelStatus timbrel_compare(TimbrelBackend* torch, TimbrelBackend* native, const char* name,
                              const _Atomic(bool)* cancel, TimbrelError* error);

#endif
