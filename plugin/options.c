// SPDX-License-Identifier: ISC
#include "options.h"

#include "engine/effect/effect.h"

#include <stdbool.h>
#include <stddef.h>

/// Where a length is kept, or NULL if `key` is none.
static int32_t* find(TimbrelBlockOptions* blocks, const TimbrelUris* uris, LV2_URID key) {
    return key == uris->min_block       ? &blocks->smallest
           : key == uris->max_block     ? &blocks->largest
           : key == uris->nominal_block ? &blocks->usual
                                        : NULL;
}

static uint32_t set_option(TimbrelBlockOptions* blocks, const TimbrelUris* uris,
                           const LV2_Options_Option* option) {
    if (option->context != LV2_OPTIONS_INSTANCE) {
        return LV2_OPTIONS_ERR_BAD_SUBJECT;
    }
    int32_t* value = find(blocks, uris, option->key);
    if (!value) {
        return LV2_OPTIONS_ERR_BAD_KEY;
    }
    if (option->type != uris->atom_int || option->size != sizeof(int32_t) || !option->value) {
        return LV2_OPTIONS_ERR_BAD_VALUE;
    }
    const int32_t frames = *(const int32_t*)option->value;
    if (frames <= 0) {
        return LV2_OPTIONS_ERR_BAD_VALUE;
    }
    *value = frames;
    return LV2_OPTIONS_SUCCESS;
}

uint32_t timbrel_options_set(TimbrelBlockOptions* blocks, const TimbrelUris* uris,
                             const LV2_Options_Option* options) {
    uint32_t status = LV2_OPTIONS_SUCCESS;
    for (; options && options->key; ++options) {
        status |= set_option(blocks, uris, options);
    }
    return status;
}

static uint32_t get_option(TimbrelBlockOptions* blocks, const TimbrelUris* uris,
                           LV2_Options_Option* option) {
    if (option->context != LV2_OPTIONS_INSTANCE) {
        return LV2_OPTIONS_ERR_BAD_SUBJECT;
    }
    const int32_t* value = find(blocks, uris, option->key);
    if (!value || *value == 0) {
        return LV2_OPTIONS_ERR_BAD_KEY;
    }
    option->size = sizeof *value;
    option->type = uris->atom_int;
    option->value = value;
    return LV2_OPTIONS_SUCCESS;
}

uint32_t timbrel_options_get(TimbrelBlockOptions* blocks, const TimbrelUris* uris,
                             LV2_Options_Option* options) {
    uint32_t status = LV2_OPTIONS_SUCCESS;
    for (; options && options->key; ++options) {
        status |= get_option(blocks, uris, options);
    }
    return status;
}

uint32_t timbrel_options_block(const TimbrelBlockOptions* blocks) {
    // A host that tells only its largest anew has not said that the usual one is larger.
    const bool usual =
        blocks->usual > 0 && (blocks->largest == 0 || blocks->usual <= blocks->largest);
    if (usual) {
        return (uint32_t)blocks->usual;
    }
    const bool alike = blocks->smallest == blocks->largest;
    return alike || blocks->largest < TIMBREL_DEFAULT_BLOCK ? (uint32_t)blocks->largest : 0;
}
