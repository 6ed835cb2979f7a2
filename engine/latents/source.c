// SPDX-License-Identifier: ISC
#include "source.h"

#include <stdlib.h>

static void reset(TimbrelSource* self) {
    (void)self;
}

static void release(TimbrelSource* self) {
    free(self);
}

TimbrelSource* timbrel_source_sound(void) {
    TimbrelSource* source = malloc(sizeof *source);
    if (source) {
        *source = (TimbrelSource){"sound", true, reset, NULL, release};
    }
    return source;
}
