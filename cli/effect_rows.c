// SPDX-License-Identifier: ISC
#include "effect_rows.h"

#include "message.h"

#include <stdlib.h>
#include <string.h>

static bool load(TimbrelEffect* effect, const char* path) {
    timbrel_effect_load_rows(effect, path);
    TimbrelError error = {0};
    TimbrelRowsReport report;
    if (timbrel_effect_wait(effect, &error) != TIMBREL_OK) {
        message("%s", error.message);
        return false;
    }
    timbrel_effect_rows(effect, &report);
    if (report.message[0]) {
        message("%s", report.message);
    }
    return report.state != TIMBREL_ROWS_FAILED && !report.message[0];
}

/// Rows as points.
static TimbrelPoints* make_points(const TimbrelTable* table) {
    TimbrelPoints* points = calloc(1, sizeof *points);
    if (!points) {
        message_no_memory();
        return NULL;
    }
    points->latents = table->latents;
    memcpy(points->space, table->space, sizeof points->space);
    for (uint32_t i = 0; i < table->rows; ++i) {
        points->points[i].there = true;
        memcpy(points->points[i].values, table->values + (size_t)i * table->latents,
               table->latents * sizeof(float));
    }
    return points;
}

static bool load_points(TimbrelEffect* effect, const char* path) {
    if (!load(effect, path)) {
        return false;
    }
    TimbrelTable* table = timbrel_effect_hold_table(effect);
    TimbrelPoints* points = NULL;
    if (table && table->rows > TIMBREL_POINTS) {
        message("\"%s\" has %u rows, and there are no more than %d points; choose some of them.",
                path, table->rows, TIMBREL_POINTS);
    } else if (table) {
        points = make_points(table);
    }
    if (points) {
        timbrel_effect_set_points(effect, points);
    }
    const bool good = points != NULL;
    free(points);
    timbrel_table_let_go(table);
    return good;
}

bool effect_rows_load(TimbrelEffect* effect, const char* rows, const char* points) {
    if (points && !load_points(effect, points)) {
        return false;
    }
    return (!rows && !points) || load(effect, rows ? rows : "");
}
