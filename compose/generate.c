// SPDX-License-Identifier: ISC
#include "generate.h"

#include "engine/base/random.h"

#include <kiss_fftr.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

static void draw_independent(const TimbrelStatistics* statistics, bool normal,
                             TimbrelRandom* random, TimbrelLatents* out) {
    for (size_t v = 0; v < out->rows * out->count; ++v) {
        const TimbrelLatentStatistics* latent = &statistics->latents[v % out->count];
        const double range = latent->maximum - latent->minimum;
        out->values[v] = normal ? latent->mean + latent->deviation * timbrel_random_normal(random)
                                : latent->minimum + range * timbrel_random_uniform(random);
    }
}

// Independent normal numbers along the principal axes, which exist where a Cholesky factor does
// not: latents that never change, or always do together.
static TimbrelStatus draw_correlated(const TimbrelStatistics* statistics, TimbrelRandom* random,
                                     TimbrelLatents* out, TimbrelError* error) {
    const uint32_t count = out->count;
    double variances[TIMBREL_MAX_LATENTS];
    double* axes = calloc((size_t)count * count, sizeof *axes);
    if (!axes) {
        return timbrel_error_no_memory(error);
    }
    const TimbrelStatus status = timbrel_statistics_axes(statistics, variances, axes, error);
    for (size_t r = 0; !status && r < out->rows; ++r) {
        double* row = out->values + r * count;
        for (uint32_t i = 0; i < count; ++i) {
            row[i] = statistics->latents[i].mean;
        }
        for (uint32_t k = 0; k < count; ++k) {
            const double along = sqrt(variances[k]) * timbrel_random_normal(random);
            for (uint32_t i = 0; i < count; ++i) {
                row[i] += along * axes[(size_t)k * count + i];
            }
        }
    }
    free(axes);
    return status;
}

// A stationary normal process with a given autocovariance, exactly, by circulant embedding (Davies
// and Harte 1987; Dietrich and Newsam 1997): the transform of the covariance laid around a circle
// is the variance of each frequency. The circle is longer than the rows and the lags together, so
// its two ends do not know of each other.
typedef struct {
    int length; // Values in the circle
    kiss_fftr_cfg forward;
    kiss_fftr_cfg inverse;
    float* circle;
    kiss_fft_cpx* spectrum; // length / 2 + 1
} Embedding;

static void free_embedding(Embedding* embedding) {
    kiss_fftr_free(embedding->forward);
    kiss_fftr_free(embedding->inverse);
    free(embedding->circle);
    free(embedding->spectrum);
}

static bool make_embedding(Embedding* embedding, size_t rows) {
    const int length = kiss_fftr_next_fast_size_real((int)(rows + TIMBREL_LAGS + 1));
    *embedding = (Embedding){
        .length = length,
        .forward = kiss_fftr_alloc(length, 0, NULL, NULL),
        .inverse = kiss_fftr_alloc(length, 1, NULL, NULL),
        .circle = calloc((size_t)length, sizeof(float)),
        .spectrum = calloc((size_t)length / 2 + 1, sizeof(kiss_fft_cpx)),
    };
    return embedding->forward && embedding->inverse && embedding->circle && embedding->spectrum;
}

static void walk_latent(const Embedding* embedding, const TimbrelLatentStatistics* latent,
                        TimbrelRandom* random) {
    const int length = embedding->length;
    float* circle = embedding->circle;
    for (int i = 0; i < length; ++i) {
        circle[i] = 0;
    }
    const double variance = latent->deviation * latent->deviation;
    circle[0] = (float)variance;
    for (int lag = 1; lag <= TIMBREL_LAGS; ++lag) {
        // Bartlett's window lets it end softly, and keeps every frequency's variance positive.
        const double taper = 1.0 - (double)lag / (TIMBREL_LAGS + 1);
        circle[lag] = circle[length - lag] =
            (float)(variance * taper * latent->autocorrelation[lag]);
    }
    kiss_fftr(embedding->forward, circle, embedding->spectrum);
    for (int f = 0; f <= length / 2; ++f) {
        const double power = fmax((double)embedding->spectrum[f].r, 0.0) / length;
        const bool real = f == 0 || f == length / 2;
        const double size = sqrt(real ? power : power / 2);
        embedding->spectrum[f].r = (float)(size * timbrel_random_normal(random));
        embedding->spectrum[f].i = real ? 0.0f : (float)(size * timbrel_random_normal(random));
    }
    kiss_fftri(embedding->inverse, embedding->spectrum, circle);
}

static TimbrelStatus draw_walk(const TimbrelStatistics* statistics, TimbrelRandom* random,
                               TimbrelLatents* out, TimbrelError* error) {
    Embedding embedding = {0};
    const bool made = out->rows < INT_MAX / 4 && make_embedding(&embedding, out->rows);
    for (uint32_t i = 0; made && i < out->count; ++i) {
        walk_latent(&embedding, &statistics->latents[i], random);
        for (size_t r = 0; r < out->rows; ++r) {
            out->values[r * out->count + i] =
                statistics->latents[i].mean + (double)embedding.circle[r];
        }
    }
    free_embedding(&embedding);
    if (!made) {
        return timbrel_error_no_memory(error);
    }
    return TIMBREL_OK;
}

static void keep_to_range(const TimbrelStatistics* statistics, bool whole, TimbrelLatents* out) {
    for (size_t v = 0; v < out->rows * out->count; ++v) {
        const TimbrelLatentStatistics* latent = &statistics->latents[v % out->count];
        const double value = whole ? round(out->values[v]) : out->values[v];
        out->values[v] = fmin(fmax(value, latent->minimum), latent->maximum);
    }
}

TimbrelStatus timbrel_generate(const TimbrelStatistics* statistics,
                               const TimbrelGenerateConfig* config, TimbrelLatents* out,
                               TimbrelError* error) {
    timbrel_latents_init(out, statistics->count, &statistics->origin);
    TimbrelRandom random = timbrel_random(config->seed);
    TimbrelStatus status = timbrel_latents_append(out, NULL, config->rows, error);
    if (!status && config->kind == TIMBREL_GENERATE_CORRELATED) {
        status = draw_correlated(statistics, &random, out, error);
    } else if (!status && config->kind == TIMBREL_GENERATE_WALK) {
        status = draw_walk(statistics, &random, out, error);
    } else if (!status) {
        draw_independent(statistics, config->kind == TIMBREL_GENERATE_NORMAL, &random, out);
    }
    if (status) {
        timbrel_latents_free(out);
        return status;
    }
    if (config->clamp || statistics->origin.discrete) {
        keep_to_range(statistics, statistics->origin.discrete, out);
    }
    return TIMBREL_OK;
}
