// SPDX-License-Identifier: ISC
/// Plugins that do in run() what must not be done there, one thing each, to prove that the test
/// host finds it out; and one that does only what is allowed.

#include <lv2/core/lv2.h>

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PREFIX "urn:timbrel:test:"

typedef struct {
    const float* freewheel;
    void* volatile memory; ///< Allocated before run()
    void* volatile made;   ///< And in it
    pthread_mutex_t mutex;
    sem_t semaphore;
    int word;
    int null_device;
} Plugin;

static LV2_Handle instantiate(const LV2_Descriptor* descriptor, double rate, const char* bundle,
                              const LV2_Feature* const* features) {
    (void)descriptor;
    (void)rate;
    (void)bundle;
    (void)features;
    Plugin* p = calloc(1, sizeof *p);
    if (p) {
        p->memory = malloc(16);
        (void)pthread_mutex_init(&p->mutex, NULL);
        (void)sem_init(&p->semaphore, 0, 1);
        p->null_device = open("/dev/null", O_WRONLY | O_CLOEXEC);
    }
    return p;
}

static void connect_port(LV2_Handle handle, uint32_t index, void* data) {
    Plugin* p = handle;
    if (index == 0) {
        p->freewheel = data;
    }
}

static void cleanup(LV2_Handle handle) {
    Plugin* p = handle;
    (void)close(p->null_device);
    (void)sem_destroy(&p->semaphore);
    (void)pthread_mutex_destroy(&p->mutex);
    free(p->memory);
    free(p->made);
    free(p);
}

static void run_good(LV2_Handle handle, uint32_t frames) {
    Plugin* p = handle;
    (void)frames;
    if (!pthread_mutex_trylock(&p->mutex)) {
        (void)pthread_mutex_unlock(&p->mutex);
    }
    (void)sem_post(&p->semaphore);
    (void)syscall(SYS_futex, &p->word, FUTEX_WAKE, 1, NULL, NULL, 0);
    (void)syscall(SYS_gettid);
}

static void run_mallocs(LV2_Handle handle, uint32_t frames) {
    Plugin* p = handle;
    p->made = malloc(frames);
}

static void run_copies(LV2_Handle handle, uint32_t frames) {
    Plugin* p = handle;
    (void)frames;
    p->made = strdup("libc allocates for us");
}

static void run_frees(LV2_Handle handle, uint32_t frames) {
    Plugin* p = handle;
    (void)frames;
    free(p->memory);
    p->memory = NULL;
}

static void run_locks(LV2_Handle handle, uint32_t frames) {
    Plugin* p = handle;
    (void)frames;
    (void)pthread_mutex_lock(&p->mutex);
    (void)pthread_mutex_unlock(&p->mutex);
}

static void run_writes(LV2_Handle handle, uint32_t frames) {
    Plugin* p = handle;
    (void)frames;
    (void)!write(p->null_device, "x", 1);
}

static void run_opens(LV2_Handle handle, uint32_t frames) {
    Plugin* p = handle;
    (void)frames;
    (void)close(p->null_device);
    p->null_device = open("/dev/null", O_WRONLY | O_CLOEXEC);
}

static void run_prints(LV2_Handle handle, uint32_t frames) {
    (void)handle;
    (void)fprintf(stderr, "%u frames\n", frames);
}

static void run_maps(LV2_Handle handle, uint32_t frames) {
    (void)handle;
    (void)frames;
    void* memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) {
        (void)munmap(memory, 4096);
    }
}

static void run_calls(LV2_Handle handle, uint32_t frames) {
    (void)handle;
    (void)frames;
    (void)syscall(SYS_getpid);
}

static void run_waits(LV2_Handle handle, uint32_t frames) {
    Plugin* p = handle;
    (void)frames;
    (void)sem_post(&p->semaphore);
    (void)sem_wait(&p->semaphore);
}

static void run_sleeps(LV2_Handle handle, uint32_t frames) {
    (void)handle;
    (void)frames;
    const struct timespec pause = {.tv_nsec = 1000};
    (void)nanosleep(&pause, NULL);
}

#define PLUGIN(NAME)                                                                               \
    { PREFIX #NAME, instantiate, connect_port, NULL, run_##NAME, NULL, cleanup, NULL }

static const LV2_Descriptor descriptors[] = {
    PLUGIN(good),  PLUGIN(mallocs), PLUGIN(copies), PLUGIN(frees), PLUGIN(locks), PLUGIN(writes),
    PLUGIN(opens), PLUGIN(prints),  PLUGIN(maps),   PLUGIN(calls), PLUGIN(waits), PLUGIN(sleeps),
};

LV2_SYMBOL_EXPORT const LV2_Descriptor* lv2_descriptor(uint32_t index) {
    return index < sizeof descriptors / sizeof descriptors[0] ? &descriptors[index] : NULL;
}
