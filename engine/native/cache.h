// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CACHE_H
#define TIMBREL_CACHE_H

#include "../status.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/// Plans that were made on this machine, in $XDG_CACHE_HOME/timbrel (else ~/.cache/timbrel), by the
/// hash of the model file and the version of plans. Beside a plan, or in its place, lies the reason
/// why a model cannot be one, so that it is not tried each time. Without such a folder, or with a
/// full disk, all works but nothing is kept. Several processes may use it at once.
/// Thread: any but audio.

/// An open plan file, to be closed by the caller, or -1 if there is none.
int timbrel_cache_find(const char* model_hash);

/// Why that model cannot be a plan, if that is known: true with `why` filled.
bool timbrel_cache_refusal(const char* model_hash, char* why, size_t size);
void timbrel_cache_refuse(const char* model_hash, const char* why);

/// A plan that is being made: by one at a time for each model.
typedef struct {
    int file; ///< To write to, always there: without a cache it is memory; -1 if even that failed
    int lock;
    char path[1024]; ///< Temporary name; "" for memory
} TimbrelCacheEntry;

/// Begin to make a plan; waits while another instance makes the same one (then look again with
/// timbrel_cache_find()), or until `cancel` (may be NULL) becomes true.
void timbrel_cache_begin(TimbrelCacheEntry* entry, const char* model_hash,
                         const _Atomic(bool)* cancel);

/// Put it where it is found (`keep`), or drop it. `file` stays open where it is to be kept open by
/// the caller's own duplicate.
void timbrel_cache_end(TimbrelCacheEntry* entry, const char* model_hash, bool keep);

/// Drop a plan that turned out to be damaged.
void timbrel_cache_drop(const char* model_hash);

#endif
