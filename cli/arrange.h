// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_ARRANGE_H
#define TIMBREL_CLI_ARRANGE_H

#include "compose/patterns.h"
#include "latent_io.h"

/// What `timbrel arrange` is asked for.

typedef enum {
    PATTERN_FIBO,
    PATTERN_ORALE,
    PATTERN_BLENDER,
    PATTERN_SWAPPER,
    PATTERN_LOOP,
    PATTERN_MORPH,
    PATTERN_CONCAT,
    PATTERN_STRETCH,
    PATTERN_DEFORM,
    PATTERN_COUNT
} Pattern;

typedef struct {
    const char* name;
    const char* help;
    size_t least_inputs;
    size_t most_inputs;
    bool mixes; ///< Makes values that were not there: nothing for integer codes
} PatternInfo;

extern const PatternInfo pattern_infos[PATTERN_COUNT];

typedef struct {
    Pattern pattern;
    Collection inputs;
    LatentOutput output;
    const char* plot; ///< NULL: none
    uint64_t seed;
    uint64_t rows;    ///< 0: not given
    uint64_t times;   ///< Lengths of `a` that a loop plays
    uint64_t repeats; ///< How often blender and swapper give each array
    double factor;    ///< 0: not given
    TimbrelOrale orale;
    TimbrelSwapper swapper;
    TimbrelLoop loop;
    TimbrelDeform deform; ///< All latents chosen, unless some are named
    size_t last_latent;   ///< The last one named, counted from 1; 0: none
    bool spherical;
    const char* curve; ///< File; NULL: a straight line
} ArrangeOptions;

/// Ends the program where they are wrong.
void arrange_parse(ArrangeOptions* options, int argc, char** argv);

/// A morph's curve from a file of lines "row,share" in order of rows; empty lines, and lines that
/// start with '#', are passed over. The caller frees. NULL after saying why.
TimbrelMorphPoint* arrange_curve(const char* path, size_t* count);

#endif
