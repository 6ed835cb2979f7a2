// SPDX-License-Identifier: ISC
#include "builder.h"

#include <stdlib.h>
#include <string.h>

enum { most_floats = 1 << 28 }; // a gibibyte

void timbrel_builder_free(TimbrelBuilder* builder) {
    for (uint32_t i = 0; i < builder->buffer_count; ++i) {
        free(builder->buffers[i].values);
    }
    for (uint32_t i = 0; i < builder->weights_count; ++i) {
        free(builder->weights[i].values);
    }
    free(builder->buffers);
    free(builder->weights);
    free(builder->steps);
    *builder = (TimbrelBuilder){0};
}

/// Room for one more element of `size` bytes in a list.
static void* grow(TimbrelBuilder* builder, void* list, uint32_t count, uint32_t* room,
                  size_t size) {
    if (count < *room) {
        return list;
    }
    const uint32_t wanted = *room ? 2 * *room : 64;
    void* grown = realloc(list, wanted * size);
    if (!grown) {
        builder->failed = true;
        return list;
    }
    *room = wanted;
    return grown;
}

static float* copy_of(TimbrelBuilder* builder, const float* values, size_t count) {
    float* copy = calloc(count ? count : 1, sizeof *copy);
    if (!copy) {
        builder->failed = true;
    } else if (values) {
        memcpy(copy, values, count * sizeof *copy);
    }
    return copy;
}

uint32_t timbrel_builder_buffer(TimbrelBuilder* builder, TimbrelBufferKind kind, size_t count,
                                const float* values) {
    builder->buffers = grow(builder, builder->buffers, builder->buffer_count, &builder->buffer_room,
                            sizeof *builder->buffers);
    if (count > most_floats) {
        builder->failed = true;
    }
    if (builder->failed) {
        return 0;
    }
    TimbrelBuffer buffer = {.kind = kind, .count = (uint32_t)count};
    if (kind != TIMBREL_BUFFER_TEMPORARY) {
        buffer.values = copy_of(builder, values, count);
    }
    builder->buffers[builder->buffer_count] = buffer;
    return builder->buffer_count++;
}

uint32_t timbrel_builder_weights(TimbrelBuilder* builder, const float* values, size_t count,
                                 bool exact) {
    builder->weights = grow(builder, builder->weights, builder->weights_count,
                            &builder->weights_room, sizeof *builder->weights);
    if (count > most_floats) {
        builder->failed = true;
    }
    if (builder->failed) {
        return 0;
    }
    builder->weights[builder->weights_count] = (TimbrelWeights){
        .values = copy_of(builder, values, count), .count = (uint32_t)count, .exact = exact};
    return builder->weights_count++;
}

void timbrel_builder_step(TimbrelBuilder* builder, const TimbrelPlanStep* step) {
    builder->steps = grow(builder, builder->steps, builder->step_count, &builder->step_room,
                          sizeof *builder->steps);
    if (!builder->failed) {
        builder->steps[builder->step_count++] = *step;
    }
}
