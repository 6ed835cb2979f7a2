// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_NATIVE_PLAN_H
#define TIMBREL_ENGINE_MODEL_NATIVE_PLAN_H

#include "engine/model/model_info.h"

/// A plan: a model's methods as straight lines of steps on one array of floats, the arena. All
/// shapes are fixed: one call is `frames` latent frames. This is the file as it lies on disk and is
/// mapped, little-endian; timbrel-torch writes it, plan_file.h opens it, execute.h runs it.
///
/// The file: TimbrelPlanHeader, TimbrelModelInfo, then the steps, the constants (float32, among
/// them the state's first values) and the weights, each beginning at a multiple of 64 bytes.

/// The version is raised when anything here or in TimbrelModelInfo changes, and when plans that
/// were made so far may be wrong.
#define TIMBREL_PLAN_MAGIC   "TIMBPLAN"
#define TIMBREL_PLAN_VERSION 4u
#define TIMBREL_PLAN_METHODS 3u ///< By TimbrelStep
#define TIMBREL_PLAN_DIMS    8u
#define TIMBREL_PLAN_INPUTS  3u
#define TIMBREL_PANEL        16u ///< Output rows whose weights lie side by side

/// Where a view points.
enum {
    TIMBREL_SPACE_NONE = 0,     ///< No view: an input that a step does without
    TIMBREL_SPACE_ARENA = 1,    ///< The instance's own floats
    TIMBREL_SPACE_CONSTANT = 2, ///< The plan's constants
};

/// A strided array of floats, as PyTorch has them. Truth values are 0 and 1, integers are floats,
/// complex numbers a last dimension of 2.
typedef struct {
    uint32_t space;
    uint32_t dims;   ///< 0 (one value) to TIMBREL_PLAN_DIMS
    int32_t offset;  ///< Floats
    uint32_t unused; ///< 0
    uint32_t size[TIMBREL_PLAN_DIMS];
    int32_t stride[TIMBREL_PLAN_DIMS]; ///< Floats; may be 0 (repeats) or negative in an input
} TimbrelView;

typedef enum {
    /// Convolutions of all kinds, and products with constant matrices. in[0] has the sizes (batch,
    /// group, channel, tap, column), out has (batch, group, row, column): out = activation(sum over
    /// channel and tap of weight x in[0] + in[1]) + in[2]. in[1], the bias (group, row), is a
    /// constant or none; in[2], of out's sizes, may be none. `function` is the activation.
    /// Weights: float16 or float32 (flags), by (group, panel of rows, channel, tap, row in panel),
    /// rows filled up with zeros; or, where TIMBREL_PLAN_NARROW, float32 by (group, row, channel,
    /// tap).
    TIMBREL_PLAN_CONVOLVE = 1,
    TIMBREL_PLAN_MAP,     ///< out = function(in[0]), of one size
    TIMBREL_PLAN_COMBINE, ///< out = function(in[0], in[1]), of one size
    TIMBREL_PLAN_CHOOSE,  ///< out = in[0] != 0 ? in[1] : in[2], of one size
    TIMBREL_PLAN_REDUCE,  ///< out has in[0]'s sizes but a last of 1: function over the last
    TIMBREL_PLAN_SCAN,    ///< out has in[0]'s sizes: function over all up to here along the last
    TIMBREL_PLAN_PRODUCT, ///< out (batch, row, column) = in[0] (batch, row, k) in[1] (batch, k,
                          ///< column)
    TIMBREL_PLAN_LOOK_UP, ///< out (count, width) = row in[0] (count) of the table in[1] (rows,
                          ///< width)
    TIMBREL_PLAN_DRAW,    ///< out = random numbers, `function` says which
    TIMBREL_PLAN_KINDS,
} TimbrelPlanKind;

/// Of MAP, and activation of CONVOLVE; x is the input, n[] the step's numbers.
typedef enum {
    TIMBREL_MAP_COPY = 0,
    TIMBREL_MAP_LEAKY, ///< x < 0 ? n0 x : x
    TIMBREL_MAP_CLAMP, ///< x held within n0 to n1
    TIMBREL_MAP_TANH,
    TIMBREL_MAP_SIGMOID,
    TIMBREL_MAP_SOFTPLUS, ///< log(1 + exp(n0 x)) / n0, and x where n0 x > n1
    TIMBREL_MAP_ELU,      ///< x < 0 ? n0 (exp(n1 x) - 1) : n2 x
    TIMBREL_MAP_GELU,
    TIMBREL_MAP_GELU_TANH,
    TIMBREL_MAP_SILU,
    TIMBREL_MAP_EXP,
    TIMBREL_MAP_LOG, ///< n0 log(x)
    TIMBREL_MAP_LOG1P,
    TIMBREL_MAP_SIN,
    TIMBREL_MAP_COS,
    TIMBREL_MAP_ACOS,
    TIMBREL_MAP_SQRT,
    TIMBREL_MAP_RECIPROCAL,
    TIMBREL_MAP_ABS,
    TIMBREL_MAP_SIGN,
    TIMBREL_MAP_FLOOR,
    TIMBREL_MAP_CEIL,
    TIMBREL_MAP_ROUND,    ///< Halves to even
    TIMBREL_MAP_TRUNCATE, ///< What becomes an integer
    TIMBREL_MAP_TRUTH,    ///< x != 0
    TIMBREL_MAP_NOT,      ///< x == 0
    TIMBREL_MAP_AFFINE,   ///< n0 x + n1
    TIMBREL_MAP_POWER,    ///< x to the n0
    TIMBREL_MAP_RAISE,    ///< n0 to the x
    TIMBREL_MAP_FILL,     ///< n0
    TIMBREL_MAP_SQUARE,
    TIMBREL_MAP_COUNT,
} TimbrelMap;

/// Of COMBINE.
typedef enum {
    TIMBREL_COMBINE_ADD = 0, ///< a + n0 b
    TIMBREL_COMBINE_MULTIPLY,
    TIMBREL_COMBINE_DIVIDE,
    TIMBREL_COMBINE_REMAINDER, ///< With the sign of b
    TIMBREL_COMBINE_POWER,
    TIMBREL_COMBINE_MAXIMUM,
    TIMBREL_COMBINE_MINIMUM,
    TIMBREL_COMBINE_ATAN2,
    TIMBREL_COMBINE_EQUAL,
    TIMBREL_COMBINE_LESS,
    TIMBREL_COMBINE_LESS_EQUAL,
    TIMBREL_COMBINE_COUNT,
} TimbrelCombine;

/// Of REDUCE.
typedef enum {
    TIMBREL_REDUCE_SUM = 0, ///< n0 times the sum
    TIMBREL_REDUCE_PRODUCT,
    TIMBREL_REDUCE_MAXIMUM,
    TIMBREL_REDUCE_MINIMUM,
    TIMBREL_REDUCE_WHERE_MAXIMUM, ///< Index of the first
    TIMBREL_REDUCE_WHERE_MINIMUM,
    TIMBREL_REDUCE_COUNT,
} TimbrelReduce;

/// Of SCAN.
typedef enum {
    TIMBREL_SCAN_SUM = 0,
    TIMBREL_SCAN_PRODUCT,
    TIMBREL_SCAN_COUNT,
} TimbrelScan;

/// Of DRAW.
typedef enum {
    TIMBREL_DRAW_NORMAL = 0, ///< Mean n0, deviation n1
    TIMBREL_DRAW_UNIFORM,    ///< n0 to n1
    TIMBREL_DRAW_COUNT,
} TimbrelDraw;

enum {
    TIMBREL_PLAN_HALF = 1u,   ///< Weights are float16 (IEEE 754 binary16)
    TIMBREL_PLAN_NARROW = 2u, ///< CONVOLVE with few rows to a group
};

typedef struct {
    uint32_t kind;     ///< TimbrelPlanKind
    uint32_t function; ///< Of the kind's own enumeration
    uint32_t flags;
    uint32_t unused;  ///< 0
    uint64_t weights; ///< CONVOLVE: first byte in the weights, a multiple of 64
    float numbers[4];
    TimbrelView out; ///< In the arena; no two elements in one place
    TimbrelView in[TIMBREL_PLAN_INPUTS];
} TimbrelPlanStep;

typedef struct {
    uint32_t first;         ///< Step
    uint32_t count;         ///< 0: the model is not played by this method
    TimbrelView in;         ///< (channels or latents, samples or frames), in the arena
    TimbrelView out;        ///< The same; read after the last step
    TimbrelView amounts[2]; ///< One float each: TimbrelAmounts
} TimbrelPlanMethod;

typedef struct {
    char magic[8];
    uint32_t version;
    uint32_t header_size;
    uint64_t file_size;
    uint64_t checksum;   ///< XXH3, 64 bits, of all that follows this field
    char model_hash[40]; ///< Of the model file it was made from, hexadecimal text
    char maker[64];      ///< What made it, for people: "timbrel 0.1.0, libtorch 1.13.1"
    uint64_t steps;      ///< First byte; the same for the next two
    uint64_t constants;
    uint64_t weights;
    uint64_t weight_size; ///< Bytes
    uint32_t step_count;
    uint32_t constant_count; ///< Floats
    uint32_t arena_count;    ///< Floats of one instance, one lane
    uint32_t state_count;    ///< The first floats of the arena live from call to call
    uint32_t state_values;   ///< Where in the constants their first values are
    uint32_t frames;         ///< Latent frames of a call
    TimbrelPlanMethod methods[TIMBREL_PLAN_METHODS];
    uint32_t unused[2];
} TimbrelPlanHeader;

#endif
