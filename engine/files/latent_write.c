// SPDX-License-Identifier: ISC
#include "description.h"
#include "latent_chunk.h"
#include "latent_file.h"
#include "npy.h"
#include "output.h"

#include <endian.h>
#include <errno.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 4096 }; // Values copied at once

struct TimbrelLatentWriter {
    FILE* spool; // All rows, double, row-major
    uint64_t rows;
    uint32_t count;
};

static TimbrelStatus no_memory(TimbrelError* error) {
    return timbrel_error_no_memory(error);
}

static TimbrelStatus spool_failed(TimbrelError* error) {
    return timbrel_error_set(error, TIMBREL_IO_ERROR,
                             "A temporary file failed (%s); check the free space in $TMPDIR.",
                             strerror(errno));
}

TimbrelLatentWriter* timbrel_latent_writer_new(uint32_t count, TimbrelError* error) {
    TimbrelLatentWriter* writer = calloc(1, sizeof *writer);
    if (!writer) {
        (void)no_memory(error);
        return NULL;
    }
    writer->count = count;
    writer->spool = tmpfile();
    if (!writer->spool) {
        (void)spool_failed(error);
        free(writer);
        return NULL;
    }
    return writer;
}

void timbrel_latent_writer_free(TimbrelLatentWriter* writer) {
    if (!writer) {
        return;
    }
    (void)fclose(writer->spool);
    free(writer);
}

TimbrelStatus timbrel_latent_writer_append(TimbrelLatentWriter* writer, const double* values,
                                           size_t rows, TimbrelError* error) {
    if (fwrite(values, writer->count * sizeof *values, rows, writer->spool) != rows) {
        return spool_failed(error);
    }
    writer->rows += rows;
    return TIMBREL_OK;
}

uint64_t timbrel_latent_writer_rows(const TimbrelLatentWriter* writer) {
    return writer->rows;
}

void timbrel_latent_writer_clear(TimbrelLatentWriter* writer) {
    rewind(writer->spool);
    writer->rows = 0;
}

static bool write_all(int descriptor, const void* bytes, size_t size) {
    const unsigned char* from = bytes;
    while (size > 0) {
        const ssize_t put = write(descriptor, from, size);
        if (put < 0 && errno != EINTR) {
            return false;
        }
        if (put > 0) {
            from += put;
            size -= (size_t)put;
        }
    }
    return true;
}

static TimbrelStatus write_failed(const char* path, TimbrelError* error) {
    return timbrel_error_set(error, TIMBREL_IO_ERROR,
                             "Writing \"%s\" failed (%s); check the free space.", path,
                             strerror(errno));
}

static void encode_values(const double* values, bool wide, unsigned char* bytes, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (wide) {
            uint64_t bits = 0;
            memcpy(&bits, &values[i], sizeof bits);
            bits = htole64(bits);
            memcpy(bytes + 8 * i, &bits, sizeof bits);
        } else {
            const float value = (float)values[i];
            uint32_t bits = 0;
            memcpy(&bits, &value, sizeof bits);
            bits = htole32(bits);
            memcpy(bytes + 4 * i, &bits, sizeof bits);
        }
    }
}

// Calls `put` with piece after piece of the rows.
typedef struct {
    TimbrelStatus (*put)(void* handle, const double* values, size_t rows, TimbrelError* error);
    void* handle;
} Receiver;

static TimbrelStatus send_rows(TimbrelLatentWriter* writer, const Receiver* receiver,
                               TimbrelError* error) {
    double values[PIECE];
    uint64_t left = writer->rows;
    TimbrelStatus status = TIMBREL_OK;
    const off_t end = ftello(writer->spool);
    rewind(writer->spool);
    while (left > 0 && !status) {
        const size_t most = PIECE / writer->count;
        const size_t rows = left < most ? (size_t)left : most;
        if (fread(values, writer->count * sizeof *values, rows, writer->spool) != rows) {
            return spool_failed(error);
        }
        status = receiver->put(receiver->handle, values, rows, error);
        left -= rows;
    }
    (void)fseeko(writer->spool, end, SEEK_SET); // More rows may follow
    return status;
}

typedef struct {
    const char* path;
    int descriptor;
    SNDFILE* file;
    uint32_t count;
    bool wide;
} Destination;

static TimbrelStatus put_npy(void* handle, const double* values, size_t rows, TimbrelError* error) {
    const Destination* to = handle;
    unsigned char bytes[PIECE * sizeof(double)];
    encode_values(values, to->wide, bytes, rows * to->count);
    const size_t width = to->wide ? sizeof(double) : sizeof(float);
    if (!write_all(to->descriptor, bytes, rows * to->count * width)) {
        return write_failed(to->path, error);
    }
    return TIMBREL_OK;
}

static TimbrelStatus put_wav(void* handle, const double* values, size_t rows, TimbrelError* error) {
    const Destination* to = handle;
    if (sf_writef_double(to->file, values, (sf_count_t)rows) != (sf_count_t)rows) {
        return timbrel_error_set(error, TIMBREL_IO_ERROR,
                                 "Writing \"%s\" failed (%s); check the free space.", to->path,
                                 sf_strerror(to->file));
    }
    return TIMBREL_OK;
}

static TimbrelStatus write_npy(TimbrelLatentWriter* writer, Destination* to, TimbrelError* error) {
    const TimbrelNpy npy = {.rows = writer->rows, .columns = writer->count, .wide = to->wide};
    unsigned char head[TIMBREL_NPY_HEAD_SIZE];
    timbrel_npy_format(&npy, head);
    if (!write_all(to->descriptor, head, sizeof head)) {
        return write_failed(to->path, error);
    }
    return send_rows(writer, &(Receiver){put_npy, to}, error);
}

// Before the first sample, as libsndfile wants it.
static TimbrelStatus set_chunk(SNDFILE* file, const char* path, char* text, TimbrelError* error) {
    const SF_CHUNK_INFO chunk = {.id = TIMBREL_LATENT_CHUNK,
                                 .id_size = 4,
                                 .datalen = (unsigned)strlen(text) + 1,
                                 .data = text};
    if (sf_set_chunk(file, &chunk) != SF_ERR_NO_ERROR) {
        return timbrel_error_set(error, TIMBREL_IO_ERROR,
                                 "The description of the latents in \"%s\" cannot be written (%s).",
                                 path, sf_strerror(file));
    }
    return TIMBREL_OK;
}

static TimbrelStatus write_wav(TimbrelLatentWriter* writer, Destination* to, double row_rate,
                               char* text, TimbrelError* error) {
    const uint64_t largest_wav = UINT64_C(0xff000000); // Bytes; RF64 goes on
    const bool large = writer->rows * writer->count * sizeof(double) + strlen(text) > largest_wav;
    SF_INFO info = {
        .samplerate = row_rate >= 1.0 ? (int)row_rate : 1,
        .channels = (int)writer->count,
        .format = (large ? SF_FORMAT_RF64 : SF_FORMAT_WAV) | SF_FORMAT_DOUBLE,
    };
    to->file = sf_open_fd(to->descriptor, SFM_WRITE, &info, SF_FALSE);
    if (!to->file) {
        return timbrel_error_set(error, TIMBREL_IO_ERROR, "\"%s\" cannot be written (%s).",
                                 to->path, sf_strerror(NULL));
    }
    // A peak chunk holds the time of day: without it, the same rows are the same file.
    (void)sf_command(to->file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE);
    TimbrelStatus status = set_chunk(to->file, to->path, text, error);
    if (!status) {
        status = send_rows(writer, &(Receiver){put_wav, to}, error);
    }
    const int closed = sf_close(to->file);
    if (!status && closed != SF_ERR_NO_ERROR) {
        status = write_failed(to->path, error);
    }
    return status;
}

static TimbrelStatus write_sidecar(const char* path, const char* text, TimbrelError* error) {
    char* sidecar = timbrel_latent_sidecar(path);
    if (!sidecar) {
        return no_memory(error);
    }
    TimbrelStatus status = TIMBREL_OK;
    TimbrelOutput* output = timbrel_output_open(sidecar, error);
    if (!output) {
        status = TIMBREL_IO_ERROR;
    } else if (!write_all(timbrel_output_descriptor(output), text, strlen(text)) ||
               !write_all(timbrel_output_descriptor(output), "\n", 1)) {
        status = write_failed(sidecar, error);
        timbrel_output_discard(output);
    } else {
        status = timbrel_output_finish(output, error);
    }
    free(sidecar);
    return status;
}

static char* describe(const TimbrelLatentWriter* writer, const TimbrelOrigin* origin,
                      const TimbrelEdges* edges) {
    TimbrelDescription description = {
        .origin = *origin, .rows = writer->rows, .count = writer->count};
    if (edges) {
        description.edges = *edges;
    }
    json_t* json = timbrel_description_to_json(&description);
    char* text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
    json_decref(json);
    return text;
}

TimbrelStatus timbrel_latent_writer_save(TimbrelLatentWriter* writer, const char* path,
                                         TimbrelLatentFormat format, const TimbrelOrigin* origin,
                                         const TimbrelEdges* edges, TimbrelError* error) {
    TimbrelOutput* output = timbrel_output_open(path, error);
    if (!output) {
        return TIMBREL_IO_ERROR;
    }
    char* text = describe(writer, origin, edges);
    Destination to = {.path = path,
                      .descriptor = timbrel_output_descriptor(output),
                      .count = writer->count,
                      .wide = format != TIMBREL_LATENT_NPY_NARROW};
    TimbrelStatus status = TIMBREL_OK;
    if (!text) {
        status = no_memory(error);
    } else if (format == TIMBREL_LATENT_WAV) {
        status = write_wav(writer, &to, timbrel_origin_row_rate(origin), text, error);
    } else {
        status = write_npy(writer, &to, error);
    }
    // The latents come last: without what describes them they are not to be found.
    if (!status && format != TIMBREL_LATENT_WAV && strcmp(path, "-") != 0) {
        status = write_sidecar(path, text, error);
    }
    if (status) {
        timbrel_output_discard(output);
    } else {
        status = timbrel_output_finish(output, error);
    }
    free(text);
    return status;
}

TimbrelStatus timbrel_latent_write(const TimbrelLatents* latents, const char* path,
                                   TimbrelLatentFormat format, TimbrelError* error) {
    TimbrelLatentWriter* writer = timbrel_latent_writer_new(latents->count, error);
    if (!writer) {
        return TIMBREL_IO_ERROR;
    }
    TimbrelStatus status =
        timbrel_latent_writer_append(writer, latents->values, latents->rows, error);
    if (!status) {
        status = timbrel_latent_writer_save(writer, path, format, &latents->origin, NULL, error);
    }
    timbrel_latent_writer_free(writer);
    return status;
}
