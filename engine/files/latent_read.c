// SPDX-License-Identifier: ISC
#include "description.h"
#include "input.h"
#include "latent_chunk.h"
#include "latent_file.h"
#include "npy.h"

#include <endian.h>
#include <errno.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PIECE = 4096,              // Values read at once
    MAX_DESCRIPTION = 1 << 26, // Bytes of JSON
    LEAST_SOUND_RATE = 4000    // Hz: from here on a WAV without our chunk is taken for a sound
};

bool timbrel_latent_format(const char* path, TimbrelLatentFormat* format) {
    const char* dot = strrchr(path, '.');
    const bool npy = dot && strcasecmp(dot, ".npy") == 0;
    *format = npy ? TIMBREL_LATENT_NPY : TIMBREL_LATENT_WAV;
    return npy || strcmp(path, "-") == 0 || (dot && strcasecmp(dot, ".wav") == 0);
}

char* timbrel_latent_sidecar(const char* path) {
    const char* dot = strrchr(path, '.');
    char* sidecar = NULL;
    const int stem = dot && strcasecmp(dot, ".npy") == 0 ? (int)(dot - path) : (int)strlen(path);
    return asprintf(&sidecar, "%.*s.json", stem, path) < 0 ? NULL : sidecar;
}

// All of `size` bytes; false where the file ends before.
static bool read_all(int descriptor, void* bytes, size_t size) {
    unsigned char* to = bytes;
    while (size > 0) {
        const ssize_t got = read(descriptor, to, size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        to += got;
        size -= (size_t)got;
    }
    return true;
}

static TimbrelStatus check_count(const char* name, uint64_t rows, uint64_t count,
                                 TimbrelError* error) {
    if (count < 1 || count > TIMBREL_MAX_LATENTS) {
        return timbrel_error_set(
            error, TIMBREL_BAD_ARGUMENT,
            "\"%s\" has %llu columns; there can be 1 to %u latents, one a column.", name,
            (unsigned long long)count, TIMBREL_MAX_LATENTS);
    }
    if (rows < 1) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT, "\"%s\" holds no rows.", name);
    }
    return TIMBREL_OK;
}

// Appends values, row-major, after a look at each.
static TimbrelStatus take_rows(TimbrelLatents* latents, const double* values, size_t rows,
                               const char* name, TimbrelError* error) {
    for (size_t i = 0; i < rows * latents->count; ++i) {
        if (!isfinite(values[i])) {
            return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                     "\"%s\" has an invalid number in row %zu, latent %zu; "
                                     " repair it or encode it again.",
                                     name, latents->rows + i / latents->count,
                                     i % latents->count + 1);
        }
    }
    return timbrel_latents_append(latents, values, rows, error);
}

static void decode_values(const unsigned char* bytes, bool wide, double* values, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (wide) {
            uint64_t bits = 0;
            memcpy(&bits, bytes + 8 * i, sizeof bits);
            bits = le64toh(bits);
            memcpy(&values[i], &bits, sizeof bits);
        } else {
            uint32_t bits = 0;
            float value = 0;
            memcpy(&bits, bytes + 4 * i, sizeof bits);
            bits = le32toh(bits);
            memcpy(&value, &bits, sizeof bits);
            values[i] = (double)value;
        }
    }
}

static TimbrelStatus read_npy_values(int descriptor, const char* name, const TimbrelNpy* npy,
                                     TimbrelLatents* latents, TimbrelError* error) {
    const size_t width = npy->wide ? sizeof(double) : sizeof(float);
    const size_t rows_at_once = PIECE / npy->columns;
    unsigned char bytes[PIECE * sizeof(double)];
    double values[PIECE];
    uint64_t left = npy->rows;
    TimbrelStatus status = TIMBREL_OK;
    if (lseek(descriptor, (off_t)npy->head_size, SEEK_SET) < 0) {
        return timbrel_error_set(error, TIMBREL_IO_ERROR, "\"%s\" cannot be read (%s).", name,
                                 strerror(errno));
    }
    while (left > 0 && !status) {
        const size_t rows = left < rows_at_once ? (size_t)left : rows_at_once;
        const size_t count = rows * npy->columns;
        if (!read_all(descriptor, bytes, count * width)) {
            return timbrel_error_set(error, TIMBREL_IO_ERROR, "\"%s\" cannot be read (%s).", name,
                                     strerror(errno));
        }
        decode_values(bytes, npy->wide, values, count);
        status = take_rows(latents, values, rows, name, error);
        left -= rows;
    }
    return status;
}

// The head, checked against the file's size.
static TimbrelStatus read_npy_head(int descriptor, const char* name, TimbrelNpy* npy,
                                   TimbrelError* error) {
    struct stat status;
    unsigned char* bytes = malloc(TIMBREL_NPY_MAX_HEAD);
    const ssize_t got = bytes ? pread(descriptor, bytes, TIMBREL_NPY_MAX_HEAD, 0) : -1;
    if (got < 0 || fstat(descriptor, &status) != 0) {
        free(bytes);
        return timbrel_error_set(error, TIMBREL_IO_ERROR, "\"%s\" cannot be read (%s).", name,
                                 strerror(errno));
    }
    const TimbrelStatus parsed = timbrel_npy_parse(bytes, (size_t)got, name, npy, error);
    free(bytes);
    if (parsed) {
        return parsed;
    }
    const uint64_t wanted =
        npy->head_size + npy->rows * npy->columns * (npy->wide ? sizeof(double) : sizeof(float));
    if ((uint64_t)status.st_size != wanted) {
        return timbrel_error_set(
            error, TIMBREL_BAD_ARGUMENT,
            "\"%s\" is %s: its header promises %llu bytes, and it has %lld; copy or save it again.",
            name, (uint64_t)status.st_size < wanted ? "cut short" : "too long",
            (unsigned long long)wanted, (long long)status.st_size);
    }
    return TIMBREL_OK;
}

// Where there is no sidecar, all is unknown.
static TimbrelStatus read_sidecar(const char* path, TimbrelDescription* description,
                                  TimbrelError* error) {
    *description = (TimbrelDescription){0};
    char* sidecar = timbrel_latent_sidecar(path);
    const int descriptor = sidecar ? timbrel_input_open_file(sidecar, NULL) : -1;
    FILE* file = descriptor >= 0 ? fdopen(descriptor, "r") : NULL;
    TimbrelStatus status = TIMBREL_OK;
    if (file) {
        json_t* json = json_loadf(file, JSON_REJECT_DUPLICATES, NULL);
        // Some other program's file of that name is none of our business.
        if (json_object_get(json, "timbrel") || !json) {
            status = timbrel_description_from_json(json, sidecar, description, error);
        }
        json_decref(json);
        (void)fclose(file);
    }
    free(sidecar);
    return status;
}

static void take_description(TimbrelLatents* latents, TimbrelDescription* description) {
    latents->origin = description->origin;
    if (description->rows == latents->rows) { // Else the rows are no longer the encoding's
        latents->edges = description->edges;
        description->edges = (TimbrelEdges){0};
    }
    timbrel_description_free(description);
}

static TimbrelStatus read_npy(int descriptor, const char* path, TimbrelLatents* latents,
                              TimbrelError* error) {
    const char* name = timbrel_input_name(path);
    TimbrelNpy npy = {0};
    TimbrelDescription description = {0};
    TimbrelStatus status = read_npy_head(descriptor, name, &npy, error);
    if (!status) {
        status = check_count(name, npy.rows, npy.columns, error);
    }
    if (!status && strcmp(path, "-") != 0) {
        status = read_sidecar(path, &description, error);
    }
    if (!status && description.count && description.count != npy.columns) {
        status = timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                   "\"%s\" has %llu latents and the .json beside it says %u; "
                                   "they do not belong together.",
                                   name, (unsigned long long)npy.columns, description.count);
    }
    if (!status && npy.columns > 0) { // As was checked
        latents->count = (uint32_t)npy.columns;
        status = read_npy_values(descriptor, name, &npy, latents, error);
    }
    if (!status) {
        take_description(latents, &description);
    } else {
        timbrel_description_free(&description);
    }
    return status;
}

static TimbrelStatus read_chunk(SNDFILE* file, const char* name, TimbrelDescription* description,
                                TimbrelError* error) {
    *description = (TimbrelDescription){0};
    SF_CHUNK_INFO chunk = {.id = TIMBREL_LATENT_CHUNK, .id_size = 4};
    SF_CHUNK_ITERATOR* found = sf_get_chunk_iterator(file, &chunk);
    if (!found) {
        return TIMBREL_OK;
    }
    json_t* json = NULL;
    if (sf_get_chunk_size(found, &chunk) == SF_ERR_NO_ERROR && chunk.datalen > 0 &&
        chunk.datalen <= MAX_DESCRIPTION) {
        chunk.data = calloc(1, (size_t)chunk.datalen + 1);
        if (chunk.data && sf_get_chunk_data(found, &chunk) == SF_ERR_NO_ERROR) {
            json = json_loads(chunk.data, JSON_REJECT_DUPLICATES, NULL);
        }
        free(chunk.data);
    }
    const TimbrelStatus status = timbrel_description_from_json(json, name, description, error);
    json_decref(json);
    return status;
}

static TimbrelStatus check_wav(const SF_INFO* info, const TimbrelDescription* description,
                               const char* name, TimbrelError* error) {
    const int type = info->format & SF_FORMAT_SUBMASK;
    const bool described = description->count > 0;
    if ((type != SF_FORMAT_DOUBLE && type != SF_FORMAT_FLOAT) ||
        (!described && info->samplerate >= LEAST_SOUND_RATE)) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                 "\"%s\" is a sound, not latents; encode it first.", name);
    }
    if (described && (description->count != (uint32_t)info->channels ||
                      description->rows != (uint64_t)info->frames)) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                 "\"%s\" is cut short or changed: it promises %llu rows of %u "
                                 "latents and has %lld of %d; copy or encode it again.",
                                 name, (unsigned long long)description->rows, description->count,
                                 (long long)info->frames, info->channels);
    }
    return check_count(name, (uint64_t)info->frames, (uint64_t)info->channels, error);
}

static TimbrelStatus read_wav(int descriptor, const char* path, TimbrelLatents* latents,
                              TimbrelError* error) {
    const char* name = timbrel_input_name(path);
    SF_INFO info = {0};
    SNDFILE* file = sf_open_fd(descriptor, SFM_READ, &info, SF_FALSE);
    if (!file) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                 "\"%s\" is neither an array (.npy) nor a latent audio file (%s).",
                                 name, sf_strerror(NULL));
    }
    TimbrelDescription description;
    TimbrelStatus status = read_chunk(file, name, &description, error);
    if (!status) {
        status = check_wav(&info, &description, name, error);
    }
    if (!status) {
        latents->count = (uint32_t)info.channels;
    }
    while (!status) {
        double values[PIECE];
        const sf_count_t got = sf_readf_double(file, values, PIECE / info.channels);
        if (got <= 0) {
            break;
        }
        status = take_rows(latents, values, (size_t)got, name, error);
    }
    if (!status) {
        take_description(latents, &description);
    } else {
        timbrel_description_free(&description);
    }
    (void)sf_close(file);
    return status;
}

static bool is_npy(int descriptor) {
    unsigned char bytes[8];
    const ssize_t got = pread(descriptor, bytes, sizeof bytes, 0);
    return got > 0 && timbrel_npy_is(bytes, (size_t)got);
}

TimbrelStatus timbrel_latent_read(const char* path, TimbrelLatents* latents, TimbrelError* error) {
    timbrel_latents_init(latents, 1, NULL);
    TimbrelError problem = {0};
    const int descriptor = timbrel_input_open(path, &problem);
    if (descriptor >= 0) {
        if (is_npy(descriptor)) {
            (void)read_npy(descriptor, path, latents, &problem);
        } else {
            (void)read_wav(descriptor, path, latents, &problem);
        }
        (void)close(descriptor);
    }
    if (problem.status) {
        timbrel_latents_free(latents);
        if (error) {
            *error = problem;
        }
    }
    return problem.status;
}

static bool same_stamp(const TimbrelDescription* description, const TimbrelOrigin* origin) {
    return origin->stamp[0] && strcmp(description->origin.stamp, origin->stamp) == 0 &&
           strcmp(description->origin.hash, origin->hash) == 0;
}

static bool npy_is_made(int descriptor, const char* path, bool wide, const TimbrelOrigin* origin) {
    TimbrelNpy npy = {0};
    TimbrelDescription description;
    if (read_npy_head(descriptor, path, &npy, NULL) || read_sidecar(path, &description, NULL)) {
        return false;
    }
    const bool made = npy.wide == wide && npy.rows == description.rows &&
                      npy.columns == description.count && same_stamp(&description, origin);
    timbrel_description_free(&description);
    return made;
}

static bool wav_is_made(int descriptor, const char* path, const TimbrelOrigin* origin) {
    SF_INFO info = {0};
    SNDFILE* file = sf_open_fd(descriptor, SFM_READ, &info, SF_FALSE);
    TimbrelDescription description = {0};
    const bool made = file && read_chunk(file, path, &description, NULL) == TIMBREL_OK &&
                      check_wav(&info, &description, path, NULL) == TIMBREL_OK &&
                      same_stamp(&description, origin);
    timbrel_description_free(&description);
    if (file) {
        (void)sf_close(file);
    }
    return made;
}

bool timbrel_latent_is_made(const char* path, TimbrelLatentFormat format,
                            const TimbrelOrigin* origin) {
    if (access(path, R_OK) != 0) {
        return false;
    }
    const int descriptor = timbrel_input_open_file(path, NULL);
    if (descriptor < 0) {
        return false;
    }
    const bool npy = format != TIMBREL_LATENT_WAV;
    const bool made = is_npy(descriptor) == npy &&
                      (npy ? npy_is_made(descriptor, path, format == TIMBREL_LATENT_NPY, origin)
                           : wav_is_made(descriptor, path, origin));
    (void)close(descriptor);
    return made;
}
