// SPDX-License-Identifier: ISC
#include "state_rows.h"

#include "chunk.h"
#include "engine/base/hash.h"
#include "engine/files/input.h"
#include "engine/files/npy.h"

#include <lv2/core/lv2_util.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { version = 1, head_size = 32 + TIMBREL_NAME_SIZE };

static const char magic[4] = {'T', 'm', 'b', 'R'};

/// What there is to save, at one time.
typedef struct {
    TimbrelRowsReport report;
    TimbrelTable* table; ///< Held, where the rows were captured; else NULL
} Rows;

/// NULL when memory ran out.
static Rows* hold_rows(TimbrelEffect* effect) {
    Rows* rows = calloc(1, sizeof *rows);
    uint32_t serial = 0;
    if (rows) {
        timbrel_effect_rows(effect, &rows->report);
        do { // until both are of one time
            serial = rows->report.serial;
            timbrel_table_let_go(rows->table);
            rows->table = timbrel_effect_hold_table(effect);
            timbrel_effect_rows(effect, &rows->report);
        } while (rows->report.serial != serial);
        if (!rows->report.captured) {
            timbrel_table_let_go(rows->table);
            rows->table = NULL;
        }
    }
    return rows;
}

static size_t values_size(const TimbrelTable* table) {
    return (size_t)table->rows * table->latents * sizeof(float);
}

static void write_values(TimbrelChunkWriter* w, const TimbrelTable* table) {
    for (size_t i = 0; i < (size_t)table->rows * table->latents; ++i) {
        timbrel_chunk_put_float(w, table->values[i]);
    }
}

/// All or nothing. One that is there already has the same name, so the same content.
static bool write_file(const char* path, const uint8_t* bytes, size_t size) {
    struct stat status;
    if (!stat(path, &status) && (size_t)status.st_size == size) {
        return true;
    }
    const size_t room = strlen(path) + sizeof ".part";
    char* part = malloc(room);
    if (!part) {
        return false;
    }
    (void)snprintf(part, room, "%s.part", path);
    FILE* file = fopen(part, "wbe");
    bool good = file && fwrite(bytes, 1, size, file) == size;
    good = file && !fclose(file) && good && !rename(part, path);
    if (file && !good) {
        (void)unlink(part);
    }
    free(part);
    return good;
}

/// The path of the file in which the rows now are, the host's; NULL where there can be none.
static char* make_file(const TimbrelSaving* s, const TimbrelTable* table) {
    const LV2_State_Make_Path* make = lv2_features_data(s->features, LV2_STATE__makePath);
    const size_t size = TIMBREL_NPY_HEAD_SIZE + values_size(table);
    uint8_t* bytes = make ? malloc(size) : NULL;
    if (!bytes) {
        return NULL;
    }
    timbrel_npy_format(&(TimbrelNpy){.rows = table->rows, .columns = table->latents}, bytes);
    write_values(&(TimbrelChunkWriter){bytes + TIMBREL_NPY_HEAD_SIZE}, table);
    char hash[TIMBREL_HASH_SIZE];
    char name[TIMBREL_HASH_SIZE + sizeof "rows-.npy"];
    timbrel_hash_bytes(bytes, size, hash);
    (void)snprintf(name, sizeof name, "rows-%s.npy", hash);
    char* path = make->path(make->handle, name);
    if (path && !write_file(path, bytes, size)) {
        timbrel_state_free_path(s->features, path);
        path = NULL;
    }
    free(bytes);
    return path;
}

/// `table` may be NULL: there are no captured rows.
static LV2_State_Status store_data(const TimbrelSaving* s, const TimbrelTable* table,
                                   bool with_values) {
    const size_t size = head_size + (with_values ? values_size(table) : 0);
    uint8_t* bytes = calloc(1, size);
    if (!bytes) {
        return LV2_STATE_ERR_UNKNOWN;
    }
    TimbrelChunkWriter w = {bytes};
    timbrel_chunk_put_bytes(&w, magic, sizeof magic);
    timbrel_chunk_put(&w, version, 4);
    timbrel_chunk_put(&w, table ? table->rows : 0, 4);
    timbrel_chunk_put(&w, table ? table->latents : 0, 4);
    timbrel_chunk_put_double(&w, table ? table->frame_rate : 0);
    timbrel_chunk_put_double(&w, table ? table->beats : 0);
    timbrel_chunk_put_text(&w, table ? table->space : "", TIMBREL_NAME_SIZE);
    if (with_values) {
        write_values(&w, table);
    }
    const LV2_State_Status status = timbrel_state_store_chunk(s, s->uris->rows_data, bytes, size);
    free(bytes);
    return status;
}

static LV2_State_Status store_rows(const TimbrelSaving* s, const Rows* rows, const char* made) {
    const char* choice = rows->table ? "captured" : rows->report.path[0] ? "file" : "none";
    const char* path = made ? made : rows->table ? "" : rows->report.path;
    LV2_State_Status status =
        timbrel_state_store_text(s, s->uris->rows_choice, s->uris->atom_string, choice, true);
    status = status ? status : timbrel_state_store_path(s, s->uris->rows_file, path);
    return status ? status : store_data(s, rows->table, rows->table && !made);
}

LV2_State_Status timbrel_state_save_rows(TimbrelEffect* effect, const TimbrelSaving* s) {
    Rows* rows = hold_rows(effect);
    if (!rows) {
        return LV2_STATE_ERR_UNKNOWN;
    }
    char* made = rows->table ? make_file(s, rows->table) : NULL;
    const LV2_State_Status status = store_rows(s, rows, made);
    if (made) {
        timbrel_state_free_path(s->features, made);
    }
    timbrel_table_let_go(rows->table);
    free(rows);
    return status;
}

static bool is_measure(double value) {
    return isfinite(value) && value >= 0;
}

/// Rows of zeros with what the data says of them; NULL if it is damaged. The reader is at the
/// values then, whose size is `available` where they are not in the data.
static TimbrelTable* read_head(TimbrelChunkReader* r, size_t available) {
    if (r->left < head_size || memcmp(r->at, magic, sizeof magic) != 0) {
        return NULL;
    }
    char space[TIMBREL_NAME_SIZE];
    (void)timbrel_chunk_get(r, sizeof magic);
    const uint64_t is_version = timbrel_chunk_get(r, 4);
    const uint64_t rows = timbrel_chunk_get(r, 4);
    const uint64_t latents = timbrel_chunk_get(r, 4);
    const double frame_rate = timbrel_chunk_get_double(r);
    const double beats = timbrel_chunk_get_double(r);
    timbrel_chunk_get_text(r, space, sizeof space);
    // Before memory is asked for: there are as many values as it says.
    const uint64_t size = rows * latents * sizeof(float);
    if (is_version != version || rows < 1 || latents < 1 || latents > TIMBREL_MAX_LATENTS ||
        size != (r->left > 0 ? r->left : available) || !is_measure(frame_rate) ||
        !is_measure(beats)) {
        return NULL;
    }
    TimbrelTable* table = timbrel_table_new((uint32_t)rows, (uint32_t)latents);
    if (table) {
        table->frame_rate = frame_rate;
        table->beats = beats;
        memcpy(table->space, space, sizeof space);
    }
    return table;
}

/// False if a value is none.
static bool read_values(TimbrelChunkReader* r, TimbrelTable* table) {
    bool good = true;
    for (size_t i = 0; i < (size_t)table->rows * table->latents; ++i) {
        table->values[i] = timbrel_chunk_get_float(r);
        good = good && isfinite(table->values[i]);
    }
    timbrel_table_finish(table);
    return good && !r->short_of;
}

/// The file's bytes, freed by the caller; NULL if it cannot be read.
static uint8_t* read_file(const char* path, size_t* size) {
    struct stat status;
    const int descriptor = timbrel_input_open_file(path, NULL);
    FILE* file = descriptor >= 0 ? fdopen(descriptor, "rb") : NULL;
    uint8_t* bytes = NULL;
    if (file && !fstat(descriptor, &status) && status.st_size > 0) {
        *size = (size_t)status.st_size;
        bytes = malloc(*size);
        if (bytes && fread(bytes, 1, *size, file) != *size) {
            free(bytes);
            bytes = NULL;
        }
    }
    if (file) {
        (void)fclose(file);
    }
    return bytes;
}

/// The captured rows that were written to a file; NULL if that or the data is not as it was.
static TimbrelTable* read_captured(const char* path, TimbrelChunkReader data) {
    size_t size = 0;
    uint8_t* bytes = read_file(path, &size);
    TimbrelNpy npy = {0};
    TimbrelTable* table = NULL;
    if (bytes && !timbrel_npy_parse(bytes, size, path, &npy, NULL) && !npy.wide) {
        table = read_head(&data, size - npy.head_size);
    }
    TimbrelChunkReader values = {bytes + npy.head_size, size - npy.head_size, false};
    if (table && (npy.rows != table->rows || npy.columns != table->latents ||
                  !read_values(&values, table))) {
        timbrel_table_let_go(table);
        table = NULL;
    }
    free(bytes);
    return table;
}

static void refuse(TimbrelEffect* effect, TimbrelError* error) {
    timbrel_effect_set_table(effect, NULL);
    (void)timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                            "The kept rows in this session are damaged, so there are none; keep "
                            "them again, or open a former copy of the session.");
}

/// The session's file, in the place of whatever there is, also where it cannot be read.
static void restore_file(TimbrelEffect* effect, const char* path) {
    timbrel_effect_set_table(effect, NULL);
    timbrel_effect_load_rows(effect, path);
}

static void restore_captured(TimbrelEffect* effect, const TimbrelRestoring* r, const char* path,
                             TimbrelError* error) {
    size_t size = 0;
    const void* bytes = timbrel_state_chunk(r, r->uris->rows_data, &size);
    TimbrelChunkReader data = {bytes, bytes ? size : 0, false};
    TimbrelTable* table = NULL;
    if (path[0] && size == head_size) {
        table = read_captured(path, data);
        if (!table) { // Whatever is wrong with the file is told as of any other, and it is kept
            restore_file(effect, path);
            return;
        }
    } else {
        table = read_head(&data, 0);
        if (table && !read_values(&data, table)) {
            timbrel_table_let_go(table);
            table = NULL;
        }
    }
    if (table) {
        timbrel_effect_set_table(effect, table);
    } else {
        refuse(effect, error);
    }
}

void timbrel_state_restore_rows(TimbrelEffect* effect, const TimbrelRestoring* r,
                                TimbrelError* error) {
    char* choice = timbrel_state_text(r, r->uris->rows_choice, NULL);
    char* file = choice ? timbrel_state_text(r, r->uris->rows_file, NULL) : NULL;
    char* path = file ? timbrel_state_absolute_path(r, file) : NULL;
    if (choice && !strcmp(choice, "captured")) {
        restore_captured(effect, r, path ? path : "", error);
    } else if (choice && !strcmp(choice, "file") && path && path[0]) {
        restore_file(effect, path);
    } else if (choice) {
        timbrel_effect_set_table(effect, NULL);
        if (strcmp(choice, "none") != 0) {
            (void)timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                    "This session has rows of a kind that this version does not "
                                    "know (\"%.60s\"), so there are none; use the version that "
                                    "saved it.",
                                    choice);
        }
    }
    free(path);
    free(file);
    free(choice);
}
