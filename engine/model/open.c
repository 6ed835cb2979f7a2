// SPDX-License-Identifier: ISC
// Which back end plays a model file, and how it comes to its plan.
#include "compare.h"
#include "engine/base/hash.h"
#include "engine/model/native/cache.h"
#include "engine/model/native/native.h"
#include "engine/model/native/plan.h"
#include "engine/model/native/plan_file.h"
#include "engine/model/remote/remote.h"
#include "methods.h"
#include "model.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    const char* path;
    const char* name; // without folder
    const TimbrelModelConfig* config;
    const _Atomic(bool)* cancel;
    const char* method; // "": the default
    char hash[TIMBREL_HASH_SIZE];
    char key[TIMBREL_HASH_SIZE + TIMBREL_NAME_SIZE]; // of its plan in the cache: one to each method
    char why[160];                                   // it is this back end
} Opening;

static void explain(Opening* opening, const char* why) {
    (void)snprintf(opening->why, sizeof opening->why, "%s", why);
}

/// Whether an attribute is going to be set to another value than the plan has.
static bool other_attributes(const TimbrelAttributeList* wanted, const TimbrelModelInfo* info) {
    for (uint32_t w = 0; wanted && w < wanted->count; ++w) {
        for (uint32_t i = 0; i < info->attribute_count; ++i) {
            if (strcmp(wanted->values[w].name, info->attributes[i].name) == 0 &&
                strcmp(wanted->values[w].value, info->attributes[i].value) != 0) {
                return true;
            }
        }
    }
    return false;
}

static uint32_t lanes_of(const TimbrelModelConfig* config) {
    const uint32_t least = config->dual ? 2 : 1;
    return config->lanes > least ? config->lanes : least;
}

/// Takes the file over. NULL where it is no sound plan, or not of this model (`hash` not NULL).
static TimbrelBackend* open_plan(const Opening* opening, int file, const char* hash,
                                 TimbrelError* error) {
    const TimbrelNativeConfig config = {.seed = opening->config->seed,
                                        .max_samples = TIMBREL_LARGEST_CALL,
                                        .lanes = lanes_of(opening->config)};
    TimbrelBackend* backend = timbrel_native_open(&config, file, opening->name, error);
    (void)close(file);
    if (backend && hash && strcmp(timbrel_native_model_hash(backend), hash) != 0) {
        backend->ops->close(backend);
        return NULL;
    }
    return backend;
}

/// Whether a plan is of the method that is asked for.
static bool plays(const TimbrelModelInfo* info, const char* method) {
    const char* wanted = method[0] ? method : timbrel_methods_default(info);
    return wanted && strcmp(info->method, wanted) == 0;
}

/// Letters, digits and underscores, as all names of methods: fit for a file's name.
static bool is_method_name(const char* name) {
    return strlen(name) < TIMBREL_NAME_SIZE &&
           name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")] ==
               '\0';
}

/// The plan that was installed beside the model: NAME.plan for NAME.ts.
static TimbrelBackend* open_beside(const Opening* opening) {
    char path[4096];
    const char* dot = strrchr(opening->name, '.');
    const int stem = (int)((dot ? dot : opening->name + strlen(opening->name)) - opening->path);
    if (snprintf(path, sizeof path, "%.*s.plan", stem, opening->path) >= (int)sizeof path) {
        return NULL;
    }
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    TimbrelBackend* backend = file < 0 ? NULL : open_plan(opening, file, opening->hash, NULL);
    if (backend && !plays(&backend->info, opening->method)) {
        backend->ops->close(backend);
        return NULL;
    }
    return backend;
}

static TimbrelBackend* open_cached(const Opening* opening) {
    const int file = timbrel_cache_find(opening->key);
    if (file < 0) {
        return NULL;
    }
    TimbrelBackend* backend = open_plan(opening, file, opening->hash, NULL);
    if (!backend) {
        timbrel_cache_drop(opening->key);
    }
    return backend;
}

static TimbrelRemoteConfig remote_config(const TimbrelModelConfig* config, int plan_file) {
    return (TimbrelRemoteConfig){.program = config->torch_program,
                                 .memory_limit = config->memory_limit,
                                 .load_timeout = config->load_timeout,
                                 .call_timeout = config->call_timeout,
                                 .seed = config->seed,
                                 .lanes = lanes_of(config),
                                 .method = config->method,
                                 .plan_file = plan_file};
}

static TimbrelBackend* open_torch(const Opening* opening, int plan_file, TimbrelError* error) {
    if (!opening->config->torch_program) {
        if (opening->config->torch_problem && error) {
            *error = *opening->config->torch_problem;
        } else {
            (void)timbrel_error_set(
                error, TIMBREL_NO_BACKEND,
                "%s needs libtorch, without which this Timbrel was built: choose a "
                "plan (.plan) made from it on another machine.",
                opening->name);
        }
        return NULL;
    }
    const TimbrelRemoteConfig remote = remote_config(opening->config, plan_file);
    return timbrel_remote_open(&remote, opening->path, TIMBREL_LARGEST_CALL, opening->cancel,
                               error);
}

/// Whether a plan that was just made sounds as the model does.
static TimbrelStatus check_plan(const Opening* opening, int plan, TimbrelBackend* torch,
                                TimbrelError* error) {
    const TimbrelNativeConfig config = {
        .seed = opening->config->seed, .max_samples = TIMBREL_LARGEST_CALL, .lanes = 2};
    TimbrelBackend* native = timbrel_native_open(&config, plan, opening->name, error);
    if (!native) {
        return error->status;
    }
    const TimbrelStatus status =
        timbrel_compare(torch, native, opening->name, opening->cancel, error);
    native->ops->close(native);
    return status;
}

/// Play a plan that was just made and checked, from the cache if it can be kept there: instances
/// share it then.
static TimbrelBackend* open_made(const Opening* opening, int plan, TimbrelError* error) {
    timbrel_cache_keep(opening->key, plan);
    TimbrelBackend* backend = open_cached(opening);
    return backend ? backend : open_plan(opening, dup(plan), opening->hash, error);
}

/// Why the model is no plan, for the user and for next time.
static void explain_refusal(Opening* opening, const TimbrelError* refusal) {
    // "NAME: REASON." as every message of the child
    const size_t name = strlen(opening->name) + 2;
    const char* reason =
        strlen(refusal->message) > name ? refusal->message + name : refusal->message;
    char why[sizeof opening->why];
    (void)snprintf(why, sizeof why, "It runs through libtorch: %.120s", reason);
    explain(opening, why);
    if (refusal->status == TIMBREL_BAD_MODEL) {
        timbrel_cache_refuse(opening->key, opening->why);
    }
}

/// Have the model compiled into `plan`, a file in memory, and play that; where it cannot be a plan,
/// libtorch plays on.
static TimbrelBackend* compile(Opening* opening, int plan, TimbrelError* error) {
    TimbrelBackend* torch = open_torch(opening, plan, error);
    if (!torch) {
        return NULL;
    }
    TimbrelError refusal = {0};
    TimbrelBackend* backend = NULL;
    if (plan < 0) {
        (void)timbrel_error_set(&refusal, TIMBREL_NO_MEMORY,
                                "%s: there is not enough memory to make its plan.", opening->name);
    } else if (!timbrel_remote_compile(torch, opening->hash, TIMBREL_WEIGHTS_BEST, opening->cancel,
                                       &refusal) &&
               !check_plan(opening, plan, torch, &refusal)) {
        backend = open_made(opening, plan, &refusal);
    }
    if (!backend) {
        explain_refusal(opening, &refusal);
        return torch;
    }
    torch->ops->close(torch);
    return backend;
}

static TimbrelBackend* compile_and_open(Opening* opening, TimbrelError* error) {
    const int lock = timbrel_cache_lock(opening->key, opening->cancel);
    TimbrelBackend* backend = open_cached(opening); // another instance may have made it meanwhile
    if (!backend) {
        const int plan = memfd_create("timbrel-plan", MFD_CLOEXEC);
        backend = compile(opening, plan, error);
        if (plan >= 0) {
            (void)close(plan);
        }
    }
    timbrel_cache_unlock(opening->key, lock);
    return backend;
}

/// The plan that the user chose. Takes the file over.
static TimbrelBackend* open_given_plan(Opening* opening, int file, TimbrelError* error) {
    explain(opening, "It is a plan.");
    TimbrelBackend* backend = open_plan(opening, file, NULL, error);
    if (!backend || !opening->method[0] || plays(&backend->info, opening->method)) {
        return backend;
    }
    const char* only = backend->info.method;
    (void)timbrel_error_set(error, TIMBREL_BAD_MODEL,
                            "%s is a plan of %s: to play %s, choose the model file that the plan "
                            "was made from.",
                            opening->name, only[0] ? only : "encode and decode", opening->method);
    backend->ops->close(backend);
    return NULL;
}

static TimbrelBackend* open_model(Opening* opening, TimbrelError* error) {
    const int file = open(opening->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (file >= 0 && timbrel_plan_file_is(file)) {
        (void)timbrel_hash_file(opening->path, opening->hash, NULL); // for what is measured of it
        return open_given_plan(opening, file, error);
    }
    if (file >= 0) {
        (void)close(file);
    }
    explain(opening, "It runs through libtorch, as asked.");
    if (timbrel_hash_file(opening->path, opening->hash, NULL) ||
        !is_method_name(opening->method) || // torch's words on it are better
        opening->config->backend == TIMBREL_BACKEND_TORCH) {
        return open_torch(opening, 0, error);
    }
    (void)snprintf(opening->key, sizeof opening->key, opening->method[0] ? "%s-%s" : "%s",
                   opening->hash, opening->method);
    explain(opening, "It runs from a plan made of the model.");
    TimbrelBackend* backend = open_beside(opening);
    if (!backend) {
        backend = open_cached(opening);
    }
    if (backend && !other_attributes(opening->config->attributes, &backend->info)) {
        return backend;
    }
    if (backend) {
        backend->ops->close(backend);
        explain(opening, "It runs through libtorch, as an attribute was changed.");
        return open_torch(opening, 0, error);
    }
    if (opening->config->torch_program &&
        timbrel_cache_refusal(opening->key, opening->why, sizeof opening->why)) {
        return open_torch(opening, 0, error);
    }
    backend = compile_and_open(opening, error);
    if (backend && backend->kind == TIMBREL_BACKEND_NATIVE &&
        other_attributes(opening->config->attributes, &backend->info)) {
        backend->ops->close(backend);
        explain(opening, "It runs through libtorch, as an attribute was changed.");
        return open_torch(opening, 0, error);
    }
    return backend;
}

static const char* file_name(const char* path) {
    const char* slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/// Latents of which the file says nothing are those of that file alone; a plan's are its model's.
static void name_space(TimbrelBackend* backend, const char* hash) {
    TimbrelModelInfo* info = &backend->info;
    const bool planned = backend->kind == TIMBREL_BACKEND_NATIVE;
    if (info->latent_space[0] == '\0' && info->latents > 0) {
        (void)snprintf(info->latent_space, sizeof info->latent_space, "file-%s",
                       planned ? timbrel_native_model_hash(backend) : hash);
    }
}

TimbrelModel* timbrel_model_open(const char* path, const TimbrelModelConfig* config,
                                 const _Atomic(bool)* cancel, TimbrelError* error) {
    Opening opening = {.path = path,
                       .name = file_name(path),
                       .config = config,
                       .cancel = cancel,
                       .method = config->method ? config->method : ""};
    struct timespec start;
    struct timespec end;
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    TimbrelBackend* backend = open_model(&opening, error);
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    if (!backend) {
        return NULL;
    }
    struct stat about;
    if (stat(path, &about) == 0) {
        backend->info.file_bytes = (uint64_t)about.st_size;
    }
    name_space(backend, opening.hash);
    const double seconds =
        (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    return timbrel_model_new(backend, path, opening.hash, opening.why, seconds, config, cancel,
                             error);
}

TimbrelStatus timbrel_model_compile(const char* path, const TimbrelModelConfig* config,
                                    TimbrelWeightForm form, int file, const _Atomic(bool)* cancel,
                                    TimbrelError* error) {
    Opening opening = {.path = path, .name = file_name(path), .config = config, .cancel = cancel};
    TimbrelError failure = {0};
    const TimbrelStatus status = timbrel_hash_file(path, opening.hash, &failure);
    TimbrelBackend* torch = status ? NULL : open_torch(&opening, file, &failure);
    if (torch) {
        if (!timbrel_remote_compile(torch, opening.hash, form, cancel, &failure)) {
            (void)check_plan(&opening, file, torch, &failure);
        }
        torch->ops->close(torch);
    }
    if (failure.status && error) {
        *error = failure;
    }
    return failure.status;
}
