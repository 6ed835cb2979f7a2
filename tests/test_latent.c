// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/latents/bend.h"

#include <math.h>
#include <string.h>

static TimbrelLatentControls neutral(void) {
    float controls[TIMBREL_CONTROL_COUNT];
    TimbrelLatentControls latent;
    timbrel_controls_default(controls);
    timbrel_latent_controls(&latent, controls);
    return latent;
}

static float one(TimbrelLatentState* state, const TimbrelLatentControls* controls, float value,
                 bool discrete) {
    timbrel_latent_process(state, controls, &value, 1, 1, discrete, 100.0, 0.0);
    return value;
}

static int test_neutral(void) {
    TimbrelLatentState state = {0};
    const TimbrelLatentControls controls = neutral();
    float frames[40]; // 20 latents, 2 frames
    float before[40];
    for (int i = 0; i < 40; ++i) {
        frames[i] = 0.37f * (float)i - 5.0f;
    }
    memcpy(before, frames, sizeof frames);
    timbrel_latent_process(&state, &controls, frames + 1, 2, 20, false, 20.0, 12.3);
    CHECK(memcmp(frames, before, sizeof frames) == 0);
    return 0;
}

static int test_bend(void) {
    TimbrelLatentState state = {0};
    TimbrelLatentControls controls = neutral();
    controls.scale[0] = 2.0f;
    controls.bias[0] = -0.5f;
    CHECK(one(&state, &controls, 0.75f, false) == 1.0f);
    CHECK(one(&state, &controls, 7.0f, true) == 7.0f); // A code is not a quantity
    return 0;
}

static int test_freeze(void) {
    TimbrelLatentState state = {0};
    TimbrelLatentControls controls = neutral();
    controls.freeze = true;
    CHECK(one(&state, &controls, 0.25f, false) == 0.25f); // Nothing to hold yet
    CHECK(one(&state, &controls, 9.0f, false) == 0.25f);
    controls.bias[0] = 1.0f; // A frozen sound can be bent
    CHECK(one(&state, &controls, 9.0f, false) == 1.25f);
    controls.freeze = false;
    CHECK(one(&state, &controls, 3.0f, false) == 4.0f);
    return 0;
}

static int test_smoothing(void) {
    TimbrelLatentState state = {0};
    TimbrelLatentControls controls = neutral();
    controls.smoothing = 100.0f; // 10 frames at 100 a second
    CHECK(one(&state, &controls, 0.0f, false) == 0.0f);
    float value = 0.0f;
    for (int i = 0; i < 10; ++i) {
        value = one(&state, &controls, 1.0f, false);
    }
    CHECK(fabsf(value - (1.0f - expf(-1.0f))) < 1e-5f);
    TimbrelLatentState code = {0};
    (void)one(&code, &controls, 3.0f, true);
    CHECK(one(&code, &controls, 9.0f, true) == 9.0f);
    return 0;
}

static int test_no_numbers(void) {
    TimbrelLatentState state = {0};
    TimbrelLatentControls controls = neutral();
    controls.smoothing = 50.0f;
    CHECK(one(&state, &controls, NAN, false) == 0.0f);
    CHECK(isfinite(one(&state, &controls, INFINITY, false)));
    CHECK(isfinite(one(&state, &controls, 1.0f, false)));
    return 0;
}

static int test_overflow(void) {
    TimbrelLatentState state = {0};
    TimbrelLatentControls controls = neutral();
    controls.smoothing = 50.0f;
    controls.scale[0] = 4.0f;
    CHECK(one(&state, &controls, 1.0f, false) == 4.0f);
    CHECK(isfinite(one(&state, &controls, 3e38f, false)));
    CHECK(isfinite(one(&state, &controls, 1.0f, false)));
    return 0;
}

enum { many = 20 };

/// Route a frame of 0, 1, 2, ... that other frames lie between.
static void route(const TimbrelLatentControls* controls, uint32_t latents, bool discrete,
                  float* routed) {
    TimbrelLatentState state = {0};
    float frames[2 * many];
    for (uint32_t i = 0; i < 2 * latents; ++i) {
        frames[i] = i % 2 ? -1.0f : 0.5f * (float)i;
    }
    timbrel_latent_process(&state, controls, frames, 2, latents, discrete, 100.0, 0.0);
    for (uint32_t i = 0; i < latents; ++i) {
        routed[i] = frames[2 * (size_t)i];
    }
}

static int test_turned(void) {
    float routed[many];
    TimbrelLatentControls controls = neutral();
    controls.route = TIMBREL_ROUTE_TURNED;
    for (uint32_t by = 0; by < 128; ++by) {
        controls.route_by = by;
        route(&controls, 5, false, routed);
        for (uint32_t i = 0; i < 5; ++i) {
            CHECK(routed[i] == (float)((i + by) % 5));
        }
    }
    controls.route_by = 1;
    route(&controls, 1, false, routed);
    CHECK(routed[0] == 0.0f);
    route(&controls, 5, true, routed);
    CHECK(routed[0] == 0.0f); // Codes stay in their places
    // What follows acts on the latents that are played.
    controls.bias[0] = 0.25f;
    controls.scale[1] = 2.0f;
    route(&controls, 5, false, routed);
    CHECK(routed[0] == 1.25f && routed[1] == 4.0f && routed[2] == 3.0f);
    return 0;
}

static int test_shuffled(void) {
    float routed[many];
    float other[many];
    TimbrelLatentControls controls = neutral();
    controls.route = TIMBREL_ROUTE_SHUFFLED;
    controls.route_by = 3;
    route(&controls, 8, false, routed);
    // The same on every machine and in every version, as sessions keep the seed only.
    const float kept[8] = {1.0f, 3.0f, 0.0f, 6.0f, 2.0f, 4.0f, 7.0f, 5.0f};
    CHECK(memcmp(routed, kept, sizeof kept) == 0);
    uint32_t alike = 0;
    for (uint32_t by = 0; by < 128; ++by) {
        controls.route_by = by;
        route(&controls, many, false, routed);
        uint32_t seen = 0;
        for (uint32_t i = 0; i < many; ++i) {
            seen |= 1u << (uint32_t)routed[i];
        }
        CHECK(seen == (1u << many) - 1); // Each once
        alike += by > 0 && memcmp(routed, other, sizeof routed) == 0;
        memcpy(other, routed, sizeof routed);
    }
    CHECK(alike == 0);
    return 0;
}

/// A frozen sound stays as it was routed.
static int test_route_freeze(void) {
    TimbrelLatentState state = {0};
    TimbrelLatentControls controls = neutral();
    controls.route = TIMBREL_ROUTE_TURNED;
    controls.route_by = 1;
    controls.freeze = true;
    float frame[3] = {1.0f, 2.0f, 3.0f};
    for (int i = 0; i < 3; ++i) {
        timbrel_latent_process(&state, &controls, frame, 1, 3, false, 100.0, 0.0);
        CHECK(frame[0] == 2.0f && frame[1] == 3.0f && frame[2] == 1.0f);
    }
    return 0;
}

/// What jitter adds to each latent at a time.
static void jitter_at(const TimbrelLatentControls* controls, double seconds, float* moved) {
    TimbrelLatentState state = {0};
    memset(moved, 0, many * sizeof(float));
    timbrel_latent_process(&state, controls, moved, 1, many, false, 100.0, seconds);
}

/// Mean 0 and the deviation asked for, at any part of the way between two moments; bounded.
static int test_jitter_size(void) {
    TimbrelLatentControls controls = neutral();
    controls.jitter = 0.5f;
    controls.jitter_rate = 2.0f;
    for (int part = 0; part < 4; ++part) {
        double sum = 0.0;
        double squares = 0.0;
        const int times = 2000;
        for (int t = 0; t < times; ++t) {
            float moved[many];
            jitter_at(&controls, 0.5 * t + 0.125 * part, moved);
            for (int i = 0; i < many; ++i) {
                CHECK(fabsf(moved[i]) < 0.5f * 2.5f);
                sum += (double)moved[i];
                squares += (double)(moved[i] * moved[i]);
            }
        }
        CHECK(fabs(sum / (times * many)) < 0.01);
        CHECK(fabs(sqrt(squares / (times * many)) - 0.5) < 0.01);
    }
    return 0;
}

/// It moves slowly, without jumps, each latent by itself, also before the song begins.
static int test_jitter_motion(void) {
    TimbrelLatentControls controls = neutral();
    controls.jitter = 1.0f;
    controls.jitter_rate = 1.0f;
    float before[many];
    float moved[many];
    double products[many] = {0.0};
    double fastest = 0.0;
    jitter_at(&controls, -50.0, before);
    for (int t = 1; t <= 100000; ++t) {
        jitter_at(&controls, 0.001 * t - 50.0, moved);
        for (int i = 0; i < many; ++i) {
            fastest = fmax(fastest, fabs((double)moved[i] - (double)before[i]));
            products[i] += (double)(moved[0] * moved[i]);
        }
        memcpy(before, moved, sizeof before);
    }
    CHECK(fastest > 0.003 && fastest < 0.01);
    for (int i = 1; i < many; ++i) {
        CHECK(fabs(products[i]) < 0.35 * products[0]);
    }
    // Twice the rate is the same motion in half the time.
    controls.jitter_rate = 2.0f;
    jitter_at(&controls, 25.0, before);
    CHECK(memcmp(before, moved, sizeof before) == 0);
    return 0;
}

/// Its value is that of the place in the song, whatever was played before.
static int test_jitter_place(void) {
    TimbrelLatentControls controls = neutral();
    controls.jitter = 1.0f;
    float first[many];
    jitter_at(&controls, 12.34, first);
    // The same on every machine and in every version: an export repeats.
    CHECK(fabsf(first[0] + 1.6576507f) < 1e-6f);
    CHECK(fabsf(first[19] - 1.2890402f) < 1e-6f);
    TimbrelLatentState state = {0};
    for (int t = 0; t < 10; ++t) {
        float frame[many] = {1.0f};
        const double seconds = t == 9 ? 12.34 : 3.0 * t;
        timbrel_latent_process(&state, &controls, frame, 1, many, false, 100.0, seconds);
        CHECK((memcmp(frame + 1, first + 1, sizeof first - sizeof(float)) == 0) == (t == 9));
    }
    float code = 3.0f;
    timbrel_latent_process(&state, &controls, &code, 1, 1, true, 100.0, 12.34);
    CHECK(code == 3.0f);
    const double odd[] = {(double)NAN, (double)INFINITY, 1e300, -1e18};
    float zero[many];
    jitter_at(&controls, 0.0, zero);
    for (int i = 0; i < 4; ++i) {
        jitter_at(&controls, odd[i], first);
        CHECK(memcmp(first, zero, sizeof zero) == 0);
    }
    return 0;
}

static int test_quantise(void) {
    TimbrelLatentState state = {0};
    TimbrelLatentControls controls = neutral();
    controls.quantise = 0.5f;
    CHECK(one(&state, &controls, 0.6f, false) == 0.5f);
    CHECK(one(&state, &controls, 0.8f, false) == 1.0f);
    CHECK(one(&state, &controls, -0.3f, false) == -0.5f);
    CHECK(one(&state, &controls, 3.2f, true) == 3.2f);
    controls.bias[0] = 0.3f; // What was moved is in steps too
    CHECK(one(&state, &controls, 0.0f, false) == 0.5f);
    controls.jitter = 1.0f;
    for (int i = 0; i < 50; ++i) {
        float value = 0.0f;
        timbrel_latent_process(&state, &controls, &value, 1, 1, false, 100.0, 0.37 * i);
        CHECK(fmodf(value, 0.5f) == 0.0f);
    }
    controls = neutral();
    controls.quantise = 1e-45f;
    CHECK(one(&state, &controls, 0.3f, false) == 0.3f);
    return 0;
}

/// The slope of smoothing has no steps.
static int test_quantise_smoothing(void) {
    TimbrelLatentState state = {0};
    TimbrelLatentControls controls = neutral();
    controls.quantise = 1.0f;
    controls.smoothing = 100.0f;
    CHECK(one(&state, &controls, 0.2f, false) == 0.0f);
    float value = 0.0f;
    for (int i = 0; i < 10; ++i) {
        value = one(&state, &controls, 0.9f, false);
    }
    CHECK(fabsf(value - (1.0f - expf(-1.0f))) < 1e-5f);
    return 0;
}

int main(void) {
    CHECK(test_neutral() == 0);
    CHECK(test_bend() == 0);
    CHECK(test_freeze() == 0);
    CHECK(test_smoothing() == 0);
    CHECK(test_no_numbers() == 0);
    CHECK(test_overflow() == 0);
    CHECK(test_turned() == 0);
    CHECK(test_shuffled() == 0);
    CHECK(test_route_freeze() == 0);
    CHECK(test_jitter_size() == 0);
    CHECK(test_jitter_motion() == 0);
    CHECK(test_jitter_place() == 0);
    CHECK(test_quantise() == 0);
    CHECK(test_quantise_smoothing() == 0);
    return 0;
}
