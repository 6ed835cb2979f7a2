// SPDX-License-Identifier: ISC
// What a model's code could try from inside timbrel-torch, and must not get. Skipped (77) without
// seccomp.
#include "check.h"
#include "engine/model/torch/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define REFUSED(call)                                                                              \
    do {                                                                                           \
        errno = 0;                                                                                 \
        CHECK((call) == -1);                                                                       \
        CHECK(errno == EPERM);                                                                     \
    } while (0)

static int inside(const char* scratch) {
    char* const arguments[] = {"true", NULL};
    const struct rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
    REFUSED(socket(AF_INET, SOCK_STREAM, 0));
    REFUSED(socket(AF_UNIX, SOCK_STREAM, 0));
    REFUSED(fork());
    REFUSED(execv("/bin/true", arguments));
    REFUSED(kill(getppid(), 0));
    REFUSED(ptrace(PTRACE_TRACEME, 0, 0, 0));
    REFUSED(open(scratch, O_WRONLY));
    REFUSED(open(scratch, O_RDWR));
    REFUSED(open("/tmp/timbrel-new", O_RDONLY | O_CREAT, 0600));
    REFUSED(unlink(scratch));
    REFUSED(chmod(scratch, 0777));
    REFUSED(setrlimit(RLIMIT_AS, &more));
    REFUSED((intptr_t)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

    const int fd = open("/proc/self/status", O_RDONLY); // reading is left
    char byte = 0;
    CHECK(fd >= 0 && read(fd, &byte, 1) == 1 && close(fd) == 0);
    void* memory = malloc((size_t)64 << 20);
    CHECK(memory);
    free(memory);
    return 0;
}

int main(void) {
    char scratch[] = "/tmp/timbrel-test-XXXXXX";
    const int fd = mkstemp(scratch);
    CHECK(fd >= 0);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        _exit(timbrel_sandbox_enter() ? inside(scratch) : 77);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    CHECK(access(scratch, F_OK) == 0);
    (void)close(fd);
    (void)unlink(scratch);
    return WEXITSTATUS(status);
}
