// SPDX-License-Identifier: ISC
#include "ports.h"

static uint32_t count(TimbrelPortKind kind, uint32_t channels) {
    switch (kind) {
    case TIMBREL_PORT_AUDIO_IN:
    case TIMBREL_PORT_AUDIO_OUT:
        return channels;
    case TIMBREL_PORT_CONTROL:
    case TIMBREL_PORT_NOTIFY:
    case TIMBREL_PORT_FREEWHEEL:
        return 1;
    case TIMBREL_PORT_REPORT:
        return TIMBREL_REPORT_COUNT;
    case TIMBREL_PORT_VALUE:
    case TIMBREL_PORT_NONE:
        break;
    }
    return 0;
}

TimbrelPort timbrel_port(uint32_t channels, uint32_t index) {
    for (TimbrelPortKind kind = 0; kind < TIMBREL_PORT_VALUE; ++kind) {
        if (index < count(kind, channels)) {
            return (TimbrelPort){kind, index};
        }
        index -= count(kind, channels);
    }
    for (uint32_t i = 0; i < TIMBREL_CONTROL_COUNT; ++i) {
        if (channels < 2 && (timbrel_controls[i].flags & TIMBREL_STEREO_ONLY)) {
            continue;
        }
        if (!index--) {
            return (TimbrelPort){TIMBREL_PORT_VALUE, i};
        }
    }
    return (TimbrelPort){TIMBREL_PORT_NONE, 0};
}
