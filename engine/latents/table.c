// SPDX-License-Identifier: ISC
#include "table.h"

#include <stdlib.h>

TimbrelTable* timbrel_table_new(uint32_t rows, uint32_t latents) {
    TimbrelTable* table =
        calloc(1, sizeof *table + (size_t)rows * latents * sizeof table->values[0]);
    if (table) {
        atomic_store(&table->holders, 1);
        table->rows = rows;
        table->latents = latents;
    }
    return table;
}

void timbrel_table_finish(TimbrelTable* table) {
    double sums[TIMBREL_MAX_LATENTS] = {0};
    for (uint32_t r = 0; r < table->rows; ++r) {
        for (uint32_t i = 0; i < table->latents; ++i) {
            sums[i] += (double)table->values[(size_t)r * table->latents + i];
        }
    }
    for (uint32_t i = 0; i < table->latents; ++i) {
        table->mean[i] = (float)(sums[i] / table->rows);
    }
}

TimbrelTable* timbrel_table_hold(TimbrelTable* table) {
    if (table) {
        atomic_fetch_add(&table->holders, 1);
    }
    return table;
}

void timbrel_table_let_go(TimbrelTable* table) {
    if (table && atomic_fetch_sub(&table->holders, 1) == 1) {
        free(table);
    }
}
