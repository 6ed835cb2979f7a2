// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_TABLE_H
#define TIMBREL_ENGINE_LATENTS_TABLE_H

#include "engine/model/model_info.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/// Rows of latents in memory, from a file or captured. Nothing in it changes once it is shared.
typedef struct {
    atomic_uint holders;
    uint32_t rows;                   ///< At least 1
    uint32_t latents;                ///< Of a row
    double frame_rate;               ///< Rows a second when they were made; 0 if unknown
    double beats;                    ///< That they last; 0 if unknown
    char space[TIMBREL_NAME_SIZE];   ///< Latent-space id that they belong to, see TimbrelModelInfo;
                                     ///< "" if unknown
    float mean[TIMBREL_MAX_LATENTS]; ///< Filled by timbrel_table_finish()
    float values[];                  ///< [row][latent]
} TimbrelTable;

/// Rows of zeros, held once. NULL when memory ran out. Thread: any but audio and inference, as for
/// all below.
TimbrelTable* timbrel_table_new(uint32_t rows, uint32_t latents);

/// The values are in place: find the mean.
void timbrel_table_finish(TimbrelTable* table);

/// One holder more. NULL stays NULL.
TimbrelTable* timbrel_table_hold(TimbrelTable* table);

/// One holder fewer; the last one frees it. NULL is fine.
void timbrel_table_let_go(TimbrelTable* table);

#endif
