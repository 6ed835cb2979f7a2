// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_INFO_H
#define TIMBREL_CLI_INFO_H

#include "engine/model/model.h"
#include "engine/stream/timing.h"

/// What `timbrel info` tells, and its two ways to print it.

/// The host that the latency is asked for.
typedef struct {
    double rate;    ///< Hz
    uint32_t block; ///< Samples
    TimbrelTiming timing;
    bool dual; ///< Two channels through a mono model
} InfoQuery;

typedef struct {
    const char* path;
    const TimbrelModelSummary* model;
    const InfoQuery* query;
    const TimbrelLatency* latency;
} Info;

const char* info_timing_name(TimbrelTiming timing);
const char* info_attribute_type(TimbrelAttributeType type);
const char* info_method_kind(uint32_t kind); ///< Word for a TimbrelMethodKind

/// The word for what a latent is.
const char* info_latent_kind(const TimbrelLatentMeaning* meaning);

/// How many times faster than real time one hop is in one lane.
double info_real_time_factor(const TimbrelModelSummary* model);

/// Both return the exit status.
int info_print_text(const Info* info);
int info_print_json(const Info* info);

#endif
