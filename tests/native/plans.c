// SPDX-License-Identifier: ISC
#include "plans.h"

#include "engine/model/compile/layout.h"
#include "tests/measure.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define SIZES(...)                                                                                 \
    (sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)), (uint32_t[]) {                         \
        __VA_ARGS__                                                                                \
    }

TimbrelView plans_view(uint32_t buffer, uint32_t dims, const uint32_t* sizes) {
    TimbrelView view = {.space = buffer + 1, .dims = dims};
    int32_t stride = 1;
    for (uint32_t d = dims; d-- > 0; stride *= (int32_t)sizes[d]) {
        view.size[d] = sizes[d];
        view.stride[d] = stride;
    }
    return view;
}

static TimbrelView buffer_of(TimbrelBuilder* builder, TimbrelBufferKind kind, uint32_t dims,
                             const uint32_t* sizes, const float* values) {
    size_t count = 1;
    for (uint32_t d = 0; d < dims; ++d) {
        count *= sizes[d];
    }
    return plans_view(timbrel_builder_buffer(builder, kind, count, values), dims, sizes);
}

TimbrelView plans_temporary(TimbrelBuilder* builder, uint32_t dims, const uint32_t* sizes) {
    return buffer_of(builder, TIMBREL_BUFFER_TEMPORARY, dims, sizes, NULL);
}

TimbrelModelInfo plans_info(bool forward) {
    TimbrelModelInfo info = {
        .play_mode = forward ? TIMBREL_PLAY_FORWARD : TIMBREL_PLAY_ENCODE_DECODE,
        .method = "forward",
        .streaming = true,
        .rate = 44100.0,
        .layers_delay = -1.0,
        .in_channels = 1,
        .out_channels = 1,
        .latents = forward ? 0 : PLANS_LATENTS,
        .ratio = PLANS_RATIO,
    };
    if (!forward) {
        info.method[0] = '\0';
    }
    return info;
}

void* plans_bytes(TimbrelBuilder* builder, const TimbrelModelInfo* info, bool full, size_t* size) {
    const TimbrelLayoutOptions options = {.model_hash = "0123",
                                          .maker = "test",
                                          .frames = 1,
                                          .form =
                                              full ? TIMBREL_WEIGHTS_FULL : TIMBREL_WEIGHTS_HALF};
    const int file = memfd_create("plan", MFD_CLOEXEC);
    struct stat about;
    char* bytes = NULL;
    if (file >= 0 && timbrel_layout_write(builder, info, &options, file) == TIMBREL_OK &&
        fstat(file, &about) == 0) {
        *size = (size_t)about.st_size;
        bytes = aligned_alloc(64, (*size + 63) / 64 * 64);
        if (bytes && pread(file, bytes, *size, 0) != about.st_size) {
            free(bytes);
            bytes = NULL;
        }
    }
    (void)close(file);
    timbrel_builder_free(builder);
    return bytes;
}

uint64_t plans_checksum(const void* bytes, size_t size) {
    const size_t summed = offsetof(TimbrelPlanHeader, checksum) + sizeof(uint64_t);
    return XXH3_64bits((const char*)bytes + summed, size - summed);
}

static float* random_values(uint32_t count, float size, uint32_t* seed) {
    float* values = calloc(count, sizeof *values);
    for (uint32_t i = 0; values && i < count; ++i) {
        values[i] = size * measure_noise(seed);
    }
    return values;
}

static TimbrelView random_buffer(TimbrelBuilder* builder, TimbrelBufferKind kind, uint32_t dims,
                                 const uint32_t* sizes, uint32_t* seed) {
    uint32_t count = 1;
    for (uint32_t d = 0; d < dims; ++d) {
        count *= sizes[d];
    }
    float* values = random_values(count, 0.5f, seed);
    const TimbrelView view = buffer_of(builder, kind, dims, sizes, values);
    free(values);
    return view;
}

static void add_step(TimbrelBuilder* builder, TimbrelPlanKind kind, uint32_t function, float number,
                     TimbrelView out, TimbrelView a, TimbrelView b, TimbrelView c) {
    const TimbrelPlanStep step = {.kind = kind,
                                  .function = function,
                                  .numbers = {number, 1.0f, 1.0f},
                                  .out = out,
                                  .in = {a, b, c}};
    timbrel_builder_step(builder, &step);
}

static const TimbrelView none;

/// A method's ports: its input and its amounts are new buffers.
static TimbrelPlanMethod* begin(TimbrelBuilder* builder, uint32_t which, uint32_t channels,
                                uint32_t length) {
    TimbrelPlanMethod* method = &builder->methods[which];
    method->first = builder->step_count;
    method->in = plans_temporary(builder, SIZES(channels, length));
    method->amounts[0] = plans_temporary(builder, 0, NULL);
    method->amounts[1] = plans_temporary(builder, 0, NULL);
    return method;
}

static void end(TimbrelBuilder* builder, TimbrelPlanMethod* method, TimbrelView out) {
    method->count = builder->step_count - method->first;
    method->out = out;
}

/// (channels, length) cached and convolved to (rows, length): in 1 or more groups of channels.
static TimbrelView add_convolution(TimbrelBuilder* builder, TimbrelView in, uint32_t groups,
                                   uint32_t rows, uint32_t taps, TimbrelMap function,
                                   const TimbrelView* other, uint32_t* seed) {
    const uint32_t channels = in.size[0];
    const uint32_t length = in.size[1];
    const uint32_t pad = taps - 1;
    TimbrelView cached = in;
    if (pad > 0) {
        const TimbrelView cache =
            random_buffer(builder, TIMBREL_BUFFER_STATE, SIZES(channels, pad), seed);
        cached = plans_temporary(builder, SIZES(channels, pad + length));
        TimbrelView old = cached;
        old.size[1] = pad;
        TimbrelView new = cached;
        new.offset = (int32_t)pad;
        new.size[1] = length;
        TimbrelView last = cached;
        last.offset = (int32_t)length;
        last.size[1] = pad;
        add_step(builder, TIMBREL_PLAN_MAP, TIMBREL_MAP_COPY, 0.0f, old, cache, none, none);
        add_step(builder, TIMBREL_PLAN_MAP, TIMBREL_MAP_COPY, 0.0f, new, in, none, none);
        add_step(builder, TIMBREL_PLAN_MAP, TIMBREL_MAP_COPY, 0.0f, cache, last, none, none);
    }
    const uint32_t each = channels / groups;
    const int32_t row = cached.stride[0];
    TimbrelView windows = cached;
    windows.dims = 5;
    const uint32_t sizes[] = {1, groups, each, taps, length};
    const int32_t strides[] = {0, row * (int32_t)each, row, cached.stride[1], cached.stride[1]};
    memcpy(windows.size, sizes, sizeof sizes);
    memcpy(windows.stride, strides, sizeof strides);
    const TimbrelView out = plans_temporary(builder, SIZES(1, groups, rows / groups, length));
    float* weights = random_values(rows * each * taps, 0.6f, seed);
    const TimbrelView bias =
        random_buffer(builder, TIMBREL_BUFFER_CONSTANT, SIZES(groups, rows / groups), seed);
    const TimbrelPlanStep step = {
        .kind = TIMBREL_PLAN_CONVOLVE,
        .function = function,
        .numbers = {0.2f, 1.0f, 1.0f},
        .weights = timbrel_builder_weights(builder, weights, (size_t)rows * each * taps, false),
        .out = out,
        .in = {windows, bias, other ? *other : none}};
    timbrel_builder_step(builder, &step);
    free(weights);
    return plans_view(out.space - 1, SIZES(rows, length));
}

/// Convolutions of all forms, forward.
static void convolutions(TimbrelBuilder* builder, uint32_t* seed) {
    TimbrelPlanMethod* method = begin(builder, 2, 1, PLANS_RATIO);
    TimbrelView x = add_convolution(builder, method->in, 1, 18, 3, TIMBREL_MAP_LEAKY, NULL, seed);
    x = add_convolution(builder, x, 2, 20, 2, TIMBREL_MAP_TANH, NULL, seed);
    const TimbrelView other = plans_view(x.space - 1, SIZES(1, 1, 20, PLANS_RATIO));
    x = add_convolution(builder, x, 1, 20, 1, TIMBREL_MAP_SIN, &other, seed);
    x = add_convolution(builder, x, 1, 1, 5, TIMBREL_MAP_TANH, NULL, seed);
    end(builder, method, x);
}

/// Everything else, forward.
static void elementwise(TimbrelBuilder* builder, uint32_t* seed) {
    TimbrelPlanMethod* method = begin(builder, 2, 1, PLANS_RATIO);
    const uint32_t half = PLANS_RATIO / 2;
    const TimbrelView in = plans_view(method->in.space - 1, SIZES(2, half));
    const TimbrelView a = plans_temporary(builder, SIZES(2, half));
    const TimbrelView b = plans_temporary(builder, SIZES(2, half));
    const TimbrelView sums = plans_temporary(builder, SIZES(2, 1));
    TimbrelView turned = b;
    turned.size[0] = half;
    turned.size[1] = 2;
    turned.stride[0] = 1;
    turned.stride[1] = (int32_t)half;
    TimbrelView spread = sums;
    spread.size[1] = half;
    spread.stride[1] = 0;
    add_step(builder, TIMBREL_PLAN_MAP, TIMBREL_MAP_SOFTPLUS, 1.0f, a, in, none, none);
    add_step(builder, TIMBREL_PLAN_SCAN, TIMBREL_SCAN_SUM, 0.0f, b, a, none, none);
    add_step(builder, TIMBREL_PLAN_REDUCE, TIMBREL_REDUCE_MAXIMUM, 0.0f, sums, b, none, none);
    add_step(builder, TIMBREL_PLAN_COMBINE, TIMBREL_COMBINE_DIVIDE, 0.0f, b, b, spread, none);
    add_step(builder, TIMBREL_PLAN_DRAW, TIMBREL_DRAW_UNIFORM, 0.5f, a, none, none, none);
    add_step(builder, TIMBREL_PLAN_COMBINE, TIMBREL_COMBINE_MULTIPLY, 0.0f, b, b, a, none);
    add_step(builder, TIMBREL_PLAN_CHOOSE, 0, 0.0f, b, a, b, in);
    const TimbrelView square =
        random_buffer(builder, TIMBREL_BUFFER_CONSTANT, SIZES(1, half, half), seed);
    const TimbrelView table = random_buffer(builder, TIMBREL_BUFFER_CONSTANT, SIZES(5, 2), seed);
    const TimbrelView product = plans_temporary(builder, SIZES(1, 2, half));
    add_step(builder, TIMBREL_PLAN_PRODUCT, 0, 0.0f, product,
             plans_view(b.space - 1, SIZES(1, 2, half)), square, none);
    const TimbrelView index = plans_view(product.space - 1, SIZES(half));
    const TimbrelView found = plans_temporary(builder, SIZES(half, 2));
    add_step(builder, TIMBREL_PLAN_LOOK_UP, 0, 0.0f, found, index, table, none);
    add_step(builder, TIMBREL_PLAN_COMBINE, TIMBREL_COMBINE_ADD, 0.5f, turned, turned, found, none);
    add_step(builder, TIMBREL_PLAN_DRAW, TIMBREL_DRAW_NORMAL, 0.0f, found, none, none, none);
    end(builder, method, plans_view(b.space - 1, SIZES(1, PLANS_RATIO)));
}

/// Encode and decode, with a resampling convolution each way.
static void codec(TimbrelBuilder* builder, uint32_t* seed) {
    TimbrelPlanMethod* encode = begin(builder, 0, 1, PLANS_RATIO);
    const TimbrelView folded = plans_view(encode->in.space - 1, SIZES(PLANS_RATIO, 1));
    TimbrelView x = add_convolution(builder, folded, 1, 33, 1, TIMBREL_MAP_SILU, NULL, seed);
    x = add_convolution(builder, x, 1, PLANS_LATENTS, 3, TIMBREL_MAP_COPY, NULL, seed);
    end(builder, encode, x);
    TimbrelPlanMethod* decode = begin(builder, 1, PLANS_LATENTS, 1);
    x = add_convolution(builder, decode->in, 1, 17, 3, TIMBREL_MAP_ELU, NULL, seed);
    x = add_convolution(builder, x, 1, PLANS_RATIO, 2, TIMBREL_MAP_TANH, NULL, seed);
    end(builder, decode, plans_view(x.space - 1, SIZES(1, PLANS_RATIO)));
}

/// One step.
static void least(TimbrelBuilder* builder) {
    TimbrelPlanMethod* method = begin(builder, 2, 1, PLANS_RATIO);
    const TimbrelView out = plans_temporary(builder, SIZES(1, PLANS_RATIO));
    add_step(builder, TIMBREL_PLAN_MAP, TIMBREL_MAP_AFFINE, 0.5f, out, method->in, none, none);
    end(builder, method, out);
}

void* plans_sample(uint32_t which, size_t* size) {
    TimbrelBuilder builder = {0};
    uint32_t seed = 1 + which;
    if (which == 0) {
        least(&builder);
    } else if (which == 1) {
        convolutions(&builder, &seed);
    } else if (which == 2) {
        elementwise(&builder, &seed);
    } else {
        codec(&builder, &seed);
    }
    const TimbrelModelInfo info = plans_info(which < 3);
    return plans_bytes(&builder, &info, false, size);
}
