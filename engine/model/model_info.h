// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_MODEL_INFO_H
#define TIMBREL_ENGINE_MODEL_MODEL_INFO_H

#include <stdbool.h>
#include <stdint.h>

/// What is known of a model file, as plain data: it crosses from timbrel-torch to the host's
/// process in shared memory, so it holds no pointers and every text is NUL-terminated.

#define TIMBREL_MAX_LATENTS          128
#define TIMBREL_MAX_METHODS          32
#define TIMBREL_MAX_ATTRIBUTES       64
#define TIMBREL_MAX_ATTRIBUTE_VALUES 8
#define TIMBREL_MAX_RATIO            16384
#define TIMBREL_MAX_CHANNELS         64     ///< Audio channels in, and out
#define TIMBREL_MIN_RATE             1000.0 ///< Hz; outside these it is no sample rate
#define TIMBREL_MAX_RATE             768000.0
#define TIMBREL_NAME_SIZE            64 ///< Bytes of a method's, attribute's or label's text, NUL included
#define TIMBREL_VALUE_SIZE           128 ///< Bytes of an attribute's value as text, NUL included
#define TIMBREL_UNIT_SIZE            16  ///< Bytes of a unit's name, NUL included

/// nn~'s type codes, as in a model's `X_params` buffer.
typedef enum {
    TIMBREL_ATTRIBUTE_BOOL = 0,
    TIMBREL_ATTRIBUTE_INT = 1,
    TIMBREL_ATTRIBUTE_FLOAT = 2,
    TIMBREL_ATTRIBUTE_STRING = 3,
    TIMBREL_ATTRIBUTE_TENSOR = 4, ///< Shown only; cannot be set as text
    TIMBREL_ATTRIBUTE_BUFFER = 5, ///< Shown only; cannot be set as text
} TimbrelAttributeType;

/// What a method can be played as.
typedef enum {
    TIMBREL_METHOD_OTHER = 0, ///< Not by itself
    TIMBREL_METHOD_SOUND,     ///< One input of sound, to sound
    TIMBREL_METHOD_VALUES, ///< One input of sound, to values at a lower rate: measured, not heard
} TimbrelMethodKind;

/// nn~'s METHOD_params: channels and how many audio samples one value of a channel stands for.
typedef struct {
    char name[TIMBREL_NAME_SIZE];
    uint32_t in_channels;
    uint32_t in_ratio;
    uint32_t out_channels;
    uint32_t out_ratio;
    uint32_t kind; ///< TimbrelMethodKind
} TimbrelMethod;

/// A model attribute (get_X / set_X): one or several values of given types.
typedef struct {
    char name[TIMBREL_NAME_SIZE];
    char value[TIMBREL_VALUE_SIZE]; ///< Values as text, space-separated ("true", "3", "0.5", ...)
    uint32_t types[TIMBREL_MAX_ATTRIBUTE_VALUES]; ///< TimbrelAttributeType of each value
    uint32_t count;                               ///< Number of values
    uint32_t settable; ///< 1 if set_X exists and takes only bool, int, float and string
} TimbrelAttribute;

/// How the model is played.
typedef enum {
    TIMBREL_PLAY_ENCODE_DECODE = 0, ///< encode, latents under control, decode
    TIMBREL_PLAY_FORWARD = 1,       ///< One method of TIMBREL_METHOD_SOUND: no latent controls
    TIMBREL_PLAY_VALUES = 2, ///< One of TIMBREL_METHOD_VALUES: its values are the latents, and the
                             ///< sound passes dry
} TimbrelPlayMode;

/// What a latent is.
typedef enum {
    TIMBREL_LATENT_NORMAL = 0, ///< Learned: about of mean 0 and variance 1
    TIMBREL_LATENT_PITCH,      ///< This and the rest are measured of the sound
    TIMBREL_LATENT_CLEARNESS,  ///< How sure the pitch is, 0 to 1
    TIMBREL_LATENT_LEVEL,
    TIMBREL_LATENT_MEASURED, ///< Something else
} TimbrelLatentKind;

/// A measured latent stands for offset + scale x latent in its unit.
typedef struct {
    uint32_t kind; ///< TimbrelLatentKind
    float scale;   ///< Not 0
    float offset;
    char unit[TIMBREL_UNIT_SIZE]; ///< "note" (MIDI: 69 is 440 Hz), "dB", ..., or ""
} TimbrelLatentMeaning;

typedef struct {
    TimbrelMethod methods[TIMBREL_MAX_METHODS];
    TimbrelAttribute attributes[TIMBREL_MAX_ATTRIBUTES];
    char latent_labels[TIMBREL_MAX_LATENTS][TIMBREL_NAME_SIZE]; ///< encode's output labels, or ""
    TimbrelLatentMeaning latent_meanings[TIMBREL_MAX_LATENTS];
    char latent_space[TIMBREL_NAME_SIZE]; ///< Models with the same have latents of one meaning;
                                          ///< "file-" and the file's hash where it says none (put
                                          ///< in when it is opened)
    uint64_t file_bytes;
    uint32_t method_count;
    uint32_t attribute_count;
    uint32_t play_mode;             ///< TimbrelPlayMode
    char method[TIMBREL_NAME_SIZE]; ///< The one that is played, or "" for encode and decode
    double rate;                    ///< Hz; 44100 when rate_known is 0
    double layers_delay;   ///< Delay inside by what the layers say, audio samples; -1: they do not
    uint32_t rate_known;   ///< 1 if the file says its rate
    uint32_t in_channels;  ///< Audio channels into encode (or the method): 1 or more
    uint32_t out_channels; ///< Audio channels out of decode (or the method): 1 or more
    uint32_t latents;      ///< Latents that encode gives and decode takes; 0 for a method to sound
    uint32_t ratio;     ///< Audio samples to one latent frame; for forward, the ratio that is the
                        ///< smallest call (max of the method's ratios); for another method, its own
    uint32_t streaming; ///< 1 if calls follow one another without a seam: the model keeps caches
                        ///< (exported with --streaming), remembers, or needs no past
    uint32_t discrete;  ///< 1 if latents are integer codes
    uint32_t has_prior; ///< 1 if prior_params exists
    uint32_t draws_normal;  ///< 1 if a played method draws normal noise (latents)
    uint32_t draws_uniform; ///< 1 if a played method draws uniform noise (the noise branch)
    uint32_t draws_other;   ///< 1 if it draws in other ways, which no amount scales
} TimbrelModelInfo;

#endif
