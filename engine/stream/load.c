// SPDX-License-Identifier: ISC
#include "load.h"

static const double judged_seconds = 2.0;

void timbrel_load_reset(TimbrelLoad* load) {
    load->spent = load->played = 0.0;
}

/// Compare what is believed of the model's speed with what is played, every few seconds of sound.
static bool judge(TimbrelLoad* load, float share, double hop) {
    load->spent += (double)share * hop;
    load->played += hop;
    if (load->played < judged_seconds) {
        return false;
    }
    const float before = atomic_load_explicit(&load->share, memory_order_relaxed);
    const float mean = (float)(load->spent / load->played);
    load->spent = load->played = 0.0;
    // What lies between does not change the verdict.
    const bool wrong = before > 1.0f ? mean < 0.9f : mean > 1.0f;
    if (wrong) {
        atomic_store_explicit(&load->share, mean, memory_order_relaxed);
    }
    return wrong;
}

bool timbrel_load_note(TimbrelLoad* load, double seconds, double hop, bool counts) {
    const float share = (float)(seconds / hop);
    load->smooth = share > load->smooth ? share : 0.95f * load->smooth + 0.05f * share;
    atomic_store_explicit(&load->load, load->smooth, memory_order_relaxed);
    return counts && judge(load, share, hop);
}
