// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_STATE_POINTS_H
#define TIMBREL_PLUGIN_STATE_POINTS_H

#include "engine/effect/effect.h"
#include "state_values.h"

/// A session's points. Key: urn:timbrel:pointsData (Chunk), little-endian, in this order:
///
///     "TmbP", version 1, latents, points   4 bytes, 3 numbers of 32 bits
///     latent-space id                      text of 64 bytes
///     of each point: number, from 1        32 bits
///                    name                  text of 64 bytes
///                    values[latent]        32 bits with a point each
///
/// Thread: any but audio.

LV2_State_Status timbrel_state_save_points(TimbrelEffect* effect, const TimbrelSaving* saving);

/// A state without the key, such as a preset, leaves the points as they are. What is damaged is
/// none, and `error` says so.
void timbrel_state_restore_points(TimbrelEffect* effect, const TimbrelRestoring* restoring,
                                  TimbrelError* error);

#endif
