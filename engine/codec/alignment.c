// SPDX-License-Identifier: ISC
#include "alignment.h"

#include <math.h>

TimbrelAlignment timbrel_alignment(const TimbrelModelSummary* summary) {
    const uint32_t ratio = summary->info.ratio;
    const uint32_t delay = (uint32_t)lround(summary->delay);
    const uint32_t whole = delay / ratio;
    const uint32_t lead = (uint32_t)lround(summary->encode_delay / ratio);
    TimbrelAlignment alignment = {.lead = lead < whole ? lead : whole, .delay = delay};
    alignment.trail = (delay + ratio - 1) / ratio - alignment.lead;
    return alignment;
}
