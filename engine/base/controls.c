// SPDX-License-Identifier: ISC
#include "controls.h"
#include "rt.h"

#include <math.h>
#include <string.h>

#define EQ_BAND(SYMBOL, CENTRE)                                                                    \
    {                                                                                              \
        .symbol = "eq_" SYMBOL, .name = "EQ " CENTRE,                                              \
        .comment = "Level of the octave band around " CENTRE ", before the model.",                \
        .minimum = -12, .maximum = 12, .normal = 0, .unit = TIMBREL_UNIT_DECIBEL,                  \
        .group = TIMBREL_GROUP_EQUALIZER                                                           \
    }

#define BIAS(N)                                                                                    \
    {                                                                                              \
        .symbol = "bias_" #N, .name = "Latent " #N " bias",                                        \
        .comment = "Added to latent " #N " after its scale; no effect on a model with fewer "      \
                   "latents.",                                                                     \
        .minimum = -4, .maximum = 4, .normal = 0, .group = TIMBREL_GROUP_BIAS                      \
    }

#define SCALE(N)                                                                                   \
    {                                                                                              \
        .symbol = "scale_" #N, .name = "Latent " #N " scale",                                      \
        .comment = "Multiplies latent " #N "; no effect on a model with fewer latents.",           \
        .minimum = 0, .maximum = 4, .normal = 1, .group = TIMBREL_GROUP_SCALE                      \
    }

#define LATENT(N)                                                                                  \
    {                                                                                              \
        .symbol = "latent_" #N, .name = "Latent " #N,                                              \
        .comment = "Latent " #N " as it goes into the decoder; 0 on a model with fewer latents.",  \
        .minimum = -8, .maximum = 8, .normal = 0, .group = TIMBREL_GROUP_METERS                    \
    }

#define SWITCH_OF(GROUP, SYMBOL, NAME, COMMENT)                                                    \
    {                                                                                              \
        .symbol = (SYMBOL), .name = (NAME), .comment = (COMMENT), .minimum = 0, .maximum = 1,      \
        .normal = 0, .group = (GROUP), .flags = TIMBREL_TOGGLED | TIMBREL_TRIGGER                  \
    }

#define SWITCH(SYMBOL, NAME, COMMENT) SWITCH_OF(TIMBREL_GROUP_MAIN, SYMBOL, NAME, COMMENT)

#define LENGTH(N)                                                                                  \
    {                                                                                              \
        .symbol = "length_" #N, .name = "Latent " #N " length",                                    \
        .comment = "Length of the loop that latent " #N " plays, in rows, or in beats with beat "  \
                   "lock; 0: as the others.",                                                      \
        .minimum = 0, .maximum = 4096, .normal = 0, .group = TIMBREL_GROUP_LENGTHS                 \
    }

#define CORNER(N, PLACE)                                                                           \
    {                                                                                              \
        .symbol = "corner_" #N, .name = "Corner " #N,                                              \
        .comment = "The number of the point at the plane's " PLACE ".", .minimum = 1,              \
        .maximum = TIMBREL_POINTS, .normal = (N), .group = TIMBREL_GROUP_MAP,                      \
        .flags = TIMBREL_INTEGER                                                                   \
    }

#define SIXTEEN(ROW)                                                                               \
    ROW(1), ROW(2), ROW(3), ROW(4), ROW(5), ROW(6), ROW(7), ROW(8), ROW(9), ROW(10), ROW(11),      \
        ROW(12), ROW(13), ROW(14), ROW(15), ROW(16)

const TimbrelControl timbrel_controls[TIMBREL_CONTROL_COUNT] = {
    {
        .symbol = "enabled",
        .name = "Enabled",
        .comment = "When off, the dry sound passes, at the same latency.",
        .minimum = 0,
        .maximum = 1,
        .normal = 1,
        .group = TIMBREL_GROUP_MAIN,
        .flags = TIMBREL_TOGGLED,
    },
    {
        .symbol = "input_gain",
        .name = "Input gain",
        .comment = "Level of the sound before the filters and the model.",
        .minimum = -24,
        .maximum = 24,
        .normal = 0,
        .unit = TIMBREL_UNIT_DECIBEL,
        .group = TIMBREL_GROUP_INPUT,
    },
    {
        .symbol = "low_cut",
        .name = "Low cut",
        .comment = "Takes away what is below this frequency, by 24 dB an octave, before the model.",
        .minimum = 10,
        .maximum = 2000,
        .normal = 10,
        .unit = TIMBREL_UNIT_HERTZ,
        .group = TIMBREL_GROUP_INPUT,
        .flags = TIMBREL_LOGARITHMIC,
        .points = {{"Off", 10}},
    },
    {
        .symbol = "high_cut",
        .name = "High cut",
        .comment = "Takes away what is above this frequency, by 24 dB an octave, before the model.",
        .minimum = 500,
        .maximum = 22000,
        .normal = 22000,
        .unit = TIMBREL_UNIT_HERTZ,
        .group = TIMBREL_GROUP_INPUT,
        .flags = TIMBREL_LOGARITHMIC,
        .points = {{"Off", 22000}},
    },
    EQ_BAND("31", "31.5 Hz"),
    EQ_BAND("63", "63 Hz"),
    EQ_BAND("125", "125 Hz"),
    EQ_BAND("250", "250 Hz"),
    EQ_BAND("500", "500 Hz"),
    EQ_BAND("1k", "1 kHz"),
    EQ_BAND("2k", "2 kHz"),
    EQ_BAND("4k", "4 kHz"),
    EQ_BAND("8k", "8 kHz"),
    EQ_BAND("16k", "16 kHz"),
    {
        .symbol = "mix",
        .name = "Mix",
        .comment = "From the dry sound (0 %) to the model's (100 %), aligned in time.",
        .minimum = 0,
        .maximum = 100,
        .normal = 100,
        .unit = TIMBREL_UNIT_PERCENT,
        .group = TIMBREL_GROUP_MAIN,
    },
    {
        .symbol = "output_gain",
        .name = "Output gain",
        .comment = "Level of what comes out.",
        .minimum = -24,
        .maximum = 24,
        .normal = 0,
        .unit = TIMBREL_UNIT_DECIBEL,
        .group = TIMBREL_GROUP_MAIN,
    },
    {
        .symbol = "stereo",
        .name = "Stereo",
        .comment = "How a mono model plays stereo sound; a stereo model always plays in stereo.",
        .minimum = 0,
        .maximum = 1,
        .normal = TIMBREL_STEREO_SUM,
        .group = TIMBREL_GROUP_MAIN,
        .flags = TIMBREL_INTEGER | TIMBREL_ENUMERATION | TIMBREL_EXPENSIVE,
        .points = {{"Mono sum", TIMBREL_STEREO_SUM}, {"Dual mono", TIMBREL_STEREO_DUAL}},
    },
    {
        .symbol = "timing",
        .name = "Timing",
        .comment = "How long to wait for the model: more time is more latency and fewer late hops.",
        .minimum = 0,
        .maximum = 2,
        .normal = TIMBREL_TIMING_SAFE,
        .group = TIMBREL_GROUP_TIMING,
        .flags = TIMBREL_INTEGER | TIMBREL_ENUMERATION | TIMBREL_EXPENSIVE,
        .points = {{"Tight", TIMBREL_TIMING_TIGHT},
                   {"Safe", TIMBREL_TIMING_SAFE},
                   {"One full hop", TIMBREL_TIMING_FULL}},
    },
    {
        .symbol = "late",
        .name = "Late hop",
        .comment = "What is heard in the place of a hop that the model did not finish in time.",
        .minimum = 0,
        .maximum = 1,
        .normal = TIMBREL_LATE_DRY,
        .group = TIMBREL_GROUP_TIMING,
        .flags = TIMBREL_INTEGER | TIMBREL_ENUMERATION,
        .points = {{"Dry", TIMBREL_LATE_DRY}, {"Silence", TIMBREL_LATE_SILENCE}},
    },
    {
        .symbol = "smoothing",
        .name = "Smoothing",
        .comment = "Time that the latents take to follow the sound.",
        .minimum = 0,
        .maximum = 2000,
        .normal = 0,
        .unit = TIMBREL_UNIT_MILLISECOND,
        .group = TIMBREL_GROUP_LATENTS,
    },
    {
        .symbol = "freeze",
        .name = "Freeze",
        .comment = "Holds the latents where they are; bias and scale still move them.",
        .minimum = 0,
        .maximum = 1,
        .normal = 0,
        .group = TIMBREL_GROUP_LATENTS,
        .flags = TIMBREL_TOGGLED,
    },
    {
        .symbol = "randomness",
        .name = "Randomness",
        .comment = "How much of the model's own randomness is in its latents.",
        .minimum = 0,
        .maximum = 100,
        .normal = 100,
        .unit = TIMBREL_UNIT_PERCENT,
        .group = TIMBREL_GROUP_LATENTS,
    },
    {
        .symbol = "noise",
        .name = "Noise",
        .comment = "How much of the model's own noise is in its sound.",
        .minimum = 0,
        .maximum = 100,
        .normal = 100,
        .unit = TIMBREL_UNIT_PERCENT,
        .group = TIMBREL_GROUP_LATENTS,
    },
    SIXTEEN(BIAS),
    SIXTEEN(SCALE),
    {
        .symbol = "model",
        .name = "Model",
        .comment =
            "For hosts that keep only numbers: 0 leaves the model that was chosen another way, "
            "1 to 3 are the bundled models, n is the file n-NAME in a model folder (also for 3, "
            "where there is one).",
        .minimum = 0,
        .maximum = 99,
        .normal = 0,
        .group = TIMBREL_GROUP_MAIN,
        .flags = TIMBREL_INTEGER | TIMBREL_EXPENSIVE,
        // From 1 on, the names of the bundled models.
        .points = {{"As chosen", 0}, {"choir", 1}, {"drums", 2}, {"strings", 3}},
    },
    SWITCH("next_model", "Next model", "When pressed, plays the next of the installed models."),
    SWITCH("previous_model", "Previous model",
           "When pressed, plays the previous one of the installed models."),
    SWITCH(
        "learn_level", "Learn level",
        "When pressed, listens to five seconds of playing and brings it to the loudness that the "
        "model was trained at; pressed while it listens, it stops, and the level stays as played."),
    {
        .symbol = "source",
        .name = "Source",
        .comment = "Where the latents come from, beside the sound that is played.",
        .minimum = 0,
        .maximum = TIMBREL_FROM_COUNT - 1,
        .normal = TIMBREL_FROM_SOUND,
        .group = TIMBREL_GROUP_SOURCE,
        .flags = TIMBREL_INTEGER | TIMBREL_ENUMERATION,
#define SOURCE(ID, NAME, LABEL) {LABEL, TIMBREL_FROM_##ID},
        .points =
            {
                {"Sound", TIMBREL_FROM_SOUND},
#include "sources.def"
            },
#undef SOURCE
    },
    {
        .symbol = "blend",
        .name = "Blend",
        .comment = "From the sound's latents (0 %) to those of the source (100 %).",
        .minimum = 0,
        .maximum = 100,
        .normal = 100,
        .unit = TIMBREL_UNIT_PERCENT,
        .group = TIMBREL_GROUP_SOURCE,
    },
    SWITCH_OF(TIMBREL_GROUP_ROWS, "keep", "Keep",
              "When pressed, what was just played becomes the rows; pressed again, the rows "
              "before are back."),
    {
        .symbol = "keep_bars",
        .name = "Keep bars",
        .comment = "How many bars keep takes; as many seconds where the host has no transport.",
        .minimum = 0,
        .maximum = 3,
        .normal = 1,
        .group = TIMBREL_GROUP_ROWS,
        .flags = TIMBREL_INTEGER | TIMBREL_ENUMERATION,
        .points = {{"1 bar", 0}, {"2 bars", 1}, {"4 bars", 2}, {"8 bars", 3}},
    },
    SWITCH_OF(TIMBREL_GROUP_ROWS, "add", "Add",
              "When pressed, the next pass through the rows is blended into them."),
    {
        .symbol = "feedback",
        .name = "Feedback",
        .comment = "How much of kept rows is left after each pass; what is lost sinks towards "
                   "their mean.",
        .minimum = 0,
        .maximum = 100,
        .normal = 100,
        .unit = TIMBREL_UNIT_PERCENT,
        .group = TIMBREL_GROUP_ROWS,
    },
    {
        .symbol = "rows_start",
        .name = "Rows start",
        .comment = "The row at which the loop begins, counted from 0.",
        .minimum = 0,
        .maximum = 1000000,
        .normal = 0,
        .group = TIMBREL_GROUP_ROWS,
        .flags = TIMBREL_INTEGER,
    },
    {
        .symbol = "rows_length",
        .name = "Rows length",
        .comment = "How many rows the loop has; 0: all from the start on.",
        .minimum = 0,
        .maximum = 1000000,
        .normal = 0,
        .group = TIMBREL_GROUP_ROWS,
        .flags = TIMBREL_INTEGER,
    },
    {
        .symbol = "beat_lock",
        .name = "Beat lock",
        .comment = "The loop lasts a number of beats and follows the host's.",
        .minimum = 0,
        .maximum = 1,
        .normal = 0,
        .group = TIMBREL_GROUP_ROWS,
        .flags = TIMBREL_TOGGLED,
    },
    {
        .symbol = "rows_beats",
        .name = "Rows beats",
        .comment = "Beats that the loop lasts with beat lock; 0: as many as were kept, or, for "
                   "rows of a file, the whole number that is nearest to its length.",
        .minimum = 0,
        .maximum = 256,
        .normal = 0,
        .unit = TIMBREL_UNIT_BEATS,
        .group = TIMBREL_GROUP_ROWS,
    },
    {
        .symbol = "direction",
        .name = "Direction",
        .comment = "Which way the loop goes.",
        .minimum = 0,
        .maximum = 2,
        .normal = TIMBREL_FORWARD,
        .group = TIMBREL_GROUP_ROWS,
        .flags = TIMBREL_INTEGER | TIMBREL_ENUMERATION,
        .points = {{"Forward", TIMBREL_FORWARD},
                   {"Backward", TIMBREL_BACKWARD},
                   {"There and back", TIMBREL_THERE_AND_BACK}},
    },
    {
        .symbol = "step",
        .name = "Step",
        .comment = "How many rows the loop moves on at a time: 1, or at random up to this many.",
        .minimum = 1,
        .maximum = 256,
        .normal = 1,
        .group = TIMBREL_GROUP_ROWS,
        .flags = TIMBREL_INTEGER,
    },
    {
        .symbol = "tempo",
        .name = "Tempo",
        .comment = "For beats where the host does not tell its tempo.",
        .minimum = 20,
        .maximum = 300,
        .normal = 120,
        .unit = TIMBREL_UNIT_BPM,
        .group = TIMBREL_GROUP_SOURCE,
    },
    SIXTEEN(LENGTH),
    {
        .symbol = "map_x",
        .name = "Map x",
        .comment = "Place on the first axis of the map, in deviations; on the plane, from left "
                   "(-2) to right (2).",
        .minimum = -4,
        .maximum = 4,
        .normal = 0,
        .group = TIMBREL_GROUP_MAP,
    },
    {
        .symbol = "map_y",
        .name = "Map y",
        .comment = "Place on the second axis of the map, in deviations; on the plane, from "
                   "bottom (-2) to top (2).",
        .minimum = -4,
        .maximum = 4,
        .normal = 0,
        .group = TIMBREL_GROUP_MAP,
    },
    {
        .symbol = "map_rest",
        .name = "Map rest",
        .comment = "What the map's other axes follow.",
        .minimum = 0,
        .maximum = 2,
        .normal = TIMBREL_REST_SOUND,
        .group = TIMBREL_GROUP_MAP,
        .flags = TIMBREL_INTEGER | TIMBREL_ENUMERATION,
        .points = {{"The sound", TIMBREL_REST_SOUND},
                   {"The mean", TIMBREL_REST_MEAN},
                   {"The last point", TIMBREL_REST_POINT}},
    },
    {
        .symbol = "plane",
        .name = "Plane",
        .comment = "The map is a plane with a point at each of its corners.",
        .minimum = 0,
        .maximum = 1,
        .normal = 0,
        .group = TIMBREL_GROUP_MAP,
        .flags = TIMBREL_TOGGLED,
    },
    CORNER(1, "bottom left"),
    CORNER(2, "bottom right"),
    CORNER(3, "top left"),
    CORNER(4, "top right"),
    SWITCH_OF(TIMBREL_GROUP_POINTS, "store", "Store",
              "When pressed, stores the latents that are heard now as a point."),
    {
        .symbol = "store_point",
        .name = "Store point",
        .comment = "The number of the point that store writes; 0: the first that is free.",
        .minimum = 0,
        .maximum = TIMBREL_POINTS,
        .normal = 0,
        .group = TIMBREL_GROUP_POINTS,
        .flags = TIMBREL_INTEGER,
    },
    {
        .symbol = "point_base",
        .name = "Point base",
        .comment = "The number of the point that middle C (note 60) plays.",
        .minimum = 1,
        .maximum = TIMBREL_POINTS,
        .normal = 1,
        .group = TIMBREL_GROUP_POINTS,
        .flags = TIMBREL_INTEGER,
    },
    {
        .symbol = "glide",
        .name = "Glide",
        .comment = "Time from one point to the next, and back to the sound.",
        .minimum = 0,
        .maximum = 10000,
        .normal = 50,
        .unit = TIMBREL_UNIT_MILLISECOND,
        .group = TIMBREL_GROUP_POINTS,
    },
    {
        .symbol = "glide_beats",
        .name = "Glide beats",
        .comment = "The glide in beats; 0: in milliseconds.",
        .minimum = 0,
        .maximum = 64,
        .normal = 0,
        .unit = TIMBREL_UNIT_BEATS,
        .group = TIMBREL_GROUP_POINTS,
    },
    {
        .symbol = "reach",
        .name = "Reach",
        .comment = "How far pitch bend moves a point along latent 1, and the modulation wheel "
                   "along latent 2.",
        .minimum = 0,
        .maximum = 4,
        .normal = 1,
        .group = TIMBREL_GROUP_POINTS,
    },
    {
        .symbol = "jitter",
        .name = "Jitter",
        .comment = "How far each latent moves about by itself.",
        .minimum = 0,
        .maximum = 4,
        .normal = 0,
        .group = TIMBREL_GROUP_LATENTS,
    },
    {
        .symbol = "jitter_rate",
        .name = "Jitter rate",
        .comment = "How many times a second the jitter turns elsewhere.",
        .minimum = 0.01f,
        .maximum = 20,
        .normal = 0.5f,
        .unit = TIMBREL_UNIT_HERTZ,
        .group = TIMBREL_GROUP_LATENTS,
        .flags = TIMBREL_LOGARITHMIC,
    },
    {
        .symbol = "quantise",
        .name = "Quantise",
        .comment = "Latents go in steps of this size; 0: without steps.",
        .minimum = 0,
        .maximum = 2,
        .normal = 0,
        .group = TIMBREL_GROUP_LATENTS,
    },
    {
        .symbol = "route",
        .name = "Route",
        .comment = "Which of the sound's latents steers which of those that are played.",
        .minimum = 0,
        .maximum = 2,
        .normal = TIMBREL_ROUTE_STRAIGHT,
        .group = TIMBREL_GROUP_LATENTS,
        .flags = TIMBREL_INTEGER | TIMBREL_ENUMERATION,
        .points = {{"As is", TIMBREL_ROUTE_STRAIGHT},
                   {"Turned", TIMBREL_ROUTE_TURNED},
                   {"Shuffled", TIMBREL_ROUTE_SHUFFLED}},
    },
    {
        .symbol = "route_by",
        .name = "Route by",
        .comment = "Turned: by how many latents. Shuffled: which shuffle.",
        .minimum = 0,
        .maximum = 127,
        .normal = 1,
        .group = TIMBREL_GROUP_LATENTS,
        .flags = TIMBREL_INTEGER,
    },
};

const TimbrelControl timbrel_reports[TIMBREL_REPORT_COUNT] = {
    {
        .symbol = "latency",
        .name = "Latency",
        .comment = "By how much the output trails the input, all causes together.",
        .minimum = 0,
        .maximum = TIMBREL_MAX_LATENCY,
        .normal = 0,
        .unit = TIMBREL_UNIT_FRAMES,
        .group = TIMBREL_GROUP_METERS,
        .flags = TIMBREL_INTEGER,
    },
    {
        .symbol = "load",
        .name = "Load",
        .comment = "Share of the time of a hop that the model takes; at 100 % it cannot keep up.",
        .minimum = 0,
        .maximum = 200,
        .normal = 0,
        .unit = TIMBREL_UNIT_PERCENT,
        .group = TIMBREL_GROUP_METERS,
        .flags = TIMBREL_INTEGER,
    },
    {
        .symbol = "dropouts",
        .name = "Dropouts",
        .comment = "Number of late hops since the effect was started.",
        .minimum = 0,
        .maximum = 1000000,
        .normal = 0,
        .group = TIMBREL_GROUP_METERS,
        .flags = TIMBREL_INTEGER,
    },
    SIXTEEN(LATENT),
};

const TimbrelGroup timbrel_groups[TIMBREL_GROUP_COUNT] = {
    [TIMBREL_GROUP_MAIN] = {"main", "Main"},
    [TIMBREL_GROUP_INPUT] = {"input", "Input"},
    [TIMBREL_GROUP_EQUALIZER] = {"equalizer", "Equalizer"},
    [TIMBREL_GROUP_LATENTS] = {"latents", "Latents"},
    [TIMBREL_GROUP_TIMING] = {"timing", "Timing"},
    [TIMBREL_GROUP_BIAS] = {"bias", "Latent bias"},
    [TIMBREL_GROUP_SCALE] = {"scale", "Latent scale"},
    [TIMBREL_GROUP_METERS] = {"meters", "Meters"},
    [TIMBREL_GROUP_SOURCE] = {"source", "Source"},
    [TIMBREL_GROUP_ROWS] = {"rows", "Rows"},
    [TIMBREL_GROUP_LENGTHS] = {"lengths", "Latent lengths"},
    [TIMBREL_GROUP_MAP] = {"map", "Map"},
    [TIMBREL_GROUP_POINTS] = {"points", "Points"},
};

// Nominal octave mid-band frequencies of IEC 61260-1; the lowest is 31.5 Hz.
const float timbrel_eq_centres[TIMBREL_EQ_BANDS] = {31.5f, 63,   125,  250,  500,
                                                    1000,  2000, 4000, 8000, 16000};

int timbrel_control_find(const char* symbol) {
    for (int i = 0; i < TIMBREL_CONTROL_COUNT; ++i) {
        if (!strcmp(timbrel_controls[i].symbol, symbol)) {
            return i;
        }
    }
    return -1;
}

static float limit(const TimbrelControl* control, float value) {
    if (!isfinite(value)) {
        return control->normal;
    }
    if (control->flags & (TIMBREL_TOGGLED | TIMBREL_INTEGER)) {
        value = roundf(value);
    }
    return fminf(fmaxf(value, control->minimum), control->maximum);
}

float timbrel_control_limit(int id, float value) TIMBREL_RT {
    return limit(&timbrel_controls[id], value);
}

float timbrel_report_limit(int id, float value) TIMBREL_RT {
    return limit(&timbrel_reports[id], value);
}

void timbrel_controls_default(float values[TIMBREL_CONTROL_COUNT]) {
    for (int i = 0; i < TIMBREL_CONTROL_COUNT; ++i) {
        values[i] = timbrel_controls[i].normal;
    }
}
