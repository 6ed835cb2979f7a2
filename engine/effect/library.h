// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_EFFECT_LIBRARY_H
#define TIMBREL_ENGINE_EFFECT_LIBRARY_H

#include "engine/base/rt.h"
#include "engine/latents/points.h"
#include "engine/latents/sources.h"
#include "engine/latents/table.h"
#include "engine/model/model.h"
#include "report.h"

/// What an effect holds besides its model: rows of latents, from a file or captured, the rows
/// before them, and points. It outlives models: rows and points belong to a latent space, and are
/// given to the decks whose model has it. The loader thread works for it.
typedef struct TimbrelLibrary TimbrelLibrary;

typedef struct {
    void (*wake)(void* handle); ///< There is something for timbrel_library_work(); any thread, so
                                ///< it only posts
    void* handle;
} TimbrelLibraryConfig;

/// A deck's sources of latents, and what the library has given them. free() frees it, after the
/// stream that has the sources.
typedef struct {
    TimbrelLibrary* library;
    TimbrelSource* sources; ///< See timbrel_sources_new(); the stream's
    TimbrelModelInfo info;
    char model[256];     ///< Name
    double frame_rate;   ///< Hz
    uint32_t given;      ///< The library's change that they know
    atomic_uint wished;  ///< Wishes that the sources had
    atomic_uint granted; ///< Of these, that were dealt with
} TimbrelSupply;

/// NULL when memory ran out. Thread: any but audio, as for all below unless said.
TimbrelLibrary* timbrel_library_new(const TimbrelLibraryConfig* config);

/// All decks are gone. NULL is fine.
void timbrel_library_free(TimbrelLibrary* library);

/// Sources for a deck of this model, which play what fits it. `sources` is NULL where the model has
/// no latents to steer. NULL when memory ran out. Thread: loader, as for the next four.
TimbrelSupply* timbrel_library_supply(TimbrelLibrary* library, const TimbrelModelSummary* model);

/// The deck of this supply plays from now on: its wishes are granted, and no other's. NULL: none.
void timbrel_library_serve(TimbrelLibrary* library, TimbrelSupply* supply);

/// Do what waits: read the file that is wanted, grant wishes, give what changed.
void timbrel_library_work(TimbrelLibrary* library);

/// Whether the sentence of timbrel_library_note() may be another since the last call.
bool timbrel_library_noted(TimbrelLibrary* library);

/// Why rows or points are not played by this model, in one sentence; "" where they are.
void timbrel_library_note(TimbrelLibrary* library, const TimbrelModelSummary* model, char* text,
                          size_t size);

/// Whether what was asked for is not there yet. Thread: any.
bool timbrel_library_busy(const TimbrelLibrary* library) TIMBREL_RT;

/// Wait until it is.
void timbrel_library_wait(TimbrelLibrary* library);

/// Whether the audio thread waits for the model: then sources wait for their wishes, so that what
/// is played does not depend on when they are granted. Thread: audio.
void timbrel_library_freewheel(TimbrelLibrary* library, bool freewheel) TIMBREL_RT;

/// Changes of rows and points by wishes. Thread: any.
uint32_t timbrel_library_granted(const TimbrelLibrary* library) TIMBREL_RT;

/// Keep, add or store was pressed, and what plays has no latents: the report says so. Thread:
/// audio.
void timbrel_library_refuse_rt(TimbrelLibrary* library) TIMBREL_RT;

/// Take the latest report; timbrel_library_report_rt() gives it. Thread: audio.
void timbrel_library_take_report(TimbrelLibrary* library) TIMBREL_RT;

// As the functions of the like names in effect.h.
void timbrel_library_load_rows(TimbrelLibrary* library, const char* path);
bool timbrel_library_request_rows_rt(TimbrelLibrary* library, const char* path,
                                     uint32_t length) TIMBREL_RT;
void timbrel_library_report(TimbrelLibrary* library, TimbrelRowsReport* report);
const TimbrelRowsReport* timbrel_library_report_rt(const TimbrelLibrary* library) TIMBREL_RT;
TimbrelTable* timbrel_library_hold_table(TimbrelLibrary* library);
void timbrel_library_set_table(TimbrelLibrary* library, TimbrelTable* table);
void timbrel_library_points(TimbrelLibrary* library, TimbrelPoints* points);
void timbrel_library_set_points(TimbrelLibrary* library, const TimbrelPoints* points);
void timbrel_library_set_point_name(TimbrelLibrary* library, uint32_t point, const char* name);
bool timbrel_library_request_point_name_rt(TimbrelLibrary* library, uint32_t point,
                                           const char* name, uint32_t length) TIMBREL_RT;
void timbrel_library_rows_problem(TimbrelLibrary* library, const char* sentence);

#endif
