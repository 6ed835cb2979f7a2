// SPDX-License-Identifier: ISC
#include "audio_sink.h"
#include "audio_source.h"
#include "automation.h"
#include "command.h"
#include "message.h"
#include "progress.h"
#include "rack.h"
#include "render_options.h"
#include "stopping.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
    const RenderOptions* options;
    float controls[TIMBREL_CONTROL_COUNT];
    Automation automations[TIMBREL_CONTROL_COUNT];
    size_t automation_count;
    Presses presses;
    Timeline timeline;
    AudioSource* source;
    AudioSink* sink;
    Rack* rack;
    float* audio[AUDIO_SOURCE_MAX_CHANNELS];
} Render;

static bool is_same_file(const char* a, const char* b) {
    struct stat first;
    struct stat second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

static uint64_t tail_frames(const Render* render) {
    return (uint64_t)(render->options->tail * (double)audio_source_rate(render->source) + 0.5);
}

static bool open_all(Render* render) {
    const RenderOptions* options = render->options;
    render->source = audio_source_open(options->in, (uint32_t)options->rate);
    if (!render->source) {
        return false;
    }
    const uint64_t frames = audio_source_frames(render->source);
    const AudioSinkConfig sink = {
        .path = options->out,
        .encoding = options->encoding,
        .rate = audio_source_rate(render->source),
        .channels = audio_source_channels(render->source),
        .frames = frames ? frames + tail_frames(render) : 0,
        .places = audio_source_places(render->source),
    };
    if (!audio_sink_check(&sink)) {
        return false;
    }
    for (uint32_t c = 0; c < sink.channels; ++c) {
        render->audio[c] = calloc(audio_source_room(render->source), sizeof(float));
        if (!render->audio[c]) {
            message_no_memory();
            return false;
        }
    }
    if (!timeline_open(&render->timeline, &options->timeline, (double)sink.rate) ||
        !presses_place(&render->presses, RENDER_GRID / (double)sink.rate)) {
        return false;
    }
    const RackConfig rack = {
        .model = options->model,
        .options = options->model_options,
        .rate = sink.rate,
        .channels = sink.channels,
        .controls = render->controls,
        .rows = options->rows,
        .points = options->points,
    };
    render->rack = rack_open(&rack);
    if (!render->rack) {
        return false;
    }
    render->sink = audio_sink_open(&sink);
    return render->sink != NULL;
}

// What these controls do is heard at once, what the others do only after the latency.
static bool acts_at_output(int control) {
    return control == TIMBREL_CONTROL_ENABLED || control == TIMBREL_CONTROL_MIX ||
           control == TIMBREL_CONTROL_OUTPUT_GAIN;
}

static void update_controls(Render* render, bool at_output, double seconds) {
    for (size_t i = 0; i < render->automation_count; ++i) {
        Automation* automation = &render->automations[i];
        if (acts_at_output(automation->control) == at_output) {
            render->controls[automation->control] = automation_value(automation, seconds);
        }
    }
}

static uint32_t to_grid(uint64_t place) {
    return RENDER_GRID - (uint32_t)(place % RENDER_GRID);
}

static bool process_step(Render* render, uint64_t place, uint32_t offset, uint32_t frames) {
    RackBlock block = {
        .audio = render->audio, .offset = offset, .frames = frames, .controls = render->controls};
    block.event_count = timeline_take(&render->timeline, place, frames, &block.events);
    return rack_process(render->rack, &block);
}

// In steps that end where a grid does, the input's or the output's, so that how the input is cut
// into chunks, or how large the latency is, changes nothing.
static bool process(Render* render, uint64_t place, uint32_t frames) {
    const double rate = (double)audio_source_rate(render->source);
    const uint32_t latency = rack_latency(render->rack);
    const uint32_t grid_shift = RENDER_GRID - latency % RENDER_GRID;
    for (uint32_t done = 0; done < frames;) {
        const uint64_t now = place + done;
        uint32_t step = frames - done;
        if (to_grid(now) == RENDER_GRID) {
            update_controls(render, false, (double)now / rate);
            presses_apply(&render->presses, now / RENDER_GRID, render->controls);
        }
        if (to_grid(now + grid_shift) == RENDER_GRID) {
            update_controls(render, true, ((double)now - latency) / rate);
        }
        step = step < to_grid(now) ? step : to_grid(now);
        step = step < to_grid(now + grid_shift) ? step : to_grid(now + grid_shift);
        step = step < render->options->block ? step : (uint32_t)render->options->block;
        if (!process_step(render, now, done, step)) {
            return false;
        }
        done += step;
    }
    return true;
}

static bool play(Render* render, Progress* progress) {
    const uint32_t channels = audio_source_channels(render->source);
    const uint32_t room = audio_source_room(render->source);
    uint64_t fed = 0;
    uint64_t written = 0;
    uint64_t to_write = UINT64_MAX; // Until the input's end is seen
    uint32_t to_drop = rack_latency(render->rack);
    while (written < to_write && !stopping_asked()) {
        int64_t frames = 0;
        if (to_write == UINT64_MAX) {
            frames = audio_source_read(render->source, render->audio);
            if (frames < 0) {
                return false;
            }
            if (frames == 0) {
                to_write = fed + tail_frames(render);
            }
        }
        if (frames == 0) {
            for (uint32_t c = 0; c < channels; ++c) {
                memset(render->audio[c], 0, room * sizeof(float));
            }
            frames = room;
        }
        const uint32_t count = (uint32_t)frames;
        if (!process(render, fed, count)) {
            if (!stopping_asked()) { // Else the terminal's signal reached the model's process too
                message("%s", rack_problem(render->rack));
            }
            return false;
        }
        fed += count;
        const uint32_t dropped = to_drop < count ? to_drop : count;
        to_drop -= dropped;
        uint32_t kept = count - dropped;
        if (kept > to_write - written) {
            kept = (uint32_t)(to_write - written);
        }
        if (!audio_sink_write(render->sink, render->audio, dropped, kept)) {
            return false;
        }
        written += kept;
        progress_update(progress, written);
    }
    return true;
}

static bool render_file(Render* render) {
    if (!open_all(render)) {
        return false;
    }
    const uint64_t frames = audio_source_frames(render->source);
    Progress progress;
    progress_start(&progress, frames ? frames + tail_frames(render) : 0,
                   (double)audio_source_rate(render->source));
    const bool played = play(render, &progress);
    progress_end(&progress);
    if (stopping_asked()) {
        message("Stopped; \"%s\" was not written.", render->options->out);
        return false;
    }
    if (!played) {
        return false;
    }
    presses_tell_left(&render->presses);
    const uint64_t clipped = audio_sink_clipped(render->sink);
    if (clipped) {
        message("%" PRIu64 " samples were over full scale and cut off; lower output_gain or use "
                "--format=float.",
                clipped);
    }
    AudioSink* sink = render->sink;
    render->sink = NULL;
    return audio_sink_finish(sink);
}

static bool read_automations(Render* render) {
    for (int i = 0; i < TIMBREL_CONTROL_COUNT; ++i) {
        const char* path = render->options->automation_paths[i];
        if (!path) {
            continue;
        }
        if (!automation_read(&render->automations[render->automation_count], i, path)) {
            return false;
        }
        ++render->automation_count;
    }
    update_controls(render, false, 0);
    update_controls(render, true, 0);
    return true;
}

static void close_all(Render* render) {
    audio_sink_discard(render->sink);
    rack_close(render->rack);
    audio_source_close(render->source);
    for (size_t i = 0; i < AUDIO_SOURCE_MAX_CHANNELS; ++i) {
        free(render->audio[i]);
    }
    for (size_t i = 0; i < render->automation_count; ++i) {
        automation_free(&render->automations[i]);
    }
    timeline_free(&render->timeline);
}

int render_run(int argc, char** argv) {
    RenderOptions options = {0};
    render_parse(&options, argc, argv);
    if (is_same_file(options.in, options.out)) {
        message("\"%s\" is the input itself; choose another name for the output.", options.out);
        return EXIT_USAGE;
    }
    Render* render = calloc(1, sizeof *render);
    if (!render) {
        message_no_memory();
        return EXIT_FAILED;
    }
    render->options = &options;
    render->presses = options.presses;
    memcpy(render->controls, options.controls, sizeof render->controls);
    // Nothing is late here, and with this the latency does not follow the machine's speed.
    render->controls[TIMBREL_CONTROL_TIMING] = TIMBREL_TIMING_FULL;
    const bool done = read_automations(render) && render_file(render);
    close_all(render);
    free(render);
    render_options_free(&options);
    return done ? 0 : EXIT_FAILED;
}
