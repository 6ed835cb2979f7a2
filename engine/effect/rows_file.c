// SPDX-License-Identifier: ISC
#include "rows_file.h"

#include "engine/base/text.h"
#include "engine/files/input.h"
#include "engine/files/latent_file.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

static TimbrelTable* make_table(const TimbrelLatents* latents) {
    TimbrelTable* table = timbrel_table_new((uint32_t)latents->rows, latents->count);
    if (table) {
        for (size_t i = 0; i < latents->rows * latents->count; ++i) {
            table->values[i] = (float)latents->values[i];
        }
        table->frame_rate = timbrel_origin_row_rate(&latents->origin);
        TIMBREL_COPY(table->space, latents->origin.space);
        timbrel_table_finish(table);
    }
    return table;
}

static bool all_fit(const TimbrelTable* table) {
    bool fit = true;
    for (size_t i = 0; i < (size_t)table->rows * table->latents; ++i) {
        fit = fit && isfinite(table->values[i]);
    }
    return fit;
}

TimbrelTable* timbrel_rows_read(const char* path, TimbrelOrigin* origin, TimbrelError* error) {
    if (strcmp(path, "-") == 0) { // Standard input is the host's
        (void)timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                "Rows come from a file, not from standard input; name one.");
        return NULL;
    }
    const int descriptor = timbrel_input_open_file(path, error);
    if (descriptor < 0) {
        return NULL;
    }
    (void)close(descriptor);
    TimbrelLatents latents;
    if (timbrel_latent_read(path, &latents, error)) {
        return NULL;
    }
    TimbrelTable* table = make_table(&latents);
    if (!table) {
        (void)timbrel_error_no_memory(error);
    } else if (!all_fit(table)) {
        (void)timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                "\"%.300s\" has numbers that are too large for latents; repair it "
                                "or encode it again.",
                                path);
        timbrel_table_let_go(table);
        table = NULL;
    }
    *origin = latents.origin;
    timbrel_latents_free(&latents);
    return table;
}
