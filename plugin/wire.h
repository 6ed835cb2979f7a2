// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_WIRE_H
#define TIMBREL_PLUGIN_WIRE_H

#include "engine/base/controls.h"
#include "engine/base/rt.h"
#include "engine/base/text.h"
#include "engine/model/model_info.h"
#include "engine/stream/timing.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The one vocabulary of the effect, its window (the program timbrel-ui) and the shim between them
/// (timbrel_ui.so in the host). Messages are plain structs of one machine, one after the other:
///
///     effect <--- atom of type TIMBREL_WIRE_URI, body = message ---> shim (only passes them on)
///     shim   <--- SOCK_SEQPACKET socket, packet = message       ---> window
///
/// Each begins with a head whose version is that of the sender's vocabulary: a window that meets
/// another version than its own says so instead of reading on, as after an update while a host
/// runs. Anything may be lost on the way and must be harmless; nothing that arrives is trusted
/// before timbrel_wire_valid() has seen it.

#define TIMBREL_WIRE_URI     "urn:timbrel:message"
#define TIMBREL_WIRE_VERSION 3
#define TIMBREL_WIRE_SIZE    8192 ///< Most bytes of a message

typedef enum {
    // Window to effect.
    TIMBREL_WIRE_HELLO = 1,     ///< "I am here": at the start, then every second
    TIMBREL_WIRE_LOAD,          ///< TimbrelWireText: play this model ("" for none)
    TIMBREL_WIRE_SET_ATTRIBUTE, ///< TimbrelWireAttribute; only name and value count
    TIMBREL_WIRE_CLEAR_LATE,    ///< TimbrelWireHead: count late hops from 0
    TIMBREL_WIRE_MEASURE,       ///< TimbrelWireHead: measure anew what the model takes
    TIMBREL_WIRE_SET_METHOD,    ///< TimbrelWireText: play this method of the model

    // Effect to window, only while one says hello.
    TIMBREL_WIRE_METERS = 32, ///< TimbrelWireMeters, 60 times a second
    TIMBREL_WIRE_SCOPE,       ///< TimbrelWireScope, the input without a gap
    TIMBREL_WIRE_STATUS,      ///< TimbrelWireStatus, begins the news of a model ...
    TIMBREL_WIRE_TEXT,        ///< TimbrelWireText
    TIMBREL_WIRE_LATENT,      ///< TimbrelWireLatent
    TIMBREL_WIRE_ATTRIBUTE,   ///< TimbrelWireAttribute
    TIMBREL_WIRE_TOLD,        ///< TimbrelWireTold: ... and ends it; valid only then

    // Shim and window, either way.
    TIMBREL_WIRE_PORT = 64, ///< TimbrelWirePort: the value of a control port
    TIMBREL_WIRE_TOUCH,     ///< TimbrelWirePort, to the shim: a gesture begins (1) or ends (0)
    TIMBREL_WIRE_KEY,       ///< TimbrelWireKey, to the shim: a key that is the host's
} TimbrelWireType;

typedef struct {
    uint16_t version;
    uint16_t type; ///< TimbrelWireType
    uint32_t size; ///< Bytes of the whole message
} TimbrelWireHead;

typedef struct {
    TimbrelWireHead head;
    uint32_t
        serial; ///< Of the news of a model last told in full, 0 for none: others are told again
    uint32_t reserved;
} TimbrelWireHello;

typedef struct {
    TimbrelWireHead head;
    uint32_t index;
    float value;
} TimbrelWirePort;

typedef struct {
    TimbrelWireHead head;
    uint32_t keycode; ///< X11
    uint32_t state;   ///< X11 modifiers
    uint32_t pressed; ///< 0 or 1
    uint32_t reserved;
} TimbrelWireKey;

typedef struct {
    TimbrelWireHead head;
    uint32_t channels;
    float input[2];  ///< Highest level since the last message, before the input gain; 1 = 0 dBFS
    float output[2]; ///< The same of what comes out
    float load;      ///< Percent of a hop's time
    uint32_t late_hops;
    float learnt_gain; ///< dB, beside the input gain
    uint32_t learning; ///< Whether it listens to learn the level
    TimbrelLatency latency;
    uint32_t latents;                      ///< Of the model that plays
    float values[2 * TIMBREL_MAX_LATENTS]; ///< `latents` as encoded, then as many under control;
                                           ///< what comes after is not sent
} TimbrelWireMeters;

#define TIMBREL_WIRE_SCOPE_FRAMES 512
#define TIMBREL_WIRE_SCOPE_SCALE  8192 ///< Stands for 0 dBFS

typedef struct {
    TimbrelWireHead head;
    uint32_t frames;
    int16_t samples[TIMBREL_WIRE_SCOPE_FRAMES]; ///< Sum of the channels, before the input gain
} TimbrelWireScope;

/// What is to be known of the model that was asked for, and of the one that plays: after a failure
/// they differ. All of the model's numbers are those of the one that plays.
typedef struct {
    TimbrelWireHead head;
    uint32_t serial;
    uint32_t state;   ///< TimbrelModelState of what was asked for
    double rate;      ///< The host's, Hz
    uint32_t playing; ///< Whether a model has been ready
    uint32_t hop;
    uint32_t ratio;
    uint32_t latents;
    uint32_t in_channels;
    uint32_t out_channels;
    uint32_t streaming;
    uint32_t discrete;
    uint32_t draws_normal;
    uint32_t draws_uniform;
    uint32_t play_mode; ///< TimbrelPlayMode
    double model_rate;  ///< Hz
    double hop_seconds; ///< Time of one hop, as measured, rounded up
    uint64_t file_bytes;
} TimbrelWireStatus;

typedef enum {
    TIMBREL_TEXT_WANTED, ///< What was asked for, as a session saves it
    TIMBREL_TEXT_PATH,   ///< The file found for it
    TIMBREL_TEXT_MESSAGE,
    TIMBREL_TEXT_NAME, ///< Of the model that plays
    TIMBREL_TEXT_BACKEND,
    TIMBREL_TEXT_BACKEND_WHY,
    TIMBREL_TEXT_METHOD,  ///< Of what was asked for, "" for the default
    TIMBREL_TEXT_METHODS, ///< Those that can be asked for, a line each, the default first (""
                          ///< stands for encode and decode); "" while another model is asked for
    TIMBREL_TEXT_COUNT,
} TimbrelWireTextKind;

#define TIMBREL_WIRE_TEXT_SIZE TIMBREL_PATH_SIZE

typedef struct {
    TimbrelWireHead head;
    uint32_t kind;                     ///< TimbrelWireTextKind
    char text[TIMBREL_WIRE_TEXT_SIZE]; ///< NUL-terminated; what comes after is not sent
} TimbrelWireText;

typedef struct {
    TimbrelWireHead head;
    uint32_t index; ///< Counts from 0
    TimbrelLatentMeaning meaning;
    char label[TIMBREL_NAME_SIZE];
} TimbrelWireLatent;

typedef struct {
    TimbrelWireHead head;
    uint32_t index; ///< Counts from 0
    TimbrelAttribute attribute;
} TimbrelWireAttribute;

typedef struct {
    TimbrelWireHead head;
    uint32_t serial;     ///< Of the STATUS before
    uint32_t attributes; ///< How many were told
} TimbrelWireTold;

/// Any message; only the part for its type holds.
typedef union {
    TimbrelWireHead head;
    TimbrelWireHello hello;
    TimbrelWirePort port;
    TimbrelWireKey key;
    TimbrelWireMeters meters;
    TimbrelWireScope scope;
    TimbrelWireStatus status;
    TimbrelWireText text;
    TimbrelWireLatent latent;
    TimbrelWireAttribute attribute;
    TimbrelWireTold told;
} TimbrelWire;

/// Fill the head of a message of `size` bytes. Thread: any.
static inline void timbrel_wire_head(void* message, TimbrelWireType type, size_t size) TIMBREL_RT {
    *(TimbrelWireHead*)message = (TimbrelWireHead){
        .version = TIMBREL_WIRE_VERSION, .type = (uint16_t)type, .size = (uint32_t)size};
}

/// Bytes of a message as it is sent. Thread: any.
size_t timbrel_wire_text_size(size_t length) TIMBREL_RT;
size_t timbrel_wire_meters_size(uint32_t latents) TIMBREL_RT;
size_t timbrel_wire_scope_size(uint32_t frames) TIMBREL_RT;

/// Fill a text message; a text that is too long is cut. Thread: any.
void timbrel_wire_text(TimbrelWireText* message, TimbrelWireType type, uint32_t kind,
                       const char* text) TIMBREL_RT;

/// Whether `size` bytes at `data` (aligned to 8) are one whole message of this version whose counts
/// and texts lie within it. Thread: any.
bool timbrel_wire_valid(const void* data, size_t size) TIMBREL_RT;

/// Whether they begin like a message of another version. Thread: any.
bool timbrel_wire_foreign(const void* data, size_t size) TIMBREL_RT;

#endif
