// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_PROCESS_H
#define TIMBREL_UI_PROCESS_H

#include "plugin/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/// The program timbrel-ui as the shim sees it: a child process of the host at the other end of a
/// socket. It inherits nothing else, ends when the socket does, and leaves no zombie.

typedef struct {
    pid_t pid;  ///< 0: none runs
    int pidfd;  ///< -1: none
    int socket; ///< -1: none
} TimbrelProcess;

/// What a process is before it was started.
#define TIMBREL_PROCESS_NONE ((TimbrelProcess){.pidfd = -1, .socket = -1})

/// Start `arguments[0]` with the NULL-terminated `arguments` and the socket as descriptor 3. False
/// if that fails, with errno set.
bool timbrel_process_start(TimbrelProcess* process, char* const* arguments);

/// Send a message without waiting. False if the program does not read, or has ended.
bool timbrel_process_send(TimbrelProcess* process, const TimbrelWireHead* message);

/// Receive the next message without waiting: 1; 0 if there is none; -1 if the program has ended.
/// What is no message of this version is passed over.
int timbrel_process_receive(TimbrelProcess* process, TimbrelWire* message);

/// End it: ask, by closing the socket, and after a moment kill.
void timbrel_process_end(TimbrelProcess* process);

#endif
