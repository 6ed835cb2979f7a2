// SPDX-License-Identifier: ISC
#ifndef TIMBREL_COMPOSE_PATTERNS_H
#define TIMBREL_COMPOSE_PATTERNS_H

#include "engine/base/controls.h"
#include "engine/files/latents.h"

/// Arranging rows: each makes new latents of `a`, or of `a` and `b` of the same model. The result
/// has `a`'s origin and no edges; on failure it is not to be freed. Equal seeds, equal results.

/// Runs of the first 1, 1, 2, 3, 5, 8, ... rows of `a`, one after the other, up to the last
/// Fibonacci number that `a` has rows for.
TimbrelStatus timbrel_pattern_fibo(const TimbrelLatents* a, TimbrelLatents* out,
                                   TimbrelError* error);

typedef struct {
    uint32_t depth;  ///< 1: a phrase; each more repeats the whole again
    double fraction; ///< Share of the values that are altered, 0..1
    double amount;   ///< Deviation of an alteration, in deviations of its latent in `a`
    uint64_t seed;
} TimbrelOrale;

/// `a` three times, then slightly altered; that whole phrase three times, then altered; and so on:
/// rows x 4^depth. As in songs that are passed on by ear.
TimbrelStatus timbrel_pattern_orale(const TimbrelLatents* a, const TimbrelOrale* orale,
                                    TimbrelLatents* out, TimbrelError* error);

/// `a` becomes `b` (of as many rows) value by value: each array `repeats` times, then one value
/// more is b's, row 0 latent 0, row 0 latent 1, ... to the last.
TimbrelStatus timbrel_pattern_blender(const TimbrelLatents* a, const TimbrelLatents* b,
                                      size_t repeats, TimbrelLatents* out, TimbrelError* error);

typedef struct {
    size_t steps;
    size_t values; ///< Values that change places at each step
    size_t repeats;
    uint64_t seed;
} TimbrelSwapper;

/// At each step, values picked at random change places between `a` and `b` (of as many rows); then
/// comes the altered a, `repeats` times, and the altered b, as often.
TimbrelStatus timbrel_pattern_swapper(const TimbrelLatents* a, const TimbrelLatents* b,
                                      const TimbrelSwapper* swapper, TimbrelLatents* out,
                                      TimbrelError* error);

typedef struct {
    TimbrelDirection direction; ///< There and back, the first and the last row come once a turn
    size_t rows;                ///< Length of the result
    size_t least_step; ///< Rows to go on from one to the next, at random from least to most
    size_t most_step;
    uint64_t seed;
} TimbrelLoop;

/// Round and round through `a`.
TimbrelStatus timbrel_pattern_loop(const TimbrelLatents* a, const TimbrelLoop* loop,
                                   TimbrelLatents* out, TimbrelError* error);

/// A point of a curve: how much of `b` there is at a row.
typedef struct {
    double row;
    double share; ///< 0 is `a`, 1 is `b`; beyond, one goes on past them
} TimbrelMorphPoint;

typedef struct {
    size_t rows; ///< Length of the result
    bool spherical;
    const TimbrelMorphPoint* points; ///< In order of rows; straight lines between them
    size_t point_count;              ///< At least 1
} TimbrelMorph;

/// From `a` to `b` along a curve, each going round in a loop. Linear, or along the sphere (Shoemake
/// 1985): a row's direction turns, and its length goes from one to the other, so that a row between
/// two is not duller than both.
TimbrelStatus timbrel_pattern_morph(const TimbrelLatents* a, const TimbrelLatents* b,
                                    const TimbrelMorph* morph, TimbrelLatents* out,
                                    TimbrelError* error);

/// `a`, `factor` times as long, at least one row: row r is a's at r / factor, by straight lines
/// between rows, or the row before with `hold`.
TimbrelStatus timbrel_pattern_stretch(const TimbrelLatents* a, double factor, bool hold,
                                      TimbrelLatents* out, TimbrelError* error);

typedef struct {
    bool latents[TIMBREL_MAX_LATENTS]; ///< Which are touched
    size_t hold;                       ///< Every n-th row stays for n rows; 1: none
    double scale;
    double offset;
    double noise;    ///< Standard deviation of the noise that is added
    size_t smooth;   ///< Rows around each of which the mean is taken, fewer at the ends; 1: none
    double quantise; ///< Values are rounded to multiples of this; 0: none
    uint64_t seed;
} TimbrelDeform;

/// In this order: hold, scale, offset, noise, smooth, quantise.
TimbrelStatus timbrel_pattern_deform(const TimbrelLatents* a, const TimbrelDeform* deform,
                                     TimbrelLatents* out, TimbrelError* error);

#endif
