// SPDX-License-Identifier: ISC
#include "loader.h"
#include "engine/base/rt.h"

#include "engine/base/ring.h"
#include "engine/base/text.h"
#include "engine/model/attributes.h"
#include "engine/model/methods.h"
#include "engine/model/search.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
    returned_size = 16,
    most_returned = 4, // The handover and deck before, and what plays when the effect ends
    attribute_slots = 32
};

typedef struct {
    TimbrelHandover* handover;
    TimbrelDeck* deck;
} Returned;

/// How the audio thread's request says which model it means.
typedef enum { SLOT_NAME, SLOT_NUMBER, SLOT_PROGRAM, SLOT_STEP } SlotKind;

struct TimbrelLoader {
    TimbrelEffectConfig config;
    char* torch_program; ///< Own copies of the config's texts, or NULL
    char* model_dir;
    TimbrelLibrary* library;
    pthread_t thread;
    bool running;
    char rows_told[512]; ///< Message of the report on rows that was told last; the loader thread's
    bool failure_told;   ///< Whether the playing stream's failure was reported; the loader thread's
    sem_t work;
    atomic_bool quit;
    atomic_bool cancel;  ///< A newer request is there: give up loading
    atomic_bool changed; ///< The playing stream failed, or its attributes or speed changed
    atomic_bool measure; ///< The wanted model is to be opened again, and measured anew

    // What goes to the audio thread and comes back.
    _Atomic(TimbrelHandover*) handover; ///< Not yet taken, or NULL
    TimbrelRing returned;               ///< Returned, from the audio thread
    atomic_int timing; ///< TimbrelDeckSettings, one by one so that none needs a lock
    atomic_uint block;
    atomic_bool dual;

    // Requests of the audio thread: one slot for a model, a ring for attributes.
    char slot[TIMBREL_PATH_SIZE];
    SlotKind slot_kind;
    uint32_t slot_number;     ///< Number of a model, 0: what is wanted by name
    bool slot_keeps_method;   ///< `keep_method` of timbrel_loader_request_number_rt()
    int slot_step;            ///< Places to go on in the list of models
    atomic_uint slot_request; ///< Number of the request in the slot, 0: the slot is free
    TimbrelRing asked;        ///< TimbrelAttributeValue; without a name: the method to play

    atomic_uint requested; ///< Number of the newest request
    atomic_uint settled;   ///< Number of the newest request that was dealt with

    pthread_mutex_t mutex;
    pthread_cond_t more_settled;
    char wanted[TIMBREL_PATH_SIZE]; ///< Path or name: what a session saves
    uint32_t number;                ///< Number of the model that plays instead of `wanted`, or 0
    uint32_t program; ///< Number of a model that is to become `wanted`, or 0; not yet looked for
    int step;         ///< Places to go on from either of these in the list, not yet done
    unsigned wanted_request;   ///< The newest of all
    TimbrelModelReport report; ///< The latest
    TimbrelAttributeList attributes;
    char method[TIMBREL_NAME_SIZE]; ///< Method to play, "" for the default
    TimbrelDeck* playing; ///< Last deck handed over; freed only after another took its place here
    bool measuring; ///< The next model that is opened is measured anew; only the loader thread's
};

static void free_handover(TimbrelHandover* handover) {
    if (handover) {
        timbrel_deck_free(handover->deck);
        free(handover);
    }
}

/// An attribute for the model that plays. A plan has fixed ones: for others the model is opened
/// anew, and then runs through libtorch. Call with the mutex held.
static void pass_attribute(TimbrelLoader* l, const TimbrelAttributeValue* asked) {
    if (!l->playing) {
        return;
    }
    if (timbrel_stream_fixes_attribute(l->playing->stream, asked->name, asked->value)) {
        l->wanted_request = atomic_fetch_add(&l->requested, 1) + 1;
        timbrel_rt_post(&l->work);
    } else {
        timbrel_stream_set_attribute(l->playing->stream, asked->name, asked->value);
    }
}

/// Play another method of the model that was asked for: it is opened anew. Call with the mutex
/// held.
static void change_method(TimbrelLoader* l, const char* method) {
    const size_t length = strlen(method);
    if (length >= sizeof l->method || strcmp(l->method, method) == 0) {
        return;
    }
    memcpy(l->method, method, length + 1);
    l->wanted_request = atomic_fetch_add(&l->requested, 1) + 1;
    timbrel_rt_post(&l->work);
}

/// What is wanted from now on: the model of `number`, or if that is 0, `wanted`. Call with the
/// mutex held.
static void set_wanted(TimbrelLoader* l, const char* wanted, uint32_t number) {
    if (number != l->number || strcmp(l->wanted, wanted) != 0) {
        l->method[0] = '\0'; // A method is one model's
    }
    if (wanted != l->wanted) {
        (void)snprintf(l->wanted, sizeof l->wanted, "%s", wanted);
    }
    l->number = number;
}

/// Call with the mutex held.
static void take_slot(TimbrelLoader* l) {
    if (l->slot_kind == SLOT_STEP) {
        l->step += l->slot_step;
        return;
    }
    l->program = 0;
    if (l->slot_kind == SLOT_PROGRAM) {
        l->program = l->slot_number;
    } else if (l->slot_kind == SLOT_NAME) {
        set_wanted(l, l->slot, 0);
    } else if (l->slot_keeps_method) {
        l->number = l->slot_number;
    } else {
        set_wanted(l, l->wanted, l->slot_number);
    }
    l->step = 0;
}

/// Move the audio thread's requests to where the others' are. Call with the mutex held.
static void drain_requests(TimbrelLoader* l) {
    const unsigned request = atomic_load_explicit(&l->slot_request, memory_order_acquire);
    if (request != 0) {
        // Requests are numbered as they come; the newest wins, whoever asked.
        if ((int)(request - l->wanted_request) > 0) {
            take_slot(l);
            l->wanted_request = request;
        }
        atomic_store_explicit(&l->slot_request, 0, memory_order_release);
    }
    while (timbrel_ring_count(&l->asked) > 0) {
        TimbrelAttributeValue asked;
        (void)timbrel_ring_take(&l->asked, &asked, 1);
        if (asked.name[0] == '\0') {
            change_method(l, asked.value);
        } else {
            (void)timbrel_attributes_set(&l->attributes, asked.name, asked.value);
            pass_attribute(l, &asked);
        }
    }
}

static void free_returned(TimbrelLoader* l) {
    while (timbrel_ring_count(&l->returned) > 0) {
        Returned returned;
        (void)timbrel_ring_take(&l->returned, &returned, 1);
        free(returned.handover);           // Its deck, if it had one, is returned apart
        if (returned.deck == l->playing) { // The effect ends
            (void)pthread_mutex_lock(&l->mutex);
            l->playing = NULL;
            (void)pthread_mutex_unlock(&l->mutex);
            timbrel_library_serve(l->library, NULL);
        }
        timbrel_deck_free(returned.deck);
    }
}

/// Hand over `handover` and remember its report. If the audio thread has not taken the one before,
/// its deck goes along with this one.
static void publish(TimbrelLoader* l, TimbrelHandover* handover) {
    (void)pthread_mutex_lock(&l->mutex);
    handover->report.serial = l->report.serial + 1;
    l->report = handover->report;
    l->playing = handover->replace ? handover->deck : l->playing;
    (void)pthread_mutex_unlock(&l->mutex);
    timbrel_library_serve(l->library, l->playing ? l->playing->supply : NULL);
    if (l->config.published) {
        l->config.published(l->config.handle, &handover->report);
    }
    TimbrelHandover* untaken = atomic_exchange(&l->handover, NULL);
    if (untaken) {
        if (untaken->replace && !handover->replace) {
            handover->deck = untaken->deck;
            handover->replace = true;
            untaken->deck = NULL;
        }
        free_handover(untaken);
    }
    atomic_store(&l->handover, handover);
}

/// A copy of the latest report in a new handover, without its message.
static TimbrelHandover* new_handover(TimbrelLoader* l, TimbrelModelState state) {
    TimbrelHandover* handover = calloc(1, sizeof *handover);
    if (handover) {
        (void)pthread_mutex_lock(&l->mutex);
        handover->report = l->report;
        TIMBREL_COPY(handover->report.method, l->method);
        (void)pthread_mutex_unlock(&l->mutex);
        handover->report.state = state;
        handover->report.message[0] = '\0';
    }
    return handover;
}

static void publish_failure(TimbrelLoader* l, const TimbrelError* error) {
    TimbrelHandover* handover = new_handover(l, TIMBREL_MODEL_FAILED);
    if (!handover) {
        return;
    }
    (void)snprintf(handover->report.message, sizeof handover->report.message, "%s", error->message);
    publish(l, handover);
}

/// One sentence more, where it is one.
static void append(TimbrelModelReport* report, const char* sentence) {
    const size_t length = strlen(report->message);
    if (sentence[0] != '\0') {
        (void)snprintf(report->message + length, sizeof report->message - length, "%s%s",
                       length > 0 ? " " : "", sentence);
    }
}

/// What a user should know about a model that plays.
static void note(const TimbrelLoader* l, TimbrelModelReport* report, const TimbrelStream* stream) {
    const TimbrelModelSummary* m = &report->model;
    report->share = timbrel_stream_share(stream);
    // Another may have its name: whoever chose a file is told first.
    if (strchr(report->wanted, '/') && access(report->wanted, F_OK) != 0) {
        (void)snprintf(report->message, sizeof report->message,
                       "The model file \"%.200s\" does not exist; \"%.200s\", which has its name, "
                       "plays in its place.",
                       report->wanted, report->path);
    } else if (report->share > 1.0f) {
        (void)snprintf(report->message, sizeof report->message,
                       "The model %s needs %.0f %% of the time that this machine has for it, so it "
                       "will drop out; use a smaller model, or render offline.",
                       m->name, 100.0 * (double)report->share);
    } else if (!m->info.rate_known) {
        (void)snprintf(report->message, sizeof report->message,
                       "The model %s does not say its sample rate; %.0f Hz is assumed.", m->name,
                       m->rate);
    } else if (!m->info.streaming) {
        (void)snprintf(report->message, sizeof report->message,
                       "The model %s was exported without streaming, so it plays in overlapping "
                       "windows with more latency; an export with --streaming plays better.",
                       m->name);
    } else if (l->config.channels == 2 && m->info.in_channels == 1 && m->lanes < 2) {
        (void)snprintf(report->message, sizeof report->message,
                       "The model %s does not play two channels side by side: with dual mono, too, "
                       "it hears the sum of left and right.",
                       m->name);
    }
    char method[sizeof report->message];
    timbrel_methods_note(&m->info, m->name, method, sizeof method);
    append(report, method);
    char rows[sizeof report->message];
    timbrel_library_note(l->library, m, rows, sizeof rows);
    append(report, rows);
}

/// On the inference thread.
static void stream_changed(void* handle) {
    TimbrelLoader* l = handle;
    atomic_store(&l->changed, true);
    timbrel_rt_post(&l->work);
}

/// For looking into trouble, and for tests.
static TimbrelBackendKind wanted_backend(const TimbrelLoader* l) {
    const char* wanted = getenv("TIMBREL_BACKEND");
    return wanted && strcmp(wanted, "torch") == 0 ? TIMBREL_BACKEND_TORCH : l->config.backend;
}

/// Takes over the stream, also on failure (NULL).
static TimbrelDeck* make_deck(TimbrelLoader* l, TimbrelStream* stream) {
    TimbrelSupply* supply = timbrel_library_supply(l->library, timbrel_stream_summary(stream));
    if (!supply) {
        timbrel_stream_free(stream);
        return NULL;
    }
    if (supply->sources) {
        timbrel_stream_set_source(stream, supply->sources);
    }
    TimbrelDeck* deck = timbrel_deck_new(stream, l->config.rate, l->config.channels,
                                         (TimbrelTiming)atomic_load(&l->timing),
                                         atomic_load(&l->block), atomic_load(&l->dual));
    if (!deck) {
        free(supply);
        return NULL;
    }
    deck->supply = supply;
    return deck;
}

static TimbrelDeck* open_deck(TimbrelLoader* l, const char* path, TimbrelError* error) {
    (void)pthread_mutex_lock(&l->mutex);
    const TimbrelAttributeList attributes = l->attributes;
    char method[sizeof l->method];
    memcpy(method, l->method, sizeof method);
    (void)pthread_mutex_unlock(&l->mutex);
    TimbrelError problem = {0};
    char* program = timbrel_search_torch(l->torch_program, NULL, &problem);
    const TimbrelModelConfig config = {.torch_program = program,
                                       .torch_problem = &problem,
                                       .backend = wanted_backend(l),
                                       .attributes = &attributes,
                                       .method = method,
                                       .assumed_rate = l->config.assumed_rate,
                                       .seed = l->config.seed,
                                       .memory_limit = l->config.memory_limit,
                                       .dual = l->config.channels == 2,
                                       .min_hop = l->config.min_hop,
                                       .measure = l->measuring,
                                       .call_timeout = l->config.call_timeout};
    TimbrelModel* model = timbrel_model_open(path, &config, &l->cancel, error);
    free(program);
    l->measuring = l->measuring && !model;
    if (!model) {
        return NULL;
    }
    const TimbrelStreamConfig stream_config = {.rate = l->config.rate,
                                               .channels = l->config.channels,
                                               .changed = stream_changed,
                                               .handle = l};
    TimbrelStream* stream = timbrel_stream_new(model, &stream_config, error);
    if (!stream) {
        return NULL;
    }
    for (uint32_t i = 0; i < attributes.count; ++i) {
        timbrel_stream_set_attribute(stream, attributes.values[i].name, attributes.values[i].value);
    }
    TimbrelDeck* deck = make_deck(l, stream);
    if (!deck) {
        (void)timbrel_error_no_memory(error);
    }
    return deck;
}

/// Deal with one request, for the model of `number` or, if that is 0, for `wanted`; false if it was
/// cancelled.
static bool handle_request(TimbrelLoader* l, const char* wanted, uint32_t number) {
    const bool none = wanted[0] == '\0' && number == 0;
    TimbrelHandover* handover = new_handover(l, none ? TIMBREL_MODEL_NONE : TIMBREL_MODEL_LOADING);
    if (!handover) {
        return true;
    }
    TimbrelError error = {0};
    char* path = none          ? NULL
                 : number == 0 ? timbrel_search_model(wanted, l->model_dir, &error)
                               : timbrel_search_number(number, l->model_dir, &error);
    (void)snprintf(handover->report.wanted, sizeof handover->report.wanted, "%s",
                   number == 0 ? wanted
                   : path      ? path
                               : "");
    handover->report.path[0] = '\0';
    memset(&handover->report.model, 0, sizeof handover->report.model);
    handover->replace = none;
    publish(l, handover);
    if (none) {
        return true;
    }

    TimbrelDeck* deck = path ? open_deck(l, path, &error) : NULL;
    handover = deck ? new_handover(l, TIMBREL_MODEL_READY) : NULL;
    if (handover) {
        (void)snprintf(handover->report.path, sizeof handover->report.path, "%s", path);
        timbrel_stream_summary_now(deck->stream, &handover->report.model);
        note(l, &handover->report, deck->stream);
        handover->deck = deck;
        handover->replace = true;
        l->failure_told = false;
        publish(l, handover);
    } else if (!atomic_load(&l->cancel)) {
        publish_failure(l, &error);
    }
    free(path);
    return handover || !atomic_load(&l->cancel);
}

static void tell_changes(TimbrelLoader* l) {
    // Stays alive: only this thread frees decks, and not the one in `playing`.
    TimbrelDeck* deck = l->playing;
    if (!deck) {
        return;
    }
    if (timbrel_stream_failed(deck->stream)) {
        if (!l->failure_told) {
            TimbrelError error;
            timbrel_stream_error(deck->stream, &error);
            l->failure_told = true;
            publish_failure(l, &error);
        }
        return;
    }
    TimbrelHandover* handover = new_handover(l, TIMBREL_MODEL_READY);
    if (handover && l->report.state == TIMBREL_MODEL_READY) {
        timbrel_stream_summary_now(deck->stream, &handover->report.model);
        note(l, &handover->report, deck->stream);
        publish(l, handover);
    } else {
        free(handover);
    }
}

/// Turn steps along the list into the model that is wanted. A request that comes meanwhile wins, or
/// adds to them. Call with the mutex held: it is free while the folders are read.
static void take_steps(TimbrelLoader* l) {
    while (l->step != 0) {
        char from[sizeof l->wanted];
        const int step = l->step;
        const unsigned request = l->wanted_request;
        (void)snprintf(from, sizeof from, "%s", l->number == 0 ? l->wanted : l->report.path);
        (void)pthread_mutex_unlock(&l->mutex);
        char* found = timbrel_search_step(from, step, l->model_dir);
        (void)pthread_mutex_lock(&l->mutex);
        if (l->wanted_request == request) {
            l->step = 0;
            if (found) {
                set_wanted(l, found, 0);
            }
        }
        free(found);
    }
}

/// Turn a program into the model that is wanted, as steps are; one that is not there becomes a
/// number, which is told of. True if it plays already. Call as take_steps().
static bool take_program(TimbrelLoader* l) {
    bool plays = false;
    while (l->program != 0) {
        const uint32_t program = l->program;
        const unsigned request = l->wanted_request;
        (void)pthread_mutex_unlock(&l->mutex);
        char* found = timbrel_search_number(program, l->model_dir, NULL);
        (void)pthread_mutex_lock(&l->mutex);
        if (l->wanted_request == request) {
            l->program = 0;
            plays = found && l->report.state == TIMBREL_MODEL_READY &&
                    strcmp(l->report.path, found) == 0 &&
                    (l->number != 0 || strcmp(l->report.wanted, l->wanted) == 0);
            if (!plays) {
                set_wanted(l, found ? found : l->wanted, found ? 0 : program);
            }
        }
        free(found);
    }
    return plays;
}

static void tell_rows(TimbrelLoader* l) {
    TimbrelRowsReport* report = l->config.rows_published ? malloc(sizeof *report) : NULL;
    if (!report) {
        return;
    }
    timbrel_library_report(l->library, report);
    if (strcmp(report->message, l->rows_told) != 0) {
        TIMBREL_COPY(l->rows_told, report->message);
        if (!strstr(l->report.message, report->message)) {
            l->config.rows_published(l->config.handle, report);
        }
    }
    free(report);
}

static void* run(void* argument) {
    TimbrelLoader* l = argument;
    (void)prctl(PR_SET_NAME, "timbrel-loader");
    while (!atomic_load(&l->quit)) {
        if (sem_wait(&l->work)) {
            continue; // Interrupted
        }
        free_returned(l);
        timbrel_library_work(l->library);
        if (timbrel_library_noted(l->library)) {
            atomic_store(&l->changed, true);
        }
        if (atomic_exchange(&l->changed, false)) {
            tell_changes(l);
        }
        tell_rows(l);
        // Before looking: a request that comes after this cancels the load, and posts `work` again.
        atomic_store(&l->cancel, false);
        char wanted[sizeof l->wanted];
        (void)pthread_mutex_lock(&l->mutex);
        drain_requests(l);
        bool settled = take_program(l) && l->step == 0;
        take_steps(l);
        if (atomic_exchange(&l->measure, false)) {
            l->measuring = true;
            settled = false;
            l->wanted_request = atomic_fetch_add(&l->requested, 1) + 1;
        }
        const unsigned request = l->wanted_request;
        TIMBREL_COPY(wanted, l->wanted);
        const uint32_t number = l->number;
        (void)pthread_mutex_unlock(&l->mutex);
        if (!atomic_load(&l->quit) && request != atomic_load(&l->settled) &&
            (settled || handle_request(l, wanted, number))) {
            (void)pthread_mutex_lock(&l->mutex);
            atomic_store(&l->settled, request);
            (void)pthread_cond_broadcast(&l->more_settled);
            (void)pthread_mutex_unlock(&l->mutex);
        }
    }
    return NULL;
}

/// Any thread.
static void wake(void* handle) {
    TimbrelLoader* l = handle;
    timbrel_rt_post(&l->work);
}

TimbrelLoader* timbrel_loader_new(const TimbrelEffectConfig* config, TimbrelError* error) {
    TimbrelLoader* l = calloc(1, sizeof *l);
    if (!l) {
        (void)timbrel_error_no_memory(error);
        return NULL;
    }
    l->config = *config;
    l->torch_program = config->torch_program ? strdup(config->torch_program) : NULL;
    l->model_dir = config->model_dir ? strdup(config->model_dir) : NULL;
    atomic_store(&l->timing, TIMBREL_TIMING_SAFE);
    (void)sem_init(&l->work, 0, 0);
    (void)pthread_mutex_init(&l->mutex, NULL);
    (void)pthread_cond_init(&l->more_settled, NULL);

    l->library = timbrel_library_new(&(TimbrelLibraryConfig){wake, l});
    if (!l->library || !timbrel_ring_init(&l->returned, sizeof(Returned), returned_size) ||
        !timbrel_ring_init(&l->asked, sizeof(TimbrelAttributeValue), attribute_slots)) {
        (void)timbrel_error_no_memory(error);
        timbrel_loader_free(l);
        return NULL;
    }

    // A host may block signals only in its own threads: ours takes none.
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&l->thread, NULL, run, l);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    l->running = failed == 0;
    if (failed) {
        (void)timbrel_error_set(error, TIMBREL_NO_MEMORY,
                                "The loader thread could not be started: %s.", strerror(failed));
        timbrel_loader_free(l);
        return NULL;
    }
    return l;
}

void timbrel_loader_free(TimbrelLoader* l) {
    if (!l) {
        return;
    }
    if (l->running) {
        atomic_store(&l->quit, true);
        atomic_store(&l->cancel, true);
        timbrel_rt_post(&l->work);
        (void)pthread_join(l->thread, NULL);
    }
    if (l->library) {
        timbrel_library_serve(l->library, NULL);
    }
    free_returned(l);
    timbrel_ring_free(&l->returned);
    timbrel_ring_free(&l->asked);
    free_handover(atomic_load(&l->handover));
    timbrel_library_free(l->library);
    (void)sem_destroy(&l->work);
    (void)pthread_mutex_destroy(&l->mutex);
    (void)pthread_cond_destroy(&l->more_settled);
    free(l->torch_program);
    free(l->model_dir);
    free(l);
}

TimbrelHandover* timbrel_loader_first(TimbrelLoader* l) {
    return new_handover(l, TIMBREL_MODEL_NONE);
}

TimbrelHandover* timbrel_loader_take(TimbrelLoader* l) TIMBREL_RT {
    // What it replaces must find its way back, and at the end all that plays.
    return timbrel_ring_room(&l->returned) < most_returned ? NULL
                                                           : atomic_exchange(&l->handover, NULL);
}

void timbrel_loader_give_back(TimbrelLoader* l, TimbrelHandover* handover,
                              TimbrelDeck* deck) TIMBREL_RT {
    const Returned returned = {handover, deck};
    (void)timbrel_ring_put(&l->returned, &returned, 1); // Fits: see timbrel_loader_take()
    timbrel_rt_post(&l->work);
}

void timbrel_loader_settings(TimbrelLoader* l, const TimbrelDeckSettings* settings) TIMBREL_RT {
    atomic_store_explicit(&l->timing, (int)settings->timing, memory_order_relaxed);
    atomic_store_explicit(&l->block, settings->block, memory_order_relaxed);
    atomic_store_explicit(&l->dual, settings->dual, memory_order_relaxed);
}

TimbrelLibrary* timbrel_loader_library(const TimbrelLoader* l) TIMBREL_RT {
    return l->library;
}

static bool opens(const TimbrelLoader* l) TIMBREL_RT {
    return atomic_load(&l->requested) != atomic_load(&l->settled);
}

bool timbrel_loader_busy(const TimbrelLoader* l) TIMBREL_RT {
    return opens(l) || timbrel_library_busy(l->library);
}

static bool slot_is_free(TimbrelLoader* l) {
    return atomic_load_explicit(&l->slot_request, memory_order_acquire) == 0;
}

static void send_slot(TimbrelLoader* l) {
    const unsigned request = atomic_fetch_add(&l->requested, 1) + 1;
    atomic_store_explicit(&l->slot_request, request, memory_order_release);
    atomic_store(&l->cancel, true);
    timbrel_rt_post(&l->work);
}

bool timbrel_loader_request_rt(TimbrelLoader* l, const char* wanted, uint32_t length) TIMBREL_RT {
    if (length >= sizeof l->slot || !slot_is_free(l)) {
        return false;
    }
    memcpy(l->slot, wanted, length);
    l->slot[length] = '\0';
    l->slot_kind = SLOT_NAME;
    send_slot(l);
    return true;
}

bool timbrel_loader_request_number_rt(TimbrelLoader* l, uint32_t number,
                                      bool keep_method) TIMBREL_RT {
    if (!slot_is_free(l)) {
        return false;
    }
    l->slot_number = number;
    l->slot_keeps_method = keep_method;
    l->slot_kind = SLOT_NUMBER;
    send_slot(l);
    return true;
}

bool timbrel_loader_request_program_rt(TimbrelLoader* l, uint32_t number) TIMBREL_RT {
    if (!slot_is_free(l)) {
        return false;
    }
    l->slot_number = number;
    l->slot_kind = SLOT_PROGRAM;
    send_slot(l);
    return true;
}

bool timbrel_loader_request_step_rt(TimbrelLoader* l, int step) TIMBREL_RT {
    if (!slot_is_free(l)) {
        return false;
    }
    l->slot_step = step;
    l->slot_kind = SLOT_STEP;
    send_slot(l);
    return true;
}

void timbrel_loader_measure(TimbrelLoader* l) TIMBREL_RT {
    atomic_store(&l->measure, true);
    timbrel_rt_post(&l->work);
}

bool timbrel_loader_request_attribute_rt(TimbrelLoader* l, const char* name,
                                         const char* value) TIMBREL_RT {
    TimbrelAttributeValue asked = {0};
    const size_t name_length = strlen(name);
    const size_t value_length = strlen(value);
    const size_t value_room = name_length > 0 ? sizeof asked.value : sizeof l->method;
    if (name_length >= sizeof asked.name || value_length >= value_room) {
        return false;
    }
    memcpy(asked.name, name, name_length + 1);
    memcpy(asked.value, value, value_length + 1);
    const bool fits = timbrel_ring_put(&l->asked, &asked, 1);
    timbrel_rt_post(&l->work);
    return fits;
}

void timbrel_loader_request(TimbrelLoader* l, const char* wanted, const char* method) {
    (void)pthread_mutex_lock(&l->mutex);
    drain_requests(l);
    (void)snprintf(l->wanted, sizeof l->wanted, "%s", wanted);
    (void)snprintf(l->method, sizeof l->method, "%s", method);
    l->number = 0;
    l->program = 0;
    l->step = 0;
    l->wanted_request = atomic_fetch_add(&l->requested, 1) + 1;
    (void)pthread_mutex_unlock(&l->mutex);
    atomic_store(&l->cancel, true);
    timbrel_rt_post(&l->work);
}

void timbrel_loader_wait(TimbrelLoader* l) {
    (void)pthread_mutex_lock(&l->mutex);
    while (opens(l)) {
        (void)pthread_cond_wait(&l->more_settled, &l->mutex);
    }
    (void)pthread_mutex_unlock(&l->mutex);
    timbrel_library_wait(l->library);
}

void timbrel_loader_report(TimbrelLoader* l, TimbrelModelReport* report) {
    (void)pthread_mutex_lock(&l->mutex);
    drain_requests(l);
    *report = l->report;
    if (opens(l) && (l->wanted[0] != '\0' || l->number != 0)) {
        report->state = TIMBREL_MODEL_LOADING;
        memset(&report->model, 0, sizeof report->model);
    }
    TIMBREL_COPY(report->wanted, l->wanted);
    TIMBREL_COPY(report->method, l->method);
    (void)pthread_mutex_unlock(&l->mutex);
}

size_t timbrel_loader_attributes(TimbrelLoader* l, char* text, size_t size) {
    (void)pthread_mutex_lock(&l->mutex);
    drain_requests(l);
    const size_t length = timbrel_attributes_print(&l->attributes, text, size);
    (void)pthread_mutex_unlock(&l->mutex);
    return length;
}

void timbrel_loader_restore_attributes(TimbrelLoader* l, const char* text) {
    (void)pthread_mutex_lock(&l->mutex);
    drain_requests(l);
    timbrel_attributes_parse(&l->attributes, text);
    (void)pthread_mutex_unlock(&l->mutex);
}
