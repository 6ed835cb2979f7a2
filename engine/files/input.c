// SPDX-License-Identifier: ISC
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char* timbrel_input_name(const char* path) {
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

// Copies until the end; false with errno set.
static bool copy(int from, FILE* to, size_t* total) {
    char piece[1 << 16];
    *total = 0;
    for (;;) {
        const ssize_t got = read(from, piece, sizeof piece);
        if (got == 0) {
            return fflush(to) == 0;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 || fwrite(piece, 1, (size_t)got, to) != (size_t)got) {
            return false;
        }
        *total += (size_t)got;
    }
}

static int spool(TimbrelError* error) {
    FILE* file = tmpfile();
    size_t total = 0;
    int descriptor = -1;
    if (!file || !copy(STDIN_FILENO, file, &total)) {
        (void)timbrel_error_set(error, TIMBREL_IO_ERROR,
                                "Standard input cannot be read (%s); check the free space.",
                                strerror(errno));
    } else if (total == 0) {
        (void)timbrel_error_set(error, TIMBREL_IO_ERROR,
                                "Nothing came through standard input; see what the command before "
                                "the pipe says.");
    } else {
        descriptor = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0);
        (void)lseek(descriptor, 0, SEEK_SET);
    }
    if (file) {
        (void)fclose(file);
    }
    return descriptor;
}

static int fail(const char* path, TimbrelError* error) {
    (void)timbrel_error_set(error, errno == ENOENT ? TIMBREL_NOT_FOUND : TIMBREL_IO_ERROR,
                            "The file \"%s\" cannot be opened (%s); check the path.", path,
                            strerror(errno));
    return -1;
}

int timbrel_input_open(const char* path, TimbrelError* error) {
    if (strcmp(path, "-") == 0) {
        return spool(error);
    }
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    return descriptor >= 0 ? descriptor : fail(path, error);
}

int timbrel_input_open_file(const char* path, TimbrelError* error) {
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat status;
    if (descriptor < 0) {
        return fail(path, error);
    }
    if (fstat(descriptor, &status) || !S_ISREG(status.st_mode)) {
        (void)close(descriptor);
        (void)timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                "\"%s\" is no file that can be read; choose another one.", path);
        return -1;
    }
    return descriptor;
}
