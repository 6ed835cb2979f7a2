// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_BASE_STATUS_H
#define TIMBREL_ENGINE_BASE_STATUS_H

/// How a call ended, and what to tell the user about it.

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    TIMBREL_OK = 0,
    TIMBREL_NOT_FOUND,    ///< No such file, or no model of that name
    TIMBREL_BAD_MODEL,    ///< The file is damaged, or no model that can be played
    TIMBREL_MODEL_RAISED, ///< The model's own code ended with an error
    TIMBREL_TIMED_OUT,    ///< The model did not answer in time
    TIMBREL_CHILD_DIED,   ///< The process that runs the model ended
    TIMBREL_NO_MEMORY,    ///< There was not enough memory, here or in the model's process
    TIMBREL_NO_BACKEND,   ///< The program that runs the model is missing or does not start
    TIMBREL_BAD_ARGUMENT, ///< A value that is out of range or of the wrong kind
    TIMBREL_IO_ERROR,     ///< Reading or writing failed
} TimbrelStatus;

/// A status with the one plain sentence that a user is shown: what happened, with which file,
/// what to do. `message` is empty when `status` is TIMBREL_OK.
typedef struct {
    TimbrelStatus status;
    char message[512];
} TimbrelError;

/// Fill `error` (may be NULL) and return `status`. Not for the audio thread.
TimbrelStatus timbrel_error_set(TimbrelError* error, TimbrelStatus status, const char* format, ...)
    __attribute__((format(printf, 3, 4)));

/// The same for TIMBREL_NO_MEMORY where no file's name helps: one sentence, whatever was to be
/// done.
TimbrelStatus timbrel_error_no_memory(TimbrelError* error);

#ifdef __cplusplus
}
#endif
#endif
