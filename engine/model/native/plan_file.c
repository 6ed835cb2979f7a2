// SPDX-License-Identifier: ISC
#include "plan_file.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

bool timbrel_plan_file_is(int file) {
    char magic[sizeof TIMBREL_PLAN_MAGIC - 1];
    return pread(file, magic, sizeof magic, 0) == sizeof magic &&
           memcmp(magic, TIMBREL_PLAN_MAGIC, sizeof magic) == 0;
}

TimbrelStatus timbrel_plan_file_open(TimbrelPlanFile* plan, int file, const char* name,
                                     TimbrelError* error) {
    *plan = (TimbrelPlanFile){0};
    struct stat about;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size <= 0) {
        return timbrel_error_set(error, TIMBREL_IO_ERROR, "%s cannot be read.", name);
    }
    const size_t size = (size_t)about.st_size;
    // Populated at once: a page that comes only when a hop needs it makes that hop late.
    void* memory = mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
    if (memory == MAP_FAILED) {
        return timbrel_error_set(error, TIMBREL_NO_MEMORY, "%s cannot be mapped (%s).", name,
                                 strerror(errno));
    }
    const char* problem = timbrel_plan_check(plan, memory, size);
    if (problem) {
        (void)munmap(memory, size);
        *plan = (TimbrelPlanFile){0};
        return timbrel_error_set(error, TIMBREL_BAD_MODEL,
                                 "%s cannot be played, as its %s: make it again from its model.",
                                 name, problem);
    }
    plan->memory = memory;
    return TIMBREL_OK;
}

void timbrel_plan_file_close(TimbrelPlanFile* plan) {
    if (plan->memory) {
        (void)munmap(plan->memory, plan->size);
    }
    *plan = (TimbrelPlanFile){0};
}
