// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_STREAM_PLAYER_H
#define TIMBREL_ENGINE_STREAM_PLAYER_H

#include "engine/codec/decoder.h"
#include "engine/codec/encoder.h"
#include "engine/latents/bend.h"
#include "engine/latents/source.h"

/// A model's way from sound to sound at its own rate, hop by hop: encode, source, bend, decode; or
/// one method instead. It knows no threads and no host. One thread at a time, the inference thread
/// while it plays.
typedef struct {
    TimbrelBackend* backend;
    TimbrelModelInfo info; ///< As of the load
    TimbrelFraming framing;
    double frame_rate; ///< Hz
    uint32_t channels; ///< Out
    bool two;          ///< Whether left and right can be two lanes
    TimbrelEncoder encoder;
    TimbrelDecoder decoder;
    TimbrelSource* source; ///< NULL: what is heard
    float* heard;          ///< The source's blocks
    float* fresh;
    float* values;                  ///< What it gave for a window: [lane][latent][frame]
    double* seconds;                ///< Where the window's frames lie: see TimbrelLatentBlock
    TimbrelLatentState latent[2];   ///< Per lane
    TimbrelAmounts* amounts;        ///< Of the window's frames
    float raw[TIMBREL_MAX_LATENTS]; ///< The hop's last frame before and after control
    float controlled[TIMBREL_MAX_LATENTS];
} TimbrelPlayer;

/// What is known of a hop when it is played.
typedef struct {
    uint64_t number;
    const TimbrelLatentControls* controls; ///< One for each frame of the window
    const TimbrelLatentEvent* events; ///< Of the frames that no hop before had, sorted by frame
    uint32_t event_count;
} TimbrelPlayerHop;

/// `inputs`: channels of the sound that comes in, 0 for none, else as many as `channels`. `most`:
/// samples that are put into the encoder beyond a window. False when memory ran out; then, as after
/// free, it holds nothing.
bool timbrel_player_init(TimbrelPlayer* player, TimbrelModel* model, uint32_t inputs,
                         uint32_t channels, uint32_t most);

/// Its source stays the caller's. A zeroed or freed player is fine.
void timbrel_player_free(TimbrelPlayer* player);

/// Time 0 and silence, source included; the model is reset by the caller.
void timbrel_player_reset(TimbrelPlayer* player);

/// Play another source from now on, fresh; NULL for what is heard. The one before is the caller's
/// again.
void timbrel_player_exchange(TimbrelPlayer* player, TimbrelSource* source);

/// Play the encoder's window; then `decoder.out` holds the hop, `finite` whether it is all numbers.
TimbrelStatus timbrel_player_play(TimbrelPlayer* player, const TimbrelPlayerHop* hop, bool* finite,
                                  TimbrelError* error);

/// Nobody hears this hop: only the source goes on.
void timbrel_player_skip(TimbrelPlayer* player, const TimbrelPlayerHop* hop);

/// Go on to the next window.
void timbrel_player_advance(TimbrelPlayer* player);

#endif
