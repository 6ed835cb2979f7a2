// SPDX-License-Identifier: ISC
#include "history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool timbrel_history_init(TimbrelHistory* h, uint32_t latents, double frame_rate) {
    const uint64_t wanted = (uint64_t)ceil(TIMBREL_HISTORY_SECONDS * frame_rate);
    const uint64_t most = TIMBREL_HISTORY_BYTES / (latents * sizeof(float) + sizeof(double));
    *h = (TimbrelHistory){.latents = latents, .room = wanted < most ? wanted : most};
    h->values = calloc(h->room * latents, sizeof *h->values);
    h->beats = calloc(h->room, sizeof *h->beats);
    if (!h->values || !h->beats) {
        timbrel_history_free(h);
        return false;
    }
    return true;
}

void timbrel_history_free(TimbrelHistory* h) {
    free(h->values);
    free(h->beats);
    h->values = NULL;
    h->beats = NULL;
}

void timbrel_history_reset(TimbrelHistory* h) {
    atomic_store(&h->count, 0);
}

void timbrel_history_put(TimbrelHistory* h, const float* frame, uint32_t stride,
                         const TimbrelMoment* moment) {
    const uint64_t number = atomic_load_explicit(&h->count, memory_order_relaxed);
    const uint64_t place = number % h->room;
    // Whoever sees a value of this frame sees that there were so many before.
    atomic_thread_fence(memory_order_release);
    for (uint32_t i = 0; i < h->latents; ++i) {
        h->values[place * h->latents + i] = frame[(size_t)i * stride];
    }
    const bool goes_on = moment->rolls && !moment->jumped;
    h->beats[place] = goes_on ? moment->beat : (double)NAN;
    atomic_store_explicit(&h->count, number + 1, memory_order_release);
}

/// Whether frames from `first` on are there, and not the one that is written just now.
static bool is_held(const TimbrelHistory* h, uint64_t first, uint64_t there) {
    return first <= there && there - first < h->room;
}

bool timbrel_history_copy(const TimbrelHistory* h, uint64_t first, uint32_t count, float* values) {
    const uint64_t there = atomic_load_explicit(&h->count, memory_order_acquire);
    if (first + count > there || !is_held(h, first, there)) {
        return false;
    }
    for (uint32_t k = 0; k < count; ++k) {
        memcpy(values + (size_t)k * h->latents, h->values + (first + k) % h->room * h->latents,
               h->latents * sizeof(float));
    }
    // Not overwritten while it was copied, nor reset.
    atomic_thread_fence(memory_order_acquire);
    const uint64_t now = atomic_load_explicit(&h->count, memory_order_relaxed);
    return now >= there && is_held(h, first, now);
}
