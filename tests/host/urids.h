// SPDX-License-Identifier: ISC
#ifndef TIMBREL_TESTS_HOST_URIDS_H
#define TIMBREL_TESTS_HOST_URIDS_H

#include <lv2/urid/urid.h>

#include <pthread.h>

/// A host's table of URIs. Its lock is taken in both directions, so that a plugin which maps in
/// run() is found out.

enum { urids_most = 4096 };

typedef struct {
    pthread_mutex_t mutex;
    char* uris[urids_most];
    uint32_t count;
    LV2_URID_Map map;
    LV2_URID_Unmap unmap;
} Urids;

void urids_init(Urids* urids);
void urids_free(Urids* urids);

#endif
