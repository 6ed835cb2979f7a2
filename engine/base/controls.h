// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_BASE_CONTROLS_H
#define TIMBREL_ENGINE_BASE_CONTROLS_H

#include "rt.h"

#include <stdbool.h>
#include <stdint.h>

/// The one table of the effect's controls. Turtle, command line and tests are made from it or
/// checked against it. Append only; which plugin has which control, and at which port, is in the
/// table of plugins.

#define TIMBREL_CONTROLLED_LATENTS 16 ///< Latents with a bias and a scale control
#define TIMBREL_EQ_BANDS           10
#define TIMBREL_SCALE_POINTS       4   ///< At most, of one control
#define TIMBREL_POINTS             128 ///< Stored frames of latents
#define TIMBREL_CORNERS            4   ///< Of the plane

typedef enum {
    TIMBREL_CONTROL_ENABLED,
    TIMBREL_CONTROL_INPUT_GAIN,
    TIMBREL_CONTROL_LOW_CUT,
    TIMBREL_CONTROL_HIGH_CUT,
    TIMBREL_CONTROL_EQ_FIRST, ///< TIMBREL_EQ_BANDS of them
    TIMBREL_CONTROL_MIX = TIMBREL_CONTROL_EQ_FIRST + TIMBREL_EQ_BANDS,
    TIMBREL_CONTROL_OUTPUT_GAIN,
    TIMBREL_CONTROL_STEREO,
    TIMBREL_CONTROL_TIMING,
    TIMBREL_CONTROL_LATE,
    TIMBREL_CONTROL_SMOOTHING,
    TIMBREL_CONTROL_FREEZE,
    TIMBREL_CONTROL_RANDOMNESS,
    TIMBREL_CONTROL_NOISE,
    TIMBREL_CONTROL_BIAS_FIRST, ///< TIMBREL_CONTROLLED_LATENTS of them
    TIMBREL_CONTROL_SCALE_FIRST = TIMBREL_CONTROL_BIAS_FIRST + TIMBREL_CONTROLLED_LATENTS,
    TIMBREL_CONTROL_MODEL =
        TIMBREL_CONTROL_SCALE_FIRST + TIMBREL_CONTROLLED_LATENTS, ///< Number of
                                                                  ///< a model, 0: as chosen
    TIMBREL_CONTROL_NEXT_MODEL, ///< The switches for the foot act when they rise
    TIMBREL_CONTROL_PREVIOUS_MODEL,
    TIMBREL_CONTROL_LEARN_LEVEL,
    TIMBREL_CONTROL_SOURCE,
    TIMBREL_CONTROL_BLEND,
    TIMBREL_CONTROL_KEEP,
    TIMBREL_CONTROL_KEEP_BARS,
    TIMBREL_CONTROL_ADD,
    TIMBREL_CONTROL_FEEDBACK,
    TIMBREL_CONTROL_ROWS_START,
    TIMBREL_CONTROL_ROWS_LENGTH,
    TIMBREL_CONTROL_BEAT_LOCK,
    TIMBREL_CONTROL_ROWS_BEATS,
    TIMBREL_CONTROL_DIRECTION,
    TIMBREL_CONTROL_STEP,
    TIMBREL_CONTROL_TEMPO,
    TIMBREL_CONTROL_LENGTH_FIRST, ///< TIMBREL_CONTROLLED_LATENTS of them
    TIMBREL_CONTROL_MAP_X = TIMBREL_CONTROL_LENGTH_FIRST + TIMBREL_CONTROLLED_LATENTS,
    TIMBREL_CONTROL_MAP_Y,
    TIMBREL_CONTROL_MAP_REST,
    TIMBREL_CONTROL_PLANE,
    TIMBREL_CONTROL_CORNER_FIRST, ///< TIMBREL_CORNERS of them
    TIMBREL_CONTROL_STORE = TIMBREL_CONTROL_CORNER_FIRST + TIMBREL_CORNERS,
    TIMBREL_CONTROL_STORE_POINT,
    TIMBREL_CONTROL_POINT_BASE,
    TIMBREL_CONTROL_GLIDE,
    TIMBREL_CONTROL_GLIDE_BEATS,
    TIMBREL_CONTROL_REACH,
    TIMBREL_CONTROL_JITTER,
    TIMBREL_CONTROL_JITTER_RATE,
    TIMBREL_CONTROL_QUANTISE,
    TIMBREL_CONTROL_ROUTE,
    TIMBREL_CONTROL_ROUTE_BY,
    TIMBREL_CONTROL_COUNT
} TimbrelControlId;

/// What the effect tells back, on output control ports.
typedef enum {
    TIMBREL_REPORT_LATENCY,
    TIMBREL_REPORT_LOAD,
    TIMBREL_REPORT_DROPOUTS,
    TIMBREL_REPORT_LATENT_FIRST, ///< TIMBREL_CONTROLLED_LATENTS of them, after control
    TIMBREL_REPORT_LATENT_LAST = TIMBREL_REPORT_LATENT_FIRST + TIMBREL_CONTROLLED_LATENTS - 1,
    TIMBREL_REPORT_COUNT
} TimbrelReportId;

typedef enum { TIMBREL_STEREO_SUM, TIMBREL_STEREO_DUAL } TimbrelStereoMode;
typedef enum { TIMBREL_TIMING_TIGHT, TIMBREL_TIMING_SAFE, TIMBREL_TIMING_FULL } TimbrelTiming;
typedef enum { TIMBREL_LATE_DRY, TIMBREL_LATE_SILENCE } TimbrelLateMode;
#define SOURCE(ID, NAME, LABEL) TIMBREL_FROM_##ID,
typedef enum {
    TIMBREL_FROM_SOUND,
#include "sources.def"
    TIMBREL_FROM_COUNT,
} TimbrelSourceId;
#undef SOURCE
typedef enum { TIMBREL_FORWARD, TIMBREL_BACKWARD, TIMBREL_THERE_AND_BACK } TimbrelDirection;
typedef enum { TIMBREL_REST_SOUND, TIMBREL_REST_MEAN, TIMBREL_REST_POINT } TimbrelMapRest;
typedef enum { TIMBREL_ROUTE_STRAIGHT, TIMBREL_ROUTE_TURNED, TIMBREL_ROUTE_SHUFFLED } TimbrelRoute;

typedef enum {
    TIMBREL_UNIT_NONE,
    TIMBREL_UNIT_DECIBEL,
    TIMBREL_UNIT_HERTZ,
    TIMBREL_UNIT_MILLISECOND,
    TIMBREL_UNIT_PERCENT,
    TIMBREL_UNIT_FRAMES, ///< Audio samples (units:frame)
    TIMBREL_UNIT_BEATS,
    TIMBREL_UNIT_BPM,
} TimbrelUnit;

typedef enum {
    TIMBREL_GROUP_MAIN,
    TIMBREL_GROUP_INPUT,
    TIMBREL_GROUP_EQUALIZER,
    TIMBREL_GROUP_LATENTS,
    TIMBREL_GROUP_TIMING,
    TIMBREL_GROUP_BIAS,
    TIMBREL_GROUP_SCALE,
    TIMBREL_GROUP_METERS,
    TIMBREL_GROUP_SOURCE,
    TIMBREL_GROUP_ROWS,
    TIMBREL_GROUP_LENGTHS,
    TIMBREL_GROUP_MAP,
    TIMBREL_GROUP_POINTS,
    TIMBREL_GROUP_COUNT
} TimbrelGroupId;

enum {
    TIMBREL_TOGGLED = 1 << 0,
    TIMBREL_INTEGER = 1 << 1,
    TIMBREL_ENUMERATION = 1 << 2,
    TIMBREL_LOGARITHMIC = 1 << 3,
    TIMBREL_EXPENSIVE = 1 << 4, ///< A change is slow and heard: not meant for automation
    TIMBREL_TRIGGER = 1 << 5,   ///< A switch that acts when it is pressed, and keeps nothing
};

typedef struct {
    const char* label;
    float value;
} TimbrelScalePoint;

typedef struct {
    const char* symbol;  ///< LV2 symbol, also the command line's name; never changes
    const char* name;    ///< Shown to the user
    const char* comment; ///< One sentence for tooltips
    float minimum;
    float maximum;
    float normal; ///< Default
    TimbrelUnit unit;
    TimbrelGroupId group;
    unsigned flags;
    TimbrelScalePoint points[TIMBREL_SCALE_POINTS]; ///< Unused ones have a NULL label
} TimbrelControl;

typedef struct {
    const char* symbol;
    const char* name;
} TimbrelGroup;

extern const TimbrelControl timbrel_controls[TIMBREL_CONTROL_COUNT];
extern const TimbrelControl timbrel_reports[TIMBREL_REPORT_COUNT];
extern const TimbrelGroup timbrel_groups[TIMBREL_GROUP_COUNT];
extern const float timbrel_eq_centres[TIMBREL_EQ_BANDS]; ///< Hz, the ISO octave centres

/// Largest latency that the effect ever reports, in samples at any rate: the maximum of the latency
/// port.
#define TIMBREL_MAX_LATENCY 262144

/// Index of the control named `symbol`, or -1.
int timbrel_control_find(const char* symbol);

/// The value that control `id` takes for `value`: in range, a whole number where the control takes
/// only those, the default for a NaN or an infinity.
float timbrel_control_limit(int id, float value) TIMBREL_RT;

/// The same for report `id`.
float timbrel_report_limit(int id, float value) TIMBREL_RT;

/// Fill `values` with every control's default.
void timbrel_controls_default(float values[TIMBREL_CONTROL_COUNT]);

#endif
