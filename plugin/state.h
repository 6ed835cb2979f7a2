// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_STATE_H
#define TIMBREL_PLUGIN_STATE_H

#include "engine/effect/effect.h"
#include "uris.h"

#include <lv2/state/state.h>

/// Longest that a model to be restored, or named by the environment, holds up a host that does not
/// play.
#define TIMBREL_SETTLE_MILLISECONDS 15000

/// What a session keeps beside the ports: which model is wanted, whether it could be loaded or not,
/// its method, and the attributes that were set. Thread: any but audio, at any time, also while
/// run() runs.
///
/// Keys (urn:timbrel:): `choice` (String) is "none", "name:" and a name of the search path, or
/// "file"; `file` (Path, else empty) counts only then; `attributes` (String); `method` (String), ""
/// for the default; `level` (Float), see timbrel_effect_level(); rows and points as state_rows.h
/// and state_points.h say. Each is in every state, with one type: some hosts keep the first type of
/// a key for ever, and the last value of one that is no longer stored. `model` is read where
/// `choice` is absent: version 0.1 kept a name (String) or a file (Path) there.

LV2_State_Status timbrel_state_save(TimbrelEffect* effect, const TimbrelUris* uris,
                                    LV2_State_Store_Function store, LV2_State_Handle handle,
                                    const LV2_Feature* const* features);

/// What is not in the state becomes as in a new instance, but for level, rows and points, which
/// stay. Returns before the model is loaded. Rows or points that are damaged are left out, which
/// the report on them says, and all else is restored.
LV2_State_Status timbrel_state_restore(TimbrelEffect* effect, const TimbrelUris* uris,
                                       LV2_State_Retrieve_Function retrieve,
                                       LV2_State_Handle handle, const LV2_Feature* const* features);

#endif
