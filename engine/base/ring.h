// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_BASE_RING_H
#define TIMBREL_ENGINE_BASE_RING_H

#include "rt.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A queue of items of one size from one thread (the writer) to another (the reader), without locks
/// or waiting. Items are numbered from 0 since the reset, and keep their numbers also where the
/// writer had to give some up.
typedef struct {
    unsigned char* items;
    size_t size;                  ///< Bytes of an item
    uint64_t mask;                ///< How many there is room for - 1
    atomic_uint_fast64_t put;     ///< Number of the writer's next item
    atomic_uint_fast64_t dropped; ///< Number of the reader's next item
    atomic_uint_fast64_t lost;    ///< Items before this are not there
} TimbrelRing;

/// Room for `least` items or more, of `size` bytes. False when memory ran out; then, as after free,
/// it holds nothing. Thread: any but audio.
bool timbrel_ring_init(TimbrelRing* ring, size_t size, uint64_t least);

/// A zeroed or freed ring is fine.
void timbrel_ring_free(TimbrelRing* ring);

/// Empty, at number 0. Neither thread may be at it.
void timbrel_ring_reset(TimbrelRing* ring);

/// How many items fit now, at least. Thread: the writer's.
uint64_t timbrel_ring_room(const TimbrelRing* ring) TIMBREL_RT;

/// Add `count` items; all, or none and false where they do not fit. Thread: the writer's.
bool timbrel_ring_put(TimbrelRing* ring, const void* items, uint64_t count) TIMBREL_RT;

/// Give up the next `count` items, and all that the reader has not dropped yet. The numbers go on,
/// further than there is room if need be: then none fits until the reader has come near. Thread:
/// the writer's.
void timbrel_ring_lose(TimbrelRing* ring, uint64_t count) TIMBREL_RT;

/// How many items, lost ones too, there are for the reader now, at least. Thread: the reader's.
uint64_t timbrel_ring_count(const TimbrelRing* ring) TIMBREL_RT;

/// Number of the next item. Thread: the reader's.
uint64_t timbrel_ring_next(const TimbrelRing* ring) TIMBREL_RT;

/// The item of that number, which must be there and not dropped; NULL if it was lost. Thread: the
/// reader's.
const void* timbrel_ring_look(const TimbrelRing* ring, uint64_t number) TIMBREL_RT;

/// Make room for `count` items more; there must be as many. Thread: the reader's.
void timbrel_ring_drop(TimbrelRing* ring, uint64_t count) TIMBREL_RT;

/// Copy the next `count` items, of which there must be as many, and drop them. False where some
/// were lost: they are all zero. Thread: the reader's.
bool timbrel_ring_take(TimbrelRing* ring, void* items, uint64_t count) TIMBREL_RT;

#endif
