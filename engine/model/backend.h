// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_BACKEND_H
#define TIMBREL_ENGINE_MODEL_BACKEND_H

#include "engine/base/rt.h"
#include "engine/base/status.h"
#include "model_info.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/// What runs a model: the seam behind model.h. Two back ends: native/ plays plans in this process,
/// remote/ has libtorch in a child process. A back end owns the buffers that a call reads and
/// writes, so that none is copied twice.
///
/// A lane is one stream of sound through the model, with a state of its own: lanes of one call
/// share the pass over the weights. How many there are is said when the model is opened.
///
/// What lies in the buffers, float32, contiguous: audio_in (lane, in_channels, samples), latents
/// (lane, latents, frames), audio_out (lane, out_channels, samples), where samples = frames x
/// ratio, the lanes are those of the call alone, by rising number, and the strides are those of the
/// call, not of the largest one.

#define TIMBREL_MAX_LANES 8u
#define TIMBREL_ALL_LANES 0xffu ///< The set of all lanes, however many there are

typedef enum {
    TIMBREL_STEP_ENCODE,  ///< audio_in -> latents (or a method's values)
    TIMBREL_STEP_DECODE,  ///< latents -> audio_out
    TIMBREL_STEP_FORWARD, ///< audio_in -> audio_out, by forward or another method
    TIMBREL_STEP_COUNT
} TimbrelStep;

/// What plays a model, or is asked to.
typedef enum {
    TIMBREL_BACKEND_BEST = 0, ///< Asked for: native where that can be, else torch. Playing: nothing
    TIMBREL_BACKEND_NATIVE,
    TIMBREL_BACKEND_TORCH,
} TimbrelBackendKind;

/// As users read it; "" for TIMBREL_BACKEND_BEST. Thread: any.
static inline const char* timbrel_backend_name(TimbrelBackendKind backend) TIMBREL_RT {
    static const char* const names[] = {"", "native", "torch"};
    return names[backend];
}

/// How a plan keeps its weights.
typedef enum {
    TIMBREL_WEIGHTS_BEST, ///< Float16 where reading them takes the time, else float32
    TIMBREL_WEIGHTS_FULL, ///< All float32
    TIMBREL_WEIGHTS_HALF, ///< As BEST does for a large model, also for a small one (for tests)
} TimbrelWeightForm;

/// How much of its randomness a model plays with, 0..1 each.
typedef struct {
    float normal;  ///< Scales the model's normal draws (randomness of latents)
    float uniform; ///< Scales the model's uniform draws around their mean (noise branch)
} TimbrelAmounts;

typedef struct {
    TimbrelStep step;
    uint32_t lanes;                ///< Set of lanes, at least one: bit n stands for lane n
    uint32_t frames;               ///< Latent frames in this call
    const TimbrelAmounts* amounts; ///< NULL: no randomness
    bool varied; ///< `amounts` has one for each frame; else one for all. What a model plays in one
                 ///< go of several frames has the amounts of the middle one
} TimbrelCall;

/// The set of the first `count` lanes.
static inline uint32_t timbrel_lanes_first(uint32_t count) {
    return (1u << count) - 1u;
}

/// How many lanes there are in a set.
static inline uint32_t timbrel_lanes_count(uint32_t lanes) {
    return (uint32_t)__builtin_popcount(lanes);
}

/// The amounts that `count` frames from `frame` on are played with.
static inline TimbrelAmounts timbrel_call_amounts(const TimbrelCall* call, uint32_t frame,
                                                  uint32_t count) {
    const TimbrelAmounts none = {0.0f, 0.0f};
    return call->amounts ? call->amounts[call->varied ? frame + count / 2 : 0] : none;
}

typedef struct TimbrelBackend TimbrelBackend;

/// All functions are for one thread at a time (the loader's, then the inference thread's), and may
/// block; none is for the audio thread, except where said.
typedef struct {
    /// Run one step. On failure the model is unusable when the status is TIMBREL_TIMED_OUT or
    /// TIMBREL_CHILD_DIED, and may be called again otherwise.
    TimbrelStatus (*call)(TimbrelBackend* self, const TimbrelCall* call, TimbrelError* error);

    /// Bring the streaming state of a set of lanes to that of a fresh load (caches zero, random
    /// numbers from the first). Lanes that there are not may be in the set.
    TimbrelStatus (*reset)(TimbrelBackend* self, uint32_t lanes, TimbrelError* error);

    /// Set attribute `name` from text as in TimbrelAttribute::value, and update info.
    TimbrelStatus (*set_attribute)(TimbrelBackend* self, const char* name, const char* value,
                                   TimbrelError* error);

    /// Make calls run at SCHED_FIFO `priority` (>= 1), or normal if 0. False where not permitted.
    bool (*set_priority)(TimbrelBackend* self, int priority);

    /// Make a call() that another thread is in end soon, with any failure; the model is then
    /// unusable. Thread: any but audio.
    void (*interrupt)(TimbrelBackend* self);

    void (*close)(TimbrelBackend* self);
} TimbrelBackendOps;

struct TimbrelBackend {
    const TimbrelBackendOps* ops;
    TimbrelModelInfo info; ///< Validated copy; strings terminated, counts and ratios in range
    float* audio_in;
    float* latents;
    float* audio_out;
    uint32_t max_frames;     ///< Largest TimbrelCall::frames
    uint32_t max_lanes;      ///< Lanes that it was opened for; a model may refuse several at once
    TimbrelBackendKind kind; ///< What it is: native or torch
    char engine[64];         ///< All of it that decides how long a call takes on one processor
    pid_t pid;               ///< The child process, or 0
};

/// Put 0 for each of `count` latents that is no number: an encoder may answer silence with 0/0.
static inline void timbrel_latents_mend(float* latents, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (!isfinite(latents[i])) {
            latents[i] = 0.0f;
        }
    }
}

#endif
