// SPDX-License-Identifier: ISC
#include "render_options.h"

#include "audio_source.h"
#include "command.h"
#include "control_value.h"
#include "message.h"
#include "number.h"

#include <stdlib.h>
#include <string.h>

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
    if (presses_allow(control)) {
        message("%s is a switch that is pressed at times; use --press %s=SECONDS.",
                timbrel_controls[control].symbol, timbrel_controls[control].symbol);
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

// "BPM" or "BPM,BEATS_PER_BAR".
static bool take_tempo(const char* argument, TimelineConfig* timeline) {
    char tempo[32];
    const char* comma = strchr(argument, ',');
    const size_t length = comma ? (size_t)(comma - argument) : strlen(argument);
    if (length >= sizeof tempo) {
        return false;
    }
    memcpy(tempo, argument, length);
    tempo[length] = '\0';
    timeline->beats_per_bar = 4.0;
    return number_parse(tempo, 1, 1000, &timeline->tempo) &&
           (!comma || number_parse(comma + 1, 1, 64, &timeline->beats_per_bar));
}

enum {
    OPTION_AUTOMATE = 0x200,
    OPTION_RATE,
    OPTION_FORMAT,
    OPTION_TAIL,
    OPTION_PRESS,
    OPTION_MIDI,
    OPTION_TEMPO,
    OPTION_ROWS,
    OPTION_POINTS,
    OPTION_BLOCK,
};

// The options of what plays latents.
static error_t parse_playing(int key, char* argument, struct argp_state* state) {
    RenderOptions* options = state->input;
    switch (key) {
    case OPTION_PRESS:
        if (!presses_add(&options->presses, argument)) {
            exit(EXIT_USAGE);
        }
        return 0;
    case OPTION_MIDI:
        options->timeline.midi = argument;
        return 0;
    case OPTION_TEMPO:
        if (!take_tempo(argument, &options->timeline)) {
            argp_error(state,
                       "--tempo=%s is not a number of beats a minute from 1 to 1000, with or "
                       "without \",BEATS\" a bar from 1 to 64",
                       argument);
        }
        return 0;
    case OPTION_ROWS:
        options->rows = argument;
        return 0;
    case OPTION_POINTS:
        options->points = argument;
        return 0;
    case OPTION_BLOCK:
        if (!number_parse_whole(argument, 1, RENDER_GRID, &options->block)) {
            argp_error(state, "--block=%s is not a number of samples from 1 to %d", argument,
                       RENDER_GRID);
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char* argument, struct argp_state* state) {
    RenderOptions* options = state->input;
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
        return parse_playing(key, argument, state);
    }
}

// A source that has nothing to play leaves the sound as it is, which nobody would ask for.
static void check_source(const RenderOptions* options) {
    const bool rows = options->rows || presses_hold(&options->presses, TIMBREL_CONTROL_KEEP);
    const bool points = options->points || presses_hold(&options->presses, TIMBREL_CONTROL_STORE);
    if (options->controls[TIMBREL_CONTROL_SOURCE] == (float)TIMBREL_FROM_ROWS && !rows) {
        message("The source is rows, and there are none: give --rows, or --press keep=SECONDS.");
    } else if (options->controls[TIMBREL_CONTROL_SOURCE] == (float)TIMBREL_FROM_POINTS && !points) {
        message("The source is points, and there are none: give --points, or --press "
                "store=SECONDS.");
    }
}

void render_parse(RenderOptions* options, int argc, char** argv) {
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
        {.name = "rows",
         .key = OPTION_ROWS,
         .arg = "FILE",
         .doc = "Latents that the source \"rows\" plays, as `timbrel encode' writes them"},
        {.name = "points",
         .key = OPTION_POINTS,
         .arg = "FILE",
         .doc = "Latents that the source \"points\" plays: the first row is point 1, and so on"},
        {.name = "midi",
         .key = OPTION_MIDI,
         .arg = "FILE",
         .doc = "Play the notes and controllers of a Standard MIDI File, and its tempo"},
        {.name = "tempo",
         .key = OPTION_TEMPO,
         .arg = "BPM[,BEATS]",
         .doc = "A transport rolls from the beginning at this tempo, with BEATS a bar (default 4); "
                "in place of the MIDI file's tempo"},
        {.name = "press",
         .key = OPTION_PRESS,
         .arg = "SYMBOL=SECONDS",
         .doc = "Press keep, add or store at that time of the sound. May be repeated"},
        {.name = "block",
         .key = OPTION_BLOCK,
         .arg = "SAMPLES",
         .flags = OPTION_HIDDEN, // For tests: it must change nothing
         .doc = "Most samples at once"},
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
    options->block = RENDER_GRID;
    timbrel_controls_default(options->controls);
    (void)argp_parse(&argp, argc, argv, 0, NULL, options);
    check_source(options);
}

void render_options_free(RenderOptions* options) {
    presses_free(&options->presses);
}
