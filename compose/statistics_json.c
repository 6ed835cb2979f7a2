// SPDX-License-Identifier: ISC
#include "engine/files/description.h"
#include "engine/files/input.h"
#include "engine/files/output.h"
#include "statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static json_t* numbers_to_json(const double* values, size_t count) {
    json_t* list = json_array();
    for (size_t i = 0; i < count; ++i) {
        json_array_append_new(list, json_real(values[i]));
    }
    return list;
}

static json_t* latent_to_json(const TimbrelLatentStatistics* latent) {
    json_t* json =
        json_pack("{s:f, s:f, s:f, s:f}", "mean", latent->mean, "deviation", latent->deviation,
                  "minimum", latent->minimum, "maximum", latent->maximum);
    json_t* percentiles = json_object();
    for (size_t i = 0; i < TIMBREL_PERCENTILES; ++i) {
        char name[16];
        (void)snprintf(name, sizeof name, "%d", timbrel_percentiles[i]);
        json_object_set_new(percentiles, name, json_real(latent->percentiles[i]));
    }
    json_object_set_new(json, "percentiles", percentiles);
    json_object_set_new(json, "autocorrelation",
                        numbers_to_json(latent->autocorrelation, TIMBREL_LAGS + 1));
    return json;
}

static json_t* to_json(const TimbrelStatistics* statistics) {
    json_t* json = json_pack("{s:s, s:I, s:I}", "timbrel", "statistics", "rows",
                             (json_int_t)statistics->rows, "files", (json_int_t)statistics->files);
    json_t* latents = json_array();
    json_t* covariance = json_array();
    json_t* correlation = json_array();
    timbrel_origin_to_json(&statistics->origin, json);
    for (uint32_t i = 0; i < statistics->count; ++i) {
        double row[TIMBREL_MAX_LATENTS];
        for (uint32_t k = 0; k < statistics->count; ++k) {
            row[k] = timbrel_statistics_correlation(statistics, i, k);
        }
        json_array_append_new(latents, latent_to_json(&statistics->latents[i]));
        json_array_append_new(covariance,
                              numbers_to_json(statistics->covariance[i], statistics->count));
        json_array_append_new(correlation, numbers_to_json(row, statistics->count));
    }
    json_object_set_new(json, "latents", latents);
    json_object_set_new(json, "covariance", covariance);
    json_object_set_new(json, "correlation", correlation);
    return json;
}

TimbrelStatus timbrel_statistics_save(const TimbrelStatistics* statistics, const char* path,
                                      TimbrelError* error) {
    TimbrelOutput* output = timbrel_output_open(path, error);
    if (!output) {
        return TIMBREL_IO_ERROR;
    }
    const int descriptor = timbrel_output_descriptor(output);
    json_t* json = to_json(statistics);
    const bool written = json && json_dumpfd(json, descriptor, JSON_INDENT(1)) == 0 &&
                         write(descriptor, "\n", 1) == 1;
    json_decref(json);
    if (written) {
        return timbrel_output_finish(output, error);
    }
    timbrel_output_discard(output);
    return timbrel_error_set(error, TIMBREL_IO_ERROR,
                             "Writing \"%s\" failed; check the free space.", path);
}

TimbrelStatus timbrel_statistics_write(const TimbrelStatistics* statistics, FILE* stream,
                                       TimbrelError* error) {
    json_t* json = to_json(statistics);
    const bool written = json && json_dumpf(json, stream, JSON_INDENT(1)) == 0 &&
                         fputc('\n', stream) != EOF && fflush(stream) == 0;
    json_decref(json);
    if (written) {
        return TIMBREL_OK;
    }
    return timbrel_error_set(error, TIMBREL_IO_ERROR,
                             "The statistics could not be written; check the disk and memory.");
}

static bool get_numbers(const json_t* list, double* values, size_t count) {
    if (json_array_size(list) != count) {
        return false;
    }
    for (size_t i = 0; i < count; ++i) {
        const json_t* value = json_array_get(list, i);
        if (!json_is_number(value)) {
            return false;
        }
        values[i] = json_number_value(value);
    }
    return true;
}

static bool get_number(const json_t* json, const char* key, double* value) {
    const json_t* number = json_object_get(json, key);
    *value = json_number_value(number);
    return json_is_number(number);
}

static bool latent_from_json(const json_t* json, TimbrelLatentStatistics* latent) {
    const json_t* percentiles = json_object_get(json, "percentiles");
    bool good = get_number(json, "mean", &latent->mean) &&
                get_number(json, "deviation", &latent->deviation) && latent->deviation >= 0 &&
                get_number(json, "minimum", &latent->minimum) &&
                get_number(json, "maximum", &latent->maximum) && latent->minimum <= latent->maximum;
    for (size_t i = 0; good && i < TIMBREL_PERCENTILES; ++i) {
        char name[16];
        (void)snprintf(name, sizeof name, "%d", timbrel_percentiles[i]);
        good = get_number(percentiles, name, &latent->percentiles[i]);
    }
    return good && get_numbers(json_object_get(json, "autocorrelation"), latent->autocorrelation,
                               TIMBREL_LAGS + 1);
}

static bool from_json(const json_t* json, TimbrelStatistics* statistics) {
    const char* kind = json_string_value(json_object_get(json, "timbrel"));
    const json_t* latents = json_object_get(json, "latents");
    const json_t* covariance = json_object_get(json, "covariance");
    const size_t count = json_array_size(latents);
    bool good = kind && strcmp(kind, "statistics") == 0 && count >= 1 &&
                count <= TIMBREL_MAX_LATENTS && json_array_size(covariance) == count &&
                timbrel_origin_from_json(json, &statistics->origin);
    statistics->count = (uint32_t)count;
    statistics->rows = (uint64_t)json_integer_value(json_object_get(json, "rows"));
    statistics->files = (uint64_t)json_integer_value(json_object_get(json, "files"));
    for (size_t i = 0; good && i < count; ++i) {
        good = latent_from_json(json_array_get(latents, i), &statistics->latents[i]) &&
               get_numbers(json_array_get(covariance, i), statistics->covariance[i], count);
    }
    return good;
}

TimbrelStatistics* timbrel_statistics_load(const char* path, TimbrelError* error) {
    const char* name = timbrel_input_name(path);
    const int descriptor = timbrel_input_open(path, error);
    if (descriptor < 0) {
        return NULL;
    }
    json_t* json = json_loadfd(descriptor, JSON_REJECT_DUPLICATES, NULL);
    (void)close(descriptor);
    TimbrelStatistics* statistics = calloc(1, sizeof *statistics);
    if (!statistics) {
        (void)timbrel_error_no_memory(error);
    } else if (!from_json(json, statistics)) {
        (void)timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                                "\"%s\" holds no statistics of latents; make them with `timbrel "
                                "stats --save'.",
                                name);
        free(statistics);
        statistics = NULL;
    }
    json_decref(json);
    return statistics;
}
