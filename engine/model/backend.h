// SPDX-License-Identifier: ISC
#ifndef TIMBREL_BACKEND_H
#define TIMBREL_BACKEND_H

#include "engine/base/status.h"
#include "model_info.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/// What runs a model: the seam behind model.h. One back end today (remote/, libtorch in a child
/// process). A back end owns the buffers that a call reads and writes, so that none is copied
/// twice.
///
/// Layout of the buffers, float32, contiguous: audio_in (batch, in_channels, samples), latents
/// (batch, latents, frames), audio_out (batch, out_channels, samples), where samples = frames x
/// ratio and the strides are those of the call's own batch and frames, not of the largest call.

typedef enum {
    TIMBREL_STEP_ENCODE,  ///< audio_in -> latents (or a method's values)
    TIMBREL_STEP_DECODE,  ///< latents -> audio_out
    TIMBREL_STEP_FORWARD, ///< audio_in -> audio_out, by forward or another method
    TIMBREL_STEP_COUNT
} TimbrelStep;

/// How a plan keeps its weights.
typedef enum {
    TIMBREL_WEIGHTS_BEST, ///< Float16 where reading them takes the time, else float32
    TIMBREL_WEIGHTS_FULL, ///< All float32
    TIMBREL_WEIGHTS_HALF, ///< As BEST does for a large model, also for a small one (for tests)
} TimbrelWeightForm;

typedef struct {
    TimbrelStep step;
    uint32_t batch;      ///< 1 or 2 (dual mono)
    uint32_t frames;     ///< Latent frames in this call
    float normal_amount; ///< 0..1: scales the model's normal draws (randomness of latents)
    float
        uniform_amount; ///< 0..1: scales the model's uniform draws around their mean (noise branch)
} TimbrelCall;

typedef struct TimbrelBackend TimbrelBackend;

/// All functions are for one thread at a time (the loader's, then the inference thread's), and may
/// block; none is for the audio thread, except where said.
typedef struct {
    /// Run one step. On failure the model is unusable when the status is TIMBREL_TIMED_OUT or
    /// TIMBREL_CHILD_DIED, and may be called again otherwise.
    TimbrelStatus (*call)(TimbrelBackend* self, const TimbrelCall* call, TimbrelError* error);

    /// Bring the streaming state to that of a fresh load (caches zero, noise generator seeded).
    TimbrelStatus (*reset)(TimbrelBackend* self, TimbrelError* error);

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
    uint32_t max_frames; ///< Largest TimbrelCall::frames
    const char* name;    ///< "torch"
    char engine[64];     ///< All of it that decides how long a call takes on one processor
    pid_t pid;           ///< The child process, or 0
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
