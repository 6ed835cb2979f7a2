// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_BASE_RT_H
#define TIMBREL_ENGINE_BASE_RT_H

#include <semaphore.h>

/// What the audio thread may do.

/// Marks what the audio thread may call: no allocation, no lock, no file, no wait, bounded time. It
/// stands on the declaration and on the definition. Clang 20 and later check that such a function
/// calls only others like it (-Wfunction-effects, turned on where the compiler has it); with other
/// compilers the host tests hold it, whose guard sees what the audio thread really calls.
#if defined(__has_attribute)
#if __has_attribute(nonblocking) && !defined(__cplusplus)
#define TIMBREL_RT __attribute__((nonblocking))
#endif
#endif

#ifdef TIMBREL_RT
/// Marks what waits by one of the two exceptions: the host free-wheels, or it runs us faster than
/// real time in a thread that is not real-time. Only called where one of them is known to hold.
#define TIMBREL_RT_WAITS __attribute__((blocking))
/// Between these two stands what the compiler cannot know to be harmless, each time with the
/// reason: sem_post(), a clock that is read without a system call, or a wait that is one of the
/// exceptions.
#define TIMBREL_RT_UNCHECKED                                                                       \
    _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wfunction-effects\"")
#define TIMBREL_RT_CHECKED _Pragma("clang diagnostic pop")
#else
#define TIMBREL_RT
#define TIMBREL_RT_WAITS
#define TIMBREL_RT_UNCHECKED
#define TIMBREL_RT_CHECKED
#endif

/// Wake a thread that waits for the semaphore.
static inline void timbrel_rt_post(sem_t* semaphore) TIMBREL_RT {
    TIMBREL_RT_UNCHECKED // Never waits: POSIX has it for signal handlers too
        (void) sem_post(semaphore);
    TIMBREL_RT_CHECKED
}

#endif
