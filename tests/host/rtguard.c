// SPDX-License-Identifier: ISC
// Both names of each call on files are guarded, so neither may stand for the other.
#undef _FILE_OFFSET_BITS

#include "rtguard.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GUARD_API __attribute__((visibility("default")))

enum { told_calls = 8, backtrace_depth = 24, skipped_frames = 1 };

typedef enum { OUTSIDE, IN_RUN, IN_FREEWHEEL, IN_LOG } Place;

// Initial-exec: the first access in a thread must not allocate. Volatile: libc declares dlsym() a
// leaf, which would let the compiler drop a value that only our own free() reads.
static _Thread_local volatile Place place __attribute__((tls_model("initial-exec")));
static atomic_ullong violations;
static atomic_bool ordinary;

/// A forbidden call: count it, and tell the first ones.
static void report(const char* name) {
    const Place before = place;
    place = OUTSIDE; // what telling it calls is not the plugin's
    const int saved_errno = errno;
    if (atomic_fetch_add(&violations, 1) < told_calls) {
        char line[128];
        const int length = snprintf(line, sizeof line, "rtguard: %s() on the audio thread\n", name);
        if (length > 0) {
            (void)!write(STDERR_FILENO, line, (size_t)length);
        }
        void* frames[backtrace_depth];
        const int depth = backtrace(frames, backtrace_depth);
        if (depth > skipped_frames) {
            backtrace_symbols_fd(frames + skipped_frames, depth - skipped_frames, STDERR_FILENO);
        }
    }
    errno = saved_errno;
    place = before;
}

static void forbid(const char* name) {
    if (place == IN_RUN || place == IN_FREEWHEEL) {
        report(name);
    }
}

static void forbid_wait(const char* name) {
    if (place == IN_RUN) {
        report(name);
    }
}

/// Put the address of the function that the guard stands before into `next`.
static void find_next(void* next, const char* name) {
    const Place before = place;
    place = OUTSIDE;
    void* found = dlsym(RTLD_NEXT, name);
    memcpy(next, &found, sizeof found);
    place = before;
}

// NOLINTBEGIN(bugprone-macro-parentheses): its arguments are a type and lists
/// Define `NAME` to do `CHECK("NAME")` and then call the real one.
#define GUARD(CHECK, TYPE, NAME, PARAMETERS, ARGUMENTS)                                            \
    GUARD_API TYPE NAME PARAMETERS;                                                                \
    GUARD_API TYPE NAME PARAMETERS {                                                               \
        static TYPE(*next) PARAMETERS;                                                             \
        CHECK(#NAME);                                                                              \
        if (!next)                                                                                 \
            find_next(&next, #NAME);                                                               \
        return next ARGUMENTS;                                                                     \
    }

// NOLINTEND(bugprone-macro-parentheses)

// Heap. Not through dlsym(), which may itself allocate.

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* old);

GUARD_API void* malloc(size_t size) {
    forbid("malloc");
    return __libc_malloc(size);
}

GUARD_API void* calloc(size_t count, size_t size) {
    forbid("calloc");
    return __libc_calloc(count, size);
}

GUARD_API void* realloc(void* old, size_t size) {
    forbid("realloc");
    return __libc_realloc(old, size);
}

GUARD_API void free(void* old) {
    forbid("free");
    __libc_free(old);
}

GUARD_API void* aligned_alloc(size_t alignment, size_t size) {
    forbid("aligned_alloc");
    return __libc_memalign(alignment, size);
}

GUARD_API int posix_memalign(void** memory, size_t alignment, size_t size) {
    forbid("posix_memalign");
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

// A sanitizer has its own heap, before ours: it calls these hooks.

int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*, size_t),
                                              void (*on_free)(const volatile void*))
    __attribute__((weak));

static void on_malloc(const volatile void* memory, size_t size) {
    (void)memory;
    (void)size;
    forbid("malloc");
}

static void on_free(const volatile void* memory) {
    (void)memory;
    forbid("free");
}

// Locks. pthread_mutex_trylock() and sem_post() are allowed: they never wait.

GUARD(forbid, int, pthread_mutex_lock, (pthread_mutex_t * m), (m))
GUARD(forbid, int, pthread_mutex_timedlock, (pthread_mutex_t * m, const struct timespec* t), (m, t))
GUARD(forbid, int, pthread_rwlock_rdlock, (pthread_rwlock_t * l), (l))
GUARD(forbid, int, pthread_rwlock_wrlock, (pthread_rwlock_t * l), (l))
GUARD(forbid, int, pthread_spin_lock, (pthread_spinlock_t * l), (l))
GUARD(forbid, int, pthread_once, (pthread_once_t * o, void (*f)(void)), (o, f))

// Waits.

GUARD(forbid_wait, int, pthread_cond_wait, (pthread_cond_t * c, pthread_mutex_t* m), (c, m))
GUARD(forbid_wait, int, pthread_cond_timedwait,
      (pthread_cond_t * c, pthread_mutex_t* m, const struct timespec* t), (c, m, t))
GUARD(forbid_wait, int, pthread_barrier_wait, (pthread_barrier_t * b), (b))
GUARD(forbid_wait, int, sem_wait, (sem_t * s), (s))
GUARD(forbid_wait, int, sem_timedwait, (sem_t * s, const struct timespec* t), (s, t))
GUARD(forbid_wait, int, sem_clockwait, (sem_t * s, clockid_t k, const struct timespec* t),
      (s, k, t))
GUARD(forbid_wait, int, nanosleep, (const struct timespec* t, struct timespec* left), (t, left))
GUARD(forbid_wait, int, clock_nanosleep,
      (clockid_t k, int flags, const struct timespec* t, struct timespec* left),
      (k, flags, t, left))
GUARD(forbid_wait, int, usleep, (useconds_t t), (t))
GUARD(forbid_wait, unsigned, sleep, (unsigned t), (t))
GUARD(forbid_wait, int, sched_yield, (void), ())
GUARD(forbid, int, poll, (struct pollfd * p, nfds_t n, int t), (p, n, t))
GUARD(forbid, int, select, (int n, fd_set* r, fd_set* w, fd_set* e, struct timeval* t),
      (n, r, w, e, t))

// The audio thread of a test is as good as that of JACK, which has the permission for it.

GUARD_API int sched_getscheduler(pid_t thread) {
    if (place != OUTSIDE && !atomic_load(&ordinary)) {
        return SCHED_FIFO;
    }
    return (int)syscall(SYS_sched_getscheduler, thread);
}

// Files and sockets.

GUARD(forbid, ssize_t, read, (int fd, void* data, size_t n), (fd, data, n))
GUARD(forbid, ssize_t, write, (int fd, const void* data, size_t n), (fd, data, n))
GUARD(forbid, ssize_t, pread, (int fd, void* data, size_t n, off_t at), (fd, data, n, at))
GUARD(forbid, ssize_t, pread64, (int fd, void* data, size_t n, off64_t at), (fd, data, n, at))
GUARD(forbid, ssize_t, pwrite, (int fd, const void* data, size_t n, off_t at), (fd, data, n, at))
GUARD(forbid, ssize_t, pwrite64, (int fd, const void* data, size_t n, off64_t at),
      (fd, data, n, at))
GUARD(forbid, ssize_t, readv, (int fd, const struct iovec* v, int n), (fd, v, n))
GUARD(forbid, ssize_t, writev, (int fd, const struct iovec* v, int n), (fd, v, n))
GUARD(forbid, ssize_t, send, (int fd, const void* data, size_t n, int f), (fd, data, n, f))
GUARD(forbid, ssize_t, recv, (int fd, void* data, size_t n, int f), (fd, data, n, f))
GUARD(forbid, ssize_t, sendmsg, (int fd, const struct msghdr* m, int f), (fd, m, f))
GUARD(forbid, ssize_t, recvmsg, (int fd, struct msghdr* m, int f), (fd, m, f))
GUARD(forbid, int, close, (int fd), (fd))
GUARD(forbid, int, access, (const char* path, int mode), (path, mode))
GUARD(forbid, int, unlink, (const char* path), (path))
GUARD(forbid, int, fsync, (int fd), (fd))
GUARD(forbid, int, stat, (const char* path, struct stat* s), (path, s))
GUARD(forbid, int, stat64, (const char* path, struct stat64* s), (path, s))
GUARD(forbid, int, lstat, (const char* path, struct stat* s), (path, s))
GUARD(forbid, int, lstat64, (const char* path, struct stat64* s), (path, s))
GUARD(forbid, int, fstat, (int fd, struct stat* s), (fd, s))
GUARD(forbid, int, fstat64, (int fd, struct stat64* s), (fd, s))
GUARD(forbid, int, pipe2, (int fds[2], int flags), (fds, flags))
GUARD(forbid, int, eventfd_write, (int fd, uint64_t value), (fd, value))
GUARD(forbid, int, eventfd_read, (int fd, uint64_t* value), (fd, value))
GUARD(forbid, FILE*, fopen, (const char* path, const char* mode), (path, mode))
GUARD(forbid, FILE*, fopen64, (const char* path, const char* mode), (path, mode))
GUARD(forbid, int, fclose, (FILE * f), (f))
GUARD(forbid, int, fflush, (FILE * f), (f))
GUARD(forbid, size_t, fread, (void* data, size_t size, size_t n, FILE* f), (data, size, n, f))
GUARD(forbid, size_t, fwrite, (const void* data, size_t size, size_t n, FILE* f),
      (data, size, n, f))
GUARD(forbid, int, fputs, (const char* text, FILE* f), (text, f))
GUARD(forbid, int, fputc, (int c, FILE* f), (c, f))
GUARD(forbid, int, puts, (const char* text), (text))
GUARD(forbid, int, vfprintf, (FILE * f, const char* format, va_list list), (f, format, list))

// Memory mappings, threads, processes, libraries.

GUARD(forbid, void*, mmap, (void* at, size_t n, int p, int f, int fd, off_t o),
      (at, n, p, f, fd, o))
GUARD(forbid, void*, mmap64, (void* at, size_t n, int p, int f, int fd, off64_t o),
      (at, n, p, f, fd, o))
GUARD(forbid, int, munmap, (void* at, size_t n), (at, n))
GUARD(forbid, int, mprotect, (void* at, size_t n, int p), (at, n, p))
GUARD(forbid, int, madvise, (void* at, size_t n, int advice), (at, n, advice))
GUARD(forbid, int, pthread_create,
      (pthread_t * t, const pthread_attr_t* a, void* (*f)(void*), void* data), (t, a, f, data))
GUARD(forbid, int, pthread_join, (pthread_t t, void** result), (t, result))
GUARD(forbid, pid_t, waitpid, (pid_t pid, int* status, int options), (pid, status, options))
GUARD(forbid, pid_t, fork, (void), ())
GUARD(forbid, int, posix_spawn,
      (pid_t * pid, const char* path, const posix_spawn_file_actions_t* actions,
       const posix_spawnattr_t* attributes, char* const argv[], char* const env[]),
      (pid, path, actions, attributes, argv, env))
GUARD(forbid, void*, dlopen, (const char* path, int flags), (path, flags))
GUARD(forbid, int, dlclose, (void* library), (library))

// What takes a variable number of arguments.

static mode_t mode_argument(int flags, va_list list) {
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(list, mode_t) : 0;
}

#define GUARD_OPEN(NAME)                                                                           \
    GUARD_API int NAME(const char* path, int flags, ...) {                                         \
        static int (*next)(const char*, int, ...);                                                 \
        forbid(#NAME);                                                                             \
        if (!next)                                                                                 \
            find_next(&next, #NAME);                                                               \
        va_list list;                                                                              \
        va_start(list, flags);                                                                     \
        const mode_t mode = mode_argument(flags, list);                                            \
        va_end(list);                                                                              \
        return next(path, flags, mode);                                                            \
    }

#define GUARD_OPENAT(NAME)                                                                         \
    GUARD_API int NAME(int folder, const char* path, int flags, ...) {                             \
        static int (*next)(int, const char*, int, ...);                                            \
        forbid(#NAME);                                                                             \
        if (!next)                                                                                 \
            find_next(&next, #NAME);                                                               \
        va_list list;                                                                              \
        va_start(list, flags);                                                                     \
        const mode_t mode = mode_argument(flags, list);                                            \
        va_end(list);                                                                              \
        return next(folder, path, flags, mode);                                                    \
    }

GUARD_OPEN(open)
GUARD_OPEN(open64)
GUARD_OPENAT(openat)
GUARD_OPENAT(openat64)

int ioctl(int fd, unsigned long request, ...);

GUARD_API int ioctl(int fd, unsigned long request, ...) {
    static int (*next)(int, unsigned long, ...);
    forbid("ioctl");
    if (!next) {
        find_next(&next, "ioctl");
    }
    va_list list;
    va_start(list, request);
    void* argument = va_arg(list, void*);
    va_end(list);
    return next(fd, request, argument);
}

GUARD_API int printf(const char* format, ...) {
    forbid("printf");
    va_list list;
    va_start(list, format);
    const int length = vprintf(format, list);
    va_end(list);
    return length;
}

GUARD_API int fprintf(FILE* file, const char* format, ...) {
    va_list list;
    va_start(list, format);
    const int length = vfprintf(file, format, list);
    va_end(list);
    return length;
}

static long (*next_syscall)(long, ...);

/// To wake another thread, and to know one's own number and kind, is all that a bare system call
/// may do.
static void check_syscall(long number, long operation) {
    const long command = operation & FUTEX_CMD_MASK;
    const bool futex = number == SYS_futex;
    if (number == SYS_gettid || number == SYS_sched_getscheduler ||
        (futex && (command == FUTEX_WAKE || command == FUTEX_WAKE_BITSET))) {
        return;
    }
    if (futex) {
        forbid_wait("syscall(SYS_futex)");
    } else {
        forbid("syscall");
    }
}

GUARD_API long syscall(long number, ...) {
    va_list list;
    va_start(list, number);
    long a[6];
    for (int i = 0; i < 6; ++i) {
        a[i] = va_arg(list, long);
    }
    va_end(list);
    check_syscall(number, a[1]);
    if (!next_syscall) {
        find_next(&next_syscall, "syscall");
    }
    return next_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

__attribute__((constructor)) static void prepare(void) {
    // Its first call loads a library.
    void* frames[1];
    (void)backtrace(frames, 1);
    find_next(&next_syscall, "syscall");
    if (__sanitizer_install_malloc_and_free_hooks) {
        (void)__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
    }
}

GUARD_API void rtguard_enter(bool may_wait) {
    place = may_wait ? IN_FREEWHEEL : IN_RUN;
}

GUARD_API void rtguard_log(bool begins) {
    if (place == (begins ? IN_FREEWHEEL : IN_LOG)) {
        place = begins ? IN_LOG : IN_FREEWHEEL;
    }
}

GUARD_API void rtguard_ordinary(bool is) {
    atomic_store(&ordinary, is);
}

GUARD_API void rtguard_leave(void) {
    place = OUTSIDE;
}

GUARD_API uint64_t rtguard_violations(void) {
    return atomic_load(&violations);
}
