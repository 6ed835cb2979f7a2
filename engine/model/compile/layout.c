// SPDX-License-Identifier: ISC
#include "layout.h"

#include "engine/model/native/extent.h"
#include "engine/model/native/half.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    line = 16,          // floats of a cache line
    narrow_rows = 8,    // fewer rows to a group: weights lie as they come
    reused_columns = 16 // so many columns to a row: reading weights is not what takes the time
};

/// Weights of less bytes than this stay in the processor's cache from hop to hop: nothing is gained
/// by halving them.
static const uint64_t cached_weights = 4 << 20;

static const uint32_t idle = UINT32_MAX; // the place of a buffer that nobody uses

/// What of a buffer is in use (often less than all: caches have room for a large batch), and when.
typedef struct {
    uint32_t buffer;
    uint32_t count; // floats, in whole lines
    uint32_t low;   // first and last float
    uint32_t high;
    uint32_t from; // first and last step
    uint32_t to;
} Life;

static uint32_t whole_lines(uint64_t floats) {
    return (uint32_t)((floats + line - 1) / line * line);
}

static void use(Life* lives, const TimbrelView* view, uint32_t step) {
    if (view->space == 0) {
        return;
    }
    Life* life = &lives[view->space - 1];
    int64_t low;
    int64_t high;
    timbrel_view_range(view, &low, &high);
    if (low < life->low) {
        life->low = (uint32_t)low;
    }
    if (high > life->high) {
        life->high = (uint32_t)high;
    }
    if (step < life->from) {
        life->from = step;
    }
    if (step > life->to) {
        life->to = step;
    }
}

/// When each buffer is in use. Methods come one after the other, so lives of two never meet.
static void find_lives(const TimbrelBuilder* builder, Life* lives) {
    for (uint32_t i = 0; i < builder->buffer_count; ++i) {
        lives[i] = (Life){.buffer = i, .low = UINT32_MAX, .from = UINT32_MAX};
    }
    for (uint32_t i = 0; i < builder->step_count; ++i) {
        use(lives, &builder->steps[i].out, i);
        for (uint32_t in = 0; in < TIMBREL_PLAN_INPUTS; ++in) {
            use(lives, &builder->steps[i].in[in], i);
        }
    }
    for (uint32_t m = 0; m < TIMBREL_PLAN_METHODS; ++m) {
        const TimbrelPlanMethod* method = &builder->methods[m];
        if (method->count == 0) {
            continue;
        }
        const uint32_t last = method->first + method->count - 1;
        use(lives, &method->in, method->first);
        use(lives, &method->out, last);
        for (uint32_t a = 0; a < 2; ++a) {
            use(lives, &method->amounts[a], method->first);
        }
    }
    for (uint32_t i = 0; i < builder->buffer_count; ++i) {
        if (lives[i].from != UINT32_MAX) {
            lives[i].count = whole_lines((uint64_t)lives[i].high - lives[i].low + 1);
        }
    }
}

static int larger_first(const void* a, const void* b) {
    const Life* first = a;
    const Life* second = b;
    if (first->count != second->count) {
        return first->count < second->count ? 1 : -1;
    }
    return first->buffer < second->buffer ? -1 : 1;
}

/// The lowest place from `base` on that is free all through a life.
static uint32_t free_place(const TimbrelBuilder* builder, const Life* lives, uint32_t placed,
                           const Life* life, uint32_t base) {
    uint32_t place = base;
    for (bool moved = true; moved;) {
        moved = false;
        for (uint32_t i = 0; i < placed; ++i) {
            const uint32_t other = builder->buffers[lives[i].buffer].place;
            if (lives[i].from > life->to || lives[i].to < life->from ||
                other >= place + life->count || other + lives[i].count <= place) {
                continue;
            }
            place = other + lives[i].count;
            moved = true;
        }
    }
    return place;
}

/// Places for all buffers in use: state, then temporaries; constants among themselves.
static bool place_buffers(TimbrelBuilder* builder, TimbrelPlanHeader* header) {
    Life* lives = calloc(builder->buffer_count + 1, sizeof *lives);
    if (!lives) {
        return false;
    }
    find_lives(builder, lives);
    uint32_t used = 0;
    for (uint32_t i = 0; i < builder->buffer_count; ++i) {
        TimbrelBuffer* buffer = &builder->buffers[i];
        buffer->place = idle;
        buffer->low = lives[i].low;
        buffer->high = lives[i].high;
        if (lives[i].from == UINT32_MAX) {
            continue;
        }
        if (buffer->kind == TIMBREL_BUFFER_STATE) {
            buffer->place = header->state_count;
            header->state_count += lives[i].count;
        } else if (buffer->kind == TIMBREL_BUFFER_CONSTANT) {
            buffer->place = header->constant_count;
            header->constant_count += lives[i].count;
        } else {
            lives[used++] = lives[i];
        }
    }
    // The state's first values come behind the constants.
    header->state_values = header->constant_count;
    header->constant_count += header->state_count;
    qsort(lives, used, sizeof *lives, larger_first);
    header->arena_count = header->state_count;
    for (uint32_t i = 0; i < used; ++i) {
        TimbrelBuffer* buffer = &builder->buffers[lives[i].buffer];
        buffer->place = free_place(builder, lives, i, &lives[i], header->state_count);
        const uint32_t end = buffer->place + lives[i].count;
        header->arena_count = end > header->arena_count ? end : header->arena_count;
    }
    free(lives);
    return true;
}

static void place_view(const TimbrelBuilder* builder, TimbrelView* view) {
    if (view->space == 0) {
        return;
    }
    const TimbrelBuffer* buffer = &builder->buffers[view->space - 1];
    view->space =
        buffer->kind == TIMBREL_BUFFER_CONSTANT ? TIMBREL_SPACE_CONSTANT : TIMBREL_SPACE_ARENA;
    view->offset += (int32_t)buffer->place - (int32_t)buffer->low;
}

static void place_views(TimbrelBuilder* builder, TimbrelPlanHeader* header) {
    for (uint32_t i = 0; i < builder->step_count; ++i) {
        TimbrelPlanStep* step = &builder->steps[i];
        place_view(builder, &step->out);
        for (uint32_t in = 0; in < TIMBREL_PLAN_INPUTS; ++in) {
            place_view(builder, &step->in[in]);
        }
    }
    for (uint32_t m = 0; m < TIMBREL_PLAN_METHODS; ++m) {
        TimbrelPlanMethod* method = &header->methods[m];
        *method = builder->methods[m];
        place_view(builder, &method->in);
        place_view(builder, &method->out);
        for (uint32_t a = 0; a < 2; ++a) {
            place_view(builder, &method->amounts[a]);
        }
    }
}

/// A CONVOLVE step's sizes.
typedef struct {
    size_t groups, rows, channels, taps;
} Shape;

static Shape shape_of(const TimbrelPlanStep* step) {
    return (Shape){step->out.size[1], step->out.size[2], step->in[0].size[2], step->in[0].size[3]};
}

static bool fits_half(const TimbrelWeights* weights) {
    const float largest = 65504.0f;
    for (uint32_t i = 0; i < weights->count; ++i) {
        if (!(fabsf(weights->values[i]) <= largest)) {
            return false;
        }
    }
    return true;
}

/// Choose how a step's weights are kept; returns their bytes in the file.
static size_t choose_form(TimbrelPlanStep* step, const TimbrelWeights* weights,
                          TimbrelWeightForm form) {
    const Shape shape = shape_of(step);
    const size_t columns = (size_t)step->out.size[0] * step->out.size[3];
    if (shape.rows < narrow_rows) {
        step->flags |= TIMBREL_PLAN_NARROW;
    } else if (!weights->exact && form != TIMBREL_WEIGHTS_FULL && columns < reused_columns &&
               fits_half(weights)) {
        step->flags |= TIMBREL_PLAN_HALF;
    }
    return timbrel_weight_bytes(step);
}

/// Lay one panel of rows out as float32; what follows it is returned.
static void* pack_full(float* to, const float* from, size_t rows, size_t across) {
    for (size_t j = 0; j < across; ++j) {
        for (size_t row = 0; row < TIMBREL_PANEL; ++row) {
            *to++ = row < rows ? from[row * across + j] : 0.0f;
        }
    }
    return to;
}

/// The same as float16. Half of each rounding error is passed on to the row's next weight: where
/// neighbouring inputs are alike (taps of a slow signal, channels of one sign) errors cancel, which
/// is worth 2 to 8 dB in encoders, and where they are not it costs a fraction of one.
static void* pack_half(uint16_t* to, const float* from, size_t rows, size_t across) {
    float carried[TIMBREL_PANEL] = {0};
    for (size_t j = 0; j < across; ++j) {
        for (size_t row = 0; row < TIMBREL_PANEL; ++row) {
            const float wanted = row < rows ? from[row * across + j] + carried[row] : 0.0f;
            const uint16_t half = timbrel_half_from_float(wanted);
            carried[row] = 0.5f * (wanted - timbrel_half_to_float(half));
            *to++ = half;
        }
    }
    return to;
}

static void pack(const TimbrelPlanStep* step, const float* from, void* to) {
    const Shape shape = shape_of(step);
    const size_t across = shape.channels * shape.taps;
    if (step->flags & TIMBREL_PLAN_NARROW) {
        memcpy(to, from, shape.groups * shape.rows * across * sizeof(float));
        return;
    }
    for (size_t group = 0; group < shape.groups; ++group) {
        for (size_t panel = 0; panel < shape.rows; panel += TIMBREL_PANEL) {
            const size_t left = shape.rows - panel;
            const size_t rows = left < TIMBREL_PANEL ? left : TIMBREL_PANEL;
            const float* first = from + (group * shape.rows + panel) * across;
            to = step->flags & TIMBREL_PLAN_HALF ? pack_half(to, first, rows, across)
                                                 : pack_full(to, first, rows, across);
        }
    }
}

static uint64_t aligned(uint64_t bytes) {
    return (bytes + 63) / 64 * 64;
}

static TimbrelStatus write_all(int file, const char* bytes, size_t count) {
    if (lseek(file, 0, SEEK_SET) != 0) {
        return TIMBREL_IO_ERROR;
    }
    for (size_t done = 0; done < count;) {
        const ssize_t wrote = write(file, bytes + done, count - done);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return TIMBREL_IO_ERROR;
        }
        done += (size_t)wrote;
    }
    return TIMBREL_OK;
}

static void copy_text(char* to, size_t size, const char* from) {
    const size_t length = strnlen(from, size - 1);
    memcpy(to, from, length);
}

TimbrelStatus timbrel_layout_write(TimbrelBuilder* builder, const TimbrelModelInfo* info,
                                   const TimbrelLayoutOptions* options, int file) {
    TimbrelPlanHeader header = {.version = TIMBREL_PLAN_VERSION, .header_size = sizeof header};
    memcpy(header.magic, TIMBREL_PLAN_MAGIC, sizeof header.magic);
    copy_text(header.model_hash, sizeof header.model_hash, options->model_hash);
    copy_text(header.maker, sizeof header.maker, options->maker);
    header.frames = options->frames;
    header.step_count = builder->step_count;
    if (builder->failed || !place_buffers(builder, &header)) {
        return TIMBREL_NO_MEMORY;
    }
    place_views(builder, &header);

    uint64_t* places = calloc((size_t)builder->step_count + 1, sizeof *places);
    if (!places) {
        return TIMBREL_NO_MEMORY;
    }
    uint64_t bytes_in_all = 0;
    for (uint32_t i = 0; i < builder->step_count; ++i) {
        if (builder->steps[i].kind == TIMBREL_PLAN_CONVOLVE) {
            bytes_in_all += builder->weights[builder->steps[i].weights].count * sizeof(float);
        }
    }
    const bool small = bytes_in_all <= cached_weights;
    const TimbrelWeightForm form =
        options->form == TIMBREL_WEIGHTS_BEST && small ? TIMBREL_WEIGHTS_FULL : options->form;
    for (uint32_t i = 0; i < builder->step_count; ++i) {
        TimbrelPlanStep* step = &builder->steps[i];
        if (step->kind != TIMBREL_PLAN_CONVOLVE) {
            continue;
        }
        places[i] = header.weight_size;
        header.weight_size += aligned(choose_form(step, &builder->weights[step->weights], form));
    }
    header.steps = aligned(sizeof header + sizeof *info);
    header.constants = aligned(header.steps + builder->step_count * sizeof *builder->steps);
    header.weights = aligned(header.constants + (uint64_t)header.constant_count * sizeof(float));
    header.file_size = header.weights + header.weight_size;

    char* bytes = calloc(1, header.file_size);
    if (!bytes) {
        free(places);
        return TIMBREL_NO_MEMORY;
    }
    for (uint32_t i = 0; i < builder->step_count; ++i) {
        TimbrelPlanStep* step = &builder->steps[i];
        if (step->kind != TIMBREL_PLAN_CONVOLVE) {
            continue;
        }
        pack(step, builder->weights[step->weights].values, bytes + header.weights + places[i]);
        step->weights = places[i];
    }
    free(places);
    for (uint32_t i = 0; i < builder->buffer_count; ++i) {
        const TimbrelBuffer* buffer = &builder->buffers[i];
        const uint64_t from = buffer->kind == TIMBREL_BUFFER_STATE ? header.state_values : 0;
        if (buffer->kind != TIMBREL_BUFFER_TEMPORARY && buffer->place != idle) {
            memcpy(bytes + header.constants + (from + buffer->place) * sizeof(float),
                   buffer->values + buffer->low, (buffer->high - buffer->low + 1u) * sizeof(float));
        }
    }
    if (builder->step_count > 0) {
        memcpy(bytes + header.steps, builder->steps, builder->step_count * sizeof *builder->steps);
    }
    memcpy(bytes + sizeof header, info, sizeof *info);
    const size_t summed = offsetof(TimbrelPlanHeader, checksum) + sizeof header.checksum;
    memcpy(bytes, &header, sizeof header);
    header.checksum = XXH3_64bits(bytes + summed, header.file_size - summed);
    memcpy(bytes, &header, sizeof header);
    const TimbrelStatus status = write_all(file, bytes, header.file_size);
    free(bytes);
    return status;
}
