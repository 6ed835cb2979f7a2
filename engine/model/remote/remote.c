// SPDX-License-Identifier: ISC
#include "remote.h"

#include "child.h"
#include "engine/model/methods.h"
#include "engine/model/validate.h"
#include "protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define SLICE                20 // ms between looks at whether the child still lives
#define DEFAULT_MEMORY       ((uint64_t)4 << 30)
#define DEFAULT_LOAD_TIMEOUT 60000u
#define DEFAULT_CALL_TIMEOUT 10000u

typedef struct {
    TimbrelBackend base; // first: a Remote is a TimbrelBackend
    TimbrelChild child;
    TimbrelChannel* channel;
    void* buffers;
    size_t buffers_size;
    TimbrelAmounts* amounts;   // in the buffers, room for one a frame
    uint32_t serial;           // of the last request; the channel's copy is not trusted
    _Atomic(bool) interrupted; // a call is to end soon, and all that come after
    uint32_t call_timeout;
    TimbrelError dead; // why the child was ended; status TIMBREL_OK while it runs
    char name[256];    // the model's, for messages
} Remote;

static uint64_t now_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static TimbrelStatus fail(TimbrelError* error, const TimbrelError* why) {
    return timbrel_error_set(error, why->status, "%s", why->message);
}

/// End the child and remember why: every later call gets the same answer.
static TimbrelStatus give_up(Remote* remote, TimbrelStatus status, const char* reason,
                             TimbrelError* error) {
    const bool loading = !remote->base.max_frames;
    char words[200];
    timbrel_child_end(&remote->child, words, sizeof words);
    timbrel_validate_text(words, sizeof words);
    remote->base.pid = 0;
    const int signal = remote->child.signal;
    const char* cause = signal ? sigdescr_np(signal) : words[0] ? words : "it gave no reason";
    if (reason) {
        (void)timbrel_error_set(&remote->dead, status, "%s %s.", remote->name, reason);
    } else if (signal == SIGKILL) {
        (void)timbrel_error_set(&remote->dead, status,
                                "The process that plays %s was killed, as happens when memory runs "
                                "out: close other programs, then load the model again.",
                                remote->name);
    } else if (loading && !signal) {
        (void)timbrel_error_set(&remote->dead, TIMBREL_NO_BACKEND,
                                "The program that plays models does not start (%s): check that "
                                "Timbrel is installed completely.",
                                cause);
    } else {
        (void)timbrel_error_set(&remote->dead, status, "The process that %s %s ended (%s): %s.",
                                loading ? "reads" : "plays", remote->name, cause,
                                loading ? "the file may be damaged, download it again"
                                        : "load the model again, or choose another");
    }
    return fail(error, &remote->dead);
}

/// Send what is written in the channel and wait for the answer.
static TimbrelStatus transact(Remote* remote, uint32_t command, uint32_t timeout,
                              const _Atomic(bool)* cancel, TimbrelError* error) {
    TimbrelChannel* channel = remote->channel;
    const uint32_t before = remote->serial;
    const uint64_t deadline = now_ms() + timeout;
    remote->serial++;
    channel->command = command;
    timbrel_protocol_post(&channel->request, remote->serial);
    for (;;) {
        const uint32_t answered = timbrel_protocol_load(&channel->response);
        if (answered == remote->serial) {
            break;
        }
        if (answered != before) {
            return give_up(remote, TIMBREL_CHILD_DIED, "answered out of turn and was stopped",
                           error);
        }
        if (remote->interrupted) {
            return give_up(remote, TIMBREL_TIMED_OUT, "was stopped, as asked", error);
        }
        if (cancel && *cancel) {
            return give_up(remote, TIMBREL_TIMED_OUT, "was not loaded, as asked", error);
        }
        if (now_ms() >= deadline) {
            char reason[128];
            (void)snprintf(reason, sizeof reason,
                           "did not answer within %g seconds and was stopped: load it again, or "
                           "choose another",
                           timeout / 1000.0);
            return give_up(remote, TIMBREL_TIMED_OUT, reason, error);
        }
        timbrel_protocol_sleep(&channel->response, before, SLICE);
        if (timbrel_protocol_load(&channel->response) == before &&
            !timbrel_child_runs(&remote->child)) {
            return give_up(remote, TIMBREL_CHILD_DIED, NULL, error);
        }
    }

    const uint32_t status = channel->status;
    if (status == TIMBREL_OK) {
        return TIMBREL_OK;
    }
    char message[sizeof channel->message];
    memcpy(message, channel->message, sizeof message);
    timbrel_validate_text(message, sizeof message);
    return timbrel_error_set(
        error, status <= TIMBREL_IO_ERROR ? (TimbrelStatus)status : TIMBREL_MODEL_RAISED, "%s: %s.",
        remote->name, message);
}

static float unit_range(float amount) {
    return amount > 0.0f ? (amount < 1.0f ? amount : 1.0f) : 0.0f;
}

static TimbrelStatus remote_call(TimbrelBackend* self, const TimbrelCall* call,
                                 TimbrelError* error) {
    Remote* remote = (Remote*)self;
    if (remote->dead.status) {
        return fail(error, &remote->dead);
    }
    if (call->lanes >> self->max_lanes) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT, "%s was opened for %u lanes.",
                                 remote->name, self->max_lanes);
    }
    if (!call->lanes || call->frames < 1 || call->frames > self->max_frames ||
        !timbrel_methods_step(&self->info, call->step)) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                 "%s cannot do step %d for %u x %u frames.", remote->name,
                                 (int)call->step, timbrel_lanes_count(call->lanes), call->frames);
    }
    remote->channel->step = call->step;
    remote->channel->lanes = call->lanes;
    remote->channel->frames = call->frames;
    remote->channel->varied = call->varied;
    for (uint32_t frame = 0; frame < (call->varied ? call->frames : 1); ++frame) {
        const TimbrelAmounts amounts = timbrel_call_amounts(call, frame, 1);
        remote->amounts[frame] =
            (TimbrelAmounts){unit_range(amounts.normal), unit_range(amounts.uniform)};
    }
    return transact(remote, TIMBREL_COMMAND_CALL, remote->call_timeout, NULL, error);
}

static TimbrelStatus remote_reset(TimbrelBackend* self, uint32_t lanes, TimbrelError* error) {
    Remote* remote = (Remote*)self;
    if (remote->dead.status) {
        return fail(error, &remote->dead);
    }
    remote->channel->lanes = lanes & timbrel_lanes_first(self->max_lanes);
    return transact(remote, TIMBREL_COMMAND_RESET, remote->call_timeout, NULL, error);
}

/// Take over a clean copy of what the child says of the model.
static bool read_info(const Remote* remote, TimbrelModelInfo* info) {
    memcpy(info, &remote->channel->info, sizeof *info);
    return timbrel_validate_info(info);
}

static TimbrelStatus remote_set_attribute(TimbrelBackend* self, const char* name, const char* value,
                                          TimbrelError* error) {
    Remote* remote = (Remote*)self;
    if (remote->dead.status) {
        return fail(error, &remote->dead);
    }
    if (strlen(name) >= TIMBREL_NAME_SIZE || strlen(value) >= TIMBREL_VALUE_SIZE) {
        return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                 "%s: the attribute's name or value is too long.", remote->name);
    }
    memset(remote->channel->name, 0, TIMBREL_NAME_SIZE);
    memset(remote->channel->value, 0, TIMBREL_VALUE_SIZE);
    memcpy(remote->channel->name, name, strlen(name));
    memcpy(remote->channel->value, value, strlen(value));
    const TimbrelStatus status =
        transact(remote, TIMBREL_COMMAND_ATTRIBUTE, remote->call_timeout, NULL, error);
    if (status != TIMBREL_OK) {
        return status;
    }
    TimbrelModelInfo* info = malloc(sizeof *info);
    if (info && read_info(remote, info)) { // all else stays as it was when the buffers were made
        memcpy(self->info.attributes, info->attributes, sizeof info->attributes);
        self->info.attribute_count = info->attribute_count;
    }
    free(info);
    return TIMBREL_OK;
}

static bool remote_set_priority(TimbrelBackend* self, int priority) {
    Remote* remote = (Remote*)self;
    if (!timbrel_child_runs(&remote->child)) {
        return false;
    }
    const struct sched_param param = {.sched_priority = priority};
    return sched_setscheduler(self->pid, priority > 0 ? SCHED_FIFO : SCHED_OTHER, &param) == 0;
}

TimbrelStatus timbrel_remote_compile(TimbrelBackend* backend, const char* model_hash,
                                     TimbrelWeightForm form, const _Atomic(bool)* cancel,
                                     TimbrelError* error) {
    Remote* remote = (Remote*)backend;
    if (remote->dead.status) {
        return fail(error, &remote->dead);
    }
    (void)snprintf(remote->channel->value, sizeof remote->channel->value, "%s", model_hash);
    remote->channel->form = form;
    return transact(remote, TIMBREL_COMMAND_COMPILE, DEFAULT_LOAD_TIMEOUT, cancel, error);
}

static void remote_interrupt(TimbrelBackend* self) {
    ((Remote*)self)->interrupted = true;
}

static void remote_close(TimbrelBackend* self) {
    Remote* remote = (Remote*)self;
    timbrel_child_end(&remote->child, NULL, 0);
    if (remote->buffers) {
        (void)munmap(remote->buffers, remote->buffers_size);
    }
    if (remote->channel) {
        (void)munmap(remote->channel, sizeof *remote->channel);
    }
    free(remote);
}

static const TimbrelBackendOps remote_ops = {
    .call = remote_call,
    .reset = remote_reset,
    .set_attribute = remote_set_attribute,
    .set_priority = remote_set_priority,
    .interrupt = remote_interrupt,
    .close = remote_close,
};

/// Give the memory `fd` its size for good and map it. The pages are there from the start, and the
/// child cannot shrink the file under us: touching them never ends in SIGBUS.
static void* map_memory(int fd, size_t size) {
    if (posix_fallocate(fd, 0, (off_t)size) != 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
        return NULL;
    }
    void* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/// Open the model file, and refuse at once what cannot be one. Returns its descriptor or -1.
static int open_model(const char* path, const char* name, uint64_t* size, TimbrelError* error) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat about;
    if (fd < 0 || fstat(fd, &about) != 0) {
        const int reason = errno;
        if (fd >= 0) {
            (void)close(fd);
        }
        (void)timbrel_error_set(
            error, reason == ENOENT || reason == ENOTDIR ? TIMBREL_NOT_FOUND : TIMBREL_IO_ERROR,
            "The model file %s cannot be opened (%s).", path, strerror(reason));
        return -1;
    }
    const char* problem = NULL;
    unsigned char start[4] = {0};
    if (!S_ISREG(about.st_mode)) {
        problem = "is not a file";
    } else if (about.st_size == 0) {
        problem = "is empty: copy or download it again";
    } else if (pread(fd, start, sizeof start, 0) < 0) {
        problem = "cannot be read";
    } else if (memcmp(start, "PK\3\4", sizeof start) != 0) {
        problem = "is not a TorchScript model: choose a model that was exported for nn~ or RAVE";
    }
    if (problem) {
        (void)close(fd);
        (void)timbrel_error_set(error, TIMBREL_BAD_MODEL, "%s %s.", name, problem);
        return -1;
    }
    *size = (uint64_t)about.st_size;
    return fd;
}

/// Start the child and let it load the model, then size the buffers.
static TimbrelStatus start(Remote* remote, const TimbrelRemoteConfig* config, int model,
                           int channel, int buffers, uint32_t max_samples,
                           const _Atomic(bool)* cancel, TimbrelError* error) {
    remote->channel = map_memory(channel, sizeof *remote->channel);
    if (!remote->channel) {
        return timbrel_error_set(error, TIMBREL_NO_MEMORY, "There is not enough memory to load %s.",
                                 remote->name);
    }
    remote->channel->version = TIMBREL_PROTOCOL_VERSION;
    remote->channel->memory_limit = config->memory_limit ? config->memory_limit : DEFAULT_MEMORY;
    remote->channel->seed = config->seed;
    remote->channel->max_lanes = remote->base.max_lanes;
    (void)snprintf(remote->channel->name, sizeof remote->channel->name, "%s",
                   config->method ? config->method : "");

    // Without a plan file, memory that nobody reads stands in.
    const int plan = config->plan_file > 0 ? config->plan_file : channel;
    const int descriptors[] = {channel, buffers, -1, model, plan};
    const TimbrelStatus spawned = timbrel_spawn(&remote->child, config->program, "--serve",
                                                descriptors, TIMBREL_FD_END - 3, error);
    if (spawned != TIMBREL_OK) {
        return spawned;
    }
    remote->base.pid = remote->child.pid;
    const TimbrelStatus loaded =
        transact(remote, TIMBREL_COMMAND_LOAD,
                 config->load_timeout ? config->load_timeout : DEFAULT_LOAD_TIMEOUT, cancel, error);
    if (loaded != TIMBREL_OK) {
        return loaded;
    }

    TimbrelModelInfo* info = &remote->base.info;
    const uint64_t file_bytes = info->file_bytes;
    if (!read_info(remote, info)) {
        return timbrel_error_set(error, TIMBREL_BAD_MODEL,
                                 "%s describes itself in a way that makes no sense: choose another "
                                 "model.",
                                 remote->name);
    }
    info->file_bytes = file_bytes;
    const uint32_t frames = (uint32_t)(((uint64_t)max_samples + info->ratio - 1) / info->ratio);
    remote->base.max_frames = frames ? frames : 1;
    const TimbrelOffsets offsets =
        timbrel_protocol_offsets(info, remote->base.max_frames, remote->base.max_lanes);
    remote->buffers = map_memory(buffers, offsets.size);
    if (!remote->buffers) {
        return timbrel_error_set(error, TIMBREL_NO_MEMORY, "There is not enough memory to play %s.",
                                 remote->name);
    }
    remote->buffers_size = offsets.size;
    remote->base.audio_in = remote->buffers;
    remote->base.latents = (float*)((char*)remote->buffers + offsets.latents);
    remote->base.audio_out = (float*)((char*)remote->buffers + offsets.audio_out);
    remote->amounts = (TimbrelAmounts*)(void*)((char*)remote->buffers + offsets.amounts);
    remote->channel->max_frames = remote->base.max_frames;
    return transact(remote, TIMBREL_COMMAND_MAP, remote->call_timeout, cancel, error);
}

TimbrelBackend* timbrel_remote_open(const TimbrelRemoteConfig* config, const char* path,
                                    uint32_t max_samples, const _Atomic(bool)* cancel,
                                    TimbrelError* error) {
    Remote* remote = calloc(1, sizeof *remote);
    if (!remote) {
        (void)timbrel_error_set(error, TIMBREL_NO_MEMORY, "There is not enough memory to load %s.",
                                path);
        return NULL;
    }
    const char* slash = strrchr(path, '/');
    (void)snprintf(remote->name, sizeof remote->name, "%s", slash ? slash + 1 : path);
    remote->base.ops = &remote_ops;
    remote->base.kind = TIMBREL_BACKEND_TORCH;
    remote->base.max_lanes = config->lanes ? config->lanes : 1;
    (void)snprintf(remote->base.engine, sizeof remote->base.engine, "torch");
    remote->child.pidfd = -1;
    remote->call_timeout = config->call_timeout ? config->call_timeout : DEFAULT_CALL_TIMEOUT;

    bool ready = false;
    const int model = open_model(path, remote->name, &remote->base.info.file_bytes, error);
    if (model >= 0) {
        const int channel = memfd_create("timbrel-channel", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        const int buffers = memfd_create("timbrel-buffers", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        ready = start(remote, config, model, channel, buffers, max_samples, cancel, error) ==
                TIMBREL_OK;
        (void)close(buffers);
        (void)close(channel);
        (void)close(model);
    }
    if (!ready) {
        remote_close(&remote->base);
        return NULL;
    }
    return &remote->base;
}
