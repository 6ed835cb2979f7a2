// SPDX-License-Identifier: ISC
#include "stopping.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t stop_signal;

static void note_signal(int number) {
    stop_signal = number;
}

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { STOP_SIGNALS = sizeof stop_signals / sizeof *stop_signals };

void stopping_catch(void) {
    struct sigaction action = {.sa_handler = note_signal};
    for (size_t i = 0; i < STOP_SIGNALS; ++i) {
        struct sigaction former;
        if (sigaction(stop_signals[i], NULL, &former) == 0 && former.sa_handler != SIG_IGN)
            (void)sigaction(stop_signals[i], &action, NULL);
    }
    action.sa_handler = SIG_IGN; // Too large a file is a failed write then
    (void)sigaction(SIGXFSZ, &action, NULL);
}

bool stopping_asked(void) {
    return stop_signal != 0;
}

void stopping_end(void) {
    if (stop_signal) {
        (void)signal(stop_signal, SIG_DFL);
        (void)raise(stop_signal);
    }
}
