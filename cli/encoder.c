// SPDX-License-Identifier: ISC
#include "encoder.h"

#include "engine/codec/encoder.h"
#include "message.h"
#include "progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct Encoder {
    const Playing* playing;
    TimbrelBackend* backend;
    TimbrelEncoder codec; // For the present sound
    bool sample;
    double* row;
    TimbrelEdges edges;
    double seconds;
};

// One sound on its way.
typedef struct {
    AudioSource* source;
    const char* name;
    TimbrelLatentWriter* writer;
    uint64_t total; // Samples read
    uint64_t raw;   // Raw rows so far
    uint64_t rows;  // Rows of the whole sound; UINT64_MAX until its end is seen
    bool sound;     // Not all of it is silence
    bool numbers;   // The model gave finite values
} Run;

void encoder_free(Encoder* encoder) {
    if (!encoder) {
        return;
    }
    timbrel_encoder_free(&encoder->codec);
    free(encoder->row);
    free(encoder->edges.lead);
    free(encoder->edges.trail);
    free(encoder);
}

Encoder* encoder_new(const Playing* playing, bool sample) {
    const TimbrelModelSummary* summary = timbrel_model_summary(playing->model);
    const TimbrelAlignment* alignment = &playing->alignment;
    const uint32_t latents = summary->info.latents;
    Encoder* encoder = calloc(1, sizeof *encoder);
    bool good = encoder != NULL;
    if (good) {
        *encoder = (Encoder){
            .playing = playing,
            .backend = timbrel_model_backend(playing->model),
            .sample = sample,
            .edges = {.lead_rows = alignment->lead, .trail_rows = alignment->trail},
        };
        encoder->row = calloc(latents, sizeof(double));
        encoder->edges.lead = calloc((size_t)alignment->lead * latents + 1, sizeof(double));
        encoder->edges.trail = calloc((size_t)alignment->trail * latents + 1, sizeof(double));
        good = encoder->row && encoder->edges.lead && encoder->edges.trail;
    }
    if (!good) {
        message_no_memory();
        encoder_free(encoder);
        return NULL;
    }
    return encoder;
}

const TimbrelEdges* encoder_edges(const Encoder* encoder) {
    return &encoder->edges;
}

double encoder_model_seconds(const Encoder* encoder) {
    return encoder->seconds;
}

static bool all_finite(const TimbrelEncoder* codec, uint32_t frames) {
    for (uint32_t c = 0; c < codec->channels; ++c) {
        const float* sound = timbrel_encoder_end(codec, c);
        for (uint32_t i = 0; i < frames; ++i) {
            if (!isfinite(sound[i])) {
                return false;
            }
        }
    }
    return true;
}

static bool any_sound(const TimbrelEncoder* codec, uint32_t frames) {
    for (uint32_t c = 0; c < codec->channels; ++c) {
        const float* sound = timbrel_encoder_end(codec, c);
        for (uint32_t i = 0; i < frames; ++i) {
            if (sound[i] != 0.0f) {
                return true;
            }
        }
    }
    return false;
}

// Fill the window; from the sound's end on with silence.
static bool fill_window(Encoder* encoder, Run* run) {
    TimbrelEncoder* codec = &encoder->codec;
    while (timbrel_encoder_missing(codec) > 0 && run->rows == UINT64_MAX) {
        float* to[TIMBREL_MAX_CHANNELS];
        for (uint32_t c = 0; c < codec->channels; ++c) {
            to[c] = timbrel_encoder_end(codec, c);
        }
        const int64_t frames = audio_source_read(run->source, to);
        if (frames < 0) {
            return false;
        }
        if (frames == 0) {
            const uint32_t ratio = codec->framing.ratio;
            run->rows = (run->total + ratio - 1) / ratio;
            break;
        }
        if (!all_finite(codec, (uint32_t)frames)) {
            message("The sound file \"%s\" holds invalid numbers; repair it first.", run->name);
            return false;
        }
        run->sound = run->sound || any_sound(codec, (uint32_t)frames);
        timbrel_encoder_put(codec, (uint32_t)frames);
        run->total += (uint64_t)frames;
    }
    timbrel_encoder_pad(codec);
    return true;
}

static bool call_model(Encoder* encoder, const Run* run) {
    TimbrelBackend* backend = encoder->backend;
    timbrel_encoder_fill(&encoder->codec, 1);
    const float amount = encoder->sample ? 1.0f : 0.0f;
    const TimbrelAmounts amounts = {amount, amount};
    const TimbrelCall call = {.step = TIMBREL_STEP_ENCODE,
                              .lanes = 1,
                              .frames = encoder->codec.framing.frames,
                              .amounts = &amounts};
    TimbrelError error = {0};
    struct timespec start;
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    const TimbrelStatus status = backend->ops->call(backend, &call, &error);
    encoder->seconds += progress_seconds(&start);
    if (status) {
        message("\"%s\" was not encoded: %s", run->name, error.message);
    }
    return status == TIMBREL_OK;
}

static bool take_row(Encoder* encoder, Run* run, const double* row) {
    const uint32_t latents = encoder->backend->info.latents;
    const uint32_t lead = encoder->edges.lead_rows;
    const uint64_t raw = run->raw++;
    TimbrelError error = {0};
    if (raw < lead) {
        memcpy(encoder->edges.lead + raw * latents, row, latents * sizeof *row);
    } else if (raw - lead < run->rows) {
        (void)timbrel_latent_writer_append(run->writer, row, 1, &error);
    } else {
        memcpy(encoder->edges.trail + (raw - lead - run->rows) * latents, row,
               latents * sizeof *row);
    }
    if (error.status) {
        message("%s", error.message);
    }
    return error.status == TIMBREL_OK;
}

// Raw rows that the sound is to give in all.
static uint64_t raw_end(const Encoder* encoder, const Run* run) {
    return run->rows == UINT64_MAX
               ? UINT64_MAX
               : run->rows + encoder->edges.lead_rows + encoder->edges.trail_rows;
}

static bool take_rows(Encoder* encoder, Run* run) {
    const TimbrelModelInfo* info = &encoder->backend->info;
    const TimbrelFraming* f = &encoder->codec.framing;
    const uint64_t end = raw_end(encoder, run);
    for (uint32_t g = f->before; g < f->before + f->advance && run->raw < end; ++g) {
        for (uint32_t i = 0; i < info->latents; ++i) {
            const float value = encoder->backend->latents[(size_t)i * f->frames + g];
            run->numbers = run->numbers || isfinite(value);
            encoder->row[i] = isfinite(value) ? (double)value : 0.0; // As the effect plays it
        }
        if (!take_row(encoder, run, encoder->row)) {
            return false;
        }
    }
    return true;
}

static bool start(Encoder* encoder, const Run* run) {
    TimbrelError error = {0};
    timbrel_encoder_free(&encoder->codec);
    if (!timbrel_encoder_init(&encoder->codec, encoder->playing->model,
                              audio_source_channels(run->source), audio_source_room(run->source))) {
        message_no_memory();
        return false;
    }
    struct timespec begun;
    (void)clock_gettime(CLOCK_MONOTONIC, &begun);
    const TimbrelStatus status =
        encoder->backend->ops->reset(encoder->backend, TIMBREL_ALL_LANES, &error);
    encoder->seconds += progress_seconds(&begun);
    if (status) {
        message("\"%s\" was not encoded: %s", run->name, error.message);
    }
    return status == TIMBREL_OK;
}

bool encoder_run(Encoder* encoder, AudioSource* source, const char* name,
                 TimbrelLatentWriter* writer, EncoderProgress* progress, void* handle) {
    Run run = {.source = source, .name = name, .writer = writer, .rows = UINT64_MAX};
    if (!start(encoder, &run)) {
        return false;
    }
    while (run.raw < raw_end(encoder, &run)) {
        if (!fill_window(encoder, &run)) {
            return false;
        }
        if (!call_model(encoder, &run) || !take_rows(encoder, &run) ||
            !progress(handle, run.total)) {
            return false;
        }
        timbrel_encoder_advance(&encoder->codec);
    }
    const bool good = run.numbers || !run.sound; // Silence may be 0/0
    if (!good) {
        message("The model %s makes invalid numbers of \"%s\"; choose another.",
                encoder->playing->origin.model, name);
    }
    return good;
}
