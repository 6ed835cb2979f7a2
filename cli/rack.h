// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_RACK_H
#define TIMBREL_CLI_RACK_H

#include "engine/base/controls.h"
#include "engine/latents/event.h"
#include "opening.h"

#include <stdbool.h>
#include <stdint.h>

/// Effects side by side, for sound of any number of channels: one mono effect for one channel, one
/// stereo effect for two, one mono effect a channel for more. All have the same latency to the
/// outside.
typedef struct Rack Rack;

typedef struct {
    const char* model; ///< Path or name
    ModelOptions options;
    double rate; ///< Hz
    uint32_t channels;
    const float* controls; ///< At the start
    const char* rows;      ///< File of latents for the source of that name; NULL: none
    const char* points;    ///< The same
} RackConfig;

/// Opens the model once an effect. NULL on failure, after saying why.
Rack* rack_open(const RackConfig* config);
void rack_close(Rack* rack);

/// Samples by which the output trails the input.
uint32_t rack_latency(const Rack* rack);

typedef struct {
    float* const* audio; ///< [channel], from `offset` on; processed in place
    uint32_t offset;
    uint32_t frames;
    const float* controls;      ///< TIMBREL_CONTROL_COUNT
    const TimbrelEvent* events; ///< For each effect; as in TimbrelBlock
    uint32_t event_count;
} RackBlock;

/// Process a block, waiting for the model. False when the model has failed: then rack_problem() is
/// the sentence that says why.
bool rack_process(Rack* rack, const RackBlock* block);
const char* rack_problem(const Rack* rack);

#endif
