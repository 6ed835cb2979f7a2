// SPDX-License-Identifier: ISC
#ifndef TIMBREL_EFFECT_H
#define TIMBREL_EFFECT_H

#include "engine/base/controls.h"
#include "engine/base/rt.h"
#include "engine/base/status.h"
#include "engine/latents/event.h"
#include "engine/model/model.h"
#include "engine/stream/timing.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The whole effect, without a host: pre-filter, model, mix. The plugin and the command line are
/// thin faces of this. It owns a loader thread and, while a model plays, an inference thread.

typedef struct TimbrelEffect TimbrelEffect;

typedef enum {
    TIMBREL_MODEL_NONE,    ///< No model was asked for: dry
    TIMBREL_MODEL_LOADING, ///< The former model (or dry) plays meanwhile
    TIMBREL_MODEL_READY,
    TIMBREL_MODEL_FAILED, ///< Could not be loaded, or ended while it played: see message
} TimbrelModelState;

/// What the user is told of the model. Immutable once published.
typedef struct {
    TimbrelModelState state;
    uint32_t serial;   ///< Grows with every change of status
    char wanted[4096]; ///< What was asked for (path or name), "" for none; this is what a session
                       ///< saves
    char method[TIMBREL_NAME_SIZE]; ///< Its method that was asked for, "" for the default
    char path[4096];                ///< The file found for it, or ""
    char message[512]; ///< One sentence, e.g. why it failed or that the rate was assumed; may be ""
    TimbrelModelSummary model; ///< Zeroed unless READY
    float share; ///< Of the time that the model has, what it needs; above 1 the message says so
} TimbrelModelReport;

/// Until a host that does not say how long its blocks are shows its largest
#define TIMBREL_DEFAULT_BLOCK 512

typedef struct {
    double rate;               ///< Host rate, Hz
    uint32_t channels;         ///< 1 or 2, in and out
    uint32_t block;            ///< The host's usual block in real time; 0 if it does not say:
                               ///< TIMBREL_DEFAULT_BLOCK. A
                               ///< larger one that comes in real time is learnt, until the
                               ///< next reset or timbrel_effect_set_block().
    const char* torch_program; ///< Path of timbrel-torch, or NULL to search (see search.h)
    const char* model_dir;     ///< Bundled models, searched last, or NULL
    uint64_t seed;             ///< Of the model's random draws
    double assumed_rate;       ///< Model rate when the file does not say; 0: 44100
    uint64_t memory_limit;     ///< See TimbrelRemoteConfig; 0: default
    uint32_t min_hop;      ///< See TimbrelModelConfig: for output that no machine's speed changes
    uint32_t call_timeout; ///< ms, see TimbrelRemoteConfig; 0: default
    TimbrelBackendChoice backend; ///< $TIMBREL_BACKEND=torch overrides the best
    /// Called with each new report just before the audio thread can see it, never twice at once.
    /// May be NULL. Thread: any but audio.
    void (*published)(void* handle, const TimbrelModelReport* report);
    void* handle; ///< For published
} TimbrelEffectConfig;

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

/// Process a block. Thread: audio.
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

/// Grows whenever a switch changed what a session saves, or began to. Thread: audio.
uint32_t timbrel_effect_changes(const TimbrelEffect* effect) TIMBREL_RT;

/// Ask for another model (path or name, "" for none); returns at once, the loader thread does it.
/// The audio thread's form is bounded; it returns false when `wanted` is too long or an earlier
/// request of this thread was not yet taken.
bool timbrel_effect_request(TimbrelEffect* effect, const char* wanted, uint32_t length) TIMBREL_RT;

/// The same for any other thread; never fails. The report holds the new `wanted` when it returns.
/// `method` of it is played, see timbrel_effect_request_method(); a number that the control *model*
/// already has keeps it.
void timbrel_effect_load(TimbrelEffect* effect, const char* wanted, const char* method);

/// Open the model that was asked for again and measure anew what it takes on this machine, on which
/// the hop and the latency depend; the old one plays until then. Thread: any.
void timbrel_effect_measure(TimbrelEffect* effect) TIMBREL_RT;

/// Wait until what was asked for last is READY, FAILED or NONE. Thread: any but audio.
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
bool timbrel_effect_request_method(TimbrelEffect* effect, const char* name) TIMBREL_RT;

/// Set a model attribute from text. The value is remembered and set again when a model that has the
/// attribute is loaded. Audio thread's form: bounded, false if too many are waiting.
bool timbrel_effect_request_attribute(TimbrelEffect* effect, const char* name,
                                      const char* value) TIMBREL_RT;
void timbrel_effect_set_attribute(TimbrelEffect* effect, const char* name, const char* value);

/// All remembered attributes as lines "name=value\n", which is how a session saves them. Writes at
/// most `size` bytes, NUL included; returns the length of the whole text. Thread: any but audio.
size_t timbrel_effect_attributes(TimbrelEffect* effect, char* text, size_t size);

/// Remember those of such a text instead of all others (lines without '=' are skipped); they are
/// set when the next model is loaded. Thread: any but audio.
void timbrel_effect_restore_attributes(TimbrelEffect* effect, const char* text);

#endif
