// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/base/ring.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/// The queue between two threads: order, wrapping, fullness, and what a writer gives up.

static int test_wrap(void) {
    TimbrelRing ring;
    CHECK(timbrel_ring_init(&ring, 3 * sizeof(uint32_t), 5));
    CHECK(timbrel_ring_room(&ring) == 8 && timbrel_ring_count(&ring) == 0);
    uint32_t next = 0;
    uint32_t seen = 0;
    for (uint32_t round = 0; round < 100; ++round) {
        uint32_t items[7][3];
        const uint32_t count = 1 + round % 7;
        for (uint32_t i = 0; i < count; ++i, ++next) {
            items[i][0] = items[i][1] = items[i][2] = next;
        }
        CHECK(timbrel_ring_put(&ring, items, count));
        CHECK(timbrel_ring_count(&ring) == count && timbrel_ring_room(&ring) == 8 - count);
        const uint32_t* ahead = timbrel_ring_look(&ring, seen + count - 1);
        CHECK(ahead && ahead[2] == next - 1);
        memset(items, 0xff, sizeof items);
        CHECK(timbrel_ring_take(&ring, items, count));
        for (uint32_t i = 0; i < count; ++i, ++seen) {
            CHECK(items[i][0] == seen && items[i][1] == seen && items[i][2] == seen);
        }
    }
    timbrel_ring_reset(&ring);
    CHECK(timbrel_ring_room(&ring) == 8 && timbrel_ring_count(&ring) == 0);
    timbrel_ring_free(&ring);
    return 0;
}

static int test_full(void) {
    TimbrelRing ring;
    CHECK(timbrel_ring_init(&ring, sizeof(int), 4));
    const int items[5] = {1, 2, 3, 4, 5};
    int out[4];
    CHECK(!timbrel_ring_put(&ring, items, 5)); // All or none
    CHECK(timbrel_ring_count(&ring) == 0);
    CHECK(timbrel_ring_put(&ring, items, 4));
    CHECK(!timbrel_ring_put(&ring, items, 1));
    CHECK(timbrel_ring_take(&ring, out, 1) && out[0] == 1);
    CHECK(timbrel_ring_put(&ring, items + 4, 1));
    CHECK(timbrel_ring_take(&ring, out, 4));
    for (int i = 0; i < 4; ++i) {
        CHECK(out[i] == i + 2);
    }
    timbrel_ring_free(&ring);
    return 0;
}

/// What was given up reads as zero, and what comes after it has its own number.
static int test_lost(void) {
    TimbrelRing ring;
    CHECK(timbrel_ring_init(&ring, sizeof(int), 4));
    const int items[4] = {1, 2, 3, 4};
    int out[8];
    CHECK(timbrel_ring_put(&ring, items, 3));
    timbrel_ring_lose(&ring, 3); // Now at 6, of which the reader has dropped none
    CHECK(timbrel_ring_room(&ring) == 0 && !timbrel_ring_put(&ring, items, 1));
    CHECK(timbrel_ring_count(&ring) == 6 && !timbrel_ring_look(&ring, 5));
    CHECK(!timbrel_ring_take(&ring, out, 4));
    CHECK(out[0] == 0 && out[3] == 0);
    CHECK(timbrel_ring_room(&ring) == 2 && timbrel_ring_put(&ring, items, 2));
    const int* sixth = timbrel_ring_look(&ring, 6);
    CHECK(sixth && *sixth == 1);
    CHECK(!timbrel_ring_take(&ring, out, 3) && out[1] == 0 && out[2] == 1);
    CHECK(timbrel_ring_take(&ring, out, 1) && out[0] == 2);
    timbrel_ring_free(&ring);
    return 0;
}

enum { many = 200000 };

typedef struct {
    uint64_t number;
    uint64_t copies[4];
} Item;

static void* write_all(void* argument) {
    TimbrelRing* ring = argument;
    for (uint64_t number = 0; number < many;) {
        Item items[3];
        const uint32_t count = (uint32_t)(1 + number % 3);
        for (uint32_t i = 0; i < count; ++i) {
            items[i].number = number + i;
            for (int k = 0; k < 4; ++k) {
                items[i].copies[k] = number + i;
            }
        }
        if (timbrel_ring_put(ring, items, count)) {
            number += count;
        } else if (number % 7 == 0) {
            timbrel_ring_lose(ring, count);
            number += count;
        } else {
            (void)sched_yield();
        }
    }
    return NULL;
}

/// Two threads at once: each item is what was put under its number, or lost; and the last ones,
/// after all that was lost, are there.
static int test_threads(void) {
    TimbrelRing ring;
    CHECK(timbrel_ring_init(&ring, sizeof(Item), 16));
    pthread_t writer;
    CHECK(pthread_create(&writer, NULL, write_all, &ring) == 0);
    uint64_t lost = 0;
    for (uint64_t number = 0; number < many;) {
        if (timbrel_ring_count(&ring) == 0) {
            (void)sched_yield();
            continue;
        }
        Item item;
        if (timbrel_ring_take(&ring, &item, 1)) {
            CHECK(item.number == number);
            for (int k = 0; k < 4; ++k) {
                CHECK(item.copies[k] == number);
            }
        } else {
            ++lost;
        }
        ++number;
    }
    CHECK(pthread_join(writer, NULL) == 0);
    CHECK(lost < many);
    timbrel_ring_free(&ring);
    return 0;
}

int main(void) {
    CHECK(test_wrap() == 0);
    CHECK(test_full() == 0);
    CHECK(test_lost() == 0);
    CHECK(test_threads() == 0);
    return 0;
}
