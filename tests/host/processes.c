// SPDX-License-Identifier: ISC
#include "processes.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static size_t count_entries(const char* folder) {
    DIR* dir = opendir(folder);
    size_t count = 0;
    while (dir && readdir(dir)) {
        ++count;
    }
    if (dir) {
        (void)closedir(dir);
    }
    return count;
}

/// Whether `pid` is a child of ours that runs, or ran, timbrel-torch.
static bool is_child(const char* pid) {
    char path[64];
    char stat[512] = "";
    (void)snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    FILE* file = fopen(path, "re");
    if (!file) {
        return false;
    }
    const bool read = fgets(stat, sizeof stat, file);
    (void)fclose(file);
    // proc(5): pid (name) state parent; the name may itself hold parentheses.
    const char* name = strchr(stat, '(');
    const char* rest = strrchr(stat, ')');
    int parent = 0;
    return read && name && rest && !strncmp(name, "(timbrel-", 9) &&
           sscanf(rest, ") %*c %d", &parent) == 1 && parent == getpid();
}

size_t processes_children(pid_t* pids, size_t most) {
    DIR* dir = opendir("/proc");
    size_t count = 0;
    for (struct dirent* entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        if (!isdigit((unsigned char)entry->d_name[0]) || !is_child(entry->d_name)) {
            continue;
        }
        if (count < most) {
            pids[count] = (pid_t)strtol(entry->d_name, NULL, 10);
        }
        ++count;
    }
    if (dir) {
        (void)closedir(dir);
    }
    return count;
}

size_t processes_open_files(void) {
    return count_entries("/proc/self/fd");
}

size_t processes_threads(void) {
    return count_entries("/proc/self/task");
}

bool processes_await_children(size_t children) {
    const struct timespec pause = {.tv_nsec = 10000000};
    for (int i = 0; i < 3000; ++i) {
        if (processes_children(NULL, 0) == children) {
            return true;
        }
        (void)nanosleep(&pause, NULL);
    }
    return false;
}
