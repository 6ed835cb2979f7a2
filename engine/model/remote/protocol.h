// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_REMOTE_PROTOCOL_H
#define TIMBREL_ENGINE_MODEL_REMOTE_PROTOCOL_H

#include "engine/model/backend.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/// What the host's process and timbrel-torch say to each other (C11 and C++17). The parent writes a
/// command and its arguments, then steps `request`; the child answers, then sets `response` to the
/// same number. One request is under way at a time. Audio and latents lie in a second memory, whose
/// size is known once the model is loaded. The parent trusts nothing that it reads here.

#define TIMBREL_PROTOCOL_VERSION 4u

/// Descriptors that the child is born with, beside 0 to 2.
enum {
    TIMBREL_FD_CHANNEL = 3, ///< Memory that holds a TimbrelChannel
    TIMBREL_FD_BUFFERS,     ///< Memory for audio and latents, empty until TIMBREL_COMMAND_MAP
    TIMBREL_FD_LIFE,        ///< Read end of a pipe: end of input means that the parent is gone
    TIMBREL_FD_MODEL,       ///< The model file
    TIMBREL_FD_PLAN,        ///< File to write a plan to, if one may be asked for
    TIMBREL_FD_END,
};

enum {
    TIMBREL_COMMAND_LOAD = 1,  ///< Answers with `info`
    TIMBREL_COMMAND_MAP,       ///< The buffers have been given their size: map them
    TIMBREL_COMMAND_CALL,      ///< See TimbrelCall
    TIMBREL_COMMAND_RESET,     ///< Fresh streaming state in `lanes`
    TIMBREL_COMMAND_ATTRIBUTE, ///< Set an attribute; answers with `info`
    TIMBREL_COMMAND_COMPILE,   ///< Write the model as a plan
};

typedef struct {
    uint32_t version;
    uint32_t request;  ///< Futex word, written by the parent
    uint32_t response; ///< Futex word, written by the child
    uint32_t command;

    uint64_t memory_limit; ///< Bytes of address space; read when the child starts
    uint64_t seed;         ///< LOAD
    uint32_t max_lanes;    ///< LOAD
    uint32_t max_frames;   ///< MAP
    uint32_t step;         ///< CALL: TimbrelStep, and the rest of TimbrelCall but the amounts
    uint32_t lanes;
    uint32_t frames;
    uint32_t varied; ///< 0: one pair of amounts lies in the buffers, 1: one for each frame
    char name[TIMBREL_NAME_SIZE];   ///< LOAD: the method, or ""; ATTRIBUTE
    char value[TIMBREL_VALUE_SIZE]; ///< ATTRIBUTE; COMPILE: the model file's hash
    uint32_t form;                  ///< COMPILE: TimbrelWeightForm

    uint32_t status; ///< TimbrelStatus
    char
        message[400]; ///< When not TIMBREL_OK: what is wrong, to follow the file's name and a colon
    TimbrelModelInfo info;
} TimbrelChannel;

/// Where the parts of the buffer memory begin, in bytes, and how large it is.
typedef struct {
    uint64_t latents;
    uint64_t audio_out;
    uint64_t amounts;
    uint64_t size;
} TimbrelOffsets;

/// The audio comes in first, at 0. `info` must be valid: then nothing here overflows.
static inline TimbrelOffsets timbrel_protocol_offsets(const TimbrelModelInfo* info,
                                                      uint32_t max_frames, uint32_t max_lanes) {
    const uint64_t line = 64; // each part starts a cache line
    const uint64_t frame = (uint64_t)max_frames * max_lanes * sizeof(float);
    TimbrelOffsets offsets;
    offsets.latents = (frame * info->ratio * info->in_channels + line - 1) / line * line;
    offsets.audio_out = offsets.latents + (frame * info->latents + line - 1) / line * line;
    offsets.amounts =
        offsets.audio_out + (frame * info->ratio * info->out_channels + line - 1) / line * line;
    offsets.size = offsets.amounts + max_frames * sizeof(TimbrelAmounts);
    return offsets;
}

static inline uint32_t timbrel_protocol_load(const uint32_t* word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/// Publish `value` in a futex word and wake the other process.
static inline void timbrel_protocol_post(uint32_t* word, uint32_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
    (void)syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/// Sleep while the word is `value`, at most `milliseconds` (-1: no limit). May wake for no reason.
static inline void timbrel_protocol_sleep(uint32_t* word, uint32_t value, int milliseconds) {
    struct timespec limit;
    limit.tv_sec = milliseconds / 1000;
    limit.tv_nsec = milliseconds % 1000 * 1000000L;
    (void)syscall(SYS_futex, word, FUTEX_WAIT, value, milliseconds < 0 ? NULL : &limit, NULL, 0);
}

#endif
