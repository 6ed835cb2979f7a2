// SPDX-License-Identifier: ISC
#include "properties.h"

#define PART(FIELD, NAME, SIGN, LABEL, COMMENT)                                                    \
    [TIMBREL_PROPERTY_LATENCY_FIRST + TIMBREL_LATENCY_##FIELD] = {                                 \
        TIMBREL_PROPERTY_PREFIX "latency" #NAME, "Int", #NAME " latency", COMMENT " In frames."},

const TimbrelProperty timbrel_properties[TIMBREL_PROPERTY_COUNT] = {
    [TIMBREL_PROPERTY_MODEL] = {TIMBREL_PROPERTY_PREFIX "model", "Path", "Model",
                                "The model to play: a TorchScript file, or the name of one in the "
                                "search path."},
    [TIMBREL_PROPERTY_STATUS] = {TIMBREL_PROPERTY_PREFIX "status", "String", "Status",
                                 "none, loading, ready or failed."},
    [TIMBREL_PROPERTY_MESSAGE] = {TIMBREL_PROPERTY_PREFIX "message", "String", "Message",
                                  "What the user should know of the model, or nothing."},
    [TIMBREL_PROPERTY_MODEL_NAME] = {TIMBREL_PROPERTY_PREFIX "modelName", "String", "Model name",
                                     "Name of the model that plays."},
    [TIMBREL_PROPERTY_MODEL_FILE] = {TIMBREL_PROPERTY_PREFIX "modelFile", "Path", "Model file",
                                     "The file that was found for the model."},
    [TIMBREL_PROPERTY_BACKEND] = {TIMBREL_PROPERTY_PREFIX "backend", "String", "Back end",
                                  "What runs the model."},
    [TIMBREL_PROPERTY_BACKEND_WHY] = {TIMBREL_PROPERTY_PREFIX "backendWhy", "String",
                                      "Reason for the back end",
                                      "Why this back end runs the model."},
    [TIMBREL_PROPERTY_RATE] = {TIMBREL_PROPERTY_PREFIX "rate", "Double", "Model rate",
                               "Sample rate at which the model plays, in Hz."},
    [TIMBREL_PROPERTY_HOP] = {TIMBREL_PROPERTY_PREFIX "hop", "Int", "Hop",
                              "Samples at the model's rate that the model plays at a time."},
    [TIMBREL_PROPERTY_HOP_TIME] = {TIMBREL_PROPERTY_PREFIX "hopTime", "Double", "Hop time",
                                   "Seconds that the model takes for a hop, as measured."},
    [TIMBREL_PROPERTY_MODEL_DELAY] = {TIMBREL_PROPERTY_PREFIX "modelDelay", "Double", "Model delay",
                                      "Samples at the model's rate by which the model itself is "
                                      "late."},
    [TIMBREL_PROPERTY_RATIO] = {TIMBREL_PROPERTY_PREFIX "ratio", "Int", "Ratio",
                                "Samples at the model's rate to one latent frame."},
    [TIMBREL_PROPERTY_LATENTS] = {TIMBREL_PROPERTY_PREFIX "latents", "Int", "Latents",
                                  "How many latents the model has; 0 if they cannot be reached."},
    [TIMBREL_PROPERTY_STREAMING] = {TIMBREL_PROPERTY_PREFIX "streaming", "Bool", "Streaming",
                                    "Whether the model was exported for streaming."},
    TIMBREL_LATENCY_PARTS(PART)[TIMBREL_PROPERTY_LEVEL] =
        {TIMBREL_PROPERTY_PREFIX "level", "Float", "Learnt level",
         "Loudness of the playing, in dBFS, as learnt; 0 if none was."},
    [TIMBREL_PROPERTY_LEARNT_GAIN] = {TIMBREL_PROPERTY_PREFIX "learntGain", "Float", "Learnt gain",
                                      "Gain that brings the playing to the loudness that the model "
                                      "was trained at, in dB, beside the input gain."},
    [TIMBREL_PROPERTY_LEARNING] = {TIMBREL_PROPERTY_PREFIX "learning", "Bool", "Learning",
                                   "Whether it listens just now to learn the level."},
    [TIMBREL_PROPERTY_METHOD] = {TIMBREL_PROPERTY_PREFIX "method", "String", "Method",
                                 "Which of the model's methods is played; empty: what it plays by "
                                 "default."},
    [TIMBREL_PROPERTY_ROWS] = {TIMBREL_PROPERTY_PREFIX "rows", "Path", "Rows",
                               "File of latents that the source *rows* plays; empty: none, or "
                               "rows that were kept while playing."},
    [TIMBREL_PROPERTY_ROWS_INFO] = {TIMBREL_PROPERTY_PREFIX "rowsInfo", "String", "Rows played",
                                    "Where the rows are from, how many there are, and what the "
                                    "user should know of them."},
    [TIMBREL_PROPERTY_POINTS] = {TIMBREL_PROPERTY_PREFIX "points", "String", "Points",
                                 "The stored points, a line NUMBER=NAME each; setting it names "
                                 "them."},
    [TIMBREL_PROPERTY_ENCODED] = {TIMBREL_PROPERTY_PREFIX "encoded", "Vector", "Encoded latents",
                                  "The latest latent frame as the encoder made it."},
    [TIMBREL_PROPERTY_CONTROLLED] = {TIMBREL_PROPERTY_PREFIX "controlled", "Vector",
                                     "Controlled latents",
                                     "The latest latent frame as it goes into the decoder."},
};
