// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_FILES_INPUT_H
#define TIMBREL_ENGINE_FILES_INPUT_H

#include "engine/base/status.h"

/// Open the file at `path` for reading; "-" is standard input, which is copied to a nameless file
/// first, so that whoever reads can seek. Returns a descriptor, or -1 with `error` filled.
int timbrel_input_open(const char* path, TimbrelError* error);

/// The same for a file alone: neither standard input nor a pipe, which would be waited for where
/// nobody writes into it. For whoever must go on.
int timbrel_input_open_file(const char* path, TimbrelError* error);

/// How a message calls the input: "-" is "standard input".
const char* timbrel_input_name(const char* path);

#endif
