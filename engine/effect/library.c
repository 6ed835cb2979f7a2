// SPDX-License-Identifier: ISC
#include "library.h"

#include "engine/base/ring.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_reports = 16, name_slots = 2 * TIMBREL_POINTS };

/// A table of rows, and where it is from.
typedef struct {
    TimbrelTable* table; ///< Held; NULL: none
    char path[TIMBREL_PATH_SIZE];
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
    atomic_uint granted;                  ///< See timbrel_library_granted()
    _Atomic(const TimbrelSupply*) served; ///< The deck that plays

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
    bool reads;                     ///< It is for a file
    char wanted[TIMBREL_PATH_SIZE]; ///< That file
    Rows rows;
    TimbrelPoints points;
    TimbrelRowsState state;
    uint32_t serial;   ///< Of the report
    char message[512]; ///< Of the last request or wish
};

static uint32_t count_points(const TimbrelPoints* points) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < TIMBREL_POINTS; ++i) {
        count += points->points[i].there ? 1 : 0;
    }
    return count;
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
    if (l->reads && timbrel_library_busy(l)) {
        report->state = TIMBREL_ROWS_LOADING;
        report->captured = false;
        report->message[0] = '\0';
        memcpy(report->path, l->wanted, sizeof report->path);
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

static void replace_rows(Rows* rows, TimbrelTable* table, const char* path, bool captured) {
    timbrel_table_let_go(rows->table);
    rows->table = table;
    rows->captured = captured;
    (void)snprintf(rows->path, sizeof rows->path, "%s", path);
}

TimbrelLibrary* timbrel_library_new(const TimbrelLibraryConfig* config) {
    TimbrelLibrary* l = calloc(1, sizeof *l);
    if (!l) {
        return NULL;
    }
    l->config = *config;
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
    timbrel_table_let_go(l->rows.table);
    (void)pthread_mutex_destroy(&l->mutex);
    (void)pthread_cond_destroy(&l->more_settled);
    free(l);
}

TimbrelSupply* timbrel_library_supply(TimbrelLibrary* l, const TimbrelModelSummary* model) {
    TimbrelSupply* supply = calloc(1, sizeof *supply);
    if (supply) {
        supply->library = l;
        supply->info = model->info;
    }
    return supply;
}

void timbrel_library_serve(TimbrelLibrary* l, TimbrelSupply* supply) {
    atomic_store(&l->served, supply);
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
    }
    atomic_store_explicit(&l->slot_request, 0, memory_order_release);
}

void timbrel_library_work(TimbrelLibrary* l) {
    (void)pthread_mutex_lock(&l->mutex);
    drain_request(l);
    if (drain_names(l)) {
        publish(l);
    }
    if (l->wanted_request != atomic_load(&l->settled)) {
        if (l->reads) { // Files are not read yet
            replace_rows(&l->rows, NULL, l->wanted, false);
            l->state = l->wanted[0] != '\0' ? TIMBREL_ROWS_FAILED : TIMBREL_ROWS_NONE;
        }
        atomic_store(&l->settled, l->wanted_request);
        (void)pthread_cond_broadcast(&l->more_settled);
        publish(l);
    }
    (void)pthread_mutex_unlock(&l->mutex);
}

bool timbrel_library_noted(TimbrelLibrary* l) {
    (void)l;
    return false;
}

void timbrel_library_note(TimbrelLibrary* l, const TimbrelModelSummary* model, char* text,
                          size_t size) {
    (void)l;
    (void)model;
    (void)snprintf(text, size, "%s", "");
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
static void ask(TimbrelLibrary* l, bool reads) {
    drain_request(l);
    l->reads = reads;
    l->wanted_request = atomic_fetch_add(&l->requested, 1) + 1;
}

void timbrel_library_load_rows(TimbrelLibrary* l, const char* path) {
    (void)pthread_mutex_lock(&l->mutex);
    ask(l, true);
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
    (void)pthread_mutex_lock(&l->mutex);
    ask(l, false);
    replace_rows(&l->rows, table, "", table != NULL);
    l->state = table ? TIMBREL_ROWS_READY : TIMBREL_ROWS_NONE;
    l->message[0] = '\0';
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
    ask(l, l->reads && timbrel_library_busy(l));
    (void)drain_names(l); // they were for the points before
    l->points = points ? *points : (TimbrelPoints){0};
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
}
