// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_FILES_OUTPUT_H
#define TIMBREL_ENGINE_FILES_OUTPUT_H

#include "engine/base/status.h"

/// A file that appears when it is whole: until then it lies beside its place under another name,
/// and what was there before stays. "-" is standard output, to which a finished file is copied.
typedef struct TimbrelOutput TimbrelOutput;

/// A symbolic link's target is replaced, not the link; only a regular file ever is. Standard output
/// that is a terminal is refused. NULL with `error` filled on failure.
TimbrelOutput* timbrel_output_open(const char* path, TimbrelError* error);

/// Where to write: seekable, empty at first.
int timbrel_output_descriptor(const TimbrelOutput* output);

/// Put the file in its place. The output is gone after it, on failure without a trace.
TimbrelStatus timbrel_output_finish(TimbrelOutput* output, TimbrelError* error);

/// Remove what was written. NULL is allowed.
void timbrel_output_discard(TimbrelOutput* output);

/// Remove all that is in the making, just before the process ends. Thread: any, a signal handler
/// too.
void timbrel_output_abandon(void);

#endif
