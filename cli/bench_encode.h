// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_BENCH_ENCODE_H
#define TIMBREL_CLI_BENCH_ENCODE_H

#include "collection.h"
#include "opening.h"

/// Encode the sounds into a folder that is removed again, and tell how fast that was and which
/// share of the workers' time was not the model's. Returns the exit status.
int bench_encode(const char* model, const ModelOptions* model_options, const Collection* sounds,
                 bool as_json);

#endif
