// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_COMPILE_IMPROVE_H
#define TIMBREL_ENGINE_MODEL_COMPILE_IMPROVE_H

#include "builder.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Make a builder's steps fewer, with the same result: what nobody reads is dropped, copies are
/// avoided by writing to where they would go, activations and sums join the convolution before.
void timbrel_improve(TimbrelBuilder* builder);

#ifdef __cplusplus
}
#endif

#endif
