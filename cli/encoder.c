// SPDX-License-Identifier: ISC
#include "encoder.h"

#include "message.h"
#include "progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct Encoder {
    const Playing* playing;
    TimbrelBackend* backend;
    uint32_t hop;
    uint32_t window;
    uint32_t context; // Samples on each side of a window's hop, for a model that does not stream
    bool sample;
    float* in[TIMBREL_MAX_CHANNELS]; // Per model channel: the window, and what was read beyond
    uint32_t in_room;
    float* read[AUDIO_SOURCE_MAX_CHANNELS]; // One read, per channel of the source
    double* rows;                           // One hop's
    TimbrelEdges edges;
    double seconds;
};

// One sound on its way.
typedef struct {
    AudioSource* source;
    const char* name;
    TimbrelLatentWriter* writer;
    uint32_t filled; // Samples in Encoder::in
    uint64_t total;  // Samples read
    uint64_t raw;    // Raw rows so far
    uint64_t rows;   // Of the whole sound; UINT64_MAX until its end is seen
    bool sound;      // Not all of it is silence
    bool numbers;    // The model gave some
} Run;

void encoder_free(Encoder* encoder) {
    if (!encoder) {
        return;
    }
    for (size_t c = 0; c < TIMBREL_MAX_CHANNELS; ++c) {
        free(encoder->in[c]);
    }
    for (size_t c = 0; c < AUDIO_SOURCE_MAX_CHANNELS; ++c) {
        free(encoder->read[c]);
    }
    free(encoder->rows);
    free(encoder->edges.lead);
    free(encoder->edges.trail);
    free(encoder);
}

Encoder* encoder_new(const Playing* playing, bool sample) {
    const TimbrelModelSummary* const summary = timbrel_model_summary(playing->model);
    const Alignment* const alignment = &playing->alignment;
    const uint32_t latents = summary->info.latents;
    Encoder* const encoder = calloc(1, sizeof *encoder);
    bool good = encoder != NULL;
    if (good) {
        *encoder = (Encoder){
            .playing = playing,
            .backend = timbrel_model_backend(playing->model),
            .hop = summary->hop,
            .window = summary->window,
            .context = (summary->window - summary->hop) / 2,
            .sample = sample,
            .edges = {.lead_rows = alignment->lead, .trail_rows = alignment->trail},
        };
        encoder->rows =
            calloc((size_t)summary->hop / summary->info.ratio * latents, sizeof(double));
        encoder->edges.lead = calloc((size_t)alignment->lead * latents + 1, sizeof(double));
        encoder->edges.trail = calloc((size_t)alignment->trail * latents + 1, sizeof(double));
        good = encoder->rows && encoder->edges.lead && encoder->edges.trail;
    }
    if (!good) {
        message("Memory ran out; close other programs.");
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

// Buffers for a source: its channels and the size of its reads decide.
static bool make_room(Encoder* encoder, const AudioSource* source) {
    const uint32_t channels = encoder->backend->info.in_channels;
    const uint32_t room = encoder->window + audio_source_room(source);
    bool good = true;
    for (uint32_t c = 0; c < channels && room > encoder->in_room; ++c) {
        free(encoder->in[c]);
        encoder->in[c] = calloc(room, sizeof(float));
        good = good && encoder->in[c];
    }
    encoder->in_room = !good ? 0 : room > encoder->in_room ? room : encoder->in_room;
    for (uint32_t c = 0; c < audio_source_channels(source); ++c) {
        free(encoder->read[c]);
        encoder->read[c] = calloc(audio_source_room(source), sizeof(float));
        good = good && encoder->read[c];
    }
    if (!good) {
        message("Memory ran out; close other programs.");
    }
    return good;
}

// Sound channels -> model channels, after what is there.
static void take_sound(Encoder* encoder, const Run* run, uint32_t frames) {
    const uint32_t channels = audio_source_channels(run->source);
    const uint32_t inputs = encoder->backend->info.in_channels;
    for (uint32_t c = 0; c < inputs; ++c) {
        memcpy(encoder->in[c] + run->filled, encoder->read[c % channels], frames * sizeof(float));
    }
}

static bool all_finite(const Encoder* encoder, uint32_t from, uint32_t frames) {
    for (uint32_t c = 0; c < encoder->backend->info.in_channels; ++c) {
        for (uint32_t i = from; i < from + frames; ++i) {
            if (!isfinite(encoder->in[c][i])) {
                return false;
            }
        }
    }
    return true;
}

static bool any_sound(const Encoder* encoder, uint32_t from, uint32_t frames) {
    for (uint32_t c = 0; c < encoder->backend->info.in_channels; ++c) {
        for (uint32_t i = from; i < from + frames; ++i) {
            if (encoder->in[c][i] != 0.0f) {
                return true;
            }
        }
    }
    return false;
}

// Fill the window; from the sound's end on with silence.
static bool fill_window(Encoder* encoder, Run* run) {
    while (run->filled < encoder->window && run->rows == UINT64_MAX) {
        const int64_t frames = audio_source_read(run->source, encoder->read);
        if (frames < 0) {
            return false;
        }
        if (frames == 0) {
            const uint32_t ratio = encoder->backend->info.ratio;
            run->rows = (run->total + ratio - 1) / ratio;
            break;
        }
        take_sound(encoder, run, (uint32_t)frames);
        if (!all_finite(encoder, run->filled, (uint32_t)frames)) {
            message("The sound file \"%s\" holds samples that are no numbers; mend it first.",
                    run->name);
            return false;
        }
        run->sound = run->sound || any_sound(encoder, run->filled, (uint32_t)frames);
        run->filled += (uint32_t)frames;
        run->total += (uint64_t)frames;
    }
    for (uint32_t c = 0; c < encoder->backend->info.in_channels; ++c) {
        if (run->filled < encoder->window) {
            memset(encoder->in[c] + run->filled, 0,
                   (encoder->window - run->filled) * sizeof(float));
        }
    }
    if (run->filled < encoder->window) {
        run->filled = encoder->window;
    }
    return true;
}

static bool call_model(Encoder* encoder, const Run* run) {
    TimbrelBackend* const backend = encoder->backend;
    for (uint32_t c = 0; c < backend->info.in_channels; ++c) {
        memcpy(backend->audio_in + (size_t)c * encoder->window, encoder->in[c],
               encoder->window * sizeof(float));
    }
    const float amount = encoder->sample ? 1.0f : 0.0f;
    const TimbrelCall call = {.step = TIMBREL_STEP_ENCODE,
                              .batch = 1,
                              .frames = encoder->window / backend->info.ratio,
                              .normal_amount = amount,
                              .uniform_amount = amount};
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
    const TimbrelModelInfo* const info = &encoder->backend->info;
    const uint32_t frames = encoder->window / info->ratio;
    const uint32_t first = encoder->context / info->ratio;
    const uint64_t end = raw_end(encoder, run);
    for (uint32_t g = first; g < first + encoder->hop / info->ratio && run->raw < end; ++g) {
        for (uint32_t i = 0; i < info->latents; ++i) {
            const float value = encoder->backend->latents[(size_t)i * frames + g];
            run->numbers = run->numbers || isfinite(value);
            encoder->rows[i] = isfinite(value) ? (double)value : 0.0; // As the effect plays it
        }
        if (!take_row(encoder, run, encoder->rows)) {
            return false;
        }
    }
    return true;
}

static void advance(Encoder* encoder, Run* run) {
    run->filled -= encoder->hop;
    for (uint32_t c = 0; c < encoder->backend->info.in_channels; ++c) {
        memmove(encoder->in[c], encoder->in[c] + encoder->hop, run->filled * sizeof(float));
    }
}

static bool start(Encoder* encoder, const Run* run) {
    TimbrelError error = {0};
    if (!make_room(encoder, run->source)) {
        return false;
    }
    for (uint32_t c = 0; c < encoder->backend->info.in_channels; ++c) {
        memset(encoder->in[c], 0, encoder->context * sizeof(float)); // Before the sound: silence
    }
    struct timespec begun;
    (void)clock_gettime(CLOCK_MONOTONIC, &begun);
    const TimbrelStatus status = encoder->backend->ops->reset(encoder->backend, &error);
    encoder->seconds += progress_seconds(&begun);
    if (status) {
        message("\"%s\" was not encoded: %s", run->name, error.message);
    }
    return status == TIMBREL_OK;
}

bool encoder_run(Encoder* encoder, AudioSource* source, const char* name,
                 TimbrelLatentWriter* writer, EncoderProgress* progress, void* handle) {
    Run run = {.source = source,
               .name = name,
               .writer = writer,
               .filled = encoder->context,
               .rows = UINT64_MAX};
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
        advance(encoder, &run);
    }
    const bool good = run.numbers || !run.sound; // Silence may be 0/0
    if (!good) {
        message("The model %s gives values that are no numbers for \"%s\"; choose another.",
                encoder->playing->origin.model, name);
    }
    return good;
}
