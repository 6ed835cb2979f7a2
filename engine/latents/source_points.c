// SPDX-License-Identifier: ISC
#include "source_points.h"

#include <stdlib.h>
#include <string.h>

static TimbrelNeed need(TimbrelSource* self, const TimbrelLatentControls* controls,
                        uint32_t frames) {
    (void)self;
    (void)controls;
    (void)frames;
    return TIMBREL_NEED_ENCODER;
}

static void reset(TimbrelSource* self) {
    (void)self;
}

static void fill(TimbrelSource* self, const TimbrelLatentBlock* block) {
    (void)self;
    if (block->values && block->heard) {
        memcpy(block->values, block->heard,
               (size_t)block->lanes * block->latents * block->frames * sizeof(float));
    }
}

static void release(TimbrelSource* self) {
    free(self);
}

TimbrelSource* timbrel_source_points(const TimbrelModelInfo* info, double frame_rate) {
    (void)info;
    (void)frame_rate;
    TimbrelSource* source = malloc(sizeof *source);
    if (source) {
        *source = (TimbrelSource){"points", need, reset, fill, release};
    }
    return source;
}

int timbrel_source_points_last(const TimbrelSource* source) {
    (void)source;
    return -1;
}
