// SPDX-License-Identifier: ISC
#ifndef TIMBREL_COMPOSE_GENERATE_H
#define TIMBREL_COMPOSE_GENERATE_H

#include "statistics.h"

/// New rows that are like a collection.
typedef enum {
    TIMBREL_GENERATE_NORMAL,     ///< Each value by its latent's mean and deviation
    TIMBREL_GENERATE_UNIFORM,    ///< Each value anywhere in its latent's range
    TIMBREL_GENERATE_CORRELATED, ///< Each row by the means and the whole covariance
    TIMBREL_GENERATE_WALK,       ///< Each latent moves as in the collection: its own spectrum
} TimbrelGenerateKind;

typedef struct {
    TimbrelGenerateKind kind;
    size_t rows;
    uint64_t seed;
    bool clamp; ///< Keep to the collection's range
} TimbrelGenerateConfig;

/// The integer codes of a discrete model are rounded, and always clamped. On failure there is
/// nothing to be freed.
TimbrelStatus timbrel_generate(const TimbrelStatistics* statistics,
                               const TimbrelGenerateConfig* config, TimbrelLatents* out,
                               TimbrelError* error);

#endif
