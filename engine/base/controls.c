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

#define SWITCH(SYMBOL, NAME, COMMENT)                                                              \
    {                                                                                              \
        .symbol = (SYMBOL), .name = (NAME), .comment = (COMMENT), .minimum = 0, .maximum = 1,      \
        .normal = 0, .group = TIMBREL_GROUP_MAIN, .flags = TIMBREL_TOGGLED | TIMBREL_TRIGGER       \
    }

#define SIXTEEN(ROW)                                                                               \
    ROW(1), ROW(2), ROW(3), ROW(4), ROW(5), ROW(6), ROW(7), ROW(8), ROW(9), ROW(10), ROW(11),      \
        ROW(12), ROW(13), ROW(14), ROW(15), ROW(16)

const TimbrelControl timbrel_controls[TIMBREL_CONTROL_COUNT] = {
    {
        .symbol = "enabled",
        .name = "Enabled",
        .comment = "Off passes the dry signal on, at the same latency.",
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
        .comment = "Takes away what is below, by 24 dB an octave, before the model.",
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
        .comment = "Takes away what is above, by 24 dB an octave, before the model.",
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
        .comment = "How random the model's latents are.",
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
            "For hosts that keep numbers only: 0 leaves the model that was chosen otherwise, "
            "1 and 2 are bundled, n is the file n-NAME in a model folder.",
        .minimum = 0,
        .maximum = 99,
        .normal = 0,
        .group = TIMBREL_GROUP_MAIN,
        .flags = TIMBREL_INTEGER | TIMBREL_EXPENSIVE,
        // From 1 on, the names of the bundled models.
        .points = {{"As chosen", 0}, {"choir", 1}, {"drums", 2}},
    },
    SWITCH("next_model", "Next model", "Pressed: plays the next of the installed models."),
    SWITCH("previous_model", "Previous model",
           "Pressed: plays the one before among the installed models."),
    SWITCH("learn_level", "Learn level",
           "Pressed: listens to five seconds of playing and brings it to the loudness that the "
           "model was trained at; pressed while it listens: leaves the level as it is played."),
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
