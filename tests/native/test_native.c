// SPDX-License-Identifier: ISC
// The native back end: calls of several of the plan's own lengths, sets of lanes, amounts of noise.
#include "engine/model/native/native.h"
#include "plans.h"
#include "tests/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { frames = 4, samples = frames * PLANS_RATIO };

/// out = in x normal amount + 7, in steps that take each other's memory.
static void* make_plan(size_t* size) {
    const uint32_t port[] = {1, PLANS_RATIO};
    const uint32_t wide[] = {1, 128};
    TimbrelBuilder builder = {0};
    TimbrelPlanMethod* method = &builder.methods[2];
    method->in = plans_temporary(&builder, 2, port);
    method->amounts[0] = plans_temporary(&builder, 0, NULL);
    method->amounts[1] = plans_temporary(&builder, 0, NULL);
    method->out = plans_temporary(&builder, 2, port);
    method->count = 3;
    TimbrelView amount = method->in;
    amount.space = method->amounts[0].space;
    amount.stride[0] = amount.stride[1] = 0;
    const TimbrelView scaled = plans_temporary(&builder, 2, port);
    const TimbrelView sevens = plans_temporary(&builder, 2, wide);
    TimbrelView some = sevens;
    some.size[1] = PLANS_RATIO;
    const TimbrelPlanStep steps[] = {
        {.kind = TIMBREL_PLAN_COMBINE,
         .function = TIMBREL_COMBINE_MULTIPLY,
         .out = scaled,
         .in = {method->in, amount}},
        {.kind = TIMBREL_PLAN_MAP,
         .function = TIMBREL_MAP_FILL,
         .numbers = {7.0f},
         .out = sevens,
         .in = {sevens}},
        {.kind = TIMBREL_PLAN_COMBINE,
         .function = TIMBREL_COMBINE_ADD,
         .numbers = {1.0f},
         .out = method->out,
         .in = {scaled, some}},
    };
    for (uint32_t i = 0; i < 3; ++i) {
        timbrel_builder_step(&builder, &steps[i]);
    }
    const TimbrelModelInfo info = plans_info(true);
    return plans_bytes(&builder, &info, true, size);
}

static TimbrelBackend* open_lanes(const void* bytes, size_t size, uint32_t lanes,
                                  TimbrelError* error) {
    const TimbrelNativeConfig config = {.max_samples = samples, .lanes = lanes, .seed = 3};
    const int file = memfd_create("plan", MFD_CLOEXEC);
    TimbrelBackend* backend = NULL;
    if (file >= 0 && write(file, bytes, size) == (ssize_t)size) {
        backend = timbrel_native_open(&config, file, "x.timbrel", error);
    }
    (void)close(file);
    return backend;
}

static TimbrelBackend* open_bytes(const void* bytes, size_t size, TimbrelError* error) {
    return open_lanes(bytes, size, 2, error);
}

/// state = state + in; out = state + normal draw x normal amount + uniform draw x uniform amount.
static void* make_drawing(size_t* size) {
    const uint32_t port[] = {1, PLANS_RATIO};
    TimbrelBuilder builder = {0};
    TimbrelPlanMethod* method = &builder.methods[2];
    method->in = plans_temporary(&builder, 2, port);
    method->out = plans_temporary(&builder, 2, port);
    const TimbrelView state = plans_view(
        timbrel_builder_buffer(&builder, TIMBREL_BUFFER_STATE, PLANS_RATIO, NULL), 2, port);
    const TimbrelPlanStep add = {.kind = TIMBREL_PLAN_COMBINE,
                                 .function = TIMBREL_COMBINE_ADD,
                                 .numbers = {1.0f},
                                 .out = state,
                                 .in = {state, method->in}};
    timbrel_builder_step(&builder, &add);
    TimbrelView sum = state;
    for (uint32_t i = 0; i < 2; ++i) {
        method->amounts[i] = plans_temporary(&builder, 0, NULL);
        TimbrelView amount = method->in;
        amount.space = method->amounts[i].space;
        amount.stride[0] = amount.stride[1] = 0;
        const TimbrelView drawn = plans_temporary(&builder, 2, port);
        const TimbrelView scaled = plans_temporary(&builder, 2, port);
        const TimbrelPlanStep steps[] = {
            {.kind = TIMBREL_PLAN_DRAW,
             .function = i == 0 ? TIMBREL_DRAW_NORMAL : TIMBREL_DRAW_UNIFORM,
             .numbers = {0.0f, 1.0f},
             .out = drawn},
            {.kind = TIMBREL_PLAN_COMBINE,
             .function = TIMBREL_COMBINE_MULTIPLY,
             .out = scaled,
             .in = {drawn, amount}},
            {.kind = TIMBREL_PLAN_COMBINE,
             .function = TIMBREL_COMBINE_ADD,
             .numbers = {1.0f},
             .out = i == 0 ? plans_temporary(&builder, 2, port) : method->out,
             .in = {sum, scaled}},
        };
        for (uint32_t k = 0; k < 3; ++k) {
            timbrel_builder_step(&builder, &steps[k]);
        }
        sum = steps[2].out;
    }
    method->count = builder.step_count;
    const TimbrelModelInfo info = plans_info(true);
    return plans_bytes(&builder, &info, true, size);
}

enum { times = 8 * frames };

/// What each lane gives in the first `times` frames.
typedef struct {
    float of[TIMBREL_MAX_LANES][times * PLANS_RATIO];
    uint32_t done[TIMBREL_MAX_LANES]; ///< Frames so far
} Sounds;

static float input_of(uint32_t lane, uint32_t sample) {
    return (float)(lane + 1) + 0.125f * (float)(sample % 5);
}

/// How much randomness a frame has.
static TimbrelAmounts amounts_of(uint32_t frame) {
    return (TimbrelAmounts){0.25f * (float)(frame % 5), 1.0f / (float)(1 + frame % 3)};
}

/// The next `count` frames of a set of lanes, which have all played as much.
static int play_set(TimbrelBackend* backend, uint32_t set, uint32_t count, Sounds* sounds) {
    TimbrelAmounts amounts[frames];
    const uint32_t length = count * PLANS_RATIO;
    uint32_t at = 0;
    for (uint32_t lane = 0; lane < backend->max_lanes; ++lane) {
        for (uint32_t i = 0; (set >> lane & 1u) && i < length; ++i) {
            backend->audio_in[at++] = input_of(lane, sounds->done[lane] * PLANS_RATIO + i);
        }
        for (uint32_t g = 0; (set >> lane & 1u) && g < count; ++g) {
            amounts[g] = amounts_of(sounds->done[lane] + g);
        }
    }
    const TimbrelCall call = {.step = TIMBREL_STEP_FORWARD,
                              .lanes = set,
                              .frames = count,
                              .amounts = amounts,
                              .varied = true};
    TimbrelError error;
    CHECK(!backend->ops->call(backend, &call, &error));
    at = 0;
    for (uint32_t lane = 0; lane < backend->max_lanes; ++lane) {
        if (set >> lane & 1u) {
            memcpy(sounds->of[lane] + (size_t)sounds->done[lane] * PLANS_RATIO,
                   backend->audio_out + at, length * sizeof(float));
            sounds->done[lane] += count;
            at += length;
        }
    }
    return 0;
}

/// Every lane by itself, frame by frame: what is right.
static int play_apart(TimbrelBackend* backend, Sounds* sounds) {
    TimbrelError error;
    CHECK(!backend->ops->reset(backend, TIMBREL_ALL_LANES, &error));
    *sounds = (Sounds){0};
    for (uint32_t lane = 0; lane < backend->max_lanes; ++lane) {
        for (uint32_t g = 0; g < times; ++g) {
            CHECK(!play_set(backend, 1u << lane, 1, sounds));
        }
    }
    return 0;
}

static bool differ(const float* a, const float* b) {
    uint32_t same = 0;
    for (uint32_t i = 0; i < PLANS_RATIO; ++i) {
        same += a[i] == b[i];
    }
    return same == 0;
}

/// Lanes, frames and steps draw numbers of their own; without randomness only the state sounds.
static int check_right(const Sounds* right) {
    float noise[TIMBREL_MAX_LANES][times * PLANS_RATIO];
    for (uint32_t lane = 0; lane < TIMBREL_MAX_LANES; ++lane) {
        for (uint32_t i = 0; i < times * PLANS_RATIO; ++i) {
            float state = 0.0f;
            for (uint32_t k = i % PLANS_RATIO; k <= i; k += PLANS_RATIO) {
                state += input_of(lane, k);
            }
            noise[lane][i] = right->of[lane][i] - state;
            CHECK(fabsf(noise[lane][i]) < 8.0f);
        }
    }
    for (uint32_t lane = 1; lane < TIMBREL_MAX_LANES; ++lane) {
        CHECK(differ(noise[lane], noise[0]) && differ(noise[lane] + PLANS_RATIO, noise[lane]));
    }
    return 0;
}

/// Sets of lanes in any order and calls of any length give what lanes give apart.
static int check_lanes(const void* bytes, size_t size, uint32_t lanes, Sounds* right,
                       Sounds* given) {
    TimbrelError error = {0};
    TimbrelBackend* backend = open_lanes(bytes, size, lanes, &error);
    CHECK(backend && backend->max_lanes == lanes && !play_apart(backend, right));
    CHECK(lanes < TIMBREL_MAX_LANES || !check_right(right));
    CHECK(!backend->ops->reset(backend, TIMBREL_ALL_LANES, &error));
    *given = (Sounds){0};
    const uint32_t all = timbrel_lanes_first(lanes);
    // Four frames: all at once, the lanes of `odd` and the rest, or each alone, the last one first.
    for (uint32_t round = 0; round < times / frames; ++round) {
        const uint32_t odd = 0xb2d5u >> round & all;
        if (round % 3 == 0) {
            CHECK(!play_set(backend, all, frames, given));
        } else if (round % 3 == 1) {
            for (uint32_t g = 0; g < frames; g += 2) {
                CHECK(!odd || !play_set(backend, odd, 2, given));
            }
            CHECK(odd == all || !play_set(backend, all & ~odd, frames, given));
        } else {
            for (uint32_t lane = lanes; lane-- > 0;) {
                CHECK(!play_set(backend, 1u << lane, frames, given));
            }
        }
    }
    CHECK(memcmp(given, right, sizeof *right) == 0);
    // One lane begins anew, the others do not notice.
    const uint32_t again = lanes - 1;
    CHECK(!backend->ops->reset(backend, 1u << again, &error));
    given->done[again] = 0;
    memset(given->of[again], 0, sizeof given->of[again]);
    for (uint32_t g = 0; g < times; g += frames) {
        CHECK(!play_set(backend, 1u << again, frames, given));
    }
    CHECK(memcmp(given, right, sizeof *right) == 0);
    const TimbrelCall wrong = {.step = TIMBREL_STEP_FORWARD, .lanes = 1u << lanes, .frames = 1};
    CHECK(backend->ops->call(backend, &wrong, &error) == TIMBREL_BAD_ARGUMENT);
    char words[64];
    (void)snprintf(words, sizeof words, "opened for %u lanes", lanes);
    CHECK(strstr(error.message, words));
    backend->ops->close(backend);
    return 0;
}

static int check_all_lanes(void) {
    size_t size = 0;
    void* bytes = make_drawing(&size);
    Sounds* right = calloc(2, sizeof *right);
    int failed = !bytes || !right;
    for (uint32_t lanes = 1; !failed && lanes <= TIMBREL_MAX_LANES; ++lanes) {
        failed |= check_lanes(bytes, size, lanes, right, right + 1);
    }
    free(right);
    free(bytes);
    return failed;
}

static int check_calls(const void* bytes, size_t size) {
    TimbrelError error = {0};
    TimbrelBackend* backend = open_bytes(bytes, size, &error);
    CHECK(backend && backend->max_frames == frames);
    for (uint32_t lanes = 1; lanes <= 2; ++lanes) {
        for (uint32_t i = 0; i < lanes * samples; ++i) {
            backend->audio_in[i] = (float)i;
        }
        const TimbrelAmounts amounts = {.normal = 0.5f};
        const TimbrelCall call = {.step = TIMBREL_STEP_FORWARD,
                                  .lanes = timbrel_lanes_first(lanes),
                                  .frames = frames,
                                  .amounts = &amounts};
        CHECK(!backend->ops->call(backend, &call, &error));
        for (uint32_t i = 0; i < lanes * samples; ++i) {
            CHECK(backend->audio_out[i] == 0.5f * (float)i + 7.0f);
        }
    }
    TimbrelCall wrong = {.step = TIMBREL_STEP_FORWARD, .lanes = 0, .frames = 1};
    CHECK(backend->ops->call(backend, &wrong, &error) == TIMBREL_BAD_ARGUMENT);
    wrong = (TimbrelCall){.step = TIMBREL_STEP_ENCODE, .lanes = 1, .frames = 1};
    CHECK(backend->ops->call(backend, &wrong, &error) == TIMBREL_BAD_ARGUMENT);
    wrong = (TimbrelCall){.step = TIMBREL_STEP_FORWARD, .lanes = 1, .frames = frames + 1};
    CHECK(backend->ops->call(backend, &wrong, &error) == TIMBREL_BAD_ARGUMENT);
    backend->ops->close(backend);
    return 0;
}

/// Damaged anywhere or cut off, it is refused with a sentence.
static int check_damage(char* bytes, size_t size) {
    TimbrelError error = {0};
    for (size_t at = 0; at < size; at += at < sizeof(TimbrelPlanHeader) ? 1 : 97) {
        bytes[at] ^= 0x10;
        CHECK(!open_bytes(bytes, size, &error));
        CHECK(error.status == TIMBREL_BAD_MODEL && strstr(error.message, "x.timbrel"));
        bytes[at] ^= 0x10;
    }
    for (size_t left = 1; left < size; left += 211) {
        CHECK(!open_bytes(bytes, left, &error));
        CHECK(error.status == TIMBREL_BAD_MODEL);
    }
    CHECK(!open_bytes(bytes, 0, &error));
    TimbrelBackend* backend = open_bytes(bytes, size, &error);
    CHECK(backend);
    backend->ops->close(backend);
    return 0;
}

/// A plan of one convolution of `across` weights, one row and one column, and of `others` steps.
static char* make_convolution(uint32_t across, uint32_t others, size_t* size) {
    const uint32_t port[] = {1, PLANS_RATIO};
    TimbrelBuilder builder = {0};
    TimbrelPlanMethod* method = &builder.methods[2];
    method->in = plans_temporary(&builder, 2, port);
    method->amounts[0] = method->amounts[1] = plans_temporary(&builder, 0, NULL);
    method->out = plans_temporary(&builder, 2, port);
    method->count = 1 + others;
    float* weights = calloc(across, sizeof *weights);
    if (!weights) {
        return NULL;
    }
    const TimbrelPlanStep step = {
        .kind = TIMBREL_PLAN_CONVOLVE,
        .weights = timbrel_builder_weights(&builder, weights, across, true),
        .out = {.space = method->out.space, .dims = 4, .size = {1, 1, 1, 1}},
        .in = {{.space = method->in.space, .dims = 5, .size = {1, 1, across, 1, 1}}},
    };
    free(weights);
    timbrel_builder_step(&builder, &step);
    const TimbrelPlanStep other = {
        .kind = TIMBREL_PLAN_MAP, .out = method->out, .in = {method->in}};
    for (uint32_t i = 0; i < others; ++i) {
        timbrel_builder_step(&builder, &other);
    }
    const TimbrelModelInfo info = plans_info(true);
    return plans_bytes(&builder, &info, true, size);
}

static bool passes(char* bytes, size_t size) {
    ((TimbrelPlanHeader*)(void*)bytes)->checksum = plans_checksum(bytes, size);
    TimbrelPlanFile plan;
    return !timbrel_plan_check(&plan, bytes, size);
}

/// A small file must not ask for more time or memory than there is: here by many convolutions of
/// the same weights, in as many columns of one and the same float.
static int check_greed(uint32_t across, uint32_t columns, bool modest) {
    enum { others = 5000 };
    size_t size = 0;
    char* bytes = make_convolution(across, others, &size);
    CHECK(bytes);
    TimbrelPlanHeader* header = (TimbrelPlanHeader*)(void*)bytes;
    TimbrelPlanStep* steps = (TimbrelPlanStep*)(void*)(bytes + header->steps);
    steps->out.size[3] = steps->in[0].size[4] = columns;
    CHECK(passes(bytes, size));
    for (uint32_t i = 1; i <= others; ++i) {
        steps[i] = steps[0];
    }
    CHECK(passes(bytes, size) == modest);
    header->step_count = header->methods[2].count = 1;
    CHECK(passes(bytes, size));
    header->arena_count = 1 << 27;
    CHECK(!passes(bytes, size));
    free(bytes);
    return 0;
}

/// Where a step does without an input, nothing of that view is checked: nor may it be read.
static int check_no_view(void) {
    for (uint32_t which = 0; which < PLANS_SAMPLES; ++which) {
        size_t size = 0;
        char* bytes = plans_sample(which, &size);
        CHECK(bytes);
        TimbrelPlanHeader* header = (TimbrelPlanHeader*)(void*)bytes;
        TimbrelPlanStep* steps = (TimbrelPlanStep*)(void*)(bytes + header->steps);
        for (uint32_t i = 0; i < header->step_count * TIMBREL_PLAN_INPUTS; ++i) {
            TimbrelView* view = &steps[i / TIMBREL_PLAN_INPUTS].in[i % TIMBREL_PLAN_INPUTS];
            if (view->space == TIMBREL_SPACE_NONE) {
                memset(view, 0xff, sizeof *view);
                view->space = TIMBREL_SPACE_NONE;
            }
        }
        header->checksum = plans_checksum(bytes, size);
        TimbrelError error = {0};
        TimbrelBackend* backend = open_bytes(bytes, size, &error);
        CHECK(backend);
        backend->ops->close(backend);
        free(bytes);
    }
    return 0;
}

int main(void) {
    size_t size = 0;
    char* bytes = make_plan(&size);
    CHECK(bytes);
    const int failed = check_calls(bytes, size) | check_all_lanes() | check_damage(bytes, size) |
                       check_no_view() | check_greed(1 << 10, 1, true) |
                       check_greed(1 << 14, 1, false) | check_greed(1 << 10, 1 << 17, false);
    free(bytes);
    return failed;
}
