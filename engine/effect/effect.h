// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_EFFECT_EFFECT_H
#define TIMBREL_ENGINE_EFFECT_EFFECT_H

#include "config.h"
#include "engine/base/controls.h"
#include "engine/base/rt.h"
#include "engine/base/status.h"
#include "engine/latents/event.h"
#include "engine/latents/points.h"
#include "engine/latents/table.h"
#include "engine/stream/timing.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The whole effect, without a host: pre-filter, model, mix. The plugin and the command line are
/// thin faces of this. It owns a loader thread and, while a model plays, an inference thread.

typedef struct TimbrelEffect TimbrelEffect;

/// NULL with `error` on failure. Thread: any but audio.
TimbrelEffect* timbrel_effect_new(const TimbrelEffectConfig* config, TimbrelError* error);

/// Ends all threads and the child process; not while process() runs. Thread: any but audio.
void timbrel_effect_free(TimbrelEffect* effect);

/// Forget all signal history (as LV2's activate() must). Not while process() runs.
void timbrel_effect_reset(TimbrelEffect* effect);

/// The host's usual block from now on (see TimbrelEffectConfig); latency follows at the next
/// process(). Not while process() runs.
void timbrel_effect_set_block(TimbrelEffect* effect, uint32_t block);

/// A host's block.
typedef struct {
    const float* const* in;     ///< [channel]
    float* const* out;          ///< [channel]; out[c] may equal in[c]
    const float* controls;      ///< TIMBREL_CONTROL_COUNT, in force in the whole block
    const TimbrelEvent* events; ///< Sorted by time; may be NULL where there are none
    uint32_t event_count;
    uint32_t frames; ///< Any number
    bool waits;      ///< For the model: nothing is ever late, and the output depends only on the
                     ///< input, controls and events in time, never on how it was cut into blocks
} TimbrelBlock;

/// Process a block. MIDI program n plays model number n + 1 (see the control *model*), which is
/// wanted from then on. Thread: audio.
void timbrel_effect_process(TimbrelEffect* effect, const TimbrelBlock* block) TIMBREL_RT;

/// Latency, load, dropouts and the first latents after control, as of the last process().
/// Thread: audio.
void timbrel_effect_reports(const TimbrelEffect* effect,
                            float reports[TIMBREL_REPORT_COUNT]) TIMBREL_RT;

/// What the latency is made of; all zero without a model. Thread: audio.
void timbrel_effect_latency(const TimbrelEffect* effect, TimbrelLatency* latency) TIMBREL_RT;

/// Latest latent frame before (`raw`) and after (`controlled`) the controls. Returns how many
/// latents the model has, 0 when none. Thread: audio.
uint32_t timbrel_effect_latents(const TimbrelEffect* effect, float raw[TIMBREL_MAX_LATENTS],
                                float controlled[TIMBREL_MAX_LATENTS]) TIMBREL_RT;

/// Loudness of the player's own sound as it reaches the model (see dsp/loudness.h), dBFS; 0 where
/// none was learnt. Where there is one, a gain brings it to the loudness that the model was trained
/// at, whichever model plays: its attribute TIMBREL_LOUDNESS_ATTRIBUTE, else -20 dBFS. The control
/// *learn level* sets it after five seconds of playing. A session saves it. Thread: any.
#define TIMBREL_LOUDNESS_ATTRIBUTE "loudness"
float timbrel_effect_level(const TimbrelEffect* effect) TIMBREL_RT;

/// Clamped to what can be learnt; none for 0 or more, or a NaN. Thread: any.
void timbrel_effect_set_level(TimbrelEffect* effect, float level) TIMBREL_RT;

/// The gain that follows from it, -24 to 24 dB. Thread: audio.
float timbrel_effect_learnt_gain(const TimbrelEffect* effect) TIMBREL_RT;

/// Whether it listens to the playing just now. Thread: audio.
bool timbrel_effect_learning(const TimbrelEffect* effect) TIMBREL_RT;

/// Grows whenever a switch changed what a session saves, or began to; also when rows or points
/// changed by one. Thread: audio.
uint32_t timbrel_effect_changes(const TimbrelEffect* effect) TIMBREL_RT;

/// Ask for another model (path or name, "" for none); returns at once, the loader thread does it.
/// The audio thread's form is bounded; it returns false when `wanted` is too long or an earlier
/// request of this thread was not yet taken.
bool timbrel_effect_request_rt(TimbrelEffect* effect, const char* wanted,
                               uint32_t length) TIMBREL_RT;

/// The same for any other thread; never fails. The report holds the new `wanted` when it returns.
/// `method` of it is played, see timbrel_effect_request_method_rt(); a number that the control
/// *model* already has keeps it.
void timbrel_effect_request(TimbrelEffect* effect, const char* wanted, const char* method);

/// Open the model that was asked for again and measure anew what it takes on this machine, on which
/// the hop and the latency depend; the old one plays until then. Thread: any.
void timbrel_effect_measure(TimbrelEffect* effect) TIMBREL_RT;

/// Wait until what was asked for last, model and rows, is READY, FAILED or NONE; the status is the
/// model's. Thread: any but audio.
/// Makes the new model current at once (no crossfade), so only for use before the first process().
TimbrelStatus timbrel_effect_wait(TimbrelEffect* effect, TimbrelError* error);

/// Wait like timbrel_effect_wait(), but only as long as nobody plays: returns as soon as process()
/// is called, or after `milliseconds`. So a session's sound and latency are there before its host
/// starts, and a preset chosen while it plays holds up nobody. Thread: any but audio.
void timbrel_effect_settle(TimbrelEffect* effect, uint32_t milliseconds);

/// Wait until what was asked for last, by the control *model* too, is there, at most so many
/// milliseconds; how many it took. Only for an audio thread that may wait, see pace.h.
uint32_t timbrel_effect_await(TimbrelEffect* effect, const float controls[TIMBREL_CONTROL_COUNT],
                              uint32_t milliseconds) TIMBREL_RT_WAITS;

/// Copy of the latest report. Thread: any but audio.
void timbrel_effect_report(TimbrelEffect* effect, TimbrelModelReport* report);

/// The latest report for the audio thread: valid until its next process(). Never NULL.
const TimbrelModelReport* timbrel_effect_report_rt(TimbrelEffect* effect) TIMBREL_RT;

/// Play another method of the model (see methods.h; "" for the default): it is opened anew. With
/// another model, the method is the default again. Bounded; false if the name is too long or too
/// many requests are waiting. Thread: audio.
bool timbrel_effect_request_method_rt(TimbrelEffect* effect, const char* name) TIMBREL_RT;

/// Set a model attribute from text. The value is remembered and set again when a model that has the
/// attribute is loaded. Audio thread's form: bounded, false if too many are waiting.
bool timbrel_effect_request_attribute_rt(TimbrelEffect* effect, const char* name,
                                         const char* value) TIMBREL_RT;

/// All remembered attributes as lines "name=value\n", which is how a session saves them. Writes at
/// most `size` bytes, NUL included; returns the length of the whole text. Thread: any but audio.
size_t timbrel_effect_attributes(TimbrelEffect* effect, char* text, size_t size);

/// Remember those of such a text instead of all others (lines without '=' are skipped); they are
/// set when the next model is loaded. Thread: any but audio.
void timbrel_effect_restore_attributes(TimbrelEffect* effect, const char* text);

/// Ask for rows of latents from a file, of either format of latent_file.h ("" for none), instead of
/// those that are there; returns at once, the loader thread reads. Where it cannot be read, rows
/// that were captured stay, as they are in no file. Rows, and points, belong to a latent space:
/// where the model has another, or another number of latents, they are not played, one sentence in
/// both reports says so, and the sound goes on; they are kept, and play again with a model that
/// they fit. Thread: any but audio.
void timbrel_effect_load_rows(TimbrelEffect* effect, const char* path);

/// The same, bounded; false when the path is too long or an earlier request of this thread was not
/// yet taken. Thread: audio.
bool timbrel_effect_request_rows_rt(TimbrelEffect* effect, const char* path,
                                    uint32_t length) TIMBREL_RT;

/// Copy of the latest report on rows and points. Thread: any but audio.
void timbrel_effect_rows(TimbrelEffect* effect, TimbrelRowsReport* report);

/// The same for the audio thread: valid until its next process(). Never NULL.
const TimbrelRowsReport* timbrel_effect_rows_rt(TimbrelEffect* effect) TIMBREL_RT;

/// The rows that are there now, held for the caller; NULL for none. Thread: any but audio.
TimbrelTable* timbrel_effect_hold_table(TimbrelEffect* effect);

/// Captured rows are back, as a session has saved them (NULL: none), instead of those that are
/// there. Takes over one hold; timbrel_table_finish() was called. Thread: any but audio.
void timbrel_effect_set_table(TimbrelEffect* effect, TimbrelTable* table);

/// Copy of the points. Thread: any but audio.
void timbrel_effect_points(TimbrelEffect* effect, TimbrelPoints* points);

/// Copied; NULL: none. Thread: any but audio.
void timbrel_effect_set_points(TimbrelEffect* effect, const TimbrelPoints* points);

/// Name a point, from 0; what is too long is cut. Nothing happens where it is not there. Thread:
/// any but audio.
void timbrel_effect_set_point_name(TimbrelEffect* effect, uint32_t point, const char* name);

/// The same, bounded; false if too many names are waiting. `length` bytes without a NUL. Thread:
/// audio.
bool timbrel_effect_request_point_name_rt(TimbrelEffect* effect, uint32_t point, const char* name,
                                          uint32_t length) TIMBREL_RT;

/// What is wrong with the rows or points of a session, one sentence for the report. Rows that are
/// asked for later have their own. Thread: any but audio.
void timbrel_effect_rows_problem(TimbrelEffect* effect, const char* sentence);

#endif
