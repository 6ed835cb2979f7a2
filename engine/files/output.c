// SPDX-License-Identifier: ISC
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Names in the making, where a signal handler finds them: it can neither lock nor allocate.
enum { MOST_TEMPORARIES = 2048 }; // More at once than there are jobs
static _Atomic(char*) temporaries[MOST_TEMPORARIES];

static void remember(char* temporary) {
    for (size_t i = 0; i < MOST_TEMPORARIES; ++i) {
        char* none = NULL;
        if (atomic_compare_exchange_strong(&temporaries[i], &none, temporary)) {
            return;
        }
    }
}

static void forget(char* temporary) {
    for (size_t i = 0; i < MOST_TEMPORARIES; ++i) {
        char* here = temporary;
        if (atomic_compare_exchange_strong(&temporaries[i], &here, NULL)) {
            return;
        }
    }
}

void timbrel_output_abandon(void) {
    for (size_t i = 0; i < MOST_TEMPORARIES; ++i) {
        const char* temporary = temporaries[i];
        if (temporary) {
            (void)unlink(temporary);
        }
    }
}

struct TimbrelOutput {
    char* path;      // NULL: standard output
    char* temporary; // NULL once there is nothing to remove
    int descriptor;
};

// The process's mask, read without changing it for other threads: umask(2) can only do both.
static mode_t new_file_mode(void) {
    unsigned mask = 022;
    FILE* file = fopen("/proc/self/status", "re");
    char line[256];
    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "Umask: %o", &mask) == 1) {
            break;
        }
    }
    if (file) {
        (void)fclose(file);
    }
    return 0666 & ~(mode_t)mask;
}

static TimbrelStatus open_standard(TimbrelOutput* output, TimbrelError* error) {
    if (isatty(STDOUT_FILENO)) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                 "Standard output is a terminal; pipe it into another command or "
                                 "name a file.");
    }
    FILE* file = tmpfile();
    output->descriptor = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 0) : -1;
    if (file) {
        (void)fclose(file);
    }
    if (output->descriptor < 0) {
        return timbrel_error_set(error, TIMBREL_IO_ERROR,
                                 "No temporary file can be made (%s); check $TMPDIR.",
                                 strerror(errno));
    }
    return TIMBREL_OK;
}

static TimbrelStatus open_beside(TimbrelOutput* output, const char* path, TimbrelError* error) {
    struct stat status;
    mode_t mode = 0;
    if (stat(path, &status) == 0) {
        if (!S_ISREG(status.st_mode)) {
            return timbrel_error_set(
                error, TIMBREL_BAD_ARGUMENT,
                "\"%s\" is not a regular file; choose another name for the output.", path);
        }
        mode = status.st_mode & 0777;
        output->path = realpath(path, NULL);
    } else {
        mode = new_file_mode();
        output->path = strdup(path);
    }
    const char* slash = output->path ? strrchr(output->path, '/') : NULL;
    const int folder = slash ? (int)(slash + 1 - output->path) : 0;
    if (!output->path ||
        asprintf(&output->temporary, "%.*s.timbrel-XXXXXX", folder, output->path) < 0) {
        output->temporary = NULL;
        return timbrel_error_no_memory(error);
    }
    output->descriptor = mkostemp(output->temporary, O_CLOEXEC);
    const int problem = errno;
    if (output->descriptor < 0) {
        free(output->temporary);
        output->temporary = NULL;
    } else {
        remember(output->temporary);
    }
    if (output->descriptor < 0 || fchmod(output->descriptor, mode) != 0) {
        return timbrel_error_set(error, TIMBREL_IO_ERROR,
                                 "The output \"%s\" cannot be written (%s); check its folder.",
                                 path, strerror(problem));
    }
    return TIMBREL_OK;
}

TimbrelOutput* timbrel_output_open(const char* path, TimbrelError* error) {
    TimbrelOutput* output = calloc(1, sizeof *output);
    if (!output) {
        (void)timbrel_error_no_memory(error);
        return NULL;
    }
    output->descriptor = -1;
    if (strcmp(path, "-") == 0 ? open_standard(output, error) : open_beside(output, path, error)) {
        timbrel_output_discard(output);
        return NULL;
    }
    return output;
}

int timbrel_output_descriptor(const TimbrelOutput* output) {
    return output->descriptor;
}

// False with errno set.
static bool copy_to_standard(int from) {
    char piece[1 << 16];
    if (lseek(from, 0, SEEK_SET) != 0) {
        return false;
    }
    for (;;) {
        const ssize_t got = read(from, piece, sizeof piece);
        if (got <= 0) {
            return got == 0;
        }
        for (ssize_t done = 0; done < got;) {
            const ssize_t put = write(STDOUT_FILENO, piece + done, (size_t)(got - done));
            if (put < 0 && errno != EINTR) {
                return false;
            }
            done += put > 0 ? put : 0;
        }
    }
}

TimbrelStatus timbrel_output_finish(TimbrelOutput* output, TimbrelError* error) {
    TimbrelStatus status = TIMBREL_OK;
    if (!output->path) {
        if (!copy_to_standard(output->descriptor)) {
            status =
                timbrel_error_set(error, TIMBREL_IO_ERROR,
                                  "Standard output could not be written (%s).", strerror(errno));
        }
    } else {
        const bool closed = close(output->descriptor) == 0;
        output->descriptor = -1;
        if (closed && rename(output->temporary, output->path) == 0) {
            forget(output->temporary);
            free(output->temporary);
            output->temporary = NULL;
        } else {
            status = timbrel_error_set(error, TIMBREL_IO_ERROR,
                                       "The output \"%s\" could not be completed (%s); check its "
                                       "folder.",
                                       output->path, strerror(errno));
        }
    }
    timbrel_output_discard(output);
    return status;
}

void timbrel_output_discard(TimbrelOutput* output) {
    if (!output) {
        return;
    }
    if (output->descriptor >= 0) {
        (void)close(output->descriptor);
    }
    if (output->temporary) {
        (void)unlink(output->temporary);
        forget(output->temporary);
    }
    free(output->temporary);
    free(output->path);
    free(output);
}
