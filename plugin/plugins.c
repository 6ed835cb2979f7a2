// SPDX-License-Identifier: ISC
#include "plugins.h"

#include <stddef.h>
#include <string.h>

#define PLUGIN(SYMBOL, PROCESSOR, ...)                                                             \
    {.symbol = #SYMBOL, .uri = "urn:timbrel:" #SYMBOL, __VA_ARGS__},
const TimbrelPlugin timbrel_plugins[TIMBREL_PLUGIN_COUNT] = {
#include "plugins.def"
};
#undef PLUGIN

const TimbrelPlugin* timbrel_plugin_find(const char* uri) {
    for (int i = 0; i < TIMBREL_PLUGIN_COUNT; ++i) {
        if (!strcmp(timbrel_plugins[i].uri, uri)) {
            return &timbrel_plugins[i];
        }
    }
    return NULL;
}

uint32_t timbrel_plugin_count(const TimbrelPlugin* plugin, TimbrelPortKind kind) {
    uint32_t count = 0;
    for (const TimbrelPortRun* run = plugin->ports; run->kind != TIMBREL_PORT_NONE; ++run) {
        count += run->kind == kind ? run->last - run->first + 1 : 0;
    }
    return count;
}

TimbrelPort timbrel_plugin_port(const TimbrelPlugin* plugin, uint32_t index) {
    for (const TimbrelPortRun* run = plugin->ports; run->kind != TIMBREL_PORT_NONE; ++run) {
        if (index >= run->index && index - run->index <= run->last - run->first) {
            return (TimbrelPort){run->kind, run->first + index - run->index};
        }
    }
    return (TimbrelPort){TIMBREL_PORT_NONE, 0};
}

bool timbrel_plugin_index(const TimbrelPlugin* plugin, TimbrelPort port, uint32_t* index) {
    for (const TimbrelPortRun* run = plugin->ports; run->kind != TIMBREL_PORT_NONE; ++run) {
        if (run->kind == port.kind && port.item >= run->first && port.item <= run->last) {
            *index = run->index + port.item - run->first;
            return true;
        }
    }
    return false;
}
