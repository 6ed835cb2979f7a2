// SPDX-License-Identifier: ISC
#include "take.h"

#include "blend.h"

#include <string.h>

TimbrelTable* timbrel_take_rows(const TimbrelHistory* history, const TimbrelWish* wish,
                                const TimbrelModelInfo* info, double frame_rate) {
    if (wish->frames == 0) {
        return NULL;
    }
    TimbrelTable* table = timbrel_table_new(wish->frames, info->latents);
    if (!table) {
        return NULL;
    }
    if (!timbrel_history_copy(history, wish->first, wish->frames, table->values)) {
        timbrel_table_let_go(table);
        return NULL;
    }
    table->frame_rate = frame_rate;
    table->beats = wish->beats;
    memcpy(table->space, info->latent_space, sizeof table->space);
    timbrel_table_finish(table);
    return table;
}

/// A row at a place between two; codes are the nearer one's.
static void read_between(const TimbrelModelInfo* info, const TimbrelTable* table, double place,
                         float* row) {
    const uint32_t below = (uint32_t)place;
    const uint32_t above = below + 1 < table->rows ? below + 1 : below;
    const float share = (float)(place - below);
    const float* from = table->values + (size_t)below * table->latents;
    const float* to = table->values + (size_t)above * table->latents;
    for (uint32_t i = 0; i < table->latents; ++i) {
        const float line = from[i] + share * (to[i] - from[i]);
        row[i] = info->discrete == 0 ? line : share < 0.5f ? from[i] : to[i];
    }
}

TimbrelTable* timbrel_take_blend(const TimbrelModelInfo* info, const TimbrelTable* table,
                                 const TimbrelTable* pass) {
    TimbrelTable* blend = timbrel_table_new(table->rows, table->latents);
    if (!blend) {
        return NULL;
    }
    for (uint32_t r = 0; r < table->rows; ++r) {
        const size_t at = (size_t)r * table->latents;
        float row[TIMBREL_MAX_LATENTS];
        read_between(info, pass, (double)r * pass->rows / table->rows, row);
        timbrel_blend(info, table->values + at, row, 0.5f, 1, blend->values + at);
    }
    blend->frame_rate = table->frame_rate;
    blend->beats = table->beats;
    memcpy(blend->space, info->latent_space, sizeof blend->space);
    timbrel_table_finish(blend);
    return blend;
}
