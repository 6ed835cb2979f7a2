// SPDX-License-Identifier: ISC
#include "audio_sink.h"
#include "audio_source.h"
#include "automation.h"
#include "command.h"
#include "control_value.h"
#include "message.h"
#include "number.h"
#include "progress.h"
#include "rack.h"
#include "stopping.h"

#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CONTROL_GRID = 64 }; // Samples of input between two looks at the automation

typedef struct {
    const char* in;
    const char* out;
    const char* model;
    const char* encoding;
    double tail;   // Seconds
    uint64_t rate; // Hz, 0: the input's
    ModelOptions model_options;
    float controls[TIMBREL_CONTROL_COUNT];
    const char* automation_paths[TIMBREL_CONTROL_COUNT]; // NULL: not automated
} Options;

typedef struct {
    const Options* options;
    float controls[TIMBREL_CONTROL_COUNT];
    Automation automations[TIMBREL_CONTROL_COUNT];
    size_t automation_count;
    AudioSource* source;
    AudioSink* sink;
    Rack* rack;
    float* audio[AUDIO_SOURCE_MAX_CHANNELS];
} Render;

// Splits "symbol=value"; a wrong one ends the program.
static int take_control(const char* argument, const char** value) {
    const char* equals = strchr(argument, '=');
    if (!equals) {
        message("\"%s\" is not of the form symbol=value; `timbrel controls' lists the symbols.",
                argument);
        exit(EXIT_USAGE);
    }
    const int control = control_value_find(argument, (size_t)(equals - argument));
    if (control < 0) {
        exit(EXIT_USAGE);
    }
    if (timbrel_controls[control].flags & TIMBREL_TRIGGER) {
        message("%s is a switch for use in a host; here, use -m and input_gain instead.",
                timbrel_controls[control].symbol);
        exit(EXIT_USAGE);
    }
    *value = equals + 1;
    return control;
}

enum { OPTION_AUTOMATE = 0x200, OPTION_RATE, OPTION_FORMAT, OPTION_TAIL };

static error_t parse(int key, char* argument, struct argp_state* state) {
    Options* options = state->input;
    const char* value = NULL;
    int control = 0;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->model_options;
        return 0;
    case 'm':
        options->model = argument;
        return 0;
    case 'c':
        control = take_control(argument, &value);
        if (!control_value_parse(control, value, "", &options->controls[control])) {
            exit(EXIT_USAGE);
        }
        return 0;
    case OPTION_AUTOMATE:
        control = take_control(argument, &value);
        if (timbrel_controls[control].flags & TIMBREL_EXPENSIVE) {
            message("%s cannot be automated; set it once with -c.",
                    timbrel_controls[control].symbol);
            exit(EXIT_USAGE);
        }
        options->automation_paths[control] = value;
        return 0;
    case OPTION_RATE:
        if (!number_parse_whole(argument, AUDIO_MIN_RATE, AUDIO_MAX_RATE, &options->rate)) {
            argp_error(state, "--rate=%s is not a whole number from %d to %d", argument,
                       AUDIO_MIN_RATE, AUDIO_MAX_RATE);
        }
        return 0;
    case OPTION_FORMAT:
        options->encoding = argument;
        return 0;
    case OPTION_TAIL:
        if (!number_parse(argument, 0, 86400, &options->tail)) {
            argp_error(state, "--tail=%s is not a number of seconds from 0 to 86400", argument);
        }
        return 0;
    case ARGP_KEY_ARG:
        if (!options->in) {
            options->in = argument;
        } else if (!options->out) {
            options->out = argument;
        } else {
            argp_error(state, "\"%s\" is one file too many", argument);
        }
        return 0;
    case ARGP_KEY_END:
        if (!options->model) {
            argp_error(state, "a model is needed: -m MODEL");
        }
        if (!options->out) {
            argp_error(state, "an input and an output file are needed");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void parse_options(Options* options, int argc, char** argv) {
    static const struct argp_option described[] = {
        {.name = "model",
         .key = 'm',
         .arg = "MODEL",
         .doc = "The model: a file or an installed name"},
        {.name = "control",
         .key = 'c',
         .arg = "SYMBOL=VALUE",
         .doc = "Set a control; `timbrel controls' lists them. May be repeated"},
        {.name = "automate",
         .key = OPTION_AUTOMATE,
         .arg = "SYMBOL=FILE",
         .doc =
             "Move a control in time by a CSV file of lines \"seconds,value\", in straight lines "
             "between them, instead of setting it with -c. May be repeated"},
        {.name = "tail",
         .key = OPTION_TAIL,
         .arg = "SECONDS",
         .doc = "Go on for so long after the end of the input (default 0)"},
        {.name = "rate",
         .key = OPTION_RATE,
         .arg = "HZ",
         .doc = "Sample rate of the effect and of OUT (default: that of IN)"},
        {.name = "format",
         .key = OPTION_FORMAT,
         .arg = "FORMAT",
         .doc = "How OUT stores samples: pcm16, pcm24, pcm32, float, double, vorbis, opus, mp3 "
                "(default: "
                "float for .wav, pcm24 for .flac and .aiff)"},
        {0},
    };
    static const struct argp_child children[] = {{.argp = &model_options_argp}, {0}};
    static const struct argp argp = {
        .options = described,
        .parser = parse,
        .args_doc = "IN OUT",
        .doc = "Play the sound file IN through a model and write OUT, as long as IN and aligned "
               "with it: "
               "the effect's latency is taken out. One channel plays through the mono effect, two "
               "through the stereo effect, more through one mono effect each.\v"
               "The ending of OUT tells its format: .wav (RF64 where it grows over 4 GiB), .flac, "
               ".ogg, "
               ".opus, .aiff, .caf, .au, .w64, .mp3. OUT appears when it is whole; an interrupted "
               "render leaves nothing.\n\n"
               "Example: timbrel render -m violin -c mix=80 -c low_cut=120 voice.flac out.wav",
        .children = children,
    };
    timbrel_controls_default(options->controls);
    (void)argp_parse(&argp, argc, argv, 0, NULL, options);
}

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
    const Options* options = render->options;
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
    const RackConfig rack = {
        .model = options->model,
        .options = options->model_options,
        .rate = sink.rate,
        .channels = sink.channels,
        .controls = render->controls,
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
    return CONTROL_GRID - (uint32_t)(place % CONTROL_GRID);
}

// In steps that end where a grid does, the input's or the output's, so that how the input is cut
// into chunks, or how large the latency is, changes nothing.
static bool process(Render* render, uint64_t place, uint32_t frames) {
    const double rate = (double)audio_source_rate(render->source);
    const uint32_t latency = rack_latency(render->rack);
    const uint32_t grid_shift = CONTROL_GRID - latency % CONTROL_GRID;
    for (uint32_t done = 0; done < frames;) {
        const uint64_t now = place + done;
        uint32_t step = frames - done;
        if (to_grid(now) == CONTROL_GRID) {
            update_controls(render, false, (double)now / rate);
        }
        if (to_grid(now + grid_shift) == CONTROL_GRID) {
            update_controls(render, true, ((double)now - latency) / rate);
        }
        step = step < to_grid(now) ? step : to_grid(now);
        step = step < to_grid(now + grid_shift) ? step : to_grid(now + grid_shift);
        if (!rack_process(render->rack, render->audio, done, step, render->controls)) {
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
}

int render_run(int argc, char** argv) {
    Options options = {0};
    parse_options(&options, argc, argv);
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
    memcpy(render->controls, options.controls, sizeof render->controls);
    // Nothing is late here, and with this the latency does not follow the machine's speed.
    render->controls[TIMBREL_CONTROL_TIMING] = TIMBREL_TIMING_FULL;
    const bool done = read_automations(render) && render_file(render);
    close_all(render);
    free(render);
    return done ? 0 : EXIT_FAILED;
}
