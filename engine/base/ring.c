// SPDX-License-Identifier: ISC
#include "ring.h"
#include "rt.h"

#include <stdlib.h>
#include <string.h>

bool timbrel_ring_init(TimbrelRing* ring, size_t size, uint64_t least) {
    uint64_t count = 1;
    while (count < least) {
        count *= 2;
    }
    ring->items = calloc(count, size);
    ring->size = size;
    ring->mask = count - 1;
    timbrel_ring_reset(ring);
    return ring->items != NULL;
}

void timbrel_ring_free(TimbrelRing* ring) {
    free(ring->items);
    ring->items = NULL;
}

void timbrel_ring_reset(TimbrelRing* ring) {
    atomic_store(&ring->put, 0);
    atomic_store(&ring->dropped, 0);
    atomic_store(&ring->lost, 0);
}

uint64_t timbrel_ring_room(const TimbrelRing* ring) TIMBREL_RT {
    const uint64_t put = atomic_load_explicit(&ring->put, memory_order_relaxed);
    const uint64_t end =
        atomic_load_explicit(&ring->dropped, memory_order_acquire) + ring->mask + 1;
    return put < end ? end - put : 0;
}

bool timbrel_ring_put(TimbrelRing* ring, const void* items, uint64_t count) TIMBREL_RT {
    if (timbrel_ring_room(ring) < count) {
        return false;
    }
    const uint64_t put = atomic_load_explicit(&ring->put, memory_order_relaxed);
    const uint64_t place = put & ring->mask;
    const uint64_t straight = ring->mask + 1 - place;
    const size_t first = (size_t)(count < straight ? count : straight) * ring->size;
    memcpy(ring->items + place * ring->size, items, first);
    memcpy(ring->items, (const unsigned char*)items + first, (size_t)count * ring->size - first);
    atomic_store_explicit(&ring->put, put + count, memory_order_release);
    return true;
}

void timbrel_ring_lose(TimbrelRing* ring, uint64_t count) TIMBREL_RT {
    const uint64_t put = atomic_load_explicit(&ring->put, memory_order_relaxed) + count;
    atomic_store_explicit(&ring->lost, put, memory_order_release);
    atomic_store_explicit(&ring->put, put, memory_order_release);
}

uint64_t timbrel_ring_count(const TimbrelRing* ring) TIMBREL_RT {
    return atomic_load_explicit(&ring->put, memory_order_acquire) -
           atomic_load_explicit(&ring->dropped, memory_order_relaxed);
}

uint64_t timbrel_ring_next(const TimbrelRing* ring) TIMBREL_RT {
    return atomic_load_explicit(&ring->dropped, memory_order_relaxed);
}

const void* timbrel_ring_look(const TimbrelRing* ring, uint64_t number) TIMBREL_RT {
    const bool there = number >= atomic_load_explicit(&ring->lost, memory_order_acquire);
    return there ? ring->items + (number & ring->mask) * ring->size : NULL;
}

void timbrel_ring_drop(TimbrelRing* ring, uint64_t count) TIMBREL_RT {
    const uint64_t dropped = atomic_load_explicit(&ring->dropped, memory_order_relaxed);
    atomic_store_explicit(&ring->dropped, dropped + count, memory_order_release);
}

bool timbrel_ring_take(TimbrelRing* ring, void* items, uint64_t count) TIMBREL_RT {
    unsigned char* to = items;
    const uint64_t first = atomic_load_explicit(&ring->dropped, memory_order_relaxed);
    bool whole = true;
    for (uint64_t i = 0; i < count; ++i, to += ring->size) {
        const void* item = timbrel_ring_look(ring, first + i);
        whole = whole && item;
        if (item) {
            memcpy(to, item, ring->size);
        } else {
            memset(to, 0, ring->size);
        }
    }
    timbrel_ring_drop(ring, count);
    return whole;
}
