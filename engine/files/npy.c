// SPDX-License-Identifier: ISC
#include "npy.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const unsigned char magic[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

bool timbrel_npy_is(const unsigned char* bytes, size_t size) {
    return size >= sizeof magic && memcmp(bytes, magic, sizeof magic) == 0;
}

// The dictionary, which is a Python literal, read character by character.
typedef struct {
    const char* at;
    const char* end;
} Reader;

static void skip_space(Reader* reader) {
    while (reader->at < reader->end && isspace((unsigned char)*reader->at)) {
        ++reader->at;
    }
}

static bool take(Reader* reader, char wanted) {
    skip_space(reader);
    if (reader->at == reader->end || *reader->at != wanted) {
        return false;
    }
    ++reader->at;
    return true;
}

static bool take_text(Reader* reader, char* text, size_t size) {
    skip_space(reader);
    if (reader->at == reader->end || (*reader->at != '\'' && *reader->at != '"')) {
        return false;
    }
    const char quote = *reader->at++;
    size_t length = 0;
    while (reader->at < reader->end && *reader->at != quote && *reader->at != '\\') {
        if (length + 1 == size) {
            return false;
        }
        text[length++] = *reader->at++;
    }
    text[length] = '\0';
    return take(reader, quote);
}

static bool take_word(Reader* reader, const char* word) {
    skip_space(reader);
    const size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0) {
        return false;
    }
    reader->at += length;
    return true;
}

static bool take_number(Reader* reader, uint64_t* value) {
    skip_space(reader);
    const char* start = reader->at;
    *value = 0;
    while (reader->at < reader->end && isdigit((unsigned char)*reader->at)) {
        const uint64_t digit = (uint64_t)(*reader->at++ - '0');
        if (*value > (UINT64_C(1) << 56)) { // No file is that long
            return false;
        }
        *value = *value * 10 + digit;
    }
    return reader->at > start;
}

enum { MAX_DIMENSIONS = 32 }; // numpy's own limit

// "(3, 8)", "(3,)", "()"
static bool take_shape(Reader* reader, uint64_t shape[MAX_DIMENSIONS], size_t* dimensions) {
    *dimensions = 0;
    if (!take(reader, '(')) {
        return false;
    }
    while (!take(reader, ')')) {
        if (*dimensions == MAX_DIMENSIONS || !take_number(reader, &shape[*dimensions])) {
            return false;
        }
        ++*dimensions;
        if (!take(reader, ',')) {
            if (*dimensions == 1) { // "(3)" is a number in Python
                return false;
            }
            return take(reader, ')');
        }
    }
    return true;
}

enum { KEY_DESCR = 1, KEY_ORDER = 2, KEY_SHAPE = 4, KEY_ALL = 7 };

typedef struct {
    char descr[64];
    bool structured; // A list of fields, not one type
    bool fortran;
    uint64_t shape[MAX_DIMENSIONS];
    size_t dimensions;
} Dictionary;

static bool take_entry(Reader* reader, Dictionary* dictionary, unsigned* seen) {
    char key[32];
    unsigned bit = 0;
    bool good = false;
    if (!take_text(reader, key, sizeof key) || !take(reader, ':')) {
        return false;
    }
    if (strcmp(key, "descr") == 0) {
        bit = KEY_DESCR;
        skip_space(reader);
        dictionary->structured = reader->at < reader->end && *reader->at == '[';
        good = !dictionary->structured &&
               take_text(reader, dictionary->descr, sizeof dictionary->descr);
    } else if (strcmp(key, "fortran_order") == 0) {
        bit = KEY_ORDER;
        dictionary->fortran = take_word(reader, "True");
        good = dictionary->fortran || take_word(reader, "False");
    } else if (strcmp(key, "shape") == 0) {
        bit = KEY_SHAPE;
        good = take_shape(reader, dictionary->shape, &dictionary->dimensions);
    }
    good = good && (*seen & bit) == 0;
    *seen |= bit;
    return good;
}

static bool take_dictionary(Reader* reader, Dictionary* dictionary) {
    unsigned seen = 0;
    if (!take(reader, '{')) {
        return false;
    }
    while (!take(reader, '}')) {
        if (!take_entry(reader, dictionary, &seen)) {
            return false;
        }
        if (!take(reader, ',')) {
            if (!take(reader, '}')) {
                return false;
            }
            break;
        }
    }
    skip_space(reader);
    return reader->at == reader->end && seen == KEY_ALL;
}

static TimbrelStatus refuse(TimbrelError* error, const char* name, const char* what) {
    return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT, "\"%s\" %s.", name, what);
}

static TimbrelStatus check_type(const Dictionary* dictionary, const char* name,
                                TimbrelError* error) {
    const char* descr = dictionary->descr;
    if (dictionary->structured) {
        return refuse(error, name, "holds records, not numbers; save an array of float64");
    }
    if (strchr(descr, 'O')) {
        return refuse(error, name,
                      "holds Python objects, which are never read; save an array of float64");
    }
    if (descr[0] == '>') {
        return refuse(error, name, "is big-endian; save it as little-endian: array.astype('<f8')");
    }
    if (strcmp(descr, "<f4") != 0 && strcmp(descr, "<f8") != 0) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                 "\"%s\" holds values of the type \"%s\"; save it as float32 or "
                                 "float64.",
                                 name, descr);
    }
    if (dictionary->fortran) {
        return refuse(error, name,
                      "is in Fortran order; save it in C order: numpy.ascontiguousarray(array)");
    }
    if (dictionary->dimensions != 2) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                 "\"%s\" has %zu dimension%s; latents have two, (rows, latents).",
                                 name, dictionary->dimensions,
                                 dictionary->dimensions == 1 ? "" : "s");
    }
    return TIMBREL_OK;
}

TimbrelStatus timbrel_npy_parse(const unsigned char* bytes, size_t size, const char* name,
                                TimbrelNpy* npy, TimbrelError* error) {
    if (!timbrel_npy_is(bytes, size)) {
        return refuse(error, name, "is not a .npy file");
    }
    if (size < 10) {
        return refuse(error, name, "is cut short within its header; copy it again");
    }
    const unsigned version = bytes[6];
    if (version < 1 || version > 3 || bytes[7] != 0) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                 "\"%s\" has .npy format %u.%u, which is unknown; save it with "
                                 "numpy.save().",
                                 name, version, bytes[7]);
    }
    const size_t start = version == 1 ? 10 : 12;
    if (size < start) {
        return refuse(error, name, "is cut short within its header; copy it again");
    }
    uint64_t length = (uint64_t)bytes[8] | (uint64_t)bytes[9] << 8;
    if (version > 1) {
        length |= (uint64_t)bytes[10] << 16 | (uint64_t)bytes[11] << 24;
    }
    if (length > TIMBREL_NPY_MAX_HEAD - start) {
        return refuse(error, name, "has a header far too long for an array of latents");
    }
    if (length > size - start) {
        return refuse(error, name, "is cut short within its header; copy it again");
    }

    Dictionary dictionary = {0};
    Reader reader = {(const char*)bytes + start, (const char*)bytes + start + length};
    const bool read = take_dictionary(&reader, &dictionary);
    if (!read && !dictionary.structured) {
        return refuse(error, name, "has a damaged .npy header; save it again with numpy.save()");
    }
    const TimbrelStatus status = check_type(&dictionary, name, error);
    if (status) {
        return status;
    }
    *npy = (TimbrelNpy){
        .rows = dictionary.shape[0],
        .columns = dictionary.shape[1],
        .wide = strcmp(dictionary.descr, "<f8") == 0,
        .head_size = start + (size_t)length,
    };
    if (npy->columns > 0 && npy->rows > (UINT64_C(1) << 59) / npy->columns) {
        return refuse(error, name, "claims more values than any file can hold");
    }
    return TIMBREL_OK;
}

void timbrel_npy_format(const TimbrelNpy* npy, unsigned char bytes[TIMBREL_NPY_HEAD_SIZE]) {
    enum { START = 10, LENGTH = TIMBREL_NPY_HEAD_SIZE - START };
    char text[TIMBREL_NPY_HEAD_SIZE];
    const int used =
        snprintf(text, sizeof text,
                 "{'descr': '%s', 'fortran_order': False, 'shape': (%" PRIu64 ", %" PRIu64 "), }",
                 npy->wide ? "<f8" : "<f4", npy->rows, npy->columns);
    memcpy(bytes, magic, sizeof magic);
    bytes[6] = 1;
    bytes[7] = 0;
    bytes[8] = LENGTH;
    bytes[9] = 0;
    memset(bytes + START, ' ', LENGTH);
    memcpy(bytes + START, text, (size_t)used); // At most 90 bytes
    bytes[TIMBREL_NPY_HEAD_SIZE - 1] = '\n';
}
