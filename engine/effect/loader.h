// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_EFFECT_LOADER_H
#define TIMBREL_ENGINE_EFFECT_LOADER_H

#include "config.h"
#include "deck.h"
#include "engine/base/rt.h"
#include "library.h"

/// Gets models from files into the audio thread's hands: a normal-priority thread of the effect's
/// own, since hosts serve LV2's worker late or not at all. Requests come from any thread, the audio
/// thread included; decks go to the audio thread, and what it has done with comes back to be
/// freed.
typedef struct TimbrelLoader TimbrelLoader;

/// What is handed to the audio thread at once: a report, and perhaps another deck.
typedef struct {
    TimbrelModelReport report;
    TimbrelDeck* deck; ///< NULL for none
    bool replace;      ///< Whether `deck` (or none) is to play instead of what plays now
} TimbrelHandover;

/// How the effect plays at the moment, so that a new deck starts alike. Any thread.
typedef struct {
    TimbrelTiming timing;
    uint32_t block;
    bool dual;
} TimbrelDeckSettings;

/// NULL with `error` on failure.
TimbrelLoader* timbrel_loader_new(const TimbrelEffectConfig* config, TimbrelError* error);

/// Ends the thread and frees all decks but those that the audio thread holds.
void timbrel_loader_free(TimbrelLoader* loader);

/// The rows and points that models play; the loader's. Thread: any.
TimbrelLibrary* timbrel_loader_library(const TimbrelLoader* loader) TIMBREL_RT;

/// The first handover, with a report of state NONE: it is the audio thread's from the start.
TimbrelHandover* timbrel_loader_first(TimbrelLoader* loader);

/// The newest handover, or NULL: there is none, or the loader must first deal with what was given
/// back. It is the audio thread's until given back. Thread: audio.
TimbrelHandover* timbrel_loader_take(TimbrelLoader* loader) TIMBREL_RT;

/// Give back what is no longer used (either may be NULL). Thread: audio.
void timbrel_loader_give_back(TimbrelLoader* loader, TimbrelHandover* handover,
                              TimbrelDeck* deck) TIMBREL_RT;

/// Tell how new decks are to start. Thread: audio.
void timbrel_loader_settings(TimbrelLoader* loader, const TimbrelDeckSettings* settings) TIMBREL_RT;

/// Whether something that was asked for, a model or rows, is not settled yet. Thread: any.
bool timbrel_loader_busy(const TimbrelLoader* loader) TIMBREL_RT;

// As the functions of the same names in effect.h.
bool timbrel_loader_request_rt(TimbrelLoader* loader, const char* wanted,
                               uint32_t length) TIMBREL_RT;
/// Play the model of that number (see timbrel_search_number()) instead of what is wanted by name or
/// path; 0: what is wanted again. `keep_method`: the method that was chosen is this model's. False
/// if an earlier request still waits. Thread: audio.
bool timbrel_loader_request_number_rt(TimbrelLoader* loader, uint32_t number,
                                      bool keep_method) TIMBREL_RT;
/// Play the model of that number as if it was asked for by its path; where it plays already,
/// nothing happens. False if an earlier request still waits. Thread: audio.
bool timbrel_loader_request_program_rt(TimbrelLoader* loader, uint32_t number) TIMBREL_RT;
/// Play the model `step` places on in the list (see timbrel_search_step()), as if it was asked for
/// by its path. False if an earlier request still waits. Thread: audio.
bool timbrel_loader_request_step_rt(TimbrelLoader* loader, int step) TIMBREL_RT;
bool timbrel_loader_request_attribute_rt(TimbrelLoader* loader, const char* name,
                                         const char* value) TIMBREL_RT;
void timbrel_loader_measure(TimbrelLoader* loader) TIMBREL_RT;
void timbrel_loader_request(TimbrelLoader* loader, const char* wanted, const char* method);
void timbrel_loader_wait(TimbrelLoader* loader);
void timbrel_loader_report(TimbrelLoader* loader, TimbrelModelReport* report);
size_t timbrel_loader_attributes(TimbrelLoader* loader, char* text, size_t size);
void timbrel_loader_restore_attributes(TimbrelLoader* loader, const char* text);

#endif
