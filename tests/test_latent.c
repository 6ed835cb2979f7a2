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
    timbrel_latent_process(state, controls, &value, 1, 1, discrete, 100.0);
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
    timbrel_latent_process(&state, &controls, frames + 1, 2, 20, false, 20.0);
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

int main(void) {
    CHECK(test_neutral() == 0);
    CHECK(test_bend() == 0);
    CHECK(test_freeze() == 0);
    CHECK(test_smoothing() == 0);
    CHECK(test_no_numbers() == 0);
    return 0;
}
