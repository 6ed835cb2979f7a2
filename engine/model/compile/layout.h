// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_COMPILE_LAYOUT_H
#define TIMBREL_ENGINE_MODEL_COMPILE_LAYOUT_H

#include "builder.h"
#include "engine/model/backend.h"

#ifdef __cplusplus
extern "C" {
#endif

/// What the header says beside the layout.
typedef struct {
    const char* model_hash;
    const char* maker;
    uint32_t frames;
    TimbrelWeightForm form;
} TimbrelLayoutOptions;

/// Give every buffer its place and write the plan to `file`, from its beginning. The builder is
/// used up: only to be freed.
TimbrelStatus timbrel_layout_write(TimbrelBuilder* builder, const TimbrelModelInfo* info,
                                   const TimbrelLayoutOptions* options, int file);

#ifdef __cplusplus
}
#endif

#endif
