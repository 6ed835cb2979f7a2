// SPDX-License-Identifier: ISC
#include "decoder.h"

#include "engine/base/denormal.h"
#include "engine/codec/decoder.h"
#include "message.h"
#include "progress.h"
#include "stopping.h"

typedef struct {
    const Playing* playing;
    const TimbrelModelSummary* summary;
    TimbrelBackend* backend;
    const TimbrelLatents* latents;
    const DecoderAmounts* amounts;
    TimbrelDecoder codec;
} Decoder;

// The raw row that decode is fed with; whatever lies outside is held.
static const double* raw_row(const Decoder* decoder, int64_t raw) {
    const TimbrelLatents* latents = decoder->latents;
    const TimbrelEdges* edges = &latents->edges;
    const TimbrelAlignment* alignment = &decoder->playing->alignment;
    const int64_t rows = (int64_t)latents->rows;
    const int64_t row = raw - alignment->lead;
    if (row < 0 && edges->lead_rows == alignment->lead && raw >= 0) {
        return edges->lead + raw * latents->count;
    }
    if (row >= rows && edges->trail_rows > 0 && edges->trail_rows == alignment->trail) {
        const int64_t last = alignment->trail - 1;
        return edges->trail + (row - rows < last ? row - rows : last) * latents->count;
    }
    return latents->values + (row < 0 ? 0 : row < rows ? row : rows - 1) * latents->count;
}

static bool call_model(const Decoder* decoder, uint64_t hop) {
    TimbrelBackend* backend = decoder->backend;
    const TimbrelFraming* framing = &decoder->codec.framing;
    const uint32_t frames = framing->frames;
    for (uint32_t g = 0; g < frames; ++g) {
        const double* row = raw_row(decoder, timbrel_framing_frame(framing, hop, g));
        for (uint32_t i = 0; i < backend->info.latents; ++i) {
            backend->latents[(size_t)i * frames + g] = (float)row[i];
        }
    }
    const TimbrelAmounts amounts = {decoder->amounts->randomness, decoder->amounts->noise};
    const TimbrelCall call = {
        .step = TIMBREL_STEP_DECODE, .lanes = 1, .frames = frames, .amounts = &amounts};
    TimbrelError error = {0};
    const TimbrelStatus status = backend->ops->call(backend, &call, &error);
    if (status && !stopping_asked()) { // Else the terminal's signal reached the model's process too
        message("%s", error.message);
    }
    return status == TIMBREL_OK;
}

static bool take_output(Decoder* decoder) {
    const bool finite = timbrel_decoder_take(&decoder->codec, 1);
    if (!finite) {
        message("The model %s makes invalid numbers of these latents; choose others.",
                decoder->summary->name);
    }
    return finite;
}

static bool play(Decoder* decoder, AudioSink* sink, Progress* progress) {
    const TimbrelModelSummary* summary = decoder->summary;
    const uint64_t to_write = (uint64_t)decoder->latents->rows * summary->info.ratio;
    // What is crossfaded comes that much late.
    uint64_t to_drop = (uint64_t)decoder->playing->alignment.delay + summary->overlap;
    uint64_t written = 0;
    for (uint64_t hop = 0; written < to_write; ++hop) {
        if (stopping_asked() || !call_model(decoder, hop) || !take_output(decoder)) {
            return false;
        }
        const uint32_t dropped = to_drop < summary->hop ? (uint32_t)to_drop : summary->hop;
        to_drop -= dropped;
        uint64_t kept = summary->hop - dropped;
        kept = kept < to_write - written ? kept : to_write - written;
        if (!audio_sink_write(sink, decoder->codec.out, dropped, (uint32_t)kept)) {
            return false;
        }
        written += kept;
        progress_update(progress, written);
    }
    return true;
}

bool decoder_run(const Playing* playing, const TimbrelLatents* latents,
                 const DecoderAmounts* amounts, AudioSink* sink) {
    Decoder decoder = {.playing = playing,
                       .summary = timbrel_model_summary(playing->model),
                       .backend = timbrel_model_backend(playing->model),
                       .latents = latents,
                       .amounts = amounts};
    TimbrelError error = {0};
    timbrel_denormals_off(); // The model may run in this very thread
    bool good =
        timbrel_decoder_init(&decoder.codec, playing->model, decoder.summary->info.out_channels);
    if (!good) {
        message_no_memory();
    }
    if (good && decoder.backend->ops->reset(decoder.backend, TIMBREL_ALL_LANES, &error)) {
        message("%s", error.message);
        good = false;
    }
    if (good) {
        Progress progress;
        progress_start(&progress, (uint64_t)latents->rows * decoder.summary->info.ratio,
                       decoder.summary->rate);
        good = play(&decoder, sink, &progress);
        progress_end(&progress);
    }
    timbrel_decoder_free(&decoder.codec);
    return good;
}
