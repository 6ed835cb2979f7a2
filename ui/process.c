// SPDX-License-Identifier: ISC
#include "process.h"

#include "engine/base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Not in glibc's <sys/wait.h> before 2.36.
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

enum {
    patience = 300 // ms for the program to end by itself
};

/// Whether a variable is the host's own affair: what its libraries and its toolkit are to load
/// would be loaded into the program too.
static bool is_hosts(const char* variable) {
    static const char* const names[] = {
        "LD_PRELOAD=",     "LD_LIBRARY_PATH=",    "LD_AUDIT=",
        "GTK_PATH=",       "GTK_EXE_PREFIX=",     "GTK_DATA_PREFIX=",
        "GTK_MODULES=",    "GTK_IM_MODULE_FILE=", "GTK_RC_FILES=",
        "GTK2_RC_FILES=",  "GDK_BACKEND=",        "GDK_PIXBUF_MODULE_FILE=",
        "GIO_MODULE_DIR=", "GIO_EXTRA_MODULES=",  "GDK_PIXBUF_MODULEDIR="};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
        if (!strncmp(variable, names[i], strlen(names[i]))) {
            return true;
        }
    }
    return false;
}

/// The environment of the program; the caller frees the array, not the texts.
static char** make_environment(void) {
    static char backend[] = "GDK_BACKEND=x11"; // there is no embedding elsewhere
    size_t count = 0;
    while (environ && environ[count]) {
        ++count;
    }
    char** result = malloc((count + 2) * sizeof *result);
    if (!result) {
        return NULL;
    }
    size_t used = 0;
    for (size_t i = 0; i < count; ++i) {
        if (!is_hosts(environ[i])) {
            result[used++] = environ[i];
        }
    }
    result[used++] = backend;
    result[used] = NULL;
    return result;
}

static void close_one(int* fd) {
    if (*fd >= 0) {
        (void)close(*fd);
    }
    *fd = -1;
}

bool timbrel_process_start(TimbrelProcess* process, char* const* arguments) {
    int ends[2] = {-1, -1};
    *process = TIMBREL_PROCESS_NONE;
    char** environment = make_environment();
    int failed = environment ? 0 : ENOMEM;
    // Packets: a message comes whole or not at all, and what is not read is bounded by the kernel.
    if (!failed && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        failed = errno;
    }
    int theirs = -1;
    if (!failed) {
        theirs = fcntl(ends[1], F_DUPFD_CLOEXEC, TIMBREL_PROGRAM_ABOVE);
        failed = theirs < 0 ? errno : 0;
    }
    if (!failed) {
        const TimbrelProgram program = {.path = arguments[0],
                                        .arguments = arguments,
                                        .environment = environment,
                                        .descriptors = &theirs,
                                        .count = 1,
                                        .words = -1};
        failed = timbrel_program_start(&program, &process->pid);
    }
    free(environment);
    close_one(&theirs);
    close_one(&ends[1]);
    if (failed) {
        close_one(&ends[0]);
        process->pid = 0;
        errno = failed;
        return false;
    }
    process->socket = ends[0];
    // Unlike the number, it never stands for another process once the host has reaped this one.
    process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
    if (process->pidfd >= 0) {
        return true;
    }
    failed = errno; // an old kernel, or no descriptor left: the number is still surely ours
    (void)kill(process->pid, SIGKILL);
    (void)waitpid(process->pid, NULL, 0);
    close_one(&process->socket);
    process->pid = 0;
    errno = failed;
    return false;
}

bool timbrel_process_send(TimbrelProcess* process, const TimbrelWireHead* message) {
    return process->socket >= 0 && send(process->socket, message, message->size,
                                        MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)message->size;
}

int timbrel_process_receive(TimbrelProcess* process, TimbrelWire* message) {
    for (;;) {
        if (process->socket < 0) {
            return -1;
        }
        const ssize_t size = recv(process->socket, message, sizeof *message, MSG_DONTWAIT);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return 0;
        }
        if (size <= 0) {
            return -1;
        }
        if (timbrel_wire_valid(message, (size_t)size)) {
            return 1;
        }
    }
}

/// Whether it has ended; then it is reaped.
static bool reap(TimbrelProcess* process, int milliseconds) {
    struct pollfd ended = {.fd = process->pidfd, .events = POLLIN};
    if (poll(&ended, 1, milliseconds) <= 0) {
        return false;
    }
    siginfo_t info;
    // ECHILD: the host was quicker, or ignores SIGCHLD.
    (void)waitid((idtype_t)P_PIDFD, (id_t)process->pidfd, &info, WEXITED | WNOHANG);
    return true;
}

void timbrel_process_end(TimbrelProcess* process) {
    close_one(&process->socket);
    if (process->pid > 0 && !reap(process, patience)) {
        (void)syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0);
        (void)reap(process, 2000);
    }
    close_one(&process->pidfd);
    process->pid = 0;
}
