// SPDX-License-Identifier: ISC
#include "encode_files.h"

#include "encoder.h"
#include "engine/base/denormal.h"
#include "message.h"
#include "progress.h"
#include "stopping.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What the workers share.
typedef struct {
    const Collection* sounds;
    char* const* outs;
    const EncodeConfig* config;
    const Playing* first; // The first worker's model; the others open theirs alike
    const size_t* todo;   // Indices into `sounds`
    size_t todo_count;
    atomic_size_t next; // Into `todo`

    pthread_mutex_t mutex; // For what follows
    EncodeResult* result;
    Progress progress;
    double weight;      // Bytes of all sounds to do, as a measure of the way
    double weight_done; // Bytes of the finished ones
} Pool;

typedef struct {
    Pool* pool;
    pthread_t thread;
    bool own_thread; // The first worker is the calling thread, with the pool's first model
    uint64_t frames; // The present sound's length in the model's samples; 0 if unknown
    double bytes;
    Playing own;
} Worker;

static void show_progress(Pool* pool, double under_way) {
    const EncodeResult* result = pool->result;
    progress_update_files(&pool->progress, (pool->weight_done + under_way) / pool->weight,
                          result->encoded + result->failed, pool->todo_count,
                          result->sound_seconds);
}

static bool note_progress(void* handle, uint64_t frames) {
    Worker* worker = handle;
    Pool* pool = worker->pool;
    (void)pthread_mutex_lock(&pool->mutex);
    const double share = worker->frames ? fmin((double)frames / (double)worker->frames, 1.0) : 0.0;
    show_progress(pool, share * worker->bytes);
    (void)pthread_mutex_unlock(&pool->mutex);
    return !stopping_asked();
}

// What decides about the latents, beside the model.
static void set_stamp(TimbrelOrigin* origin, const CollectionFile* sound,
                      const EncodeConfig* config) {
    const char* slash = strrchr(sound->path, '/');
    (void)snprintf(origin->source, sizeof origin->source, "%s", slash ? slash + 1 : sound->path);
    origin->stamp[0] = '\0';
    if (strcmp(sound->path, "-") == 0) {
        return;
    }
    const int used = snprintf(origin->stamp, sizeof origin->stamp, "%lld bytes, %lld.%09ld, %g Hz",
                              (long long)sound->bytes, (long long)sound->modified.tv_sec,
                              sound->modified.tv_nsec, origin->rate);
    if (config->sample) {
        (void)snprintf(origin->stamp + used, sizeof origin->stamp - (size_t)used, ", seed %llu",
                       (unsigned long long)config->model_options.seed);
    }
}

static bool encode_one(Worker* worker, Encoder* encoder, TimbrelLatentWriter* writer,
                       const Playing* playing, size_t index, double* sound_seconds) {
    const Pool* pool = worker->pool;
    const CollectionFile* sound = &pool->sounds->files[index];
    TimbrelOrigin origin = playing->origin;
    set_stamp(&origin, sound, pool->config);
    const bool mono = timbrel_model_summary(playing->model)->info.in_channels == 1;
    const uint32_t rate = (uint32_t)lround(origin.rate);
    AudioSource* source =
        mono ? audio_source_open_mono(sound->path, rate) : audio_source_open(sound->path, rate);
    if (!source) {
        return false;
    }
    worker->frames = audio_source_frames(source);
    worker->bytes = (double)sound->bytes;
    timbrel_latent_writer_clear(writer);
    bool good = encoder_run(encoder, source, sound->path, writer, note_progress, worker);
    audio_source_close(source);
    TimbrelError error = {0};
    if (good && timbrel_latent_writer_save(writer, pool->outs[index], pool->config->format, &origin,
                                           encoder_edges(encoder), &error)) {
        message("%s", error.message);
        good = false;
    }
    *sound_seconds = (double)timbrel_latent_writer_rows(writer) / timbrel_origin_row_rate(&origin);
    return good;
}

static void encode_all(Worker* worker, Encoder* encoder, TimbrelLatentWriter* writer,
                       const Playing* playing) {
    Pool* pool = worker->pool;
    struct timespec start;
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    while (!stopping_asked()) {
        const size_t place = atomic_fetch_add(&pool->next, 1);
        if (place >= pool->todo_count) {
            break;
        }
        const size_t index = pool->todo[place];
        double sound_seconds = 0;
        const bool good = encode_one(worker, encoder, writer, playing, index, &sound_seconds);
        (void)pthread_mutex_lock(&pool->mutex);
        pool->result->encoded += good;
        pool->result->failed += !good && !stopping_asked();
        pool->result->sound_seconds += good ? sound_seconds : 0;
        pool->weight_done += (double)pool->sounds->files[index].bytes;
        show_progress(pool, 0);
        (void)pthread_mutex_unlock(&pool->mutex);
    }
    (void)pthread_mutex_lock(&pool->mutex);
    pool->result->busy_seconds += progress_seconds(&start);
    pool->result->model_seconds += encoder_model_seconds(encoder);
    (void)pthread_mutex_unlock(&pool->mutex);
}

static void* work(void* argument) {
    Worker* worker = argument;
    Pool* pool = worker->pool;
    const Playing* playing = pool->first;
    timbrel_denormals_off(); // A model may run in this very thread
    if (worker->own_thread) {
        if (!playing_open(&worker->own, pool->first->path, &pool->config->model_options,
                          pool->first)) {
            return NULL;
        }
        playing = &worker->own;
    }
    const uint32_t latents = timbrel_model_summary(playing->model)->info.latents;
    TimbrelError error = {0};
    Encoder* encoder = encoder_new(playing, pool->config->sample);
    TimbrelLatentWriter* writer = encoder ? timbrel_latent_writer_new(latents, &error) : NULL;
    if (writer) {
        encode_all(worker, encoder, writer, playing);
    } else if (error.status) {
        message("%s", error.message);
    }
    timbrel_latent_writer_free(writer);
    encoder_free(encoder);
    playing_close(&worker->own);
    return NULL;
}

static void run_workers(Pool* pool, uint32_t jobs) {
    Worker* workers = calloc(jobs, sizeof *workers);
    if (!workers) {
        message_no_memory();
        return;
    }
    for (uint32_t i = 0; i < jobs; ++i) {
        workers[i].pool = pool;
        workers[i].own_thread = i > 0;
        if (i > 0 && pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            workers[i].own_thread = false; // The others do its share
        }
    }
    (void)work(&workers[0]);
    for (uint32_t i = 1; i < jobs; ++i) {
        if (workers[i].own_thread) {
            (void)pthread_join(workers[i].thread, NULL);
        }
    }
    free(workers);
}

// Those that are not there already.
static size_t choose(Pool* pool, size_t* todo) {
    size_t count = 0;
    for (size_t i = 0; i < pool->sounds->count; ++i) {
        const CollectionFile* sound = &pool->sounds->files[i];
        TimbrelOrigin origin = pool->first->origin;
        set_stamp(&origin, sound, pool->config);
        if (!pool->config->again &&
            timbrel_latent_is_made(pool->outs[i], pool->config->format, &origin)) {
            ++pool->result->kept;
            continue;
        }
        pool->weight += (double)sound->bytes;
        todo[count++] = i;
    }
    return count;
}

static uint32_t choose_jobs(const EncodeConfig* config, size_t count) {
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t most = config->jobs ? config->jobs : cores > 0 ? (size_t)cores : 1;
    return (uint32_t)(most < count ? most : count);
}

bool encode_files(const Collection* sounds, char* const* outs, const EncodeConfig* config,
                  EncodeResult* result) {
    *result = (EncodeResult){0};
    Playing first;
    if (!playing_open(&first, config->model, &config->model_options, NULL)) {
        return false;
    }
    size_t* todo = calloc(sounds->count + 1, sizeof *todo);
    Pool pool = {.sounds = sounds,
                 .outs = outs,
                 .config = config,
                 .first = &first,
                 .todo = todo,
                 .mutex = PTHREAD_MUTEX_INITIALIZER,
                 .result = result};
    if (todo) {
        pool.todo_count = choose(&pool, todo);
        result->jobs = choose_jobs(config, pool.todo_count);
        progress_start(&pool.progress, 0, first.origin.rate);
        struct timespec start;
        (void)clock_gettime(CLOCK_MONOTONIC, &start);
        if (pool.todo_count > 0) {
            run_workers(&pool, result->jobs);
        }
        result->seconds = progress_seconds(&start);
        progress_end(&pool.progress);
        // Where no worker could work, nothing was tried.
        result->failed = stopping_asked() ? result->failed : pool.todo_count - result->encoded;
    } else {
        message_no_memory();
    }
    const bool begun = todo != NULL;
    free(todo);
    playing_close(&first);
    return begun && !stopping_asked();
}
