// SPDX-License-Identifier: ISC
/// Sound to sound: the effect itself.

#include "plugin/processor.h"

static void* effect_new(const TimbrelEffectConfig* config, TimbrelError* error) {
    return timbrel_effect_new(config, error);
}

static void effect_reset(void* effect) {
    timbrel_effect_reset(effect);
}

static void effect_process(void* effect, const TimbrelBlock* block) TIMBREL_RT {
    timbrel_effect_process(effect, block);
}

static void effect_report(const void* effect, float reports[TIMBREL_REPORT_COUNT]) TIMBREL_RT {
    timbrel_effect_reports(effect, reports);
}

static void effect_free(void* effect) {
    timbrel_effect_free(effect);
}

static TimbrelEffect* effect_itself(void* effect) {
    return effect;
}

const TimbrelProcessor timbrel_processor_effect = {
    .new = effect_new,
    .reset = effect_reset,
    .process = effect_process,
    .report = effect_report,
    .free = effect_free,
    .effect = effect_itself,
};
