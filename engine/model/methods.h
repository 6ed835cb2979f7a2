// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_METHODS_H
#define TIMBREL_ENGINE_MODEL_METHODS_H

#include "backend.h"
#include "engine/base/rt.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Which of a model's methods are played. By default encode and decode, else forward, else the
/// first one that can be; or any one that is asked for. Pure functions on what is known of a model.
/// Thread: any.

/// The method called `name`, or NULL.
const TimbrelMethod* timbrel_methods_find(const TimbrelModelInfo* info, const char* name);

/// What is played unless a method is asked for: "" for encode and decode, else a method's name;
/// NULL if nothing can be.
const char* timbrel_methods_default(const TimbrelModelInfo* info) TIMBREL_RT;

/// Fill `play_mode`, `method`, channels, latents and ratio for the method `wanted` ("": the
/// default) from `methods`. False with `problem` filled, worded to follow the model's name and a
/// colon.
bool timbrel_methods_choose(TimbrelModelInfo* info, const char* wanted, char* problem, size_t size);

/// The name of the method that does `step`, or NULL where the model is played without that step.
const char* timbrel_methods_step(const TimbrelModelInfo* info, TimbrelStep step);

/// What a user is to be told of the method that plays, beside its name: one or several sentences,
/// or
/// "". `name` is the model's.
void timbrel_methods_note(const TimbrelModelInfo* info, const char* name, char* text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
