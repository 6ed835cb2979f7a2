// SPDX-License-Identifier: ISC
#include "cache.h"

#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { path_size = 1024, look_ms = 20, patience_ms = 60000 };

static bool make_folder(const char* path) {
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/// HASH-vVERSION.`kind` in the cache's folder, which is made if need be. False without a cache.
static bool name_file(char* path, const char* model_hash, const char* kind) {
    const char* given = getenv("XDG_CACHE_HOME");
    const char* home = getenv("HOME");
    char folder[path_size];
    int length = 0;
    if (given && given[0] == '/') { // XDG Base Directory Specification: others are to be ignored
        length = snprintf(folder, sizeof folder, "%s", given);
    } else if (home && home[0] == '/') {
        length = snprintf(folder, sizeof folder, "%s/.cache", home);
    } else {
        return false;
    }
    if (length >= (int)sizeof folder || !make_folder(folder)) {
        return false;
    }
    const int whole = snprintf(path, path_size, "%s/timbrel", folder);
    if (whole >= path_size || !make_folder(path)) {
        return false;
    }
    return snprintf(path + whole, (size_t)(path_size - whole), "/%s-v%u.%s", model_hash,
                    TIMBREL_PLAN_VERSION, kind) < path_size - whole;
}

static int open_file(const char* model_hash, const char* kind) {
    char path[path_size];
    return name_file(path, model_hash, kind) ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : -1;
}

int timbrel_cache_find(const char* model_hash) {
    return open_file(model_hash, "plan");
}

bool timbrel_cache_read(const char* model_hash, const char* kind, char* text, size_t size) {
    const int file = open_file(model_hash, kind);
    if (file < 0) {
        return false;
    }
    const ssize_t got = read(file, text, size - 1);
    (void)close(file);
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}

/// A file of its own beside `path`, to be renamed to it.
static int open_temporary(char* temporary, const char* path) {
    if (snprintf(temporary, path_size, "%s.XXXXXX", path) >= path_size) {
        return -1;
    }
    return mkostemp(temporary, O_CLOEXEC);
}

void timbrel_cache_write(const char* model_hash, const char* kind, const char* text) {
    char path[path_size];
    char temporary[path_size];
    if (!name_file(path, model_hash, kind)) {
        return;
    }
    const int file = open_temporary(temporary, path);
    if (file < 0) {
        return;
    }
    const size_t length = strlen(text);
    if (write(file, text, length) != (ssize_t)length || rename(temporary, path) != 0) {
        (void)unlink(temporary);
    }
    (void)close(file);
}

bool timbrel_cache_refusal(const char* model_hash, char* why, size_t size) {
    return timbrel_cache_read(model_hash, "refused", why, size);
}

void timbrel_cache_refuse(const char* model_hash, const char* why) {
    timbrel_cache_write(model_hash, "refused", why);
}

/// Whether it is worth to wait: another instance holds the lock. Every other failure is the file
/// system's, which has no locks (ENOSYS, EOPNOTSUPP, EINVAL) or none left (ENOLCK).
static bool is_held(int lock) {
    return flock(lock, LOCK_EX | LOCK_NB) != 0 && (errno == EWOULDBLOCK || errno == EINTR);
}

int timbrel_cache_lock(const char* model_hash, const _Atomic(bool)* cancel) {
    char path[path_size];
    if (!name_file(path, model_hash, "lock")) {
        return -1;
    }
    const int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int waited = 0;
    while (lock >= 0 && waited < patience_ms && is_held(lock) && !(cancel && *cancel)) {
        const struct timespec pause = {.tv_nsec = look_ms * 1000000L};
        (void)nanosleep(&pause, NULL);
        waited += look_ms;
    }
    return lock;
}

void timbrel_cache_unlock(const char* model_hash, int lock) {
    char path[path_size];
    if (lock < 0) {
        return;
    }
    if (name_file(path, model_hash, "lock")) {
        (void)unlink(path);
    }
    (void)close(lock);
}

/// False if not all of `from` could be written.
static bool copy_file(int to, int from) {
    struct stat about;
    if (fstat(from, &about) != 0) {
        return false;
    }
    off_t at = 0;
    while (at < about.st_size) {
        const ssize_t sent = sendfile(to, from, &at, (size_t)(about.st_size - at));
        if (sent == 0 || (sent < 0 && errno != EINTR)) {
            return false;
        }
    }
    return true;
}

void timbrel_cache_keep(const char* model_hash, int file) {
    char path[path_size];
    char temporary[path_size];
    if (!name_file(path, model_hash, "plan")) {
        return;
    }
    const int copy = open_temporary(temporary, path);
    if (copy < 0) {
        return;
    }
    if (!copy_file(copy, file) || rename(temporary, path) != 0) {
        (void)unlink(temporary);
    }
    (void)close(copy);
}

void timbrel_cache_drop(const char* model_hash) {
    char path[path_size];
    if (name_file(path, model_hash, "plan")) {
        (void)unlink(path);
    }
}
