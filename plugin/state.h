// SPDX-License-Identifier: ISC
#ifndef TIMBREL_STATE_H
#define TIMBREL_STATE_H

#include "effect.h"
#include "uris.h"

#include <lv2/state/state.h>

/// What a session keeps beside the ports: which model is wanted, whether it could be loaded or not,
/// and the attributes that were set. Thread: any but audio, at any time, also while run() runs.

/// Stores nothing if no model is wanted and no attribute set.
LV2_State_Status timbrel_state_save(TimbrelEffect* effect, const TimbrelUris* uris,
                                    LV2_State_Store_Function store, LV2_State_Handle handle,
                                    const LV2_Feature* const* features);

/// What is not in the state becomes as in a new instance. Returns before the model is loaded.
LV2_State_Status timbrel_state_restore(TimbrelEffect* effect, const TimbrelUris* uris,
                                       LV2_State_Retrieve_Function retrieve,
                                       LV2_State_Handle handle, const LV2_Feature* const* features);

#endif
