// SPDX-License-Identifier: ISC
#include "engine/model/methods.h"
#include "engine/model/remote/protocol.h"
#include "module.hpp"
#include "problem.hpp"
#include "sandbox.h"

#include <cstdio>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <malloc.h>
#include <memory>
#include <pthread.h>
#include <string>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using timbrel::Model;
using timbrel::Problem;

/// End with the parent, however it ends: its end of the pipe is then closed.
void* watch_parent(void*) {
    char byte = 0;
    while (read(TIMBREL_FD_LIFE, &byte, 1) != 0) {
    }
    _exit(0);
}

void set_limit(int which, rlim_t value) {
    struct rlimit limit = {};
    if (getrlimit(which, &limit) == 0 && limit.rlim_max < value) {
        value = limit.rlim_max;
    }
    limit.rlim_cur = value;
    limit.rlim_max = value;
    (void)setrlimit(which, &limit);
}

/// Be the first that the kernel ends when memory runs out, before the host.
void volunteer_for_oom() {
    const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!write(fd, "500", 3);
        (void)close(fd);
    }
}

class Server {
  public:
    explicit Server(TimbrelChannel& channel) : channel_(channel) {}

    /// Do the command in the channel. Throws Problem.
    void run() {
        switch (channel_.command) {
        case TIMBREL_COMMAND_LOAD:
            load();
            break;
        case TIMBREL_COMMAND_MAP:
            map();
            break;
        case TIMBREL_COMMAND_CALL:
            call();
            break;
        case TIMBREL_COMMAND_RESET:
            guarded("reset", [&] { model_->reset(channel_.lanes); });
            break;
        case TIMBREL_COMMAND_ATTRIBUTE:
            guarded("attribute", [&] { model_->set_attribute(channel_.name, channel_.value); });
            channel_.info = model_->info();
            break;
        case TIMBREL_COMMAND_COMPILE:
            compile();
            break;
        default:
            throw Problem(TIMBREL_BAD_ARGUMENT, "unknown command");
        }
    }

  private:
    template <typename Work> static void guarded(const char* doing, Work work) {
        try {
            work();
        } catch (const std::exception& error) {
            throw timbrel::explain_call(error, doing);
        }
    }

    void load() {
        try {
            model_ = std::make_unique<Model>(TIMBREL_FD_MODEL, channel_.name, channel_.seed,
                                             channel_.max_lanes);
        } catch (const std::exception& error) {
            throw timbrel::explain_load(error);
        }
        channel_.info = model_->info();
    }

    void compile() {
        try {
            model_->compile(
                {TIMBREL_FD_PLAN, channel_.value, static_cast<TimbrelWeightForm>(channel_.form)});
        } catch (const std::exception& error) {
            model_->reset(TIMBREL_ALL_LANES);
            throw timbrel::explain_call(error, "compiling");
        }
    }

    void map() {
        offsets_ =
            timbrel_protocol_offsets(&model_->info(), channel_.max_frames, channel_.max_lanes);
        buffers_ = static_cast<char*>(mmap(nullptr, offsets_.size, PROT_READ | PROT_WRITE,
                                           MAP_SHARED, TIMBREL_FD_BUFFERS, 0));
        if (buffers_ == MAP_FAILED) {
            throw Problem(TIMBREL_NO_MEMORY, "there is no memory left for sound");
        }
    }

    void call() {
        TimbrelCall call = {};
        call.step = static_cast<TimbrelStep>(channel_.step);
        call.lanes = channel_.lanes;
        call.frames = channel_.frames;
        call.varied = channel_.varied != 0;
        call.amounts = reinterpret_cast<const TimbrelAmounts*>(buffers_ + offsets_.amounts);
        auto* audio_in = reinterpret_cast<float*>(buffers_);
        auto* latents = reinterpret_cast<float*>(buffers_ + offsets_.latents);
        auto* audio_out = reinterpret_cast<float*>(buffers_ + offsets_.audio_out);
        const char* name = timbrel_methods_step(&model_->info(), call.step);
        guarded(name ? name : "call", [&] {
            model_->call(call, call.step == TIMBREL_STEP_DECODE ? latents : audio_in,
                         call.step == TIMBREL_STEP_ENCODE ? latents : audio_out);
        });
    }

    TimbrelChannel& channel_;
    std::unique_ptr<Model> model_;
    TimbrelOffsets offsets_ = {};
    char* buffers_ = nullptr;
};

[[noreturn]] void serve(TimbrelChannel& channel) {
    Server server(channel);
    std::uint32_t done = 0;
    for (;;) {
        const std::uint32_t request = timbrel_protocol_load(&channel.request);
        if (request == done) {
            timbrel_protocol_sleep(&channel.request, done, -1);
            continue;
        }
        try {
            server.run();
            channel.status = TIMBREL_OK;
        } catch (const Problem& problem) {
            channel.status = problem.status;
            (void)std::snprintf(channel.message, sizeof channel.message, "%s", problem.what());
        }
        done = request;
        timbrel_protocol_post(&channel.response, done);
    }
}

TimbrelChannel* map_channel() {
    struct stat about = {};
    if (fstat(TIMBREL_FD_CHANNEL, &about) != 0 ||
        about.st_size != static_cast<off_t>(sizeof(TimbrelChannel))) {
        return nullptr;
    }
    void* memory = mmap(nullptr, sizeof(TimbrelChannel), PROT_READ | PROT_WRITE, MAP_SHARED,
                        TIMBREL_FD_CHANNEL, 0);
    auto* channel = static_cast<TimbrelChannel*>(memory);
    return memory != MAP_FAILED && channel->version == TIMBREL_PROTOCOL_VERSION ? channel : nullptr;
}

} // namespace

int main(int count, char** arguments) {
    const std::string option = count > 1 ? arguments[1] : "";
    if (option == "--version") {
        (void)std::printf("timbrel-torch " TIMBREL_VERSION ", libtorch %s\n",
                          timbrel::torch_version());
        return 0;
    }
    if (option != "--serve") {
        (void)std::fprintf(stderr, "timbrel-torch plays models for Timbrel, which starts it by "
                                   "itself; there is nothing to do with it by hand.\n");
        return 2;
    }
    TimbrelChannel* channel = map_channel();
    if (!channel) {
        (void)std::fprintf(stderr, "this timbrel-torch is not of the same version as Timbrel\n");
        return 2;
    }
    (void)prctl(PR_SET_NAME, "timbrel-torch");
    (void)mallopt(M_ARENA_MAX, 1); // address space is limited, and one thread allocates
    set_limit(RLIMIT_CORE, 0);
    set_limit(RLIMIT_AS, channel->memory_limit);
    volunteer_for_oom();
    pthread_t watch = {};
    if (pthread_create(&watch, nullptr, watch_parent, nullptr) != 0) {
        (void)std::fprintf(stderr, "its memory limit leaves no room to start\n");
        return 1;
    }
    timbrel::prepare_torch();
    (void)timbrel_sandbox_enter(); // a second fence: without it models play all the same
    serve(*channel);
}
