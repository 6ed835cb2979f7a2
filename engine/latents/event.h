// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_LATENTS_EVENT_H
#define TIMBREL_ENGINE_LATENTS_EVENT_H

#include <stdint.h>

/// What happens at one time, as against sound and controls, which go on: notes, the transport,
/// messages from the window. What happens at time t acts on the frame that is heard at t + the
/// latency told.

typedef enum {
    TIMBREL_EVENT_GAP, ///< Some were lost: whatever is held, as a note, is to be let go
    TIMBREL_EVENT_MIDI,
    TIMBREL_EVENT_TRANSPORT,
    TIMBREL_EVENT_MESSAGE,
} TimbrelEventKind;

/// Where the host's transport is; 0 where it does not say.
typedef struct {
    double beat; ///< Since bar 0; a NaN where the host does not say
    float beats_per_bar;
    float beats_per_minute;
    float speed; ///< 0: it stands, 1: it rolls
} TimbrelTransport;

/// A switch was pressed, on a port or in the window.
typedef enum {
    TIMBREL_MESSAGE_KEEP, ///< `value`: bars
    TIMBREL_MESSAGE_ADD,
    TIMBREL_MESSAGE_STORE, ///< `value`: point, from 1; 0: the first that is free
} TimbrelLatentMessageId;

typedef struct {
    TimbrelLatentMessageId id;
    float value;
} TimbrelLatentMessage;

/// An event in a host's block.
typedef struct {
    TimbrelEventKind kind;
    uint32_t time; ///< Samples since the block's beginning
    union {
        uint8_t midi[4]; ///< A message of up to three bytes, the rest 0
        TimbrelTransport transport;
        TimbrelLatentMessage message;
    } is;
} TimbrelEvent;

/// The same at its frame.
typedef struct {
    uint64_t frame;  ///< Since the reset
    double position; ///< The same with the part of the frame, where time is finer: its beginning is
                     ///< `frame`
    TimbrelEvent event;
} TimbrelLatentEvent;

#endif
