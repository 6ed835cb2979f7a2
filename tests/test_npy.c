// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/files/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_SIZE = 4096 };

// A file of format `major` with this dictionary, and nothing after it. Returns its size.
static size_t make(unsigned char* bytes, unsigned major, const char* dictionary) {
    const size_t length = strlen(dictionary);
    const size_t start = major == 1 ? 10 : 12;
    memcpy(bytes, "\x93NUMPY", 6);
    bytes[6] = (unsigned char)major;
    bytes[7] = 0;
    bytes[8] = (unsigned char)(length & 255);
    bytes[9] = (unsigned char)(length >> 8);
    if (major > 1) {
        bytes[10] = bytes[11] = 0;
    }
    memcpy(bytes + start, dictionary, length);
    return start + length;
}

static int check_good(unsigned major, const char* dictionary, uint64_t rows, uint64_t columns,
                      bool wide) {
    unsigned char bytes[FILE_SIZE];
    const size_t size = make(bytes, major, dictionary);
    TimbrelNpy npy = {0};
    TimbrelError error = {0};
    if (timbrel_npy_parse(bytes, size, "x.npy", &npy, &error)) {
        (void)fprintf(stderr, "%s: %s\n", dictionary, error.message);
    }
    CHECK(error.status == TIMBREL_OK);
    CHECK(npy.rows == rows && npy.columns == columns && npy.wide == wide);
    CHECK(npy.head_size == size);
    return 0;
}

static int check_bad(unsigned major, const char* dictionary, const char* word) {
    unsigned char bytes[FILE_SIZE];
    const size_t size = make(bytes, major, dictionary);
    TimbrelNpy npy = {0};
    TimbrelError error = {0};
    CHECK(timbrel_npy_parse(bytes, size, "x.npy", &npy, &error) != TIMBREL_OK);
    if (!strstr(error.message, word) || !strstr(error.message, "\"x.npy\"")) {
        (void)fprintf(stderr, "%s: no \"%s\" in: %s\n", dictionary, word, error.message);
    }
    CHECK(strstr(error.message, word) && strstr(error.message, "\"x.npy\""));
    return 0;
}

static int test_dictionaries(void) {
    CHECK(!check_good(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 8), }\n", 3, 8,
                      true));
    CHECK(!check_good(2, "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 8)}", 0, 8, false));
    CHECK(!check_good(3, "{\"shape\":(12,1,),\"fortran_order\":False,\"descr\":\"<f8\"}  \n", 12, 1,
                      true));

    CHECK(
        !check_bad(1, "{'descr': '>f8', 'fortran_order': False, 'shape': (3, 8), }", "big-endian"));
    CHECK(!check_bad(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (3, 8), }", "Fortran"));
    CHECK(!check_bad(1, "{'descr': '|O', 'fortran_order': False, 'shape': (3, 8), }", "objects"));
    CHECK(!check_bad(1, "{'descr': '<i8', 'fortran_order': False, 'shape': (3, 8), }", "<i8"));
    CHECK(!check_bad(1, "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3,), }",
                     "records"));
    CHECK(
        !check_bad(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", "1 dimension;"));
    CHECK(!check_bad(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (), }", "0 dimensions"));
    CHECK(!check_bad(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3, 4), }",
                     "3 dimensions"));
    CHECK(!check_bad(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (3), }", "damaged"));
    CHECK(!check_bad(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (-3, 8), }", "damaged"));
    CHECK(!check_bad(1, "{'descr': '<f8', 'fortran_order': False}", "damaged"));
    CHECK(!check_bad(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 8), 'x': 1}",
                     "damaged"));
    CHECK(!check_bad(1, "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (3, 8)}",
                     "damaged"));
    CHECK(!check_bad(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 8)} import os",
                     "damaged"));
    CHECK(!check_bad(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999, 8)}",
                     "values"));
    CHECK(!check_bad(
        1, "{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999999999999, 8)}",
        "damaged"));
    CHECK(!check_bad(1, "", "damaged"));
    CHECK(!check_bad(9, "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 8), }", "9.0"));
    return 0;
}

// Every cut of a good file is refused, and so is every length that it may claim.
static int test_cuts_and_lengths(void) {
    unsigned char bytes[TIMBREL_NPY_HEAD_SIZE];
    const TimbrelNpy written = {.rows = UINT64_C(123456789012), .columns = 128, .wide = true};
    timbrel_npy_format(&written, bytes);
    TimbrelNpy npy;
    CHECK(timbrel_npy_parse(bytes, sizeof bytes, "x.npy", &npy, NULL) == TIMBREL_OK);
    CHECK(npy.rows == written.rows && npy.columns == 128 && npy.wide);
    CHECK(npy.head_size == sizeof bytes && npy.head_size % 64 == 0); // As numpy aligns them
    CHECK(bytes[sizeof bytes - 1] == '\n');
    for (size_t size = 0; size < sizeof bytes; ++size) {
        // A heap block of just that size, so that a sanitizer sees a byte read too far.
        unsigned char* cut = malloc(size + 1);
        CHECK(cut);
        memcpy(cut, bytes, size);
        unsigned char* exact = realloc(cut, size ? size : 1);
        const TimbrelStatus status = timbrel_npy_parse(exact, size, "x.npy", &npy, NULL);
        free(exact);
        CHECK(status != TIMBREL_OK);
    }
    TimbrelError error = {0};
    for (unsigned length = 0; length < 65536; ++length) {
        bytes[8] = (unsigned char)(length & 255);
        bytes[9] = (unsigned char)(length >> 8);
        const bool good =
            timbrel_npy_parse(bytes, sizeof bytes, "x.npy", &npy, &error) == TIMBREL_OK;
        // Only spaces may be missing.
        CHECK(!good || (length <= 118 && length >= 70));
    }
    bytes[6] = 2;
    memset(bytes + 8, 0xff, 4);
    CHECK(timbrel_npy_parse(bytes, sizeof bytes, "x.npy", &npy, &error) != TIMBREL_OK);
    CHECK(strstr(error.message, "too long"));
    return 0;
}

int main(void) {
    return test_dictionaries() || test_cuts_and_lengths();
}
