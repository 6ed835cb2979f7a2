// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_SOURCE_H
#define TIMBREL_ENGINE_LATENTS_SOURCE_H

#include "beat.h"
#include "controls.h"
#include "material.h"

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
    double* seconds; ///< One a frame, for bend: since the reset. A source that follows a transport
                     ///< puts the place in the song there while it rolls. May be NULL
    // For the sources inside timbrel_sources_new(), which are asked for one frame at a time:
    const TimbrelMoment* moments;    ///< One a frame
    const TimbrelMaterial* material; ///< NULL: none
    int last_point;                  ///< That a note played, from 0; -1: none yet
} TimbrelLatentBlock;

/// What a source makes of frames.
typedef enum {
    TIMBREL_NEED_SOUND,   ///< What is heard is played as it is; what it fills is not
    TIMBREL_NEED_ENCODER, ///< It reads what is heard
    TIMBREL_NEED_NOTHING, ///< Encode does not run, and nothing is heard
} TimbrelNeed;

/// A source is a struct that begins with this one.
typedef struct TimbrelSource TimbrelSource;
struct TimbrelSource {
    const char* name;

    /// What it needs for the next `frames` frames, some of which it may have filled already, as
    /// windows overlap; one control a frame. Thread: inference.
    TimbrelNeed (*need)(TimbrelSource* self, const TimbrelLatentControls* controls,
                        uint32_t frames);

    /// Back to frame 0. No other call is in progress. Does not allocate.
    void (*reset)(TimbrelSource* self);

    /// Fill `block->values`. A block is also asked for where its sound is too late to be played, so
    /// that no event is missed. Does not allocate, lock or wait. Thread: inference.
    void (*fill)(TimbrelSource* self, const TimbrelLatentBlock* block);

    /// Thread: any but audio and inference.
    void (*free)(TimbrelSource* self);
};

#endif
