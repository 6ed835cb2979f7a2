// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_VALIDATE_H
#define TIMBREL_ENGINE_MODEL_VALIDATE_H

#include "model_info.h"

#include <stdbool.h>
#include <stddef.h>

/// Checks on what timbrel-torch says of a model: a model file from a stranger may have taken that
/// process over, so its words are data like any other. Thread: any.

/// Make `text` a terminated, printable UTF-8 string, whatever its `size` bytes hold: bytes that are
/// no UTF-8 and control characters become '?'.
void timbrel_validate_text(char* text, size_t size);

/// Bring `info` (a private copy) into the form that model_info.h promises: texts terminated and
/// clean, flags 0 or 1, unused entries zero. False if a count, a ratio or a rate is out of range or
/// the parts contradict each other: then it must not be used.
bool timbrel_validate_info(TimbrelModelInfo* info);

#endif
