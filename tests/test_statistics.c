// SPDX-License-Identifier: ISC
#include "check.h"
#include "compose/generate.h"
#include "compose/statistics.h"
#include "engine/base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool near(double a, double b, double tolerance) {
    return fabs(a - b) <= tolerance;
}

// Small enough to be counted by hand: two files, three latents, of which one never changes.
static int test_by_hand(void) {
    const double first[] = {1, 10, 5, 2, 8, 5, 3, 6, 5};
    const double second[] = {6, 0, 5};
    TimbrelLatents parts[2];
    timbrel_latents_init(&parts[0], 3, NULL);
    timbrel_latents_init(&parts[1], 3, NULL);
    CHECK(timbrel_latents_append(&parts[0], first, 3, NULL) == TIMBREL_OK);
    CHECK(timbrel_latents_append(&parts[1], second, 1, NULL) == TIMBREL_OK);
    TimbrelStatistics* s = timbrel_statistics_new(parts, 2, NULL);
    CHECK(s && s->rows == 4 && s->files == 2 && s->count == 3);
    const TimbrelLatentStatistics* l = s->latents;
    CHECK(near(l[0].mean, 3, 1e-12) && near(l[0].deviation, sqrt(3.5), 1e-12));
    CHECK(l[0].minimum == 1 && l[0].maximum == 6);
    CHECK(near(l[0].percentiles[3], 2.5, 1e-12));  // numpy.percentile([1, 2, 3, 6], 50)
    CHECK(near(l[0].percentiles[2], 1.75, 1e-12)); // ... 25)
    // Deviations -2, -1, 0 | 3: one row on, within files only, 2 + 0 of 14.
    CHECK(l[0].autocorrelation[0] == 1 && near(l[0].autocorrelation[1], 2.0 / 14, 1e-12));
    CHECK(l[0].autocorrelation[2] == 0 && l[0].autocorrelation[TIMBREL_LAGS] == 0);
    CHECK(near(s->covariance[0][1], -7, 1e-12) && s->covariance[0][1] == s->covariance[1][0]);
    CHECK(near(timbrel_statistics_correlation(s, 0, 1), -1, 1e-12)); // y = 12 - 2 x
    CHECK(l[2].deviation == 0 && l[2].autocorrelation[1] == 0);
    CHECK(timbrel_statistics_correlation(s, 0, 2) == 0);

    double variances[3];
    double axes[9];
    CHECK(timbrel_statistics_axes(s, variances, axes, NULL) == TIMBREL_OK);
    CHECK(near(variances[0], 3.5 + 14, 1e-9) && near(variances[1], 0, 1e-9));
    CHECK(near(fabs(axes[1] / axes[0]), 2, 1e-9) && axes[1] > 0 && near(axes[2], 0, 1e-9));
    free(s);
    timbrel_latents_free(&parts[0]);
    timbrel_latents_free(&parts[1]);
    return 0;
}

enum { COUNT = 4, ROWS = 20000 };

// Latent 0 wanders slowly, 1 follows it, 2 turns sign with every row, 3 never changes.
static TimbrelStatistics* make_statistics(void) {
    const TimbrelOrigin origin = {.model = "m", .hash = "h", .rate = 48000, .ratio = 2048};
    TimbrelLatents latents;
    TimbrelRandom random = timbrel_random(5);
    double wander = 0;
    double turn = 0;
    timbrel_latents_init(&latents, COUNT, &origin);
    for (int r = 0; r < ROWS; ++r) {
        wander = 0.95 * wander + timbrel_random_normal(&random);
        turn = -0.8 * turn + timbrel_random_normal(&random);
        const double row[COUNT] = {2 + wander, -1 + wander + timbrel_random_normal(&random),
                                   0.1 * turn, 7};
        if (timbrel_latents_append(&latents, row, 1, NULL)) {
            return NULL;
        }
    }
    TimbrelStatistics* statistics = timbrel_statistics_new(&latents, 1, NULL);
    timbrel_latents_free(&latents);
    return statistics;
}

// Back to statistics: what was asked for is what comes out.
static TimbrelStatistics* measure(const TimbrelStatistics* from, TimbrelGenerateKind kind,
                                  uint64_t seed, bool clamp) {
    const TimbrelGenerateConfig config = {.kind = kind, .rows = ROWS, .seed = seed, .clamp = clamp};
    TimbrelLatents out;
    if (timbrel_generate(from, &config, &out, NULL)) {
        return NULL;
    }
    TimbrelStatistics* statistics = timbrel_statistics_new(&out, 1, NULL);
    timbrel_latents_free(&out);
    return statistics;
}

static int check_moments(const TimbrelStatistics* from, const TimbrelStatistics* made,
                         double tolerance) {
    for (uint32_t i = 0; i < COUNT; ++i) {
        const double deviation = from->latents[i].deviation;
        CHECK(near(made->latents[i].mean, from->latents[i].mean, tolerance * deviation + 1e-9));
        CHECK(near(made->latents[i].deviation, deviation, tolerance * deviation + 1e-5));
    }
    CHECK(near(made->latents[3].mean, 7, 1e-5) && near(made->latents[3].deviation, 0, 1e-5));
    return 0;
}

static int test_generate(const TimbrelStatistics* from) {
    TimbrelStatistics* made = measure(from, TIMBREL_GENERATE_NORMAL, 1, false);
    CHECK(made && !check_moments(from, made, 0.05));
    CHECK(near(timbrel_statistics_correlation(made, 0, 1), 0, 0.05));
    CHECK(near(made->latents[0].autocorrelation[1], 0, 0.05));
    CHECK(made->latents[0].maximum > from->latents[0].mean + 3 * from->latents[0].deviation);
    CHECK(strcmp(made->origin.hash, "h") == 0 && made->origin.ratio == 2048);
    free(made);

    made = measure(from, TIMBREL_GENERATE_UNIFORM, 1, false);
    CHECK(made);
    const double range = from->latents[0].maximum - from->latents[0].minimum;
    CHECK(made->latents[0].minimum >= from->latents[0].minimum);
    CHECK(made->latents[0].maximum <= from->latents[0].maximum);
    CHECK(near(made->latents[0].deviation, range / sqrt(12), 0.02 * range));
    free(made);

    made = measure(from, TIMBREL_GENERATE_CORRELATED, 1, false);
    CHECK(made && !check_moments(from, made, 0.05));
    for (uint32_t i = 0; i < COUNT; ++i) {
        for (uint32_t k = 0; k < COUNT; ++k) {
            CHECK(i == 3 || k == 3 ||
                  near(timbrel_statistics_correlation(made, i, k),
                       timbrel_statistics_correlation(from, i, k), 0.03));
        }
    }
    free(made);

    made = measure(from, TIMBREL_GENERATE_WALK, 1, false);
    CHECK(made && !check_moments(from, made, 0.2)); // The mean of a slow walk wanders itself
    for (size_t lag = 1; lag < 10; ++lag) {
        CHECK(near(made->latents[0].autocorrelation[lag], from->latents[0].autocorrelation[lag],
                   0.05));
        CHECK(near(made->latents[2].autocorrelation[lag], from->latents[2].autocorrelation[lag],
                   0.05));
    }
    free(made);

    for (int kind = TIMBREL_GENERATE_NORMAL; kind <= TIMBREL_GENERATE_WALK; ++kind) {
        made = measure(from, (TimbrelGenerateKind)kind, 1, true);
        CHECK(made);
        for (uint32_t i = 0; i < COUNT; ++i) {
            CHECK(made->latents[i].minimum >= from->latents[i].minimum - 1e-12);
            CHECK(made->latents[i].maximum <= from->latents[i].maximum + 1e-12);
        }
        TimbrelStatistics* again = measure(from, (TimbrelGenerateKind)kind, 1, true);
        TimbrelStatistics* other = measure(from, (TimbrelGenerateKind)kind, 2, true);
        CHECK(again && other);
        CHECK(memcmp(made->covariance, again->covariance, sizeof made->covariance) == 0);
        CHECK(memcmp(made->covariance, other->covariance, sizeof made->covariance) != 0);
        free(made);
        free(again);
        free(other);
    }
    return 0;
}

static int test_discrete(const TimbrelStatistics* statistics) {
    TimbrelStatistics* from = malloc(sizeof *from);
    CHECK(from);
    *from = *statistics;
    from->origin.discrete = true;
    from->latents[0].minimum = 0;
    from->latents[0].maximum = 5;
    const TimbrelGenerateConfig config = {.kind = TIMBREL_GENERATE_NORMAL, .rows = 1000};
    TimbrelLatents out;
    const TimbrelStatus status = timbrel_generate(from, &config, &out, NULL);
    free(from);
    CHECK(status == TIMBREL_OK);
    for (size_t r = 0; r < out.rows; ++r) {
        const double code = out.values[r * COUNT];
        CHECK(code == floor(code) && code >= 0 && code <= 5);
    }
    timbrel_latents_free(&out);
    return 0;
}

static int test_saved(const TimbrelStatistics* statistics) {
    char path[] = "/tmp/timbrel-statistics-XXXXXX";
    const int descriptor = mkstemp(path);
    CHECK(descriptor >= 0 && close(descriptor) == 0);
    TimbrelError error = {0};
    CHECK(timbrel_statistics_save(statistics, path, &error) == TIMBREL_OK);
    TimbrelStatistics* back = timbrel_statistics_load(path, &error);
    CHECK(back);
    CHECK(back->count == statistics->count && back->rows == statistics->rows);
    CHECK(memcmp(back->latents, statistics->latents, sizeof back->latents) == 0);
    CHECK(memcmp(back->covariance, statistics->covariance, sizeof back->covariance) == 0);
    CHECK(strcmp(back->origin.hash, statistics->origin.hash) == 0);
    free(back);
    CHECK(truncate(path, 5000) == 0);
    CHECK(!timbrel_statistics_load(path, &error) && strstr(error.message, path));
    (void)unlink(path);
    return 0;
}

int main(void) {
    TimbrelStatistics* statistics = make_statistics();
    CHECK(statistics);
    const int failed = test_by_hand() || test_generate(statistics) || test_discrete(statistics) ||
                       test_saved(statistics);
    free(statistics);
    return failed;
}
