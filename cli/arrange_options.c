// SPDX-License-Identifier: ISC
#include "arrange.h"

#include "command.h"
#include "message.h"
#include "number.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

const PatternInfo pattern_infos[PATTERN_COUNT] = {
    [PATTERN_FIBO] = {"fibo", "A: its first 1, 1, 2, 3, 5, 8, ... rows, one run after the other", 1,
                      1, false},
    [PATTERN_ORALE] = {"orale", "A: three times, then altered; all that three times, then altered",
                       1, 1, true},
    [PATTERN_BLENDER] = {"blender", "A B: A becomes B value by value", 2, 2, false},
    [PATTERN_SWAPPER] = {"swapper", "A B: values change places between A and B", 2, 2, false},
    [PATTERN_LOOP] = {"loop", "A: over and over", 1, 1, false},
    [PATTERN_MORPH] = {"morph", "A B: from A to B", 2, 2, true},
    [PATTERN_CONCAT] = {"concat", "A B...: one after the other", 1, 100000, false},
    [PATTERN_STRETCH] = {"stretch", "A: slower or faster", 1, 1, false},
    [PATTERN_DEFORM] = {"deform", "A: scaled, moved, smoothed, ..., latent by latent", 1, 1, true},
};

enum {
    OPTION_FIRST = 0x200, // Options with a long name only are above
    OPTION_SEED,
    OPTION_PLOT,
    OPTION_DEPTH,
    OPTION_FRACTION,
    OPTION_AMOUNT,
    OPTION_REPEATS,
    OPTION_STEPS,
    OPTION_VALUES,
    OPTION_DIRECTION,
    OPTION_STEP,
    OPTION_TIMES,
    OPTION_ROWS,
    OPTION_SPHERICAL,
    OPTION_CURVE,
    OPTION_FACTOR,
    OPTION_LATENTS,
    OPTION_HOLD,
    OPTION_SCALE,
    OPTION_OFFSET,
    OPTION_NOISE,
    OPTION_SMOOTH,
    OPTION_QUANTISE,
    OPTION_END,
};

#define BIT(pattern) (1u << (pattern))

// Which patterns an option is of; 0: every one.
static const unsigned option_patterns[OPTION_END - OPTION_FIRST] = {
    [OPTION_SEED - OPTION_FIRST] =
        BIT(PATTERN_ORALE) | BIT(PATTERN_SWAPPER) | BIT(PATTERN_LOOP) | BIT(PATTERN_DEFORM),
    [OPTION_DEPTH - OPTION_FIRST] = BIT(PATTERN_ORALE),
    [OPTION_FRACTION - OPTION_FIRST] = BIT(PATTERN_ORALE),
    [OPTION_AMOUNT - OPTION_FIRST] = BIT(PATTERN_ORALE),
    [OPTION_REPEATS - OPTION_FIRST] = BIT(PATTERN_BLENDER) | BIT(PATTERN_SWAPPER),
    [OPTION_STEPS - OPTION_FIRST] = BIT(PATTERN_SWAPPER),
    [OPTION_VALUES - OPTION_FIRST] = BIT(PATTERN_SWAPPER),
    [OPTION_DIRECTION - OPTION_FIRST] = BIT(PATTERN_LOOP),
    [OPTION_STEP - OPTION_FIRST] = BIT(PATTERN_LOOP),
    [OPTION_TIMES - OPTION_FIRST] = BIT(PATTERN_LOOP),
    [OPTION_ROWS - OPTION_FIRST] = BIT(PATTERN_LOOP) | BIT(PATTERN_MORPH) | BIT(PATTERN_STRETCH),
    [OPTION_SPHERICAL - OPTION_FIRST] = BIT(PATTERN_MORPH),
    [OPTION_CURVE - OPTION_FIRST] = BIT(PATTERN_MORPH),
    [OPTION_FACTOR - OPTION_FIRST] = BIT(PATTERN_STRETCH),
    [OPTION_LATENTS - OPTION_FIRST] = BIT(PATTERN_DEFORM),
    [OPTION_HOLD - OPTION_FIRST] = BIT(PATTERN_DEFORM),
    [OPTION_SCALE - OPTION_FIRST] = BIT(PATTERN_DEFORM),
    [OPTION_OFFSET - OPTION_FIRST] = BIT(PATTERN_DEFORM),
    [OPTION_NOISE - OPTION_FIRST] = BIT(PATTERN_DEFORM),
    [OPTION_SMOOTH - OPTION_FIRST] = BIT(PATTERN_DEFORM),
    [OPTION_QUANTISE - OPTION_FIRST] = BIT(PATTERN_DEFORM),
};

static const struct argp_option described[] = {
    {.name = "out",
     .key = 'o',
     .arg = "OUT",
     .doc = "The latents, .npy or .wav; without it, standard output"},
    {.name = "format", .key = 'f', .arg = "FORMAT", .doc = "npy, npy32 or wav"},
    {.name = "plot",
     .key = OPTION_PLOT,
     .arg = "FILE",
     .doc = "Draw A, B and the result, as .png or .svg"},
    {.name = "seed", .key = OPTION_SEED, .arg = "N", .doc = "Seed of the random draws (default 0)"},
    {.doc = "orale:"},
    {.name = "depth",
     .key = OPTION_DEPTH,
     .arg = "N",
     .doc = "Levels of phrases within phrases (default 2)"},
    {.name = "fraction",
     .key = OPTION_FRACTION,
     .arg = "X",
     .doc = "Share of the values that are altered (default 0.25)"},
    {.name = "amount",
     .key = OPTION_AMOUNT,
     .arg = "X",
     .doc = "Size of an alteration, in deviations of its latent (default 0.5)"},
    {.doc = "blender, swapper:"},
    {.name = "repeats",
     .key = OPTION_REPEATS,
     .arg = "N",
     .doc = "Repeat each array N times (default 1)"},
    {.name = "steps",
     .key = OPTION_STEPS,
     .arg = "N",
     .doc = "swapper: exchange N times (default 16)"},
    {.name = "values",
     .key = OPTION_VALUES,
     .arg = "N",
     .doc = "swapper: exchange N values each time (default 1)"},
    {.doc = "loop:"},
    {.name = "direction",
     .key = OPTION_DIRECTION,
     .arg = "WAY",
     .doc = "forward (default), backward or there-and-back"},
    {.name = "step",
     .key = OPTION_STEP,
     .arg = "N",
     .doc = "Go on by N rows, or by a random step from LEAST to MOST (default 1)"},
    {.name = "times",
     .key = OPTION_TIMES,
     .arg = "N",
     .doc = "N times the length of A (default 4)"},
    {.doc = "loop, morph, stretch:"},
    {.name = "rows", .key = OPTION_ROWS, .arg = "N", .doc = "Length of the result"},
    {.doc = "morph:"},
    {.name = "spherical",
     .key = OPTION_SPHERICAL,
     .doc = "Turn each row from A to B instead of a straight line"},
    {.name = "curve",
     .key = OPTION_CURVE,
     .arg = "FILE",
     .doc = "Lines \"row,share\": how much of B there is at a row (default: from 0 to 1)"},
    {.doc = "stretch:"},
    {.name = "factor",
     .key = OPTION_FACTOR,
     .arg = "X",
     .doc = "Stretch by X: 2 is half the tempo"},
    {.doc = "deform, in the order hold, scale, offset, noise, smooth, quantise:"},
    {.name = "latents",
     .key = OPTION_LATENTS,
     .arg = "LIST",
     .doc = "Latents to change, as in 1,3-5 (default: all)"},
    {.name = "hold", .key = OPTION_HOLD, .arg = "N", .doc = "Hold every N-th row for N rows"},
    {.name = "scale", .key = OPTION_SCALE, .arg = "X", .doc = "Multiply by X"},
    {.name = "offset", .key = OPTION_OFFSET, .arg = "X", .doc = "Add X"},
    {.name = "noise",
     .key = OPTION_NOISE,
     .arg = "X",
     .doc = "Add noise with a standard deviation of X"},
    {.name = "smooth",
     .key = OPTION_SMOOTH,
     .arg = "N",
     .doc = "Replace each row by the mean of N rows around it"},
    {.name = "quantise", .key = OPTION_QUANTISE, .arg = "X", .doc = "Round to multiples of X"},
    {0},
};

// What the parser knows beside the options.
typedef struct {
    ArrangeOptions* options;
    const char* name; // The pattern's; NULL until it came
    bool given[OPTION_END - OPTION_FIRST];
} Parsing;

static uint64_t whole(const struct argp_state* state, const char* name, const char* argument,
                      uint64_t least) {
    uint64_t value = 0;
    if (!number_parse_whole(argument, least, UINT32_MAX, &value)) {
        argp_error(state, "--%s=%s is not a whole number from %u on", name, argument,
                   (unsigned)least);
    }
    return value;
}

static double number(const struct argp_state* state, const char* name, const char* argument,
                     double least, double most) {
    double value = 0;
    if (!number_parse(argument, least, most, &value)) {
        argp_error(state, "--%s=%s is not a number from %g to %g", name, argument, least, most);
    }
    return value;
}

// "N" or "LEAST-MOST"
static bool parse_range(const char* text, uint64_t most, uint64_t* first, uint64_t* last) {
    char copy[64];
    const size_t length = strlen(text);
    if (length >= sizeof copy) {
        return false;
    }
    memcpy(copy, text, length + 1);
    char* dash = strchr(copy, '-');
    if (dash) {
        *dash = '\0';
    }
    return number_parse_whole(copy, 1, most, first) &&
           number_parse_whole(dash ? dash + 1 : copy, *first, most, last);
}

// "1,3-5"; latents are counted from 1.
static bool parse_latents(const char* list, bool latents[TIMBREL_MAX_LATENTS], size_t* most) {
    char* copy = strdup(list);
    char* rest = copy;
    bool good = copy != NULL;
    for (char* part = NULL; good && (part = strsep(&rest, ","));) {
        uint64_t first = 0;
        uint64_t last = 0;
        good = parse_range(part, TIMBREL_MAX_LATENTS, &first, &last);
        for (uint64_t i = first; good && i <= last; ++i) {
            latents[i - 1] = true;
        }
        *most = last > *most ? last : *most;
    }
    free(copy);
    return good;
}

static bool parse_direction(const char* name, TimbrelDirection* direction) {
    static const char* const names[] = {
        [TIMBREL_FORWARD] = "forward",
        [TIMBREL_BACKWARD] = "backward",
        [TIMBREL_THERE_AND_BACK] = "there-and-back",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        if (strcmp(names[i], name) == 0) {
            *direction = (TimbrelDirection)i;
            return true;
        }
    }
    return false;
}

static bool take_deform(TimbrelDeform* deform, int key, const char* argument,
                        const struct argp_state* state) {
    switch (key) {
    case OPTION_HOLD:
        deform->hold = whole(state, "hold", argument, 1);
        return true;
    case OPTION_SCALE:
        deform->scale = number(state, "scale", argument, -1e9, 1e9);
        return true;
    case OPTION_OFFSET:
        deform->offset = number(state, "offset", argument, -1e9, 1e9);
        return true;
    case OPTION_NOISE:
        deform->noise = number(state, "noise", argument, 0, 1e9);
        return true;
    case OPTION_SMOOTH:
        deform->smooth = whole(state, "smooth", argument, 1);
        return true;
    case OPTION_QUANTISE:
        deform->quantise = number(state, "quantise", argument, 0, 1e9);
        return true;
    default:
        return false;
    }
}

static bool take_loop(TimbrelLoop* loop, int key, const char* argument,
                      const struct argp_state* state) {
    uint64_t least = 0;
    uint64_t most = 0;
    switch (key) {
    case OPTION_DIRECTION:
        if (!parse_direction(argument, &loop->direction)) {
            argp_error(state, "--direction=%s is not forward, backward or there-and-back",
                       argument);
        }
        return true;
    case OPTION_STEP:
        if (!parse_range(argument, UINT32_MAX, &least, &most)) {
            argp_error(state, "--step=%s is neither N nor LEAST-MOST", argument);
        }
        loop->least_step = least;
        loop->most_step = most;
        return true;
    default:
        return false;
    }
}

static bool take_option(ArrangeOptions* options, int key, const char* argument,
                        const struct argp_state* state) {
    switch (key) {
    case OPTION_SEED:
        if (!number_parse_whole(argument, 0, UINT64_MAX, &options->seed)) {
            argp_error(state, "--seed=%s is not a whole number of 0 or more", argument);
        }
        return true;
    case OPTION_PLOT:
        options->plot = argument;
        return true;
    case OPTION_DEPTH:
        options->orale.depth = (uint32_t)whole(state, "depth", argument, 1);
        return true;
    case OPTION_FRACTION:
        options->orale.fraction = number(state, "fraction", argument, 0, 1);
        return true;
    case OPTION_AMOUNT:
        options->orale.amount = number(state, "amount", argument, 0, 1e9);
        return true;
    case OPTION_REPEATS:
        options->repeats = whole(state, "repeats", argument, 1);
        return true;
    case OPTION_STEPS:
        options->swapper.steps = whole(state, "steps", argument, 1);
        return true;
    case OPTION_VALUES:
        options->swapper.values = whole(state, "values", argument, 1);
        return true;
    case OPTION_TIMES:
        options->times = whole(state, "times", argument, 1);
        return true;
    case OPTION_ROWS:
        options->rows = whole(state, "rows", argument, 1);
        return true;
    case OPTION_SPHERICAL:
        options->spherical = true;
        return true;
    case OPTION_CURVE:
        options->curve = argument;
        return true;
    case OPTION_LATENTS:
        if (!parse_latents(argument, options->deform.latents, &options->last_latent)) {
            argp_error(state, "--latents=%s is no list of latents such as 1,3-5", argument);
        }
        return true;
    case OPTION_FACTOR:
        options->factor = number(state, "factor", argument, 1e-6, 1e6);
        return true;
    default:
        return take_loop(&options->loop, key, argument, state) ||
               take_deform(&options->deform, key, argument, state);
    }
}

static bool find_pattern(const char* name, Pattern* pattern) {
    for (int i = 0; i < PATTERN_COUNT; ++i) {
        if (strcmp(pattern_infos[i].name, name) == 0) {
            *pattern = (Pattern)i;
            return true;
        }
    }
    return false;
}

static void check(const Parsing* parsing, const struct argp_state* state) {
    const ArrangeOptions* options = parsing->options;
    if (!parsing->name) {
        argp_error(state, "a pattern is needed");
    }
    const PatternInfo* info = &pattern_infos[options->pattern];
    const size_t inputs = options->inputs.count;
    if (inputs < info->least_inputs || inputs > info->most_inputs) {
        argp_error(state, "%s takes %zu file%s of latents, not %zu", info->name, info->least_inputs,
                   info->least_inputs == 1 ? "" : "s", inputs);
    }
    if (options->pattern == PATTERN_STRETCH && (options->factor > 0) == (options->rows > 0)) {
        argp_error(state, "stretch needs either --factor or --rows");
    }
    for (const struct argp_option* option = described; option->name || option->doc; ++option) {
        if (option->key < OPTION_FIRST) {
            continue;
        }
        const unsigned patterns = option_patterns[option->key - OPTION_FIRST];
        if (parsing->given[option->key - OPTION_FIRST] && patterns &&
            !(patterns & BIT(options->pattern))) {
            argp_error(state, "%s does not take --%s", info->name, option->name);
        }
    }
}

static error_t parse(int key, char* argument, struct argp_state* state) {
    Parsing* parsing = state->input;
    ArrangeOptions* options = parsing->options;
    if (key >= OPTION_FIRST && key < OPTION_END) {
        parsing->given[key - OPTION_FIRST] = true;
        return take_option(options, key, argument, state) ? 0 : ARGP_ERR_UNKNOWN;
    }
    switch (key) {
    case 'o':
        options->output.path = argument;
        return 0;
    case 'f':
        if (!latent_io_format(argument, &options->output.format)) {
            argp_error(state, "--format=%s is not npy, npy32 or wav", argument);
        }
        options->output.format_given = true;
        return 0;
    case ARGP_KEY_ARG:
        if (parsing->name) {
            if (!collection_add(&options->inputs, argument, collection_latents)) {
                exit(EXIT_FAILED);
            }
            return 0;
        }
        parsing->name = argument;
        if (!find_pattern(argument, &options->pattern)) {
            argp_error(state, "there is no pattern \"%s\"", argument);
        }
        return 0;
    case ARGP_KEY_END:
        check(parsing, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

// Argp frees what differs from `text`.
static char* add_pattern_list(int key, const char* text, void* input) {
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC) {
        return (char*)text;
    }
    char* list = NULL;
    size_t size = 0;
    FILE* stream = open_memstream(&list, &size);
    if (!stream) {
        return NULL;
    }
    (void)fputs("Patterns:\n", stream);
    for (size_t i = 0; i < PATTERN_COUNT; ++i) {
        (void)fprintf(stream, "  %-10s %s\n", pattern_infos[i].name, pattern_infos[i].help);
    }
    (void)fclose(stream);
    return list;
}

void arrange_parse(ArrangeOptions* options, int argc, char** argv) {
    static const struct argp argp = {
        .options = described,
        .parser = parse,
        .args_doc = "PATTERN A [B...]",
        .doc = "Arrange rows of latents into patterns. A and B are files (.npy, .wav) or -.\v",
        .help_filter = add_pattern_list,
    };
    Parsing parsing = {.options = options};
    *options = (ArrangeOptions){
        .output.path = "-",
        .times = 4,
        .repeats = 1,
        .orale = {.depth = 2, .fraction = 0.25, .amount = 0.5},
        .swapper = {.steps = 16, .values = 1},
        .loop = {.least_step = 1, .most_step = 1},
        .deform = {.hold = 1, .scale = 1, .smooth = 1},
    };
    if (argp_parse(&argp, argc, argv, 0, NULL, &parsing) != 0) {
        exit(EXIT_USAGE);
    }
    if (options->last_latent == 0) {
        for (size_t i = 0; i < TIMBREL_MAX_LATENTS; ++i) {
            options->deform.latents[i] = true;
        }
    }
}
