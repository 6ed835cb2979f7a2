// SPDX-License-Identifier: ISC
#include "child.h"

#include "engine/base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_SIZE      4096
#define MAX_DESCRIPTORS 8
#define VARIABLES       4

/// The variables that the child keeps of the host's environment; frees nothing on failure.
static size_t make_environment(char* environment[VARIABLES + 2]) {
    static const char* const kept[VARIABLES] = {"PATH", "HOME", "LANG", "TMPDIR"};
    size_t count = 0;
    for (size_t i = 0; i < VARIABLES; i++) {
        const char* value = getenv(kept[i]);
        char* entry = NULL;
        if (value && asprintf(&entry, "%s=%s", kept[i], value) >= 0) {
            environment[count++] = entry;
        }
    }
    char* threads = strdup("OMP_NUM_THREADS=1");
    if (threads) {
        environment[count++] = threads;
    }
    environment[count] = NULL;
    return count;
}

/// A memory for stderr that cannot grow: a chatty child neither blocks nor fills the host's memory.
static int make_words(void) {
    const int fd = memfd_create("timbrel-stderr", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && (ftruncate(fd, WORDS_SIZE) != 0 ||
                    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/// Start `program` with descriptors `high`, and `words` for what it says. Returns an errno.
static int start(TimbrelChild* child, const char* path, const char* argument, int words,
                 const int* high, size_t count) {
    char* environment[VARIABLES + 2];
    const size_t variables = make_environment(environment);
    char name[] = "timbrel-torch";
    char* option = strdup(argument);
    char* arguments[] = {name, option, NULL};
    const TimbrelProgram program = {.path = path,
                                    .arguments = arguments,
                                    .environment = environment,
                                    .descriptors = high,
                                    .count = count,
                                    .words = words,
                                    .quiet = true};
    const int failed = option ? timbrel_program_start(&program, &child->pid) : ENOMEM;
    free(option);
    for (size_t i = 0; i < variables; i++) {
        free(environment[i]);
    }
    return failed;
}

static void close_one(int* fd) {
    if (*fd >= 0) {
        (void)close(*fd);
    }
    *fd = -1;
}

TimbrelStatus timbrel_spawn(TimbrelChild* child, const char* program, const char* argument,
                            const int* descriptors, size_t count, TimbrelError* error) {
    int life[2] = {-1, -1};
    int high[MAX_DESCRIPTORS];
    int high_words = -1;
    int failed = 0;
    *child = (TimbrelChild){.pid = 0, .pidfd = -1, .life = -1, .words = make_words()};
    for (size_t i = 0; i < MAX_DESCRIPTORS; i++) {
        high[i] = -1;
    }
    if (count > MAX_DESCRIPTORS || child->words < 0 || pipe2(life, O_CLOEXEC) != 0) {
        failed = count > MAX_DESCRIPTORS ? EINVAL : errno;
    }
    for (size_t i = 0; i < count && !failed; i++) {
        high[i] = fcntl(descriptors[i] < 0 ? life[0] : descriptors[i], F_DUPFD_CLOEXEC,
                        TIMBREL_PROGRAM_ABOVE);
        failed = high[i] < 0 ? errno : 0;
    }
    if (!failed) {
        high_words = fcntl(child->words, F_DUPFD_CLOEXEC, TIMBREL_PROGRAM_ABOVE);
        failed = high_words < 0 ? errno : 0;
    }
    if (!failed) {
        failed = start(child, program, argument, high_words, high, count);
    }
    if (!failed) {
        child->life = life[1];
        life[1] = -1;
        child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
        failed = child->pidfd < 0 ? errno : 0;
        if (failed) { // an old kernel, or no descriptor left: the pid is still surely ours
            (void)kill(child->pid, SIGKILL);
            (void)waitpid(child->pid, NULL, 0);
        }
    }
    close_one(&high_words);
    for (size_t i = 0; i < MAX_DESCRIPTORS; i++) {
        close_one(&high[i]);
    }
    close_one(&life[0]);
    close_one(&life[1]);
    if (!failed) {
        return TIMBREL_OK;
    }
    close_one(&child->life);
    close_one(&child->words);
    child->pid = 0;
    return timbrel_error_set(error, TIMBREL_NO_BACKEND,
                             "The program that plays models, %s, could not be started (%s): "
                             "check that Timbrel is installed completely.",
                             program, strerror(failed));
}

bool timbrel_child_runs(TimbrelChild* child) {
    if (child->pid <= 0) {
        return false;
    }
    siginfo_t info = {0};
    // ECHILD: the host waits for all its children and was quicker, or ignores SIGCHLD
    const int waited = waitid(P_PIDFD, (id_t)child->pidfd, &info, WEXITED | WNOHANG);
    if (waited == 0 && info.si_pid == 0) {
        return true;
    }
    if (waited != 0 && errno == EINTR) {
        return true;
    }
    if (waited == 0 && info.si_code != CLD_EXITED) {
        child->signal = info.si_status;
    }
    child->pid = 0;
    return false;
}

/// The last line that the child wrote.
static void read_words(int fd, char* words, size_t size) {
    char all[WORDS_SIZE + 1];
    const ssize_t got = pread(fd, all, WORDS_SIZE, 0);
    size_t end = got > 0 ? strnlen(all, (size_t)got) : 0;
    while (end > 0 && (all[end - 1] == '\n' || all[end - 1] == ' ')) {
        end--;
    }
    size_t start = end;
    while (start > 0 && all[start - 1] != '\n') {
        start--;
    }
    all[end] = '\0';
    (void)snprintf(words, size, "%s", all + start);
}

void timbrel_child_end(TimbrelChild* child, char* words, size_t size) {
    if (words && size > 0) {
        words[0] = '\0';
    }
    if (child->pidfd < 0) {
        return;
    }
    if (timbrel_child_runs(child)) {
        (void)syscall(SYS_pidfd_send_signal, child->pidfd, SIGKILL, NULL, 0);
        // bounded, as a process that waits for a dead network disk cannot even be killed
        struct pollfd ended = {.fd = child->pidfd, .events = POLLIN};
        for (int tries = 0; tries < 20 && timbrel_child_runs(child); tries++) {
            (void)poll(&ended, 1, 100);
        }
    }
    if (words && size > 0) {
        read_words(child->words, words, size);
    }
    close_one(&child->life);
    close_one(&child->pidfd);
    close_one(&child->words);
    child->pid = 0;
}
