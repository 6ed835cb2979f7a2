// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_OPTIONS_H
#define TIMBREL_PLUGIN_OPTIONS_H

#include "uris.h"

#include <lv2/options/options.h>

/// How long the host's blocks are, in frames: as it says when it makes the plugin, and whenever
/// that changes. Threading class: instantiation.
typedef struct {
    int32_t smallest; ///< 0: it did not say
    int32_t largest;  ///< 0: it did not say
    int32_t usual;    ///< 0: it did not say
} TimbrelBlockOptions;

/// Take over what `options` (ends with key 0; may be NULL) say. Returns LV2_Options_Status bits for
/// those that are not ours or make no sense; the others count.
uint32_t timbrel_options_set(TimbrelBlockOptions* blocks, const TimbrelUris* uris,
                             const LV2_Options_Option* options);

/// Fill in what was set before; the values last as long as `blocks`.
uint32_t timbrel_options_get(TimbrelBlockOptions* blocks, const TimbrelUris* uris,
                             LV2_Options_Option* options);

/// The usual block; else the largest, where all are alike or it is small; else 0. Ardour and
/// guitarix name 8192 as their largest, which comes only when they render, if ever; time for the
/// model in every such block would be mere latency.
uint32_t timbrel_options_block(const TimbrelBlockOptions* blocks);

#endif
