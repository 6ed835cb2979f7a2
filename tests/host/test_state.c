// SPDX-License-Identifier: ISC
/// A session keeps its model, whenever it is saved and restored, and whatever became of the file.
/// Usage: test_state BUNDLE FIXTURES

#include "rtguard.h"
#include "sound.h"
#include "state.h"
#include "tests/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOST       "/nowhere/lost voice.ts"
#define ATTRIBUTE  "urn:timbrel:attribute:"
#define CHOICE     "urn:timbrel:choice"
#define FILE_KEY   "urn:timbrel:file"
#define ATTRIBUTES "urn:timbrel:attributes"

enum { block = 256, frames = 24000 };

static const char* codec;
static const char* bad;

static Instance* new_instance(Host* host) {
    const InstanceConfig config = {.rate = 48000, .max_block = block};
    return instance_new(host, MONO_URI, &config);
}

/// Whether a model like the codec is heard: a bias sounds in silence.
static bool audible(Instance* instance) {
    float* silence = sound_new(frames);
    float* out = sound_new(frames);
    const float* const in[1] = {silence};
    instance_set(instance, "bias_1", 1);
    instance_set(instance, "mix", 100);
    sound_settle(instance, block);
    sound_run(instance, in, (float* const*)&out, frames, (Cut){.frames = block}, NULL, NULL);
    instance_set(instance, "bias_1", 0);
    instance_freewheel(instance, false);
    const bool heard = sound_level(out, frames) > 0.01;
    free(silence);
    free(out);
    return heard && instance_get(instance, "latency") > 0;
}

static uint32_t type_of(const Stored* stored, const char* key) {
    for (uint32_t i = 0; i < stored->count; ++i) {
        if (stored->entries[i].key == host_map(stored->host, key)) {
            return stored->entries[i].type;
        }
    }
    return 0;
}

/// Whether the state holds every key, each with its one type, and these values.
static bool holds(const Stored* stored, const char* choice, const char* file) {
    const char* const texts[4] = {stored_text(stored, CHOICE), stored_text(stored, FILE_KEY),
                                  stored_text(stored, ATTRIBUTES), stored_text(stored, METHOD_URI)};
    const bool same = texts[0] && texts[1] && texts[2] && texts[3] && !strcmp(texts[0], choice) &&
                      !strcmp(texts[1], file) &&
                      type_of(stored, CHOICE) == host_map(stored->host, LV2_ATOM__String) &&
                      type_of(stored, FILE_KEY) == host_map(stored->host, LV2_ATOM__Path) &&
                      type_of(stored, ATTRIBUTES) == host_map(stored->host, LV2_ATOM__String) &&
                      type_of(stored, METHOD_URI) == host_map(stored->host, LV2_ATOM__String);
    if (!same) {
        (void)fprintf(stderr, "saved \"%s\", \"%s\" in place of \"%s\", \"%s\"\n",
                      texts[0] ? texts[0] : "(nothing)", texts[1] ? texts[1] : "(nothing)", choice,
                      file);
    }
    return same;
}

/// Whether a save now would keep this file, or this name, or none for "".
static bool saves(Instance* instance, const char* model) {
    Stored stored = {0};
    char choice[4200];
    const bool file = strchr(model, '/');
    (void)snprintf(choice, sizeof choice, "name:%s", model);
    const bool same = state_store(instance, &stored, MAP_NONE) && holds(&stored,
                                                                        file       ? "file"
                                                                        : model[0] ? choice
                                                                                   : "none",
                                                                        file ? model : "");
    stored_clear(&stored);
    return same;
}

/// The state, as text, of an instance that plays the codec at mix 40 %.
static char* codec_state(Host* host) {
    Instance* instance = new_instance(host);
    char* text = NULL;
    instance_set(instance, "mix", 40);
    if (instance_load(instance, codec)) {
        text = state_save_text(instance);
    }
    instance_free(instance);
    return text;
}

static int test_round_trips(Host* host) {
    char* first = codec_state(host);
    CHECK(first && strstr(first, codec));
    Instance* one = new_instance(host);
    Instance* two = new_instance(host);
    // Before the first run, and in two instances at once.
    CHECK(state_restore_text(one, first, true));
    CHECK(state_restore_text(two, first, true));
    CHECK(saves(one, codec));
    CHECK(instance_get(one, "mix") == 40.0f);
    char* second = state_save_text(one);
    CHECK(!strcmp(first, second));
    CHECK(instance_await(one, STATUS_URI, "ready"));
    CHECK(instance_await(two, STATUS_URI, "ready"));
    CHECK(!strcmp(instance_told(two, MODEL_URI), codec));
    CHECK(audible(one));
    CHECK(audible(two));
    instance_set(one, "mix", 40);
    char* third = state_save_text(one);
    CHECK(!strcmp(first, third));
    free(first);
    free(second);
    free(third);
    instance_free(one);
    instance_free(two);
    return 0;
}

static int test_while_loading(Host* host) {
    Instance* instance = new_instance(host);
    instance_send_path(instance, MODEL_URI, bad);
    instance_run(instance, block);
    instance_send_path(instance, MODEL_URI, codec);
    // The audio thread's request is taken by the loader in its own time; then it is saved at once.
    CHECK(instance_await(instance, MODEL_URI, codec));
    CHECK(saves(instance, codec));
    CHECK(instance_await(instance, STATUS_URI, "ready"));
    CHECK(saves(instance, codec));
    CHECK(audible(instance));
    instance_free(instance);
    return 0;
}

/// What cannot be loaded is kept as it was saved, told of, and replaced at once by what can.
static int test_unplayable(Host* host, const char* model) {
    Stored state = {0};
    Instance* instance = new_instance(host);
    Instance* other = new_instance(host);
    instance_send_path(instance, MODEL_URI, model);
    CHECK(instance_await(instance, MODEL_URI, model));
    CHECK(instance_await(instance, STATUS_URI, "failed"));
    CHECK(strlen(instance_told(instance, MESSAGE_URI)) > 10);
    CHECK(saves(instance, model));
    CHECK(state_store(instance, &state, MAP_NONE));

    CHECK(state_retrieve(other, &state, MAP_NONE));
    CHECK(saves(other, model));
    CHECK(instance_await(other, STATUS_URI, "failed"));
    CHECK(strlen(instance_told(other, MESSAGE_URI)) > 10);
    CHECK(saves(other, model));
    CHECK(instance_get(other, "latency") == 0.0f);
    CHECK(instance_load(other, codec));
    CHECK(audible(other));
    CHECK(state_retrieve(other, &state, MAP_NONE));
    CHECK(instance_await(other, STATUS_URI, "failed"));
    CHECK(saves(other, model));
    stored_clear(&state);
    instance_free(instance);
    instance_free(other);
    return 0;
}

/// A state that says there is no model takes away the model; one that says nothing leaves it.
static int test_no_model(Host* host) {
    Stored state = {0};
    Stored nothing = {0};
    Instance* instance = new_instance(host);
    CHECK(state_store(instance, &state, MAP_PREFIX));
    CHECK(holds(&state, "none", ""));
    CHECK(instance_load(instance, codec));
    CHECK(state_retrieve(instance, &nothing, MAP_PREFIX));
    CHECK(audible(instance));
    CHECK(state_retrieve(instance, &state, MAP_PREFIX));
    CHECK(instance_await(instance, STATUS_URI, "none"));
    CHECK(!audible(instance));
    CHECK(instance_get(instance, "latency") == 0.0f);
    instance_free(instance);
    stored_clear(&state);
    return 0;
}

static int test_mapping(Host* host) {
    Stored state = {0};
    char mapped[4200];
    (void)snprintf(mapped, sizeof mapped, "map:%s", codec);
    Instance* instance = new_instance(host);
    CHECK(instance_load(instance, codec));
    CHECK(state_store(instance, &state, MAP_PREFIX));
    CHECK(holds(&state, "file", mapped));
    CHECK(state_paths_held() == 0);

    Instance* other = new_instance(host);
    CHECK(state_retrieve(other, &state, MAP_PREFIX));
    CHECK(state_paths_held() == 0);
    CHECK(saves(other, codec));
    CHECK(instance_await(other, STATUS_URI, "ready"));
    CHECK(audible(other));
    instance_free(other);

    CHECK(state_store(instance, &state, MAP_REFUSED));
    CHECK(holds(&state, "file", codec));
    Instance* third = new_instance(host);
    CHECK(state_retrieve(third, &state, MAP_REFUSED));
    CHECK(instance_await(third, STATUS_URI, "ready"));
    CHECK(saves(third, codec));
    instance_free(third);
    instance_free(instance);
    stored_clear(&state);
    return 0;
}

/// A saved folder may be moved.
static int test_folder(Host* host) {
    char folder[] = "/tmp/timbrel-state-XXXXXX";
    char saved[64];
    char moved[64];
    CHECK(mkdtemp(folder));
    (void)snprintf(saved, sizeof saved, "%s/saved", folder);
    (void)snprintf(moved, sizeof moved, "%s/moved", folder);
    Instance* instance = new_instance(host);
    CHECK(instance_load(instance, codec));
    CHECK(state_save_folder(instance, saved));
    CHECK(!rename(saved, moved));
    Instance* other = new_instance(host);
    CHECK(state_restore_folder(other, moved));
    CHECK(instance_await(other, STATUS_URI, "ready"));
    CHECK(audible(other));
    instance_free(instance);
    instance_free(other);
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    CHECK(!system(command));
    return 0;
}

/// A name of the search path is saved as a name.
static int test_name(Host* host, const char* fixtures) {
    CHECK(!setenv("TIMBREL_MODEL_PATH", fixtures, 1));
    Stored state = {0};
    Instance* instance = new_instance(host);
    CHECK(instance_load(instance, "codec"));
    CHECK(saves(instance, "codec"));
    CHECK(state_store(instance, &state, MAP_PREFIX));
    CHECK(holds(&state, "name:codec", ""));
    Instance* other = new_instance(host);
    CHECK(state_retrieve(other, &state, MAP_PREFIX));
    CHECK(instance_await(other, STATUS_URI, "ready"));
    CHECK(audible(other));
    instance_free(instance);
    instance_free(other);
    stored_clear(&state);
    CHECK(!unsetenv("TIMBREL_MODEL_PATH"));
    return 0;
}

static int test_attributes(Host* host, const char* path) {
    Stored state = {0};
    Instance* instance = new_instance(host);
    CHECK(instance_load(instance, path));
    CHECK(instance_await(instance, ATTRIBUTE "gain", "1"));
    instance_send_float(instance, ATTRIBUTE "gain", 0.25f);
    CHECK(instance_await(instance, ATTRIBUTE "gain", "0.25"));
    CHECK(state_store(instance, &state, MAP_NONE));
    Instance* other = new_instance(host);
    CHECK(state_retrieve(other, &state, MAP_NONE));
    CHECK(instance_await(other, STATUS_URI, "ready"));
    CHECK(instance_await(other, ATTRIBUTE "gain", "0.25"));
    instance_free(instance);
    instance_free(other);
    stored_clear(&state);
    return 0;
}

/// A folder for the states of a host, with a file in it that has the name of a model of the search
/// path, as Carla makes them.
typedef struct {
    Host* host;
    char folder[64]; ///< The session's
    char twin[96];   ///< Elsewhere: named like the codec, with attributes
} Session;

static int session_open(Session* session, Host* host, const char* fixtures) {
    char command[8192];
    session->host = host;
    (void)snprintf(session->folder, sizeof session->folder, "/tmp/timbrel-carla-XXXXXX");
    CHECK(mkdtemp(session->folder));
    (void)snprintf(session->twin, sizeof session->twin, "%s/elsewhere/codec.ts", session->folder);
    (void)snprintf(command, sizeof command, "mkdir %s/elsewhere && cp %s %s", session->folder,
                   fixture_path(fixtures, "attributes"), session->twin);
    CHECK(!system(command));
    CHECK(!setenv("TIMBREL_MODEL_PATH", fixtures, 1));
    state_keep_links(session->folder);
    return 0;
}

static int session_close(Session* session) {
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r %s", session->folder);
    CHECK(!system(command));
    CHECK(!unsetenv("TIMBREL_MODEL_PATH"));
    return 0;
}

/// Whether an instance opened anew with the state plays the file `path` ("": none), and tells no
/// problem.
static bool reopens(Session* session, const Stored* state, const char* path) {
    Instance* instance = new_instance(session->host);
    bool right = state_retrieve(instance, state, MAP_LINK) && state_paths_held() == 0 &&
                 instance_await(instance, STATUS_URI, path[0] ? "ready" : "none");
    const char* file = instance_told(instance, "urn:timbrel:modelFile");
    char* real = file[0] ? realpath(file, NULL) : NULL;
    right = right && !strcmp(real ? real : "", path) && !instance_told(instance, MESSAGE_URI)[0];
    if (!right) {
        (void)fprintf(stderr, "\"%s\" plays in place of \"%s\" (%s)\n", real ? real : "", path,
                      instance_told(instance, MESSAGE_URI));
    }
    free(real);
    instance_free(instance);
    return right;
}

/// Whatever is chosen after whatever else: a host that keeps the first type of a key, links files
/// into its folder and takes "" for that folder opens it again.
static int test_keeping_host(Host* host, const char* fixtures) {
    Session session;
    CHECK(!session_open(&session, host, fixtures));
    char* named = realpath(codec, NULL);
    const char* const models[] = {"", "codec", session.twin, "codec", "", session.twin, ""};
    const char* const played[] = {"", named, session.twin, named, "", session.twin, ""};
    Stored state = {.keeps = true};
    Instance* instance = new_instance(host);
    for (size_t i = 0; i < sizeof models / sizeof *models; ++i) {
        if (models[i][0]) {
            CHECK(instance_load(instance, models[i]));
        } else {
            instance_send_path(instance, MODEL_URI, "");
            CHECK(instance_await(instance, STATUS_URI, "none"));
        }
        CHECK(state_store(instance, &state, MAP_LINK));
        CHECK(reopens(&session, &state, played[i]));
        CHECK(state.count == 9);
    }
    instance_free(instance);
    stored_clear(&state);
    free(named);
    return session_close(&session);
}

/// States of version 0.1, as they were stored, and as Carla made them; also beside a newer state.
static int test_old_states(Host* host, const char* fixtures) {
    Session session;
    CHECK(!session_open(&session, host, fixtures));
    char link[128];
    (void)snprintf(link, sizeof link, "%s/codec.ts", session.folder);
    CHECK(!symlink(session.twin, link));
    char* named = realpath(codec, NULL);
    const struct {
        const char* type;
        const char* text;
        const char* plays;
    } olds[] = {{LV2_ATOM__String, "", ""},
                {LV2_ATOM__String, "codec", named},
                {LV2_ATOM__String, named, named},
                {LV2_ATOM__String, "codec.ts", session.twin},
                {LV2_ATOM__Path, "", ""},
                {LV2_ATOM__Path, session.folder, ""},
                {LV2_ATOM__Path, "codec", named},
                {LV2_ATOM__Path, "codec.ts", session.twin},
                {LV2_ATOM__Path, session.twin, session.twin}};
    for (size_t i = 0; i < sizeof olds / sizeof *olds; ++i) {
        Stored state = {.keeps = true};
        stored_put(&state, host, MODEL_URI, olds[i].type, olds[i].text);
        CHECK(reopens(&session, &state, olds[i].plays));
        stored_put(&state, host, CHOICE, LV2_ATOM__String, "name:codec");
        CHECK(reopens(&session, &state, named));
        stored_put(&state, host, CHOICE, LV2_ATOM__String, "none");
        CHECK(reopens(&session, &state, ""));
        stored_clear(&state);
    }
    free(named);
    return session_close(&session);
}

/// A host that maps a path and not back loses the file, says so, and keeps what it had.
static int test_lost_links(Host* host, const char* fixtures) {
    Session session;
    CHECK(!session_open(&session, host, fixtures));
    Stored state = {0};
    Instance* instance = new_instance(host);
    CHECK(instance_load(instance, session.twin));
    CHECK(state_store(instance, &state, MAP_LINK_LOST));
    CHECK(holds(&state, "file", "codec.ts"));
    Instance* other = new_instance(host);
    CHECK(state_retrieve(other, &state, MAP_LINK_LOST));
    CHECK(instance_await(other, MODEL_URI, "./codec.ts"));
    CHECK(instance_await(other, STATUS_URI, "ready")); // The codec of the search path
    CHECK(strstr(instance_told(other, MESSAGE_URI), "does not exist"));
    CHECK(state_store(other, &state, MAP_LINK_LOST));
    CHECK(holds(&state, "file", "./codec.ts"));
    CHECK(reopens(&session, &state, session.twin));
    instance_free(instance);
    instance_free(other);
    stored_clear(&state);
    return session_close(&session);
}

/// A state that says half, or what a later version says, is told of; nothing else plays.
static int test_odd_states(Host* host) {
    Stored state = {.keeps = true};
    Instance* instance = new_instance(host);
    CHECK(instance_load(instance, codec));
    stored_put(&state, host, CHOICE, LV2_ATOM__String, "file");
    CHECK(!state_retrieve(instance, &state, MAP_NONE));
    CHECK(saves(instance, codec));
    stored_put(&state, host, CHOICE, LV2_ATOM__String, "later:codec");
    CHECK(state_retrieve(instance, &state, MAP_NONE));
    CHECK(instance_await(instance, STATUS_URI, "failed"));
    CHECK(strstr(instance_told(instance, MESSAGE_URI), "later:codec"));
    stored_put(&state, host, CHOICE, LV2_ATOM__String, "file");
    stored_put(&state, host, FILE_KEY, LV2_ATOM__Path, "");
    CHECK(state_retrieve(instance, &state, MAP_LINK));
    CHECK(instance_await(instance, STATUS_URI, "none"));
    instance_free(instance);
    stored_clear(&state);
    return 0;
}

/// A host that keeps what is not stored anew brings back no attributes of before.
static int test_stale_attributes(Host* host, const char* path) {
    Stored state = {.keeps = true};
    Instance* instance = new_instance(host);
    CHECK(instance_load(instance, path));
    instance_send_float(instance, ATTRIBUTE "gain", 0.25f);
    CHECK(instance_await(instance, ATTRIBUTE "gain", "0.25"));
    CHECK(state_store(instance, &state, MAP_NONE));
    instance_free(instance);
    Instance* fresh = new_instance(host);
    CHECK(instance_load(fresh, path));
    CHECK(state_store(fresh, &state, MAP_NONE));
    instance_free(fresh);
    Instance* other = new_instance(host);
    CHECK(state_retrieve(other, &state, MAP_NONE));
    CHECK(instance_await(other, STATUS_URI, "ready"));
    CHECK(instance_await(other, ATTRIBUTE "gain", "1"));
    instance_free(other);
    stored_clear(&state);
    return 0;
}

/// How a sine of 0.5 comes out: by how much of it, the sign told.
static double factor(Instance* instance) {
    float* sine = sound_new(frames);
    float* out = sound_new(frames);
    const float* const in[1] = {sine};
    double product = 0;
    double square = 0;
    instance_set(instance, "mix", 100);
    sound_settle(instance, block);
    sound_sine(sine, 0, frames, 441, 44100, 0.5);
    sound_run(instance, in, (float* const*)&out, frames, (Cut){.frames = block}, NULL, NULL);
    instance_freewheel(instance, false);
    const uint32_t latency = (uint32_t)instance_get(instance, "latency");
    for (uint32_t i = frames / 2; i + latency < frames; ++i) { // what sounded before is over
        product += (double)sine[i] * (double)out[i + latency];
        square += (double)sine[i] * (double)sine[i];
    }
    free(sine);
    free(out);
    return product / square;
}

static bool inverts(Instance* instance) {
    return fabs(factor(instance) + 1) < 0.01;
}

/// tanh() of four times the sine: nearly a square wave, whose first partial is 4 / pi.
static bool saturates(Instance* instance) {
    const double is = factor(instance);
    return is > 2.1 && is < 2 * 4 / 3.1416;
}

static bool plays_method(Instance* instance, const char* method) {
    return instance_await(instance, METHOD_URI, method) &&
           instance_await(instance, STATUS_URI, "ready");
}

/// A method is set by a message, kept by a session, and is the one model's that was chosen with it.
static int test_method(Host* host, const char* path) {
    const InstanceConfig config = {.rate = 44100, .max_block = block};
    Instance* instance = instance_new(host, MONO_URI, &config);
    CHECK(instance_load(instance, path));
    CHECK(!strcmp(instance_told(instance, METHOD_URI), ""));
    CHECK(inverts(instance)); // by default, the first that can be
    instance_send_string(instance, METHOD_URI, "saturate");
    CHECK(plays_method(instance, "saturate"));
    CHECK(saturates(instance));
    Stored state = {0};
    CHECK(state_store(instance, &state, MAP_NONE));
    CHECK(holds(&state, "file", path));
    CHECK(!strcmp(stored_text(&state, METHOD_URI), "saturate"));
    instance_send_string(instance, METHOD_URI, "invert");
    CHECK(plays_method(instance, "invert"));
    CHECK(inverts(instance));

    Instance* other = instance_new(host, MONO_URI, &config);
    CHECK(state_retrieve(other, &state, MAP_NONE));
    CHECK(plays_method(other, "saturate"));
    CHECK(saturates(other));
    instance_send_string(other, METHOD_URI, "nope");
    CHECK(instance_await(other, METHOD_URI, "nope"));
    CHECK(instance_await(other, STATUS_URI, "failed"));
    CHECK(strstr(instance_told(other, MESSAGE_URI), "no method called nope; it has invert, sat"));
    CHECK(saturates(other)); // what played goes on
    // Both in one run, in either order: the method is the new model's.
    instance_send_string(other, METHOD_URI, "encode");
    instance_send_path(other, MODEL_URI, codec);
    CHECK(instance_await(other, MODEL_URI, codec));
    CHECK(plays_method(other, "encode"));
    CHECK(instance_load(other, path));
    CHECK(!strcmp(instance_told(other, METHOD_URI), ""));
    instance_send_string(other, METHOD_URI, "saturate");
    CHECK(plays_method(other, "saturate"));

    Stored bare = {0}; // as version 0.1 and presets of others are
    stored_put(&bare, host, CHOICE, LV2_ATOM__String, "file");
    stored_put(&bare, host, FILE_KEY, LV2_ATOM__Path, path);
    CHECK(state_retrieve(other, &bare, MAP_NONE));
    CHECK(plays_method(other, ""));
    CHECK(inverts(other));
    stored_clear(&bare);
    stored_clear(&state);
    instance_free(instance);
    instance_free(other);
    return 0;
}

/// What hosts make of a state: many openings, so not where each takes a process of its own.
static int test_hosts(Host* host, const char* fixtures) {
    const char* backend = getenv("TIMBREL_BACKEND");
    if (backend && !strcmp(backend, "torch")) {
        return 0;
    }
    CHECK(!test_keeping_host(host, fixtures));
    CHECK(!test_old_states(host, fixtures));
    CHECK(!test_lost_links(host, fixtures));
    CHECK(!test_odd_states(host));
    CHECK(!test_stale_attributes(host, fixture_path(fixtures, "attributes")));
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    char* codec_path = strdup(fixture_path(argv[2], "codec"));
    char* bad_path = strdup(fixture_path(argv[2], "text"));
    codec = codec_path;
    bad = bad_path;
    Host* host = host_open(argv[1]);
    CHECK(!test_round_trips(host));
    CHECK(!test_while_loading(host));
    CHECK(!test_unplayable(host, LOST));
    CHECK(!test_unplayable(host, bad));
    CHECK(!test_no_model(host));
    CHECK(!test_mapping(host));
    CHECK(!test_folder(host));
    CHECK(!test_name(host, argv[2]));
    CHECK(!test_attributes(host, fixture_path(argv[2], "attributes")));
    CHECK(!test_method(host, fixture_path(argv[2], "effects")));
    CHECK(!test_hosts(host, argv[2]));
    CHECK(rtguard_violations() == 0);
    host_close(host);
    free(codec_path);
    free(bad_path);
    return 0;
}
