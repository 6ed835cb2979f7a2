// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_NATIVE_CACHE_H
#define TIMBREL_ENGINE_MODEL_NATIVE_CACHE_H

#include "engine/base/status.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/// Plans that were made on this machine, in $XDG_CACHE_HOME/timbrel (else ~/.cache/timbrel), by the
/// hash of the model file and the version of plans. Beside a plan, or in its place, lies the reason
/// why a model cannot be one, so that it is not tried each time, and what its calls take (costs.h).
/// Without such a folder, or with a full disk, all works but nothing is kept. Several processes may
/// use it at once. Thread: any but audio.

/// An open plan file, to be closed by the caller, or -1 if there is none.
int timbrel_cache_find(const char* model_hash);

/// Why that model cannot be a plan, if that is known: true with `why` filled.
bool timbrel_cache_refusal(const char* model_hash, char* why, size_t size);
void timbrel_cache_refuse(const char* model_hash, const char* why);

/// A short text of the given kind (a file name's end) that is kept with the model: true with `text`
/// filled if there is one. Written whole or not at all, in place of what was there.
bool timbrel_cache_read(const char* model_hash, const char* kind, char* text, size_t size);
void timbrel_cache_write(const char* model_hash, const char* kind, const char* text);

/// Before a plan is made, by one at a time for each model: waits while another instance makes it
/// (then look again with timbrel_cache_find()), but at most a minute, until `cancel` (may be NULL)
/// becomes true, and not at all where the file system has no locks: then two may make the same
/// plan. Returns what timbrel_cache_unlock() takes, -1 without a cache.
int timbrel_cache_lock(const char* model_hash, const _Atomic(bool)* cancel);
void timbrel_cache_unlock(const char* model_hash, int lock);

/// Put a copy of the plan in `file` where timbrel_cache_find() finds it, whole or not at all.
void timbrel_cache_keep(const char* model_hash, int file);

/// Drop a plan that turned out to be damaged.
void timbrel_cache_drop(const char* model_hash);

#endif
