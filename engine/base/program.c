// SPDX-License-Identifier: ISC
#include "program.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>

enum { first_descriptor = 3 };

static int add_attributes(posix_spawnattr_t* attributes) {
    const struct sched_param normal = {0};
    const short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSCHEDULER |
                        POSIX_SPAWN_SETPGROUP;
    sigset_t none;
    sigset_t all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int failed = posix_spawnattr_setflags(attributes, flags);
    failed = failed ? failed : posix_spawnattr_setsigmask(attributes, &none);
    failed = failed ? failed : posix_spawnattr_setsigdefault(attributes, &all);
    failed = failed ? failed : posix_spawnattr_setschedpolicy(attributes, SCHED_OTHER);
    failed = failed ? failed : posix_spawnattr_setschedparam(attributes, &normal);
    return failed ? failed : posix_spawnattr_setpgroup(attributes, 0);
}

static int add_actions(posix_spawn_file_actions_t* actions, const TimbrelProgram* program) {
    int failed = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    if (!failed && program->quiet) {
        failed = posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
    }
    if (!failed && program->words >= 0) {
        failed = posix_spawn_file_actions_adddup2(actions, program->words, 2);
    }
    for (size_t i = 0; i < program->count && !failed; ++i) {
        failed = posix_spawn_file_actions_adddup2(actions, program->descriptors[i],
                                                  first_descriptor + (int)i);
    }
    return failed ? failed
                  : posix_spawn_file_actions_addclosefrom_np(actions, first_descriptor +
                                                                          (int)program->count);
}

int timbrel_program_start(const TimbrelProgram* program, pid_t* pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed) {
        return failed;
    }
    failed = posix_spawnattr_init(&attributes);
    if (!failed) {
        failed = add_attributes(&attributes);
        failed = failed ? failed : add_actions(&actions, program);
        failed = failed ? failed
                        : posix_spawn(pid, program->path, &actions, &attributes, program->arguments,
                                      program->environment);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return failed;
}
