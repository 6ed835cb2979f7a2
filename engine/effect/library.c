// SPDX-License-Identifier: ISC
#include "library.h"
#include "engine/base/rt.h"

#include "engine/base/ring.h"
#include "engine/latents/take.h"
#include "rows_file.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { most_reports = 16, name_slots = 2 * TIMBREL_POINTS };

/// A table of rows, and where it is from.
typedef struct {
    TimbrelTable* table; ///< Held; NULL: none
    TimbrelAxes axes;    ///< Of the table
    char path[TIMBREL_PATH_SIZE];
    char model[256]; ///< Name of the model whose latents they are; "" if unknown
    bool captured;
} Rows;

/// A name that the audio thread gives to a point.
typedef struct {
    uint32_t point;
    char name[TIMBREL_NAME_SIZE + 4]; ///< A little more, so that it is cut at a character's end
} PointName;

struct TimbrelLibrary {
    TimbrelLibraryConfig config;
    atomic_bool freewheel;
    atomic_bool refused; ///< A switch was pressed for latents that are not there
    atomic_uint granted; ///< See timbrel_library_granted()

    // Reports to the audio thread.
    TimbrelRowsReport* told; ///< The audio thread's; never NULL
    _Atomic(TimbrelRowsReport*) next_report;
    TimbrelRing old_reports; ///< TimbrelRowsReport*, to be freed

    // Requests of the audio thread: one slot for a file, a ring for names.
    char slot[TIMBREL_PATH_SIZE];
    atomic_uint slot_request; ///< Its number, 0: the slot is free
    TimbrelRing names;        ///< PointName

    atomic_uint requested; ///< Number of the newest request
    atomic_uint settled;   ///< Number of the newest request that was dealt with

    pthread_mutex_t mutex;
    pthread_cond_t more_settled;
    unsigned wanted_request;        ///< The newest of all
    bool reads;                     ///< A file is to be read
    char wanted[TIMBREL_PATH_SIZE]; ///< That file; "" for no rows
    Rows rows;
    Rows before; ///< What undo brings back
    bool kept;   ///< Keep was the last to change the rows
    TimbrelPoints points;
    TimbrelAxes heard; ///< Axes of what was played, where there are no rows;
                       ///< `latents` is 0 where nobody asked
    char heard_space[TIMBREL_NAME_SIZE];
    uint32_t table_serial; ///< Of the rows that sources play
    uint32_t change;       ///< Grows with all that sources are to know; never 0
    TimbrelRowsState state;
    uint32_t serial;   ///< Of the report
    char message[512]; ///< Why the last request or wish failed, or ""
    char noted[512];   ///< What timbrel_library_note() gave last

    _Atomic(TimbrelSupply*) served; ///< Of the deck that plays; written with the mutex held
};

static void free_rows(Rows* rows) {
    timbrel_table_let_go(rows->table);
    *rows = (Rows){0};
}

/// Takes over a hold of the table. Axes of many rows take a while: the mutex is not held.
static void make_rows(Rows* rows, TimbrelTable* table, const char* path, const char* model,
                      bool captured) {
    *rows = (Rows){.table = table, .captured = captured};
    (void)snprintf(rows->path, sizeof rows->path, "%s", path);
    (void)snprintf(rows->model, sizeof rows->model, "%s", model);
    if (table) {
        timbrel_axes_find(&rows->axes, table->values, table->rows, table->latents);
    }
}

/// Whether latents of that space ("": unknown) and number are this model's.
static bool fits(const TimbrelModelInfo* info, const char* space, uint32_t latents) {
    const bool known = space[0] != '\0' && info->latent_space[0] != '\0';
    return latents == info->latents && (!known || strcmp(space, info->latent_space) == 0);
}

static bool points_fit(const TimbrelPoints* points, const TimbrelModelInfo* info) {
    return points->latents == 0 || fits(info, points->space, points->latents);
}

static uint32_t count_points(const TimbrelPoints* points) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < TIMBREL_POINTS; ++i) {
        count += points->points[i].there ? 1 : 0;
    }
    return count;
}

/// "the model A with 8 latents; B has 16", or why the same number does not help.
static void compare_models(const char* model, uint32_t latents, const char* other,
                           const TimbrelModelInfo* info, char* text, size_t size) {
    char name[120] = "another model";
    if (model[0] != '\0') {
        (void)snprintf(name, sizeof name, "the model %.100s", model);
    }
    if (latents != info->latents) {
        (void)snprintf(text, size, "%s with %u latents; %.100s has %u", name, latents, other,
                       info->latents);
    } else {
        (void)snprintf(text, size, "%s; those of %.100s mean something else", name, other);
    }
}

/// Why rows or points are not played by a model. Call with the mutex held.
static void find_note(const TimbrelLibrary* l, const char* model, const TimbrelModelInfo* info,
                      char* text, size_t size) {
    char why[300];
    text[0] = '\0';
    const TimbrelTable* table = l->rows.table;
    if (info->latents == 0 || info->play_mode != TIMBREL_PLAY_ENCODE_DECODE) {
        if (table || count_points(&l->points) > 0) {
            (void)snprintf(text, size,
                           "The model %.100s plays without encode and decode, so rows and points "
                           "are not played.",
                           model);
        }
        return;
    }
    if (table && !fits(info, table->space, table->latents)) {
        compare_models(l->rows.model, table->latents, model, info, why, sizeof why);
        if (l->rows.path[0] != '\0') {
            (void)snprintf(text, size, "The rows in \"%.150s\" are of %s: they are not played.",
                           l->rows.path, why);
        } else {
            (void)snprintf(text, size, "The captured rows are of %s: they are not played.", why);
        }
    } else if (!points_fit(&l->points, info)) {
        compare_models("", l->points.latents, model, info, why, sizeof why);
        (void)snprintf(text, size, "The stored points are of %s: they are not played.", why);
    }
}

/// Call with the mutex held.
static void fill_report(const TimbrelLibrary* l, TimbrelRowsReport* report) {
    *report = (TimbrelRowsReport){.state = l->state,
                                  .serial = l->serial,
                                  .captured = l->rows.captured,
                                  .points = count_points(&l->points)};
    timbrel_points_print(&l->points, report->names);
    memcpy(report->path, l->rows.path, sizeof report->path);
    memcpy(report->message, l->message, sizeof report->message);
    if (l->rows.table) {
        report->rows = l->rows.table->rows;
        report->latents = l->rows.table->latents;
        report->beats = l->rows.table->beats;
    }
    const TimbrelSupply* served = atomic_load(&l->served);
    if (l->reads) {
        report->state = TIMBREL_ROWS_LOADING;
        report->captured = false;
        report->message[0] = '\0';
        memcpy(report->path, l->wanted, sizeof report->path);
    } else if (report->message[0] == '\0' && served) {
        find_note(l, served->model, &served->info, report->message, sizeof report->message);
    }
}

static void free_old_reports(TimbrelLibrary* l) {
    while (l->old_reports.items && timbrel_ring_count(&l->old_reports) > 0) {
        TimbrelRowsReport* report = NULL;
        (void)timbrel_ring_take(&l->old_reports, &report, 1);
        free(report);
    }
}

/// Something changed that the user is told. Call with the mutex held.
static void publish(TimbrelLibrary* l) {
    ++l->serial;
    free_old_reports(l);
    TimbrelRowsReport* report = calloc(1, sizeof *report);
    if (report) {
        fill_report(l, report);
        free(atomic_exchange(&l->next_report, report));
    }
}

/// Something changed that sources are to know. Call with the mutex held.
static void mark_change(TimbrelLibrary* l) {
    ++l->change;
}

static TimbrelRowsState state_of(const Rows* rows) {
    return rows->table             ? TIMBREL_ROWS_READY
           : rows->path[0] != '\0' ? TIMBREL_ROWS_FAILED
                                   : TIMBREL_ROWS_NONE;
}

/// Other rows are there; takes them over. Call with the mutex held.
static void replace_rows(TimbrelLibrary* l, const Rows* rows) {
    timbrel_table_let_go(l->rows.table);
    l->rows = *rows;
    free_rows(&l->before);
    l->kept = false;
    l->message[0] = '\0';
    l->state = state_of(rows);
    ++l->table_serial;
    mark_change(l);
}

TimbrelLibrary* timbrel_library_new(const TimbrelLibraryConfig* config) {
    TimbrelLibrary* l = calloc(1, sizeof *l);
    if (!l) {
        return NULL;
    }
    l->config = *config;
    l->change = 1;
    (void)pthread_mutex_init(&l->mutex, NULL);
    (void)pthread_cond_init(&l->more_settled, NULL);
    l->told = calloc(1, sizeof *l->told);
    if (!l->told || !timbrel_ring_init(&l->old_reports, sizeof(TimbrelRowsReport*), most_reports) ||
        !timbrel_ring_init(&l->names, sizeof(PointName), name_slots)) {
        timbrel_library_free(l);
        return NULL;
    }
    return l;
}

void timbrel_library_free(TimbrelLibrary* l) {
    if (!l) {
        return;
    }
    free_old_reports(l);
    timbrel_ring_free(&l->old_reports);
    timbrel_ring_free(&l->names);
    free(atomic_load(&l->next_report));
    free(l->told);
    free_rows(&l->rows);
    free_rows(&l->before);
    (void)pthread_mutex_destroy(&l->mutex);
    (void)pthread_cond_destroy(&l->more_settled);
    free(l);
}

static void pause_a_moment(void) {
    const struct timespec moment = {.tv_nsec = 1000000};
    (void)nanosleep(&moment, NULL);
}

/// On the inference thread. It waits only where the audio thread does too, and never for a deck
/// whose wishes nobody grants.
static void wished(void* handle) {
    TimbrelSupply* supply = handle;
    TimbrelLibrary* l = supply->library;
    const unsigned number = atomic_fetch_add(&supply->wished, 1) + 1;
    l->config.wake(l->config.handle);
    while (atomic_load(&l->freewheel) && atomic_load(&l->served) == supply &&
           (int)(number - atomic_load(&supply->granted)) > 0) {
        pause_a_moment();
    }
}

/// What a model of this supply may play now.
static TimbrelMaterial* make_material(TimbrelLibrary* l, const TimbrelSupply* supply) {
    const TimbrelModelInfo* info = &supply->info;
    TimbrelMaterial* material = timbrel_material_new(info->latents);
    if (!material) {
        return NULL;
    }
    (void)pthread_mutex_lock(&l->mutex);
    const TimbrelTable* table = l->rows.table;
    if (table && fits(info, table->space, table->latents)) {
        material->table = timbrel_table_hold(l->rows.table);
        material->kept = l->kept;
        material->axes = l->rows.axes;
    } else if (l->heard.latents > 0 && fits(info, l->heard_space, l->heard.latents)) {
        material->axes = l->heard;
    }
    material->serial = l->table_serial;
    if (points_fit(&l->points, info)) {
        material->points = l->points;
    }
    (void)pthread_mutex_unlock(&l->mutex);
    return material;
}

static void give(TimbrelLibrary* l, TimbrelSupply* supply) {
    (void)pthread_mutex_lock(&l->mutex);
    const uint32_t change = l->change;
    (void)pthread_mutex_unlock(&l->mutex);
    if (supply->sources && supply->given != change) {
        TimbrelMaterial* material = make_material(l, supply);
        if (material) {
            timbrel_sources_give(supply->sources, material);
            supply->given = change;
        }
    }
}

TimbrelSupply* timbrel_library_supply(TimbrelLibrary* l, const TimbrelModelSummary* model) {
    TimbrelSupply* supply = calloc(1, sizeof *supply);
    if (!supply) {
        return NULL;
    }
    supply->library = l;
    supply->info = model->info;
    TIMBREL_COPY(supply->model, model->name);
    if (model->info.play_mode != TIMBREL_PLAY_ENCODE_DECODE || model->info.latents == 0) {
        return supply;
    }
    supply->frame_rate = model->rate / model->info.ratio;
    const TimbrelSourcesConfig config = {.wished = wished, .handle = supply};
    supply->sources = timbrel_sources_new(&model->info, supply->frame_rate, &config);
    if (!supply->sources) {
        free(supply);
        return NULL;
    }
    give(l, supply);
    return supply;
}

void timbrel_library_serve(TimbrelLibrary* l, TimbrelSupply* supply) {
    (void)pthread_mutex_lock(&l->mutex);
    if (atomic_load(&l->served) != supply) {
        atomic_store(&l->served, supply);
        publish(l); // Other rows fit another model
    }
    (void)pthread_mutex_unlock(&l->mutex);
}

/// What was kept, added or stored is there; or not, and `message` says why (NULL: nothing to say).
/// Call with the mutex held.
static void conclude(TimbrelLibrary* l, bool changed, const char* message) {
    (void)snprintf(l->message, sizeof l->message, "%s", message ? message : "");
    if (changed) {
        mark_change(l);
        atomic_fetch_add(&l->granted, 1);
    }
    publish(l);
}

static void grant_keep(TimbrelLibrary* l, const TimbrelSupply* supply, const TimbrelWish* wish) {
    TimbrelTable* table = timbrel_take_rows(timbrel_sources_history(supply->sources), wish,
                                            &supply->info, supply->frame_rate);
    Rows rows = {0};
    make_rows(&rows, table, "", supply->model, true);
    (void)pthread_mutex_lock(&l->mutex);
    if (table) {
        free_rows(&l->before);
        l->before = l->rows;
        l->rows = rows;
        l->kept = true;
        l->state = TIMBREL_ROWS_READY;
        ++l->table_serial;
        conclude(l, true, NULL);
    } else {
        conclude(l, false,
                 wish->frames == 0 ? "Nothing was played before the bar line that could be kept."
                                   : "What was to be kept is no longer there; press keep again.");
    }
    (void)pthread_mutex_unlock(&l->mutex);
}

static void grant_undo(TimbrelLibrary* l) {
    (void)pthread_mutex_lock(&l->mutex);
    if (l->kept) {
        timbrel_table_let_go(l->rows.table);
        l->rows = l->before;
        l->before = (Rows){0};
        l->kept = false;
        l->state = state_of(&l->rows);
        ++l->table_serial;
        conclude(l, true, NULL);
    }
    (void)pthread_mutex_unlock(&l->mutex);
}

/// The table with the pass in it; NULL with `message` where that cannot be.
static TimbrelTable* add_pass(const TimbrelSupply* supply, const TimbrelTable* table,
                              const TimbrelWish* wish, const char** message) {
    const bool too_long = wish->frames == 0;
    TimbrelTable* pass = timbrel_take_rows(timbrel_sources_history(supply->sources), wish,
                                           &supply->info, supply->frame_rate);
    TimbrelTable* blend = pass ? timbrel_take_blend(&supply->info, table, pass) : NULL;
    timbrel_table_let_go(pass);
    *message = blend      ? NULL
               : too_long ? "The rows last longer than what is remembered of the playing: nothing "
                            "was added."
                          : "What was to be added is no longer there; press add again.";
    return blend;
}

static void tell(TimbrelLibrary* l, const char* message) {
    (void)pthread_mutex_lock(&l->mutex);
    conclude(l, false, message);
    (void)pthread_mutex_unlock(&l->mutex);
}

static void grant_add(TimbrelLibrary* l, const TimbrelSupply* supply, const TimbrelWish* wish) {
    TimbrelTable* table = timbrel_library_hold_table(l);
    if (!table || !fits(&supply->info, table->space, table->latents)) {
        tell(l, table ? "The rows are of another model, so nothing was added; keep others first."
                      : "There are no rows to add to; press keep first, or choose a file.");
        timbrel_table_let_go(table);
        return;
    }
    const char* message = NULL;
    TimbrelTable* blend = add_pass(supply, table, wish, &message);
    Rows rows = {0};
    make_rows(&rows, blend, "", supply->model, true);
    (void)pthread_mutex_lock(&l->mutex);
    if (blend && l->rows.table == table) {
        replace_rows(l, &rows);
        conclude(l, true, NULL);
    } else {
        free_rows(&rows);
        conclude(l, false, message);
    }
    (void)pthread_mutex_unlock(&l->mutex);
    timbrel_table_let_go(table);
}

/// Where a frame is to be stored, TIMBREL_POINTS if nowhere.
static uint32_t find_point(const TimbrelPoints* points, uint32_t wanted) {
    uint32_t point = wanted;
    if (wanted >= TIMBREL_POINTS) {
        for (point = 0; point < TIMBREL_POINTS && points->points[point].there; ++point) {
        }
    }
    return point;
}

static void store_point(TimbrelLibrary* l, const TimbrelModelInfo* info, uint32_t point,
                        const float* frame) {
    TimbrelPoint* stored = &l->points.points[point];
    l->points.latents = info->latents;
    TIMBREL_COPY(l->points.space, info->latent_space);
    if (!stored->there) { // Another frame of a point keeps its name
        (void)snprintf(stored->name, sizeof stored->name, "%u", point + 1);
    }
    stored->there = true;
    memcpy(stored->values, frame, info->latents * sizeof(float));
}

static void grant_store(TimbrelLibrary* l, const TimbrelSupply* supply, const TimbrelWish* wish) {
    char message[512] = "";
    (void)pthread_mutex_lock(&l->mutex);
    const uint32_t point = find_point(&l->points, wish->point);
    const bool others = count_points(&l->points) > 0 && !points_fit(&l->points, &supply->info);
    if (others) {
        (void)snprintf(message, sizeof message,
                       "The stored points are of another model than %.200s: nothing was stored.",
                       supply->model);
    } else if (point >= TIMBREL_POINTS) {
        (void)snprintf(message, sizeof message,
                       "All %u points are taken; say which one is to be replaced.", TIMBREL_POINTS);
    } else {
        store_point(l, &supply->info, point, wish->frame);
    }
    conclude(l, message[0] == '\0', message);
    (void)pthread_mutex_unlock(&l->mutex);
}

/// The axes of all that is remembered.
static void grant_axes(TimbrelLibrary* l, const TimbrelSupply* supply) {
    const TimbrelHistory* history = timbrel_sources_history(supply->sources);
    const uint64_t count = atomic_load(&history->count);
    const uint64_t most = history->room - history->room / 16 - 1;
    const uint32_t frames = (uint32_t)(count < most ? count : most);
    const TimbrelWish wish = {.first = count - frames, .frames = frames};
    TimbrelTable* heard = timbrel_take_rows(history, &wish, &supply->info, supply->frame_rate);
    if (!heard) {
        return;
    }
    TimbrelAxes axes;
    timbrel_axes_find(&axes, heard->values, heard->rows, heard->latents);
    timbrel_table_let_go(heard);
    (void)pthread_mutex_lock(&l->mutex);
    l->heard = axes;
    TIMBREL_COPY(l->heard_space, supply->info.latent_space);
    mark_change(l);
    (void)pthread_mutex_unlock(&l->mutex);
}

static void grant(TimbrelLibrary* l, const TimbrelSupply* supply, const TimbrelWish* wish) {
    switch (wish->kind) {
    case TIMBREL_WISH_KEEP:
        grant_keep(l, supply, wish);
        break;
    case TIMBREL_WISH_UNDO:
        grant_undo(l);
        break;
    case TIMBREL_WISH_ADD:
        grant_add(l, supply, wish);
        break;
    case TIMBREL_WISH_STORE:
        grant_store(l, supply, wish);
        break;
    case TIMBREL_WISH_AXES:
        grant_axes(l, supply);
        break;
    }
}

/// Call with the mutex held. False where there is no such point.
static bool name_point(TimbrelLibrary* l, uint32_t point, const char* name) {
    const bool there = point < TIMBREL_POINTS && l->points.points[point].there;
    if (there) {
        timbrel_point_set_name(&l->points.points[point], name);
    }
    return there;
}

/// Call with the mutex held. Whether a name changed.
static bool drain_names(TimbrelLibrary* l) {
    bool changed = false;
    while (timbrel_ring_count(&l->names) > 0) {
        PointName asked;
        (void)timbrel_ring_take(&l->names, &asked, 1);
        changed = name_point(l, asked.point, asked.name) || changed;
    }
    return changed;
}

/// Move the audio thread's request to where the others' are. Call with the mutex held.
static void drain_request(TimbrelLibrary* l) {
    const unsigned request = atomic_load_explicit(&l->slot_request, memory_order_acquire);
    if (request == 0) {
        return;
    }
    // The newest wins, whoever asked.
    if ((int)(request - l->wanted_request) > 0) {
        memcpy(l->wanted, l->slot, sizeof l->wanted);
        l->reads = true;
        l->wanted_request = request;
        publish(l);
    }
    atomic_store_explicit(&l->slot_request, 0, memory_order_release);
}

/// Read a file, unless another one is wanted meanwhile.
static void read_file(TimbrelLibrary* l, const char* path) {
    TimbrelError error = {0};
    TimbrelOrigin origin = {0};
    TimbrelTable* table = path[0] != '\0' ? timbrel_rows_read(path, &origin, &error) : NULL;
    Rows rows;
    make_rows(&rows, table, path, origin.model, false);
    (void)pthread_mutex_lock(&l->mutex);
    drain_request(l);
    if (l->reads && strcmp(l->wanted, path) == 0) {
        // Rows that are in no file are not lost to a path that is wrong.
        if (l->rows.captured && error.message[0] != '\0') {
            free_rows(&rows);
        } else {
            replace_rows(l, &rows);
        }
        l->reads = false;
        TIMBREL_COPY(l->message, error.message);
    } else {
        free_rows(&rows);
    }
    (void)pthread_mutex_unlock(&l->mutex);
}

/// Read what is wanted; the number of the request that is dealt with by it.
static unsigned read_wanted(TimbrelLibrary* l) {
    char path[TIMBREL_PATH_SIZE];
    for (;;) {
        (void)pthread_mutex_lock(&l->mutex);
        drain_request(l);
        if (drain_names(l)) {
            publish(l);
        }
        const bool reads = l->reads;
        const unsigned request = l->wanted_request;
        TIMBREL_COPY(path, l->wanted);
        (void)pthread_mutex_unlock(&l->mutex);
        if (!reads) {
            return request;
        }
        read_file(l, path);
    }
}

static void settle(TimbrelLibrary* l, unsigned request) {
    (void)pthread_mutex_lock(&l->mutex);
    if (request != atomic_load(&l->settled)) {
        atomic_store(&l->settled, request);
        (void)pthread_cond_broadcast(&l->more_settled);
        publish(l);
    }
    (void)pthread_mutex_unlock(&l->mutex);
}

void timbrel_library_work(TimbrelLibrary* l) {
    const unsigned request = read_wanted(l);
    TimbrelSupply* supply = atomic_load(&l->served);
    if (supply && supply->sources) {
        uint32_t count = 0;
        TimbrelWish wish;
        for (; timbrel_sources_wish(supply->sources, &wish); ++count) {
            grant(l, supply, &wish);
        }
        give(l, supply);
        atomic_fetch_add(&supply->granted, count);
    }
    if (atomic_exchange(&l->refused, false)) {
        tell(l,
             "There are no latents to keep, add or store; choose a model with encode and decode.");
    }
    settle(l, request);
}

void timbrel_library_refuse_rt(TimbrelLibrary* l) TIMBREL_RT {
    atomic_store(&l->refused, true);
    TIMBREL_RT_UNCHECKED // It only posts
        l->config.wake(l->config.handle);
    TIMBREL_RT_CHECKED
}

bool timbrel_library_noted(TimbrelLibrary* l) {
    char note[sizeof l->noted] = "";
    (void)pthread_mutex_lock(&l->mutex);
    const TimbrelSupply* served = atomic_load(&l->served);
    if (served) {
        find_note(l, served->model, &served->info, note, sizeof note);
    }
    const bool other = served && strcmp(note, l->noted) != 0;
    (void)pthread_mutex_unlock(&l->mutex);
    return other;
}

void timbrel_library_note(TimbrelLibrary* l, const TimbrelModelSummary* model, char* text,
                          size_t size) {
    (void)pthread_mutex_lock(&l->mutex);
    find_note(l, model->name, &model->info, l->noted, sizeof l->noted);
    (void)snprintf(text, size, "%s", l->noted);
    (void)pthread_mutex_unlock(&l->mutex);
}

bool timbrel_library_busy(const TimbrelLibrary* l) TIMBREL_RT {
    return atomic_load(&l->requested) != atomic_load(&l->settled);
}

void timbrel_library_wait(TimbrelLibrary* l) {
    (void)pthread_mutex_lock(&l->mutex);
    while (timbrel_library_busy(l)) {
        (void)pthread_cond_wait(&l->more_settled, &l->mutex);
    }
    (void)pthread_mutex_unlock(&l->mutex);
}

void timbrel_library_freewheel(TimbrelLibrary* l, bool freewheel) TIMBREL_RT {
    atomic_store_explicit(&l->freewheel, freewheel, memory_order_relaxed);
}

uint32_t timbrel_library_granted(const TimbrelLibrary* l) TIMBREL_RT {
    return atomic_load(&l->granted);
}

void timbrel_library_take_report(TimbrelLibrary* l) TIMBREL_RT {
    if (timbrel_ring_room(&l->old_reports) == 0) {
        return; // Later: the old one must find its way home
    }
    TimbrelRowsReport* report = atomic_exchange(&l->next_report, NULL);
    if (report) {
        (void)timbrel_ring_put(&l->old_reports, &l->told, 1);
        l->told = report;
    }
}

const TimbrelRowsReport* timbrel_library_report_rt(const TimbrelLibrary* l) TIMBREL_RT {
    return l->told;
}

/// A request that is numbered now is the newest. Call with the mutex held.
static void ask(TimbrelLibrary* l) {
    drain_request(l);
    l->wanted_request = atomic_fetch_add(&l->requested, 1) + 1;
}

void timbrel_library_load_rows(TimbrelLibrary* l, const char* path) {
    (void)pthread_mutex_lock(&l->mutex);
    ask(l);
    l->reads = true;
    (void)snprintf(l->wanted, sizeof l->wanted, "%s", path);
    publish(l);
    (void)pthread_mutex_unlock(&l->mutex);
    l->config.wake(l->config.handle);
}

bool timbrel_library_request_rows_rt(TimbrelLibrary* l, const char* path,
                                     uint32_t length) TIMBREL_RT {
    if (length >= sizeof l->slot ||
        atomic_load_explicit(&l->slot_request, memory_order_acquire) != 0) {
        return false;
    }
    memcpy(l->slot, path, length);
    l->slot[length] = '\0';
    const unsigned request = atomic_fetch_add(&l->requested, 1) + 1;
    atomic_store_explicit(&l->slot_request, request, memory_order_release);
    TIMBREL_RT_UNCHECKED // It only posts
        l->config.wake(l->config.handle);
    TIMBREL_RT_CHECKED
    return true;
}

void timbrel_library_report(TimbrelLibrary* l, TimbrelRowsReport* report) {
    (void)pthread_mutex_lock(&l->mutex);
    drain_request(l);
    fill_report(l, report);
    (void)pthread_mutex_unlock(&l->mutex);
}

TimbrelTable* timbrel_library_hold_table(TimbrelLibrary* l) {
    (void)pthread_mutex_lock(&l->mutex);
    TimbrelTable* table = timbrel_table_hold(l->rows.table);
    (void)pthread_mutex_unlock(&l->mutex);
    return table;
}

void timbrel_library_set_table(TimbrelLibrary* l, TimbrelTable* table) {
    Rows rows;
    make_rows(&rows, table, "", "", table != NULL);
    (void)pthread_mutex_lock(&l->mutex);
    ask(l);
    l->reads = false;
    replace_rows(l, &rows);
    publish(l);
    (void)pthread_mutex_unlock(&l->mutex);
    l->config.wake(l->config.handle);
}

void timbrel_library_points(TimbrelLibrary* l, TimbrelPoints* points) {
    (void)pthread_mutex_lock(&l->mutex);
    if (drain_names(l)) {
        publish(l);
    }
    *points = l->points;
    (void)pthread_mutex_unlock(&l->mutex);
}

void timbrel_library_set_points(TimbrelLibrary* l, const TimbrelPoints* points) {
    (void)pthread_mutex_lock(&l->mutex);
    ask(l);
    (void)drain_names(l); // They were for the points before
    l->points = points ? *points : (TimbrelPoints){0};
    mark_change(l);
    publish(l);
    (void)pthread_mutex_unlock(&l->mutex);
    l->config.wake(l->config.handle);
}

void timbrel_library_set_point_name(TimbrelLibrary* l, uint32_t point, const char* name) {
    (void)pthread_mutex_lock(&l->mutex);
    if (name_point(l, point, name)) {
        publish(l);
    }
    (void)pthread_mutex_unlock(&l->mutex);
}

bool timbrel_library_request_point_name_rt(TimbrelLibrary* l, uint32_t point, const char* name,
                                           uint32_t length) TIMBREL_RT {
    PointName asked = {.point = point};
    memcpy(asked.name, name, length < sizeof asked.name ? length : sizeof asked.name - 1);
    const bool fits = timbrel_ring_put(&l->names, &asked, 1);
    TIMBREL_RT_UNCHECKED // It only posts
        l->config.wake(l->config.handle);
    TIMBREL_RT_CHECKED
    return fits;
}

void timbrel_library_rows_problem(TimbrelLibrary* l, const char* sentence) {
    (void)pthread_mutex_lock(&l->mutex);
    (void)snprintf(l->message, sizeof l->message, "%s", sentence);
    publish(l);
    (void)pthread_mutex_unlock(&l->mutex);
    l->config.wake(l->config.handle);
}
