// SPDX-License-Identifier: ISC
// Usage: test_remote TIMBREL_TORCH FIXTURE_DIR
// The child process that runs models: what it plays, how it fails, and that nothing of it is left.
#include "check.h"
#include "engine/model/remote/remote.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_SAMPLES 8192u

static const char* program;
static const char* fixtures;

static void pause_ms(long ms) {
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&time, NULL);
}

static TimbrelBackend* open_with(TimbrelRemoteConfig config, const char* name,
                                 TimbrelError* error) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", fixtures, name);
    *error = (TimbrelError){0};
    if (!config.program) {
        config.program = program;
    }
    config.lanes = config.lanes ? config.lanes : 2;
    return timbrel_remote_open(&config, path, MAX_SAMPLES, NULL, error);
}

static TimbrelBackend* open_model(const char* name) {
    TimbrelError error;
    TimbrelBackend* model = open_with((TimbrelRemoteConfig){.seed = 1}, name, &error);
    if (!model) {
        (void)fprintf(stderr, "%s: %s\n", name, error.message);
    }
    return model;
}

/// One sentence for a user: not empty, one line, ends with a full stop.
static bool is_sentence(const TimbrelError* error) {
    const size_t length = strlen(error->message);
    const bool good = length > 10 && error->message[length - 1] == '.' &&
                      error->message[length - 2] != '.' && !strchr(error->message, '\n');
    if (!good) {
        (void)fprintf(stderr, "no sentence: \"%s\"\n", error->message);
    }
    return good;
}

static TimbrelStatus step(TimbrelBackend* model, TimbrelStep which, uint32_t lanes, uint32_t frames,
                          float amount, TimbrelError* error) {
    const TimbrelAmounts amounts = {amount, amount};
    const TimbrelCall call = {which, timbrel_lanes_first(lanes), frames, &amounts, false};
    *error = (TimbrelError){0};
    return model->ops->call(model, &call, error);
}

/// White noise, the same for the same seed.
static void fill(float* to, size_t count, uint32_t seed) {
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        to[i] = (float)(seed >> 8) / (float)(1 << 24) - 0.5f;
    }
}

/// Encode and decode `hops` calls of one frame, appending to `out`. The amounts of randomness are
/// `first` in the first hop and `rest` in the others.
static TimbrelStatus play(TimbrelBackend* model, uint32_t hops, float first, float rest,
                          float* out) {
    const uint32_t ratio = model->info.ratio;
    TimbrelStatus status = TIMBREL_OK;
    for (uint32_t hop = 0; hop < hops && status == TIMBREL_OK; hop++) {
        TimbrelError error;
        const float amount = hop ? rest : first;
        fill(model->audio_in, (size_t)ratio * model->info.in_channels, hop + 1);
        status = step(model, TIMBREL_STEP_ENCODE, 1, 1, amount, &error);
        if (status == TIMBREL_OK) {
            status = step(model, TIMBREL_STEP_DECODE, 1, 1, amount, &error);
        }
        memcpy(out + (size_t)hop * ratio, model->audio_out, ratio * sizeof *out);
    }
    return status;
}

static int test_codec(void) {
    TimbrelBackend* model = open_model("codec.ts");
    CHECK(model);
    const TimbrelModelInfo* info = &model->info;
    CHECK(info->play_mode == TIMBREL_PLAY_ENCODE_DECODE && info->rate == 48000.0 &&
          info->rate_known && info->in_channels == 1 && info->out_channels == 1 &&
          info->latents == 8 && info->ratio == 512 && info->streaming && !info->discrete &&
          !info->has_prior && !info->draws_normal && !info->draws_uniform);
    CHECK(strcmp(info->latent_labels[7], "Latent dimension 8") == 0);
    CHECK(model->max_frames == MAX_SAMPLES / 512 && info->file_bytes > 1000);

    TimbrelError error;
    for (uint32_t lanes = 1; lanes <= 2; lanes++) {
        for (uint32_t frames = 1; frames <= model->max_frames; frames *= 4) {
            const size_t count = (size_t)lanes * frames * 512;
            fill(model->audio_in, count, 7);
            CHECK(step(model, TIMBREL_STEP_ENCODE, lanes, frames, 1, &error) == TIMBREL_OK);
            CHECK(step(model, TIMBREL_STEP_DECODE, lanes, frames, 1, &error) == TIMBREL_OK);
            for (size_t i = 0; i < count; i++) {
                CHECK(fabsf(model->audio_out[i] - model->audio_in[i]) < 1e-6f);
            }
        }
    }
    // the latents that lie in the buffer are what decode hears: see tests/fixtures/codec.py
    fill(model->audio_in, 512, 9);
    CHECK(step(model, TIMBREL_STEP_ENCODE, 1, 1, 1, &error) == TIMBREL_OK);
    model->latents[2] += 0.5f;
    CHECK(step(model, TIMBREL_STEP_DECODE, 1, 1, 1, &error) == TIMBREL_OK);
    for (size_t t = 0; t < 512; t++) {
        const double added =
            0.5 * sqrt(2.0 / 512.0) * cos(acos(-1.0) / 512.0 * 3.0 * ((double)t + 0.5));
        CHECK(fabs((double)model->audio_out[t] - (double)model->audio_in[t] - added) < 1e-5);
    }

    CHECK(step(model, TIMBREL_STEP_ENCODE, 3, 1, 1, &error) == TIMBREL_BAD_ARGUMENT);
    CHECK(step(model, TIMBREL_STEP_ENCODE, 1, 0, 1, &error) == TIMBREL_BAD_ARGUMENT);
    CHECK(step(model, TIMBREL_STEP_ENCODE, 1, model->max_frames + 1, 1, &error) ==
          TIMBREL_BAD_ARGUMENT);
    CHECK(step(model, TIMBREL_STEP_FORWARD, 1, 1, 1, &error) == TIMBREL_BAD_ARGUMENT);
    CHECK(is_sentence(&error));
    CHECK(model->ops->set_priority(model, 0));
    model->ops->close(model);
    return 0;
}

/// What the files say of themselves is read, for every kind.
static int test_kinds(void) {
    static const struct {
        const char* name;
        uint32_t mode, in, out, latents, ratio, streaming, discrete, prior, known;
        double rate;
    } kinds[] = {
        {"codec_1.ts", 0, 1, 1, 1, 512, 1, 0, 0, 1, 48000},
        {"codec_128.ts", 0, 1, 1, 128, 2048, 1, 0, 0, 1, 48000},
        {"codec_r16384.ts", 0, 1, 1, 8, 16384, 1, 0, 0, 1, 48000},
        {"codec_norate.ts", 0, 1, 1, 8, 512, 1, 0, 0, 0, 44100},
        {"codec_stereo.ts", 0, 2, 2, 8, 512, 1, 0, 0, 1, 48000},
        {"forward_only.ts", 1, 1, 1, 0, 1, 1, 0, 0, 1, 48000},
        {"nonstreaming.ts", 0, 1, 1, 8, 512, 0, 0, 0, 1, 48000},
        {"prior.ts", 0, 1, 1, 8, 512, 1, 0, 1, 1, 48000},
        {"rave_discrete.ts", 0, 1, 1, 4, 1024, 1, 1, 0, 1, 44100},
        {"rave_v1_prior.ts", 0, 1, 1, 8, 2048, 1, 0, 1, 1, 44100},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        TimbrelBackend* model = open_model(kinds[i].name);
        CHECK(model);
        const TimbrelModelInfo* info = &model->info;
        const bool right =
            info->play_mode == kinds[i].mode && info->in_channels == kinds[i].in &&
            info->out_channels == kinds[i].out && info->latents == kinds[i].latents &&
            info->ratio == kinds[i].ratio && info->streaming == kinds[i].streaming &&
            info->discrete == kinds[i].discrete && info->has_prior == kinds[i].prior &&
            info->rate_known == kinds[i].known && info->rate == kinds[i].rate;
        if (!right) {
            (void)fprintf(stderr, "%s is told wrongly\n", kinds[i].name);
        }
        CHECK(right);
        TimbrelError error;
        const TimbrelStep first = info->latents ? TIMBREL_STEP_ENCODE : TIMBREL_STEP_FORWARD;
        CHECK(step(model, first, 1, model->max_frames, 1, &error) == TIMBREL_OK);
        model->ops->close(model);
    }
    return 0;
}

/// The attribute, or an empty one.
static const TimbrelAttribute* find(const TimbrelBackend* model, const char* name) {
    static const TimbrelAttribute none;
    for (uint32_t i = 0; i < model->info.attribute_count; i++) {
        if (strcmp(model->info.attributes[i].name, name) == 0) {
            return &model->info.attributes[i];
        }
    }
    return &none;
}

static int test_attributes(void) {
    TimbrelBackend* model = open_model("attributes.ts");
    CHECK(model);
    CHECK(model->info.attribute_count == 8);
    CHECK(strcmp(find(model, "mixture")->value, "3 0.5 true") == 0);
    CHECK(find(model, "mixture")->count == 3 &&
          find(model, "mixture")->types[2] == TIMBREL_ATTRIBUTE_BOOL);
    CHECK(find(model, "gain")->settable && !find(model, "matrix")->settable);

    static const struct {
        const char *name, *value, *after; // after NULL: refused
    } sets[] = {{"gain", "0.25", "0.25"},
                {"gain", "loud", NULL},
                {"invert", "true", "true"},
                {"voices", "6", "6"},
                {"voices", "9", NULL},
                {"voices", "2.5", NULL},
                {"colour", "a deep red", "a deep red"},
                {"range", "-0.5 3", "-0.5 3"},
                {"range", "1", NULL},
                {"range", "1 2 3", NULL},
                {"mixture", "7 0.125 false", "7 0.125 false"},
                {"fragile", "-1", NULL},
                {"matrix", "1", NULL},
                {"nothing", "1", NULL}};
    TimbrelError error;
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        error = (TimbrelError){0};
        const TimbrelStatus status =
            model->ops->set_attribute(model, sets[i].name, sets[i].value, &error);
        if ((status == TIMBREL_OK) != (sets[i].after != NULL)) {
            (void)fprintf(stderr, "%s %s: %s\n", sets[i].name, sets[i].value, error.message);
        }
        CHECK((status == TIMBREL_OK) == (sets[i].after != NULL));
        if (sets[i].after) {
            CHECK(strcmp(find(model, sets[i].name)->value, sets[i].after) == 0);
        } else {
            CHECK(is_sentence(&error));
        }
    }

    // gain 0.25 inverted is heard, also after a reset
    float out[512];
    for (int round = 0; round < 2; round++) {
        CHECK(play(model, 1, 1, 1, out) == TIMBREL_OK);
        for (size_t i = 0; i < 512; i++) {
            CHECK(fabsf(out[i] + 0.25f * model->audio_in[i]) < 1e-5f);
        }
        CHECK(model->ops->reset(model, TIMBREL_ALL_LANES, &error) == TIMBREL_OK);
    }
    model->ops->close(model);
    return 0;
}

/// A reset, and a fresh load of caches that the file left dirty, give the same output to the bit.
static int test_reset(void) {
    static const char* const names[] = {"codec_delay.ts", "rave_v2.ts", "rave_v1.ts",
                                        "rave_discrete.ts"};
    static float first[4 * 2048];
    static float again[4 * 2048];
    TimbrelError error;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        TimbrelBackend* model = open_model(names[i]);
        CHECK(model);
        const size_t bytes = (size_t)4 * model->info.ratio * sizeof *first;
        CHECK(play(model, 4, 1, 1, first) == TIMBREL_OK);
        CHECK(play(model, 4, 1, 1, again) == TIMBREL_OK);
        CHECK(memcmp(first, again, bytes) != 0);
        CHECK(model->ops->reset(model, TIMBREL_ALL_LANES, &error) == TIMBREL_OK);
        CHECK(play(model, 4, 1, 1, again) == TIMBREL_OK);
        CHECK(memcmp(first, again, bytes) == 0);
        model->ops->close(model);
    }
    TimbrelBackend* clean = open_model("codec_delay.ts");
    TimbrelBackend* dirty = open_model("codec_dirty.ts");
    CHECK(clean && dirty);
    CHECK(play(clean, 4, 1, 1, first) == TIMBREL_OK && play(dirty, 4, 1, 1, again) == TIMBREL_OK);
    CHECK(memcmp(first, again, (size_t)4 * clean->info.ratio * sizeof *first) == 0);
    clean->ops->close(clean);
    dirty->ops->close(dirty);
    return 0;
}

/// A hop of a set of lanes, which hear noise of their own; `hops` by lane, of which each is one
/// further then. In `out`, lane by lane, `most` hops each.
static TimbrelStatus play_lanes(TimbrelBackend* model, uint32_t set, uint32_t* hops, uint32_t most,
                                float* out, TimbrelError* error) {
    const uint32_t ratio = model->info.ratio;
    const TimbrelCall encode = {.step = TIMBREL_STEP_ENCODE, .lanes = set, .frames = 1};
    const TimbrelCall decode = {.step = TIMBREL_STEP_DECODE, .lanes = set, .frames = 1};
    uint32_t at = 0;
    for (uint32_t lane = 0; lane < model->max_lanes; ++lane) {
        if (set >> lane & 1u) {
            fill(model->audio_in + (size_t)at++ * ratio, ratio, 100 * lane + hops[lane] + 1);
        }
    }
    TimbrelStatus status = model->ops->call(model, &encode, error);
    status = status ? status : model->ops->call(model, &decode, error);
    at = 0;
    for (uint32_t lane = 0; lane < model->max_lanes && !status; ++lane) {
        if (set >> lane & 1u) {
            memcpy(out + ((size_t)lane * most + hops[lane]++) * ratio,
                   model->audio_out + (size_t)at++ * ratio, ratio * sizeof *out);
        }
    }
    return status;
}

/// Any set of lanes in any order, each with a state and reset of its own.
static int test_lanes(void) {
    enum { LANES = 5, HOPS = 4, RATIO = 2048 };
    static float right[LANES * HOPS * RATIO];
    static float given[LANES * HOPS * RATIO];
    static const uint32_t sets[] = {0x1f, 0x0a, 0x15, 0x10, 0x0e, 0x01, 0x12, 0x0d};
    TimbrelError error = {0};
    TimbrelBackend* model = open_with((TimbrelRemoteConfig){.lanes = LANES}, "rave_v2.ts", &error);
    CHECK(model && model->max_lanes == LANES && model->info.ratio == RATIO);
    uint32_t hops[LANES] = {0};
    for (uint32_t lane = 0; lane < LANES; ++lane) {
        CHECK(!model->ops->reset(model, TIMBREL_ALL_LANES, &error));
        for (uint32_t i = 0; i < HOPS; ++i) {
            CHECK(!play_lanes(model, 1u << lane, hops, HOPS, right, &error));
        }
    }
    CHECK(!model->ops->reset(model, TIMBREL_ALL_LANES, &error));
    memset(hops, 0, sizeof hops);
    for (uint32_t i = 0; i < sizeof sets / sizeof *sets; ++i) {
        CHECK(!play_lanes(model, sets[i], hops, HOPS, given, &error));
    }
    // Begins anew while the others go on.
    CHECK(!model->ops->reset(model, 1u << 2, &error));
    hops[2] = 0;
    for (uint32_t i = 0; i < HOPS; ++i) {
        CHECK(!play_lanes(model, 1u << 2, hops, HOPS, given, &error));
    }
    for (uint32_t lane = 0; lane < LANES; ++lane) {
        CHECK(hops[lane] == HOPS);
    }
    for (uint32_t i = 0; i < LANES * HOPS * RATIO; ++i) {
        CHECK(fabsf(given[i] - right[i]) < 1e-4f);
    }
    CHECK(play_lanes(model, 1u << LANES, hops, HOPS, given, &error) == TIMBREL_BAD_ARGUMENT);
    CHECK(is_sentence(&error) && strstr(error.message, "5 lanes"));
    model->ops->close(model);

    // What a model cannot do it says, with the number of its lanes.
    static const struct {
        const char *name, *words;
    } refusals[] = {{"codec.ts", "no more than 2 lanes"},
                    {"codec_nobatch.ts", "no more than 1 lane,"},
                    {"in_buffer.ts", "cannot be played apart"}};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; ++i) {
        model = open_with((TimbrelRemoteConfig){.lanes = LANES}, refusals[i].name, &error);
        CHECK(model);
        memset(hops, 0, sizeof hops);
        CHECK(!play_lanes(model, 1, hops, HOPS, given, &error));
        CHECK(play_lanes(model, 1u << 2, hops, HOPS, given, &error) == TIMBREL_BAD_ARGUMENT);
        CHECK(is_sentence(&error) && strstr(error.message, refusals[i].words));
        CHECK(!play_lanes(model, 1, hops, HOPS, given, &error));
        model->ops->close(model);
    }
    return 0;
}

/// Amount 0 takes all randomness away, at once and in any call; 1 leaves it.
static int test_randomness(void) {
    enum { HOPS = 3, COUNT = HOPS * 2048 };
    static float out[2][COUNT];
    static const struct {
        float first, rest;
        bool first_same, rest_same;
    } cases[] = {{0, 0, true, true}, {0, 1, true, false}, {1, 1, false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (uint64_t seed = 0; seed < 2; seed++) {
            TimbrelError error;
            TimbrelBackend* model =
                open_with((TimbrelRemoteConfig){.seed = seed}, "rave_v2.ts", &error);
            CHECK(model && model->info.draws_normal && model->info.draws_uniform);
            CHECK(play(model, HOPS, cases[i].first, cases[i].rest, out[seed]) == TIMBREL_OK);
            model->ops->close(model);
        }
        const size_t rest = COUNT - 2048;
        CHECK((memcmp(out[0], out[1], 2048 * sizeof(float)) == 0) == cases[i].first_same);
        CHECK((memcmp(out[0] + 2048, out[1] + 2048, rest * sizeof(float)) == 0) ==
              cases[i].rest_same);
    }
    return 0;
}

static int test_bad_files(void) {
    static const char* const names[] = {"empty.ts",
                                        "text.ts",
                                        "truncated_0.ts",
                                        "truncated_1.ts",
                                        "truncated_2.ts",
                                        "truncated_3.ts",
                                        "truncated_4.ts",
                                        "truncated_5.ts",
                                        "truncated_6.ts",
                                        "truncated_7.ts",
                                        "truncated_8.ts",
                                        "truncated_9.ts",
                                        "zip_without_model.ts",
                                        "checkpoint.ts",
                                        "unknown_operator.ts",
                                        "newer_version.ts",
                                        "no_methods.ts",
                                        "latents_mismatch.ts",
                                        "bad_params.ts",
                                        "bad_params_negative.ts",
                                        "bad_params_zero.ts",
                                        "bad_params_three.ts",
                                        "bad_params_ratio.ts",
                                        "bad_params_huge.ts",
                                        "bad_params_float.ts",
                                        "."};
    TimbrelError error;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        TimbrelBackend* model = open_with((TimbrelRemoteConfig){0}, names[i], &error);
        if (model || error.status != TIMBREL_BAD_MODEL) {
            (void)fprintf(stderr, "%s: status %d, %s\n", names[i], (int)error.status,
                          error.message);
        }
        CHECK(!model && error.status == TIMBREL_BAD_MODEL && is_sentence(&error));
    }
    CHECK(!open_with((TimbrelRemoteConfig){0}, "missing.ts", &error));
    CHECK(error.status == TIMBREL_NOT_FOUND && is_sentence(&error));
    CHECK(!open_with((TimbrelRemoteConfig){0}, "unknown_operator.ts", &error));
    CHECK(strstr(error.message, "aten::conv1d_newer"));
    return 0;
}

/// A model whose code fails: an error for that call, and the next may work.
static int test_failing_calls(void) {
    TimbrelError error;
    TimbrelBackend* model = open_model("raises_third.ts");
    CHECK(model);
    for (int i = 1; i <= 4; i++) {
        const TimbrelStatus status = step(model, TIMBREL_STEP_ENCODE, 1, 1, 1, &error);
        CHECK(status == (i == 3 ? TIMBREL_MODEL_RAISED : TIMBREL_OK));
        if (i == 3) {
            CHECK(is_sentence(&error) && strstr(error.message, "the model raised"));
        }
    }
    model->ops->close(model);

    static const char* const wrong[] = {"wrong_shape.ts", "wrong_length.ts"};
    for (size_t i = 0; i < 2; i++) {
        model = open_model(wrong[i]);
        CHECK(model);
        CHECK(step(model, TIMBREL_STEP_DECODE, 1, 1, 1, &error) == TIMBREL_BAD_MODEL);
        CHECK(is_sentence(&error) && strstr(error.message, "512"));
        model->ops->close(model);
    }
    model = open_model("codec_nobatch.ts");
    CHECK(model);
    CHECK(step(model, TIMBREL_STEP_ENCODE, 2, 1, 1, &error) == TIMBREL_MODEL_RAISED);
    CHECK(step(model, TIMBREL_STEP_ENCODE, 1, 1, 1, &error) == TIMBREL_OK);
    model->ops->close(model);
    return 0;
}

static int test_limits(void) {
    TimbrelError error;
    TimbrelBackend* model =
        open_with((TimbrelRemoteConfig){.memory_limit = 1u << 30}, "gigabytes.ts", &error);
    CHECK(model);
    fill(model->audio_in, 512, 1);
    model->audio_in[0] = 1.0f;
    CHECK(step(model, TIMBREL_STEP_ENCODE, 1, 1, 1, &error) == TIMBREL_NO_MEMORY);
    CHECK(is_sentence(&error));
    model->audio_in[0] = 0.0f;
    CHECK(step(model, TIMBREL_STEP_ENCODE, 1, 1, 1, &error) == TIMBREL_OK);
    model->ops->close(model);

    model = open_with((TimbrelRemoteConfig){.call_timeout = 300}, "hangs.ts", &error);
    CHECK(model);
    model->audio_in[0] = 1.0f;
    for (int i = 0; i < 2; i++) {
        CHECK(step(model, TIMBREL_STEP_ENCODE, 1, 1, 1, &error) == TIMBREL_TIMED_OUT);
        CHECK(is_sentence(&error));
    }
    CHECK(model->ops->reset(model, TIMBREL_ALL_LANES, &error) == TIMBREL_TIMED_OUT &&
          model->pid == 0);
    CHECK(!model->ops->set_priority(model, 0));
    model->ops->close(model);

    CHECK(!open_with((TimbrelRemoteConfig){.load_timeout = 1500}, "hangs_opening.ts", &error));
    CHECK(error.status == TIMBREL_TIMED_OUT && is_sentence(&error));

    const _Atomic(bool) cancel = true;
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/hangs_opening.ts", fixtures);
    const TimbrelRemoteConfig config = {.program = program};
    CHECK(!timbrel_remote_open(&config, path, MAX_SAMPLES, &cancel, &error));
    CHECK(is_sentence(&error));
    return 0;
}

static int test_no_program(void) {
    static const char* const programs[] = {"/nonexistent/timbrel-torch", "/bin/false", "/dev/null"};
    for (size_t i = 0; i < 3; i++) {
        TimbrelError error;
        CHECK(!open_with((TimbrelRemoteConfig){.program = programs[i]}, "codec.ts", &error));
        CHECK(error.status == TIMBREL_NO_BACKEND && is_sentence(&error));
    }
    return 0;
}

static void* kill_soon(void* pid) {
    pause_ms(200);
    (void)kill(*(const pid_t*)pid, SIGKILL);
    return NULL;
}

static int test_death(void) {
    TimbrelError error;
    TimbrelBackend* model = open_model("codec.ts");
    CHECK(model);
    (void)kill(model->pid, SIGKILL);
    for (int i = 0; i < 2; i++) {
        CHECK(step(model, TIMBREL_STEP_ENCODE, 1, 1, 1, &error) == TIMBREL_CHILD_DIED);
        CHECK(is_sentence(&error));
    }
    model->ops->close(model);

    model = open_model("hangs.ts"); // killed in the midst of a call
    CHECK(model);
    pid_t pid = model->pid;
    pthread_t killer;
    CHECK(pthread_create(&killer, NULL, kill_soon, &pid) == 0);
    model->audio_in[0] = 1.0f;
    CHECK(step(model, TIMBREL_STEP_ENCODE, 1, 1, 1, &error) == TIMBREL_CHILD_DIED);
    CHECK(pthread_join(killer, NULL) == 0);
    model->ops->close(model);

    model = open_model("codec.ts"); // a host that reaps every child itself
    CHECK(model);
    (void)kill(model->pid, SIGKILL);
    CHECK(waitpid(-1, NULL, 0) == model->pid);
    CHECK(step(model, TIMBREL_STEP_ENCODE, 1, 1, 1, &error) == TIMBREL_CHILD_DIED);
    model->ops->close(model);

    (void)signal(SIGCHLD, SIG_IGN); // a host that lets the kernel reap them
    model = open_model("codec.ts");
    CHECK(model);
    CHECK(step(model, TIMBREL_STEP_ENCODE, 1, 1, 1, &error) == TIMBREL_OK);
    model->ops->close(model);
    (void)signal(SIGCHLD, SIG_DFL);
    return 0;
}

/// When the host is killed, its child goes too.
static int test_orphan(void) {
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    int tell[2];
    CHECK(pipe2(tell, O_CLOEXEC) == 0);
    const pid_t host = fork();
    CHECK(host >= 0);
    if (host == 0) {
        TimbrelBackend* model = open_model("codec.ts");
        const pid_t pid = model ? model->pid : 0;
        if (write(tell[1], &pid, sizeof pid) != sizeof pid) {
            _exit(1);
        }
        for (;;) {
            (void)pause();
        }
    }
    (void)close(tell[1]);
    pid_t orphan = 0;
    CHECK(read(tell[0], &orphan, sizeof orphan) == sizeof orphan && orphan > 0);
    (void)close(tell[0]);
    CHECK(kill(orphan, 0) == 0);
    (void)kill(host, SIGKILL);
    CHECK(waitpid(host, NULL, 0) == host);
    int status = -1;
    pid_t ended = 0;
    for (int i = 0; i < 1000 && ended == 0; i++, pause_ms(10)) {
        ended = waitpid(orphan, &status, WNOHANG);
    }
    CHECK(ended == orphan && WIFEXITED(status));
    return 0;
}

static int read_proc(pid_t pid, const char* what, char* text, size_t size) {
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);
    if (fd >= 0) {
        (void)close(fd);
    }
    text[got > 0 ? got : 0] = '\0';
    return (int)got;
}

static int count_descriptors(pid_t pid) {
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR* folder = opendir(path);
    int count = 0;
    while (folder && readdir(folder)) {
        count++;
    }
    if (folder) {
        (void)closedir(folder);
    }
    return count;
}

/// The child has nothing of the host's: environment, descriptors, signals, scheduling.
static int test_inheritance(void) {
    const int leak = open("/dev/null", O_RDONLY); // a host that knows nothing of O_CLOEXEC
    CHECK(leak >= 0);
    sigset_t blocked;
    (void)sigfillset(&blocked);
    CHECK(pthread_sigmask(SIG_SETMASK, &blocked, NULL) == 0);
    CHECK(setenv("TIMBREL_SECRET", "1", 1) == 0 && setenv("OMP_NUM_THREADS", "7", 1) == 0);
    TimbrelBackend* model = open_model("codec.ts");
    CHECK(model);
    (void)sigemptyset(&blocked);
    CHECK(pthread_sigmask(SIG_SETMASK, &blocked, NULL) == 0);

    char text[8192];
    CHECK(read_proc(model->pid, "comm", text, sizeof text) > 0);
    CHECK(strcmp(text, "timbrel-torch\n") == 0);
    const int length = read_proc(model->pid, "environ", text, sizeof text);
    CHECK(length > 0);
    for (const char* at = text; at < text + length; at += strlen(at) + 1) {
        CHECK(strncmp(at, "LD_", 3) != 0 && strncmp(at, "TIMBREL_", 8) != 0);
        CHECK(strncmp(at, "OMP_NUM_THREADS=", 16) != 0 || strcmp(at + 16, "1") == 0);
    }
    CHECK(count_descriptors(model->pid) == 2 + 8); // "." and "..", 0 to 7
    CHECK(read_proc(model->pid, "status", text, sizeof text) > 0);
    CHECK(strstr(text, "SigBlk:\t0000000000000000") && strstr(text, "Threads:\t2\n"));
    CHECK(getpgid(model->pid) == model->pid);
    model->ops->close(model);
    (void)close(leak);
    return 0;
}

/// A reset makes all memory new, wherever a model keeps it.
static int test_memory(void) {
    static const char* const names[] = {"in_list.ts",  "in_tuple.ts", "in_dict.ts",
                                        "in_queue.ts", "in_text.ts",  "in_numbers.ts",
                                        "clock.ts",    "in_buffer.ts"};
    enum { hops = 5 };
    static float first[hops * 512];
    static float again[hops * 512];
    TimbrelError error;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        TimbrelBackend* model = open_model(names[i]);
        CHECK(model && model->info.streaming);
        CHECK(play(model, hops, 1, 1, first) == TIMBREL_OK);
        CHECK(play(model, hops, 1, 1, again) == TIMBREL_OK);
        CHECK(memcmp(first, again, sizeof first) != 0);
        CHECK(model->ops->reset(model, TIMBREL_ALL_LANES, &error) == TIMBREL_OK);
        CHECK(play(model, hops, 1, 1, again) == TIMBREL_OK);
        if (memcmp(first, again, sizeof first) != 0) {
            (void)fprintf(stderr, "%s: a reset leaves something\n", names[i]);
        }
        CHECK(memcmp(first, again, sizeof first) == 0);
        model->ops->close(model);
    }
    return 0;
}

/// Draws of all kinds are known, and tensors of all places and types.
static int test_foreign(void) {
    static const char* const ways[] = {"randint",  "bernoulli", "exponential", "multinomial",
                                       "randperm", "dropout",   "poisson"};
    TimbrelError error;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "chance_%s.ts", ways[i]);
        TimbrelBackend* model = open_model(name);
        CHECK(model && model->info.draws_other);
        model->ops->close(model);
    }
    static const char* const played[] = {"small.ts", "saved_on_cuda.ts", "saved_on_mps.ts",
                                         "saved_on_xpu.ts", "quantised.ts"};
    static float out[3 * 512];
    for (size_t i = 0; i < sizeof played / sizeof played[0]; i++) {
        TimbrelBackend* model = open_model(played[i]);
        CHECK(model && !model->info.draws_other);
        CHECK(play(model, 3, 1, 1, out) == TIMBREL_OK);
        model->ops->close(model);
    }
    TimbrelBackend* codes = open_model("int_codes.ts");
    CHECK(codes);
    fill(codes->audio_in, 512, 3);
    CHECK(step(codes, TIMBREL_STEP_ENCODE, 1, 1, 1, &error) == TIMBREL_OK);
    float sum = 0.0f;
    for (int i = 0; i < 8; i++) {
        CHECK(codes->latents[i] == rintf(codes->latents[i]));
        sum += fabsf(codes->latents[i]);
    }
    CHECK(sum > 0.0f);
    codes->ops->close(codes);

    TimbrelBackend* model = open_model("device_in_code.ts");
    CHECK(model);
    CHECK(step(model, TIMBREL_STEP_ENCODE, 1, 1, 1, &error) == TIMBREL_OK);
    CHECK(step(model, TIMBREL_STEP_DECODE, 1, 1, 1, &error) == TIMBREL_BAD_MODEL);
    CHECK(is_sentence(&error) && strstr(error.message, "graphics processor"));
    model->ops->close(model);
    return 0;
}

/// Attributes as the versions of nn_tilde write them.
static int test_nn_attributes(void) {
    static const char* const names[] = {"attributes_15.ts", "attributes_16.ts"};
    for (uint32_t i = 0; i < 2; i++) {
        TimbrelError error;
        TimbrelBackend* model = open_model(names[i]);
        CHECK(model && model->info.attribute_count == i + 1);
        CHECK(find(model, "gain")->settable && !find(model, "sample")->settable);
        CHECK(find(model, "gain")->types[0] == TIMBREL_ATTRIBUTE_FLOAT);
        CHECK(strcmp(find(model, "gain")->value, "0.5") == 0);
        float half[512];
        float quarter[512];
        CHECK(play(model, 1, 1, 1, half) == TIMBREL_OK);
        CHECK(model->ops->set_attribute(model, "gain", "0.25", &error) == TIMBREL_OK);
        CHECK(strcmp(find(model, "gain")->value, "0.25") == 0);
        CHECK(play(model, 1, 1, 1, quarter) == TIMBREL_OK);
        for (int k = 0; k < 512; k++) {
            CHECK(fabsf(half[k] - 2.0f * quarter[k]) < 1e-6f);
        }
        model->ops->close(model);
    }
    return 0;
}

int main(int count, char** arguments) {
    CHECK(count == 3);
    program = arguments[1];
    fixtures = arguments[2];
    const int before = count_descriptors(getpid());
    int (*const tests[])(void) = {
        test_codec,       test_kinds,      test_attributes, test_reset,
        test_lanes,       test_randomness, test_bad_files,  test_failing_calls,
        test_limits,      test_no_program, test_death,      test_orphan,
        test_inheritance, test_memory,     test_foreign,    test_nn_attributes};
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if (tests[i]() != 0) {
            return 1;
        }
    }
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    CHECK(count_descriptors(getpid()) == before);
    return 0;
}
