// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_EFFECT_ROWS_FILE_H
#define TIMBREL_ENGINE_EFFECT_ROWS_FILE_H

#include "engine/base/status.h"
#include "engine/files/latents.h"
#include "engine/latents/table.h"

/// The rows of a file of latents, of either format of latent_file.h, and where they are from. NULL
/// with `error` filled on failure. Thread: any but audio and inference.
TimbrelTable* timbrel_rows_read(const char* path, TimbrelOrigin* origin, TimbrelError* error);

#endif
