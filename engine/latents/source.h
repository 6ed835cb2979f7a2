// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_SOURCE_H
#define TIMBREL_ENGINE_LATENTS_SOURCE_H

#include "bend.h"
#include "event.h"

/// Where latents come from. The encoder gives frames, a source may put others in their stead, bend
/// shapes them, the decoder plays them.

/// Some frames for a source to fill, each block beginning where the one before ended.
typedef struct {
    uint64_t first; ///< Index of frame 0 since the reset
    uint32_t frames;
    uint32_t latents;
    uint32_t lanes;                        ///< 2: left and right apart
    const float* heard;                    ///< [lane][latent][frame]: the encoder's, all numbers;
                                           ///< NULL where it did not run
    float* values;                         ///< The source's, in the same order
    const TimbrelLatentControls* controls; ///< One a frame, sampled at its own time
    const TimbrelLatentEvent* events;      ///< Of these frames, sorted by frame
    uint32_t event_count;
} TimbrelLatentBlock;

/// A source is a struct that begins with this one.
typedef struct TimbrelSource TimbrelSource;
struct TimbrelSource {
    const char* name;
    bool needs_encoder; ///< Else encode does not run, and nothing is heard

    /// Back to frame 0. No other call is in progress. Does not allocate.
    void (*reset)(TimbrelSource* self);

    /// Fill `block->values`. A block is also asked for where its sound is too late to be played, so
    /// that no event is missed. Does not allocate, lock or wait. NULL: what is heard is played as
    /// it is. Thread: inference.
    void (*fill)(TimbrelSource* self, const TimbrelLatentBlock* block);

    /// Thread: any but audio and inference.
    void (*free)(TimbrelSource* self);
};

/// What is heard, as it is: the source that plays where none was set. NULL when memory ran out.
TimbrelSource* timbrel_source_sound(void);

#endif
