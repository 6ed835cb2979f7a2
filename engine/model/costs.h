// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_COSTS_H
#define TIMBREL_ENGINE_MODEL_COSTS_H

#include <stdbool.h>
#include <stdint.h>

/// What calls of a model take on this machine: measured once, rounded up coarsely, and kept in the
/// user's cache from then on. The hop and the deadline, and so the latency, follow from these
/// figures alone: they are the same at each opening, whatever the machine does just then.
/// Thread: any but audio.

enum { TIMBREL_COSTS_MOST = 32, TIMBREL_COSTS_KEY_SIZE = 256 };

typedef struct {
    uint32_t lanes;
    uint32_t frames;
    double seconds; ///< As timbrel_cost_round() gives it
} TimbrelCost;

typedef struct {
    const char* model_hash; ///< "": nothing is kept
    char key[TIMBREL_COSTS_KEY_SIZE];
    uint32_t count;
    TimbrelCost costs[TIMBREL_COSTS_MOST];
} TimbrelCosts;

/// The next of the steps: 0.16 ms, of which a deadline with all allowances is a block of 64 samples
/// at 48 kHz, and that times powers of the square root of 2. What is a per mille above one is on
/// it.
double timbrel_cost_round(double seconds);

/// What is known of the model on this processor through `engine` (which names all that makes a
/// difference: native or torch, instructions, precision, method). `model_hash` must outlive
/// `costs`.
void timbrel_costs_read(TimbrelCosts* costs, const char* model_hash, const char* engine);

/// Seconds of one call, 0.0 if unknown.
double timbrel_costs_find(const TimbrelCosts* costs, uint32_t lanes, uint32_t frames);

/// Note what one call takes, rounded up. When all are full, it is not noted.
void timbrel_costs_note(TimbrelCosts* costs, uint32_t lanes, uint32_t frames, double seconds);

/// Keep them where timbrel_costs_read() finds them, if there is a cache that can be written.
void timbrel_costs_write(const TimbrelCosts* costs);

#endif
