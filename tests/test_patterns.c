// SPDX-License-Identifier: ISC
#include "check.h"
#include "compose/patterns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int make(TimbrelLatents* latents, const double* values, size_t rows, uint32_t count) {
    timbrel_latents_init(latents, count, NULL);
    CHECK(timbrel_latents_append(latents, values, rows, NULL) == TIMBREL_OK);
    return 0;
}

// One latent: rows are told by their value.
static int check_rows(TimbrelLatents* out, const double* expected, size_t rows) {
    CHECK(out->rows == rows);
    for (size_t r = 0; r < rows; ++r) {
        if (fabs(out->values[r] - expected[r]) > 1e-9) {
            (void)fprintf(stderr, "row %zu: %g, not %g\n", r, out->values[r], expected[r]);
        }
        CHECK(fabs(out->values[r] - expected[r]) <= 1e-9);
    }
    timbrel_latents_free(out);
    return 0;
}

static int test_fibo(void) {
    const double rows[] = {1, 2, 3, 4, 5, 6};
    const double expected[] = {1, 1, 1, 2, 1, 2, 3, 1, 2, 3, 4, 5};
    TimbrelLatents a;
    TimbrelLatents out;
    CHECK(!make(&a, rows, 6, 1));
    CHECK(timbrel_pattern_fibo(&a, &out, NULL) == TIMBREL_OK);
    CHECK(!check_rows(&out, expected, 12));
    a.rows = 1;
    CHECK(timbrel_pattern_fibo(&a, &out, NULL) == TIMBREL_OK);
    CHECK(!check_rows(&out, expected, 2));
    timbrel_latents_free(&a);
    return 0;
}

static int test_orale(void) {
    double values[200];
    for (int i = 0; i < 200; ++i) {
        values[i] = i % 2 ? 0 : i; // Latent 1 never changes, so nothing alters it
    }
    TimbrelLatents a;
    TimbrelLatents out;
    CHECK(!make(&a, values, 100, 2));
    const TimbrelOrale orale = {.depth = 2, .fraction = 0.25, .amount = 0.1, .seed = 3};
    CHECK(timbrel_pattern_orale(&a, &orale, &out, NULL) == TIMBREL_OK);
    CHECK(out.rows == 1600);
    for (size_t copy = 1; copy < 3; ++copy) {
        CHECK(memcmp(out.values, out.values + copy * 200, sizeof values) == 0);
        CHECK(memcmp(out.values, out.values + copy * 800, 4 * sizeof values) == 0);
    }
    size_t altered = 0;
    for (size_t v = 0; v < 200; ++v) {
        const double change = out.values[600 + v] - out.values[v];
        altered += change != 0;
        CHECK(v % 2 == 0 || change == 0);
        CHECK(fabs(change) < 0.1 * 58 * 5);
    }
    CHECK(altered > 10 && altered < 45);
    CHECK(memcmp(out.values, out.values + 2400, 4 * sizeof values) != 0);
    timbrel_latents_free(&out);
    const TimbrelOrale deep = {.depth = 30};
    TimbrelError error = {0};
    CHECK(timbrel_pattern_orale(&a, &deep, &out, &error) == TIMBREL_BAD_ARGUMENT);
    timbrel_latents_free(&a);
    return 0;
}

static int test_exchange(void) {
    const double a_values[] = {1, 2, 3, 4};
    const double b_values[] = {-1, -2, -3, -4};
    const double steps[] = {1, 2, 3, 4, -1, 2, 3, 4, -1, -2, 3, 4, -1, -2, -3, 4, -1, -2, -3, -4};
    TimbrelLatents a;
    TimbrelLatents b;
    TimbrelLatents out;
    CHECK(!make(&a, a_values, 2, 2) && !make(&b, b_values, 2, 2));
    CHECK(timbrel_pattern_blender(&a, &b, 1, &out, NULL) == TIMBREL_OK);
    CHECK(out.rows == 10 && memcmp(out.values, steps, sizeof steps) == 0);
    timbrel_latents_free(&out);
    CHECK(timbrel_pattern_blender(&a, &b, 3, &out, NULL) == TIMBREL_OK);
    CHECK(out.rows == 30 && memcmp(out.values + 12, steps + 4, 4 * sizeof *steps) == 0);
    timbrel_latents_free(&out);

    const TimbrelSwapper swapper = {.steps = 6, .values = 1, .repeats = 2, .seed = 1};
    CHECK(timbrel_pattern_swapper(&a, &b, &swapper, &out, NULL) == TIMBREL_OK);
    CHECK(out.rows == 48);
    const double* before_a = a_values;
    const double* before_b = b_values;
    for (size_t step = 0; step < 6; ++step) {
        const double* now_a = out.values + step * 16;
        const double* now_b = now_a + 8;
        CHECK(memcmp(now_a, now_a + 4, 4 * sizeof *now_a) == 0);
        CHECK(memcmp(now_b, now_b + 4, 4 * sizeof *now_b) == 0);
        size_t moved = 0;
        for (size_t v = 0; v < 4; ++v) {
            CHECK(now_a[v] + now_b[v] == 0); // Values stay at their place
            moved += now_a[v] != before_a[v];
            CHECK(now_a[v] == before_a[v] || now_a[v] == before_b[v]);
        }
        CHECK(moved == 1);
        before_a = now_a;
        before_b = now_b;
    }
    timbrel_latents_free(&out);
    b.rows = 1;
    TimbrelError error = {0};
    CHECK(timbrel_pattern_blender(&a, &b, 1, &out, &error) == TIMBREL_BAD_ARGUMENT);
    CHECK(strstr(error.message, "2 rows") && strstr(error.message, "1 of 2"));
    timbrel_latents_free(&a);
    timbrel_latents_free(&b);
    return 0;
}

static int test_loop(void) {
    const double values[] = {0, 1, 2, 3};
    const struct {
        TimbrelLoop loop;
        double expected[9];
    } cases[] = {
        {{TIMBREL_FORWARD, 9, 1, 1, 0}, {0, 1, 2, 3, 0, 1, 2, 3, 0}},
        {{TIMBREL_BACKWARD, 9, 1, 1, 0}, {3, 2, 1, 0, 3, 2, 1, 0, 3}},
        {{TIMBREL_THERE_AND_BACK, 9, 1, 1, 0}, {0, 1, 2, 3, 2, 1, 0, 1, 2}},
        {{TIMBREL_FORWARD, 9, 3, 3, 0}, {0, 3, 2, 1, 0, 3, 2, 1, 0}},
    };
    TimbrelLatents a;
    TimbrelLatents out;
    CHECK(!make(&a, values, 4, 1));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        CHECK(timbrel_pattern_loop(&a, &cases[i].loop, &out, NULL) == TIMBREL_OK);
        CHECK(!check_rows(&out, cases[i].expected, 9));
    }
    const TimbrelLoop wild = {TIMBREL_FORWARD, 1000, 1, 3, 7};
    CHECK(timbrel_pattern_loop(&a, &wild, &out, NULL) == TIMBREL_OK);
    size_t seen[4] = {0};
    for (size_t r = 1; r < out.rows; ++r) {
        ++seen[(int)(out.values[r] - out.values[r - 1] + 4) % 4];
    }
    CHECK(seen[0] == 0 && seen[1] > 250 && seen[2] > 250 && seen[3] > 250);
    timbrel_latents_free(&out);
    a.rows = 1;
    const TimbrelLoop one = {TIMBREL_THERE_AND_BACK, 3, 1, 1, 0};
    const double still[] = {0, 0, 0};
    CHECK(timbrel_pattern_loop(&a, &one, &out, NULL) == TIMBREL_OK);
    CHECK(!check_rows(&out, still, 3));
    timbrel_latents_free(&a);
    return 0;
}

static int test_morph(void) {
    const double a_values[] = {2, 0};
    const double b_values[] = {0, 4, 0, -4};
    const TimbrelMorphPoint points[] = {{0, 0}, {4, 1}};
    TimbrelLatents a;
    TimbrelLatents b;
    TimbrelLatents out;
    CHECK(!make(&a, a_values, 1, 2) && !make(&b, b_values, 2, 2));
    TimbrelMorph morph = {.rows = 6, .points = points, .point_count = 2};
    CHECK(timbrel_pattern_morph(&a, &b, &morph, &out, NULL) == TIMBREL_OK);
    const double straight[] = {2, 0, 1.5, -1, 1, 2, 0.5, -3, 0, 4, 0, -4};
    CHECK(out.rows == 6);
    for (size_t v = 0; v < 12; ++v) {
        CHECK(fabs(out.values[v] - straight[v]) < 1e-12);
    }
    timbrel_latents_free(&out);
    morph.spherical = true;
    CHECK(timbrel_pattern_morph(&a, &b, &morph, &out, NULL) == TIMBREL_OK);
    for (size_t r = 0; r < 5; ++r) {
        const double length = hypot(out.values[2 * r], out.values[2 * r + 1]);
        const double angle = atan2(fabs(out.values[2 * r + 1]), out.values[2 * r]);
        CHECK(fabs(length - (2 + 0.5 * (double)r)) < 1e-9);
        CHECK(fabs(angle - acos(-1) / 8 * (double)r) < 1e-9);
    }
    timbrel_latents_free(&out);
    // Opposite rows have no one way round between them: straight through.
    a.values[0] = 0;
    a.values[1] = 4;
    b.rows = 1;
    b.values[1] = -4;
    CHECK(timbrel_pattern_morph(&a, &b, &morph, &out, NULL) == TIMBREL_OK);
    CHECK(fabs(out.values[2 * 2 + 1]) < 1e-9);
    timbrel_latents_free(&out);
    timbrel_latents_free(&a);
    timbrel_latents_free(&b);
    return 0;
}

static int test_stretch(void) {
    const double values[] = {0, 10, 30};
    const double twice[] = {0, 5, 10, 20, 30, 30};
    const double held[] = {0, 0, 10, 10, 30, 30};
    const double once[] = {0};
    TimbrelLatents a;
    TimbrelLatents out;
    CHECK(!make(&a, values, 3, 1));
    CHECK(timbrel_pattern_stretch(&a, 2, false, &out, NULL) == TIMBREL_OK);
    CHECK(!check_rows(&out, twice, 6));
    CHECK(timbrel_pattern_stretch(&a, 2, true, &out, NULL) == TIMBREL_OK);
    CHECK(!check_rows(&out, held, 6));
    CHECK(timbrel_pattern_stretch(&a, 1, false, &out, NULL) == TIMBREL_OK);
    CHECK(!check_rows(&out, values, 3));
    CHECK(timbrel_pattern_stretch(&a, 1e-9, false, &out, NULL) == TIMBREL_OK);
    CHECK(!check_rows(&out, once, 1));
    CHECK(timbrel_pattern_stretch(&a, 1e300, false, &out, NULL) == TIMBREL_BAD_ARGUMENT);
    timbrel_latents_free(&a);
    return 0;
}

static int check_deform(const TimbrelLatents* a, TimbrelDeform deform, const double* expected) {
    deform.latents[0] = true;
    TimbrelLatents out;
    CHECK(timbrel_pattern_deform(a, &deform, &out, NULL) == TIMBREL_OK);
    for (size_t r = 0; r < a->rows; ++r) {
        CHECK(fabs(out.values[2 * r] - expected[r]) < 1e-9);
        CHECK(out.values[2 * r + 1] == a->values[2 * r + 1]); // Not chosen, not touched
    }
    timbrel_latents_free(&out);
    return 0;
}

static int test_deform(void) {
    const double values[] = {0, 9, 3, 9, 6, 9, 3, 9, 0.4, 9};
    TimbrelLatents a;
    CHECK(!make(&a, values, 5, 2));
    const TimbrelDeform none = {.hold = 1, .scale = 1, .smooth = 1};
    TimbrelDeform deform = none;
    CHECK(!check_deform(&a, deform, (const double[]){0, 3, 6, 3, 0.4}));
    deform.scale = -2;
    deform.offset = 1;
    CHECK(!check_deform(&a, deform, (const double[]){1, -5, -11, -5, 0.2}));
    deform = none;
    deform.hold = 2;
    deform.scale = 2;
    CHECK(!check_deform(&a, deform, (const double[]){0, 0, 12, 12, 0.8}));
    deform = none;
    deform.smooth = 3;
    CHECK(!check_deform(&a, deform, (const double[]){1.5, 3, 4, 9.4 / 3, 1.7}));
    deform = none;
    deform.quantise = 4;
    CHECK(!check_deform(&a, deform, (const double[]){0, 4, 8, 4, 0}));
    timbrel_latents_free(&a);

    TimbrelLatents flat;
    TimbrelLatents out;
    timbrel_latents_init(&flat, 1, NULL);
    CHECK(timbrel_latents_append(&flat, NULL, 10000, NULL) == TIMBREL_OK);
    deform = none;
    deform.latents[0] = true;
    deform.noise = 0.5;
    CHECK(timbrel_pattern_deform(&flat, &deform, &out, NULL) == TIMBREL_OK);
    double squares = 0;
    for (size_t r = 0; r < out.rows; ++r) {
        squares += out.values[r] * out.values[r];
    }
    CHECK(fabs(sqrt(squares / 10000) - 0.5) < 0.02);
    timbrel_latents_free(&out);
    timbrel_latents_free(&flat);
    return 0;
}

int main(void) {
    return test_fibo() || test_orale() || test_exchange() || test_loop() || test_morph() ||
           test_stretch() || test_deform();
}
