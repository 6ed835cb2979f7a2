// SPDX-License-Identifier: ISC
#include "hash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Compiled in, so that the plugin needs no library more.
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { PIECE = 1 << 16 };

static void print_hash(XXH128_hash_t hash, char text[TIMBREL_HASH_SIZE]) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, hash);
    for (size_t i = 0; i < sizeof canonical.digest; ++i) {
        (void)snprintf(text + 2 * i, 3, "%02x", canonical.digest[i]);
    }
}

void timbrel_hash_bytes(const void* bytes, size_t size, char text[TIMBREL_HASH_SIZE]) {
    print_hash(XXH3_128bits(bytes, size), text);
}

static TimbrelStatus hash_stream(FILE* file, XXH3_state_t* state, unsigned char* piece,
                                 const char* path, TimbrelError* error) {
    size_t got = 0;
    (void)XXH3_128bits_reset(state);
    while ((got = fread(piece, 1, PIECE, file)) > 0) {
        (void)XXH3_128bits_update(state, piece, got);
    }
    if (ferror(file)) {
        return timbrel_error_set(error, TIMBREL_IO_ERROR,
                                 "The file \"%s\" cannot be read (%s); check the disk.", path,
                                 strerror(errno));
    }
    return TIMBREL_OK;
}

TimbrelStatus timbrel_hash_file(const char* path, char text[TIMBREL_HASH_SIZE],
                                TimbrelError* error) {
    text[0] = '\0';
    FILE* file = fopen(path, "rbe");
    if (!file) {
        return timbrel_error_set(error, errno == ENOENT ? TIMBREL_NOT_FOUND : TIMBREL_IO_ERROR,
                                 "The file \"%s\" cannot be opened (%s); check the path.", path,
                                 strerror(errno));
    }
    XXH3_state_t* state = XXH3_createState();
    unsigned char* piece = malloc(PIECE);
    TimbrelStatus status = TIMBREL_OK;
    if (state && piece) {
        status = hash_stream(file, state, piece, path, error);
    } else {
        status = timbrel_error_no_memory(error);
    }
    if (!status) {
        print_hash(XXH3_128bits_digest(state), text);
    }
    free(piece);
    (void)XXH3_freeState(state);
    (void)fclose(file);
    return status;
}
