// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_RENDER_OPTIONS_H
#define TIMBREL_CLI_RENDER_OPTIONS_H

#include "opening.h"
#include "presses.h"
#include "timeline.h"

/// What `timbrel render` is asked for.

enum { RENDER_GRID = 64 }; ///< Samples between two looks at what changes in time

typedef struct {
    const char* in;
    const char* out;
    const char* model;
    const char* encoding;
    double tail;   ///< Seconds
    uint64_t rate; ///< Hz, 0: the input's
    ModelOptions model_options;
    float controls[TIMBREL_CONTROL_COUNT];
    const char* automation_paths[TIMBREL_CONTROL_COUNT]; ///< NULL: not automated
    Presses presses;
    TimelineConfig timeline;
    const char* rows;   ///< File; NULL: none
    const char* points; ///< File; NULL: none
    uint64_t block;     ///< Most samples that go into the effect at once, 1..RENDER_GRID
} RenderOptions;

/// Ends the program where they are wrong.
void render_parse(RenderOptions* options, int argc, char** argv);
void render_options_free(RenderOptions* options);

#endif
