// SPDX-License-Identifier: ISC
#ifndef TIMBREL_TESTS_HOST_RTGUARD_H
#define TIMBREL_TESTS_HOST_RTGUARD_H

#include <stdbool.h>
#include <stdint.h>

/// Watches what a thread calls while it is the audio thread: heap, locks, waits, files, processes
/// and every other system call, by standing before libc in the order of look-up. Built as a library
/// that test programs link with ahead of all others; LD_PRELOAD does the same for other hosts.
///
/// It sees what goes through the dynamic linker: not a call inside libc itself nor a bare `syscall`
/// instruction. Under a sanitizer the heap is watched by the sanitizer's own hooks.

/// From here on the calling thread is in run(). `may_wait`: free-wheeling, where waiting for
/// another thread or for time is allowed, and all else is still forbidden.
void rtguard_enter(bool may_wait);

/// The host's log is called from run(): there all is allowed if run() may wait, else nothing more.
void rtguard_log(bool begins);

/// Whether audio threads seem to be ordinary ones, as in a host without the permission for others;
/// at first they seem real-time ones.
void rtguard_ordinary(bool is);

/// The calling thread is out of run().
void rtguard_leave(void);

/// Forbidden calls so far, of all threads. Each of the first few is told on stderr with its
/// backtrace.
uint64_t rtguard_violations(void);

#endif
