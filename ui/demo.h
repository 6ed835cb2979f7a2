// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_DEMO_H
#define TIMBREL_UI_DEMO_H

#include "plugin/plugins.h"
#include "plugin/wire.h"

#include <stdbool.h>

/// A scripted effect for `timbrel-ui --demo`: it plays no sound, but tells what one would tell that
/// plays music through a model, and does what it is asked. So the window can be developed, tested
/// and shown without a host.
typedef struct TimbrelDemo TimbrelDemo;

typedef struct {
    const TimbrelPlugin* plugin;
    uint32_t latents;
    bool none; ///< Begins without a model
} TimbrelDemoConfig;

/// What it tells goes to `receive`, on the main loop.
TimbrelDemo* timbrel_demo_new(const TimbrelDemoConfig* config,
                              void (*receive)(void* handle, const TimbrelWire* message),
                              void* handle);
void timbrel_demo_free(TimbrelDemo* demo);

/// What the window sends. A model whose name holds "bad" cannot be loaded.
void timbrel_demo_send(void* demo, const TimbrelWireHead* message);

#endif
