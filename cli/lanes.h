// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_LANES_H
#define TIMBREL_CLI_LANES_H

#include "engine/base/controls.h"
#include "opening.h"

#include <stdbool.h>
#include <stdint.h>

/// Effects side by side for any number of channels: one mono effect for one channel, one stereo
/// effect for two, one mono effect a channel for more. All have the same latency to the outside.
typedef struct Lanes Lanes;

typedef struct {
    const char* model; ///< Path or name
    ModelOptions options;
    double rate; ///< Hz
    uint32_t channels;
    const float* controls; ///< At the start
} LanesConfig;

/// Opens the model once an effect. NULL on failure, after saying why.
Lanes* lanes_open(const LanesConfig* config);
void lanes_close(Lanes* lanes);

/// Samples by which the output trails the input.
uint32_t lanes_latency(const Lanes* lanes);

/// Process `frames` samples of audio[channel] + offset in place, waiting for the model. False when
/// the model has failed: then lanes_problem() is the sentence that says why.
bool lanes_process(Lanes* lanes, float* const* audio, uint32_t offset, uint32_t frames,
                   const float controls[TIMBREL_CONTROL_COUNT]);
const char* lanes_problem(const Lanes* lanes);

#endif
