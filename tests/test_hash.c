// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int check_content(const char* content, size_t size, size_t times, const char* expected) {
    char path[] = "/tmp/timbrel-hash-XXXXXX";
    const int descriptor = mkstemp(path);
    CHECK(descriptor >= 0);
    FILE* file = fdopen(descriptor, "wb");
    CHECK(file);
    for (size_t i = 0; i < times; ++i) {
        CHECK(fwrite(content, 1, size, file) == size);
    }
    CHECK(fclose(file) == 0);
    char text[TIMBREL_HASH_SIZE];
    const TimbrelStatus status = timbrel_hash_file(path, text, NULL);
    (void)unlink(path);
    CHECK(status == TIMBREL_OK);
    CHECK(strcmp(text, expected) == 0);
    return 0;
}

int main(void) {
    // As `xxh128sum` (xxhash 0.8.1) prints them.
    CHECK(check_content("", 0, 0, "99aa06d3014798d86001c324468d497f") == 0);
    CHECK(check_content("timbrel\n", 8, 1, "8514afa8248b323ceab1895e644953c3") == 0);
    CHECK(check_content("timbrel\n", 8, 100000, "629659103c76cf4c835ce248baf9ba4a") ==
          0); // Longer than a piece

    char text[TIMBREL_HASH_SIZE] = "x";
    timbrel_hash_bytes("timbrel\n", 8, text);
    CHECK(strcmp(text, "8514afa8248b323ceab1895e644953c3") == 0);
    TimbrelError error = {0};
    CHECK(timbrel_hash_file("/nowhere/model.ts", text, &error) == TIMBREL_NOT_FOUND);
    CHECK(text[0] == '\0' && strstr(error.message, "/nowhere/model.ts"));
    CHECK(timbrel_hash_file("/tmp", text, &error) == TIMBREL_IO_ERROR);
    CHECK(strstr(error.message, "\"/tmp\""));
    return 0;
}
