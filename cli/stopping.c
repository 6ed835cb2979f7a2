// SPDX-License-Identifier: ISC
#include "stopping.h"

#include "engine/files/output.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

enum { GRACE_NS = 400000000 };

static _Atomic(bool) asked;
static volatile sig_atomic_t stop_signal;
static timer_t grace;

// What follows runs in signal handlers.

static void note_signal(int number) {
    const struct itimerspec once = {.it_value.tv_nsec = GRACE_NS};
    if (stop_signal) {
        return; // The first counts: `timeout' sends two
    }
    stop_signal = number;
    asked = true;
    (void)timer_settime(grace, 0, &once, NULL);
}

// The task is held up: by a pipe that gives nothing, a slow disk, a model that thinks.
static void end_now(int number) {
    (void)number;
    timbrel_output_abandon();
    (void)signal(stop_signal, SIG_DFL);
    (void)kill(getpid(), stop_signal);
}

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { STOP_SIGNALS = sizeof stop_signals / sizeof *stop_signals };

void stopping_catch(void) {
    struct sigaction action = {.sa_handler = end_now};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    if (timer_create(CLOCK_MONOTONIC, &event, &grace) != 0 ||
        sigaction(SIGALRM, &action, NULL) != 0) {
        return; // The signals end the program as ever
    }
    action.sa_handler = note_signal;
    for (size_t i = 0; i < STOP_SIGNALS; ++i) {
        struct sigaction former;
        if (sigaction(stop_signals[i], NULL, &former) == 0 && former.sa_handler != SIG_IGN) {
            (void)sigaction(stop_signals[i], &action, NULL);
        }
    }
    action.sa_handler = SIG_IGN; // Too large a file is a failed write then
    (void)sigaction(SIGXFSZ, &action, NULL);
}

bool stopping_asked(void) {
    return asked;
}

const _Atomic(bool)* stopping_flag(void) {
    return &asked;
}

void stopping_end(void) {
    if (stop_signal) {
        (void)signal(stop_signal, SIG_DFL);
        (void)raise(stop_signal);
    }
}
