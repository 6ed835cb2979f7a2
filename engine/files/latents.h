// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_FILES_LATENTS_H
#define TIMBREL_ENGINE_FILES_LATENTS_H

#include "engine/base/hash.h"
#include "engine/base/status.h"
#include "engine/model/model_info.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Latents in memory: rows in time, one column a latent. Nothing here is for the audio thread.

#define TIMBREL_MAX_VALUES ((size_t)1 << 28) ///< Most values (rows x latents) in one array: 2 GiB

/// Which model latents belong to, and what they were made from.
typedef struct {
    char model[256];               ///< Name; "" if unknown
    char hash[TIMBREL_HASH_SIZE];  ///< Hash of the model's file; "" if unknown
    char space[TIMBREL_NAME_SIZE]; ///< Latent-space id, see TimbrelModelInfo; "" if unknown
    double rate;                   ///< The model's, Hz; 0 if unknown
    uint32_t ratio;                ///< Audio samples to a row; 0 if unknown
    bool discrete;                 ///< Latents are integer codes
    char source[512];              ///< What they were made from, for people
    char stamp[128]; ///< Input and settings of an encoding; the same stamp, the same latents
} TimbrelOrigin;

/// Rows of an encoding before its first and after its last, with which the decoder starts and ends
/// as it does while a sound plays. Meaningful only beside the very rows they were made with.
typedef struct {
    double* lead;
    double* trail;
    uint32_t lead_rows;
    uint32_t trail_rows;
} TimbrelEdges;

typedef struct {
    double* values; ///< values[row * count + latent]
    size_t rows;
    size_t room;    ///< Rows allocated
    uint32_t count; ///< Latents, 1..TIMBREL_MAX_LATENTS
    TimbrelOrigin origin;
    TimbrelEdges edges;
} TimbrelLatents;

/// No rows, no edges, `origin` copied (NULL: unknown).
void timbrel_latents_init(TimbrelLatents* latents, uint32_t count, const TimbrelOrigin* origin);
void timbrel_latents_free(TimbrelLatents* latents);

/// Whether `rows` more rows will fit; room for them is made at once. `rows` may be too large for
/// any memory, UINT64_MAX included.
TimbrelStatus timbrel_latents_reserve(TimbrelLatents* latents, uint64_t rows, TimbrelError* error);

/// a * b, or UINT64_MAX where that is too large.
static inline uint64_t timbrel_rows_product(uint64_t a, uint64_t b) {
    return b > 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

/// Append `rows` rows; from NULL, zeros. Fails, changing nothing, where memory or
/// TIMBREL_MAX_VALUES ends.
TimbrelStatus timbrel_latents_append(TimbrelLatents* latents, const double* values, size_t rows,
                                     TimbrelError* error);

/// Append `other` `times` times; it must not be `latents` itself.
TimbrelStatus timbrel_latents_repeat(TimbrelLatents* latents, const TimbrelLatents* other,
                                     size_t times, TimbrelError* error);

/// Rows a second; 0 if unknown.
double timbrel_origin_row_rate(const TimbrelOrigin* origin);

/// Whether latents of these two origins and counts may be put together: the same model, as far as
/// it is known. If not, the sentence names the files.
TimbrelStatus timbrel_latents_match(const TimbrelLatents* a, const char* a_name,
                                    const TimbrelLatents* b, const char* b_name,
                                    TimbrelError* error);

#endif
