// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_STATE_ROWS_H
#define TIMBREL_PLUGIN_STATE_ROWS_H

#include "engine/effect/effect.h"
#include "state_values.h"

/// A session's rows. Keys (urn:timbrel:): `rowsChoice` (String) is "none", "file" or "captured";
/// `rowsFile` (Path, else empty) is that file, or the one which the captured rows were written to;
/// `rowsData` (Chunk) says of captured rows, little-endian, in this order:
///
///     "TmbR", version 1, rows, latents   4 bytes, 3 numbers of 32 bits
///     frames a second, beats             2 numbers of 64 bits with a point; 0: unknown
///     latent-space id                    text of 64 bytes
///     values[row][latent]                32 bits with a point each, or nothing: then in the file
///
/// The file is an array (.npy) whose name is made of what is in it, so that unchanged saves are
/// equal. Where the host can make no file, the values are in `rowsData`. Where there are no
/// captured rows, it says 0 rows. Thread: any but audio.

LV2_State_Status timbrel_state_save_rows(TimbrelEffect* effect, const TimbrelSaving* saving);

/// A state without these keys, such as a preset, leaves the rows as they are. What is damaged is
/// none, and `error` says so.
void timbrel_state_restore_rows(TimbrelEffect* effect, const TimbrelRestoring* restoring,
                                TimbrelError* error);

#endif
