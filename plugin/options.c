// SPDX-License-Identifier: ISC
#include "options.h"

#include <stdbool.h>
#include <stddef.h>

static uint32_t set_option(TimbrelBlockOptions* blocks, const TimbrelUris* uris,
                           const LV2_Options_Option* option) {
    if (option->context != LV2_OPTIONS_INSTANCE) {
        return LV2_OPTIONS_ERR_BAD_SUBJECT;
    }
    if (option->key != uris->max_block && option->key != uris->nominal_block) {
        return LV2_OPTIONS_ERR_BAD_KEY;
    }
    if (option->type != uris->atom_int || option->size != sizeof(int32_t) || !option->value) {
        return LV2_OPTIONS_ERR_BAD_VALUE;
    }
    const int32_t frames = *(const int32_t*)option->value;
    if (frames <= 0) {
        return LV2_OPTIONS_ERR_BAD_VALUE;
    }
    if (option->key == uris->max_block) {
        blocks->largest = frames;
    } else {
        blocks->usual = frames;
    }
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

static uint32_t get_option(const TimbrelBlockOptions* blocks, const TimbrelUris* uris,
                           LV2_Options_Option* option) {
    if (option->context != LV2_OPTIONS_INSTANCE) {
        return LV2_OPTIONS_ERR_BAD_SUBJECT;
    }
    const int32_t* value = option->key == uris->max_block       ? &blocks->largest
                           : option->key == uris->nominal_block ? &blocks->usual
                                                                : NULL;
    if (!value || *value == 0) {
        return LV2_OPTIONS_ERR_BAD_KEY;
    }
    option->size = sizeof *value;
    option->type = uris->atom_int;
    option->value = value;
    return LV2_OPTIONS_SUCCESS;
}

uint32_t timbrel_options_get(const TimbrelBlockOptions* blocks, const TimbrelUris* uris,
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
    return (uint32_t)(usual ? blocks->usual : blocks->largest);
}
