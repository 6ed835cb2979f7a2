// SPDX-License-Identifier: ISC
#include "urids.h"

#include <stdlib.h>
#include <string.h>

static LV2_URID map(LV2_URID_Map_Handle handle, const char* uri) {
    Urids* urids = handle;
    (void)pthread_mutex_lock(&urids->mutex);
    uint32_t i = 0;
    while (i < urids->count && strcmp(urids->uris[i], uri) != 0) {
        ++i;
    }
    if (i == urids->count && i < urids_most) {
        urids->uris[i] = strdup(uri);
        ++urids->count;
    }
    (void)pthread_mutex_unlock(&urids->mutex);
    return i < urids_most ? i + 1 : 0;
}

static const char* unmap(LV2_URID_Unmap_Handle handle, LV2_URID urid) {
    Urids* urids = handle;
    (void)pthread_mutex_lock(&urids->mutex);
    const char* uri = urid > 0 && urid <= urids->count ? urids->uris[urid - 1] : NULL;
    (void)pthread_mutex_unlock(&urids->mutex);
    return uri;
}

void urids_init(Urids* urids) {
    memset(urids, 0, sizeof *urids);
    (void)pthread_mutex_init(&urids->mutex, NULL);
    urids->map = (LV2_URID_Map){urids, map};
    urids->unmap = (LV2_URID_Unmap){urids, unmap};
}

void urids_free(Urids* urids) {
    for (uint32_t i = 0; i < urids->count; ++i) {
        free(urids->uris[i]);
    }
    (void)pthread_mutex_destroy(&urids->mutex);
}
