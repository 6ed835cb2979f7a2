// SPDX-License-Identifier: ISC
#ifndef TIMBREL_PLUGIN_CHUNK_H
#define TIMBREL_PLUGIN_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// What a session keeps as bytes, little-endian on every machine.

/// Where to write next; there must be room.
typedef struct {
    uint8_t* at;
} TimbrelChunkWriter;

/// What is left to be read. What is asked for and not there is 0, and `short_of` says so.
typedef struct {
    const uint8_t* at;
    size_t left;
    bool short_of;
} TimbrelChunkReader;

static inline void timbrel_chunk_put(TimbrelChunkWriter* writer, uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) {
        *writer->at++ = (uint8_t)(value >> 8 * i);
    }
}

static inline void timbrel_chunk_put_float(TimbrelChunkWriter* writer, float value) {
    uint32_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    timbrel_chunk_put(writer, bits, sizeof bits);
}

static inline void timbrel_chunk_put_double(TimbrelChunkWriter* writer, double value) {
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    timbrel_chunk_put(writer, bits, sizeof bits);
}

static inline void timbrel_chunk_put_bytes(TimbrelChunkWriter* writer, const void* bytes,
                                           size_t size) {
    memcpy(writer->at, bytes, size);
    writer->at += size;
}

static inline void timbrel_chunk_put_text(TimbrelChunkWriter* writer, const char* text,
                                          size_t size) {
    const size_t length = strnlen(text, size - 1);
    memset(writer->at, 0, size);
    memcpy(writer->at, text, length);
    writer->at += size;
}

static inline uint64_t timbrel_chunk_get(TimbrelChunkReader* reader, size_t bytes) {
    uint64_t value = 0;
    if (reader->left < bytes) {
        reader->short_of = true;
        reader->left = 0;
        return 0;
    }
    for (size_t i = 0; i < bytes; ++i) {
        value |= (uint64_t)reader->at[i] << 8 * i;
    }
    reader->at += bytes;
    reader->left -= bytes;
    return value;
}

static inline float timbrel_chunk_get_float(TimbrelChunkReader* reader) {
    const uint32_t bits = (uint32_t)timbrel_chunk_get(reader, sizeof bits);
    float value = 0;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline double timbrel_chunk_get_double(TimbrelChunkReader* reader) {
    const uint64_t bits = timbrel_chunk_get(reader, sizeof bits);
    double value = 0;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// Text of a field of `size` bytes, ended whatever is in it.
static inline void timbrel_chunk_get_text(TimbrelChunkReader* reader, char* text, size_t size) {
    text[0] = '\0';
    if (reader->left < size) {
        reader->short_of = true;
        reader->left = 0;
        return;
    }
    memcpy(text, reader->at, size);
    text[size - 1] = '\0';
    reader->at += size;
    reader->left -= size;
}

#endif
