// SPDX-License-Identifier: ISC
/// Rows and points by patch messages, MIDI and sessions: they play, and come back bit by bit.
/// Usage: test_rows_points BUNDLE FIXTURES

#include "codec.h"
#include "rtguard.h"
#include "sound.h"
#include "state.h"
#include "tests/check.h"

#include <lv2/atom/atom.h>
#include <lv2/midi/midi.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CHOICE      "urn:timbrel:choice"
#define ROWS_CHOICE "urn:timbrel:rowsChoice"
#define ROWS_FILE   "urn:timbrel:rowsFile"
#define ROWS_DATA   "urn:timbrel:rowsData"
#define POINTS_DATA "urn:timbrel:pointsData"

enum {
    block = 256,
    frames = 24000,
    latents = 8,
    rows_head = 96,
    points_head = 80,
    point_size = 68 + 4 * latents,
    npy_head = 128
};

static const float height = 0.5f; // Of latent 1 in what is to be heard
static const char* codec;
static char folder[] = "/tmp/timbrel-rows-XXXXXX";

static Instance* new_instance(Host* host, const char* uri) {
    const InstanceConfig config = {.rate = 48000, .max_block = block};
    return instance_new(host, uri, &config);
}

static uint8_t* put(uint8_t* at, const void* value, size_t size) {
    memcpy(at, value, size); // Little-endian, as the machines of the tests are
    return at + size;
}

static uint8_t* put_number(uint8_t* at, uint32_t number) {
    return put(at, &number, sizeof number);
}

/// Captured rows as a session keeps them: latent 1 is `height`, others differ in each row.
static size_t rows_chunk(uint8_t* bytes, uint32_t rows, bool others) {
    const double rate = 93.75;
    const double beats = 2;
    memset(bytes, 0, rows_head);
    uint8_t* at = put_number(put_number(put_number(put(bytes, "TmbR", 4), 1), rows), latents);
    at = put(put(at, &rate, sizeof rate), &beats, sizeof beats) + 64;
    for (uint32_t i = 0; i < rows * latents; ++i) {
        const float other = others ? sinf((float)i) / 3.0f : 0.0f;
        at = put(at, i % latents == 0 ? &height : &other, sizeof other);
    }
    return (size_t)(at - bytes);
}

/// Points 1 and 3; latent 1 of point 1 is `height`.
static size_t points_chunk(uint8_t* bytes) {
    static const char* const names[] = {"soft", "b\303\266se"};
    memset(bytes, 0, points_head + 2 * point_size);
    uint8_t* at = put_number(put_number(put_number(put(bytes, "TmbP", 4), 1), latents), 2) + 64;
    for (uint32_t p = 0; p < 2; ++p) {
        at = put_number(at, 1 + 2 * p);
        (void)snprintf((char*)at, 64, "%s", names[p]);
        at += 64;
        for (uint32_t i = 0; i < latents; ++i) {
            const float value = i == 0 ? height - (float)p : sinf((float)i) * (float)p;
            at = put(at, &value, sizeof value);
        }
    }
    return (size_t)(at - bytes);
}

static bool write_rows(const char* path, uint32_t rows) {
    static const char magic[] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0, npy_head - 10, 0};
    char head[npy_head + 1];
    const int length = snprintf(head + 10, sizeof head - 10,
                                "{'descr': '<f4', 'fortran_order': False, 'shape': (%u, %d), }",
                                (unsigned)rows, latents);
    memset(head + 10 + length, ' ', (size_t)(npy_head - 11 - length));
    memcpy(head, magic, sizeof magic);
    head[npy_head - 1] = '\n';
    FILE* file = fopen(path, "wb");
    bool good = file && fwrite(head, 1, npy_head, file) == npy_head;
    for (uint32_t i = 0; good && i < rows * latents; ++i) {
        const float value = i % latents == 0 ? height : 0.0f;
        good = fwrite(&value, sizeof value, 1, file) == 1;
    }
    return file && !fclose(file) && good;
}

/// Whether, in silence, each frame of what is heard has latent 1 at `height` and no other.
static bool hears_height(Instance* instance) {
    float* silence = sound_new(frames);
    float* out = sound_new(frames);
    const float* const in[1] = {silence};
    uint32_t begin = 0;
    sound_settle(instance, block);
    sound_run(instance, in, (float* const*)&out, frames, (Cut){.frames = block}, NULL, NULL);
    instance_freewheel(instance, false);
    const bool heard = codec_find_frames(out + frames / 2, (double)height, &begin);
    free(silence);
    free(out);
    return heard;
}

static bool saves_text(Instance* instance, const char* key, const char* value) {
    Stored stored = {0};
    const bool saved = state_store(instance, &stored, MAP_NONE);
    const char* text = saved ? stored_text(&stored, key) : NULL;
    const bool same = text && !strcmp(text, value);
    if (!same) {
        (void)fprintf(stderr, "%s: saved \"%s\" in place of \"%s\"\n", key, text ? text : "-",
                      value);
    }
    stored_clear(&stored);
    return same;
}

static bool saves_bytes(Instance* instance, const char* key, const void* bytes, size_t size) {
    Stored stored = {0};
    size_t is = 0;
    const bool saved = state_store(instance, &stored, MAP_NONE);
    const void* value = saved ? stored_bytes(&stored, key, &is) : NULL;
    const bool same = value && is == size && !memcmp(value, bytes, size);
    stored_clear(&stored);
    return same;
}

static bool in_info(Instance* instance, const char* part) {
    const struct timespec pause = {.tv_nsec = 5000000};
    for (int i = 0; i < 4000; ++i) {
        instance_send_get(instance, INFO_URI);
        for (uint32_t c = 0; c < instance_channels(instance); ++c) {
            memset(instance_in(instance, c), 0, block * sizeof(float));
        }
        instance_run(instance, block);
        if (strstr(instance_told(instance, INFO_URI), part)) {
            return true;
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)fprintf(stderr, "\"%s\" has no \"%s\"\n", instance_told(instance, INFO_URI), part);
    return false;
}

static int test_file(Host* host) {
    char path[96];
    (void)snprintf(path, sizeof path, "%s/plain.npy", folder);
    CHECK(write_rows(path, 3));
    Instance* instance = new_instance(host, MONO_URI);
    CHECK(instance_load(instance, codec));
    instance_set(instance, "source", 1);
    instance_send_path(instance, ROWS_URI, path);
    CHECK(instance_await(instance, ROWS_URI, path));
    CHECK(instance_await(instance, INFO_URI, "file: 3 rows"));
    CHECK(hears_height(instance));
    CHECK(saves_text(instance, ROWS_CHOICE, "file") && saves_text(instance, ROWS_FILE, path));
    Stored state = {0};
    CHECK(state_store(instance, &state, MAP_PREFIX));
    CHECK(!strncmp(stored_text(&state, ROWS_FILE), "map:/tmp/", 9) && state_paths_held() == 0);
    instance_send_path(instance, ROWS_URI, "");
    CHECK(instance_await(instance, INFO_URI, ""));
    CHECK(!hears_height(instance));
    CHECK(saves_text(instance, ROWS_CHOICE, "none") && saves_text(instance, ROWS_FILE, ""));

    Instance* other = new_instance(host, MONO_URI);
    instance_set(other, "source", 1);
    CHECK(state_retrieve(other, &state, MAP_PREFIX) && state_paths_held() == 0);
    CHECK(instance_await(other, INFO_URI, "file: 3 rows"));
    CHECK(instance_await(other, STATUS_URI, "ready"));
    CHECK(hears_height(other));
    // The file is gone when the session is opened again.
    CHECK(!unlink(path));
    CHECK(state_retrieve(other, &state, MAP_PREFIX));
    CHECK(in_info(other, path));
    CHECK(saves_text(other, ROWS_CHOICE, "file") && saves_text(other, ROWS_FILE, path));
    stored_clear(&state);
    instance_free(other);
    instance_free(instance);
    return 0;
}

static void put_captured(Stored* state, Host* host, const void* bytes, size_t size) {
    stored_put_bytes(state, host, ROWS_CHOICE, LV2_ATOM__String, "captured", sizeof "captured");
    stored_put_bytes(state, host, ROWS_FILE, LV2_ATOM__Path, "", 1);
    stored_put_bytes(state, host, ROWS_DATA, LV2_ATOM__Chunk, bytes, size);
}

static size_t read_whole(const char* path, uint8_t* bytes, size_t size) {
    FILE* file = fopen(path, "rb");
    const size_t is = file ? fread(bytes, 1, size, file) : 0;
    if (file) {
        (void)fclose(file);
    }
    return is;
}

static int test_captured(Host* host) {
    uint8_t bytes[rows_head + 4 * 3 * latents];
    const size_t size = rows_chunk(bytes, 3, true);
    Stored state = {0};
    put_captured(&state, host, bytes, size);
    Instance* instance = new_instance(host, MONO_URI);
    CHECK(state_retrieve(instance, &state, MAP_NONE));
    CHECK(instance_await(instance, INFO_URI, "captured: 3 rows, 2 beats"));
    CHECK(!strcmp(instance_told(instance, ROWS_URI), ""));
    CHECK(saves_bytes(instance, ROWS_DATA, bytes, size));
    CHECK(saves_text(instance, ROWS_CHOICE, "captured") && saves_text(instance, ROWS_FILE, ""));

    // Where the host makes files: one, named by its content.
    Stored again = {0};
    char path[256];
    char first[128];
    uint8_t file[npy_head + sizeof bytes];
    uint8_t same[sizeof file];
    size_t is = 0;
    CHECK(state_store(instance, &state, MAP_MAKE) && state_paths_held() == 0);
    (void)snprintf(first, sizeof first, "%s", stored_text(&state, ROWS_FILE));
    CHECK(!strncmp(first, "rows-", 5) && strlen(first) == 5 + 32 + 4);
    CHECK(stored_bytes(&state, ROWS_DATA, &is) && is == rows_head);
    (void)snprintf(path, sizeof path, "%s/%s", folder, first);
    CHECK(read_whole(path, file, sizeof file) == npy_head + size - rows_head);
    CHECK(!memcmp(file, "\x93NUMPY", 6) && strstr((const char*)file + 10, "(3, 8)"));
    CHECK(!memcmp(file + npy_head, bytes + rows_head, size - rows_head));
    CHECK(state_store(instance, &again, MAP_MAKE));
    CHECK(!strcmp(stored_text(&again, ROWS_FILE), first));
    CHECK(read_whole(path, same, sizeof same) == npy_head + size - rows_head);
    CHECK(!memcmp(file, same, npy_head + size - rows_head));

    Instance* other = new_instance(host, MONO_URI);
    CHECK(state_retrieve(other, &state, MAP_MAKE) && state_paths_held() == 0);
    CHECK(instance_await(other, INFO_URI, "captured: 3 rows, 2 beats"));
    CHECK(saves_bytes(other, ROWS_DATA, bytes, size));
    stored_clear(&again);
    stored_clear(&state);
    instance_free(other);
    instance_free(instance);
    return 0;
}

/// The file of captured rows is gone when a session is opened again: told, and the path is kept.
static int test_lost(Host* host) {
    uint8_t bytes[rows_head + 4 * 3 * latents];
    char path[256];
    Stored state = {0};
    put_captured(&state, host, bytes, rows_chunk(bytes, 3, true));
    Instance* instance = new_instance(host, MONO_URI);
    CHECK(state_retrieve(instance, &state, MAP_NONE));
    CHECK(state_store(instance, &state, MAP_MAKE));
    (void)snprintf(path, sizeof path, "%s/%s", folder, stored_text(&state, ROWS_FILE));
    CHECK(!unlink(path));
    CHECK(state_retrieve(instance, &state, MAP_MAKE));
    CHECK(in_info(instance, path));
    CHECK(!mkfifo(path, 0600)); // Into which nobody writes
    CHECK(state_retrieve(instance, &state, MAP_MAKE));
    CHECK(in_info(instance, "no file that can be read"));
    CHECK(!unlink(path));
    CHECK(saves_text(instance, ROWS_CHOICE, "file") && saves_text(instance, ROWS_FILE, path));
    stored_clear(&state);
    instance_free(instance);
    return 0;
}

/// As lilv's hosts save them, with a folder that is moved.
static int test_folder(Host* host) {
    char saved[96];
    char moved[96];
    uint8_t bytes[rows_head + 4 * 3 * latents];
    const size_t size = rows_chunk(bytes, 3, true);
    (void)snprintf(saved, sizeof saved, "%s/saved", folder);
    (void)snprintf(moved, sizeof moved, "%s/moved", folder);
    Stored state = {0};
    put_captured(&state, host, bytes, size);
    Instance* instance = new_instance(host, MONO_URI);
    CHECK(state_retrieve(instance, &state, MAP_NONE));
    CHECK(state_save_folder(instance, saved));
    CHECK(!rename(saved, moved));
    Instance* other = new_instance(host, MONO_URI);
    CHECK(state_restore_folder(other, moved));
    CHECK(saves_bytes(other, ROWS_DATA, bytes, size));
    char* text = state_save_text(instance); // There are no files in a text
    Instance* third = new_instance(host, MONO_URI);
    CHECK(state_restore_text(third, text, false));
    CHECK(saves_bytes(third, ROWS_DATA, bytes, size));
    free(text);
    instance_free(third);
    instance_free(other);
    instance_free(instance);
    stored_clear(&state);
    return 0;
}

/// A damaged value is told of in a sentence, and costs nothing but itself.
static int check_damaged(Host* host, const char* key, const void* bytes, size_t size,
                         const char* sentence) {
    uint8_t rows[rows_head + 4 * 2 * latents];
    uint8_t points[points_head + 2 * point_size];
    Stored state = {0};
    const size_t rows_size = rows_chunk(rows, 2, true);
    const size_t points_size = points_chunk(points);
    put_captured(&state, host, rows, rows_size);
    stored_put_bytes(&state, host, POINTS_DATA, LV2_ATOM__Chunk, points, points_size);
    stored_put_bytes(&state, host, key, LV2_ATOM__Chunk, bytes, size);
    stored_put_bytes(&state, host, CHOICE, LV2_ATOM__String, "name:nothing", 13);
    Instance* instance = new_instance(host, MONO_URI);
    CHECK(state_retrieve(instance, &state, MAP_NONE));
    CHECK(in_info(instance, sentence));
    CHECK(saves_text(instance, CHOICE, "name:nothing"));
    if (!strcmp(key, ROWS_DATA)) {
        CHECK(saves_text(instance, ROWS_CHOICE, "none"));
        CHECK(saves_bytes(instance, POINTS_DATA, points, points_size));
    } else {
        CHECK(saves_bytes(instance, ROWS_DATA, rows, rows_size));
        CHECK(instance_await(instance, POINTS_URI, ""));
    }
    instance_free(instance);
    stored_clear(&state);
    return 0;
}

static int test_damaged(Host* host) {
    uint8_t bytes[rows_head + 4 * 2 * latents + 4];
    const uint32_t huge = UINT32_MAX;
    const uint32_t none = 0;
    const float bad[] = {NAN, INFINITY};
    const struct {
        size_t at;
        const void* value;
    } rows_damages[] = {{0, "Nmb"},  {4, &huge},  {8, &huge},       {8, &none},
                        {12, &huge}, {12, &none}, {rows_head, bad}, {rows_head + 8, bad + 1}},
      points_damages[] = {
          {0, "Nmb"},  {4, &huge},           {8, &huge},           {8, &none},
          {12, &huge}, {points_head, &none}, {points_head, &huge}, {points_head + 68, bad}};
    for (size_t i = 0; i < sizeof rows_damages / sizeof *rows_damages; ++i) {
        const size_t size = rows_chunk(bytes, 2, true);
        memcpy(bytes + rows_damages[i].at, rows_damages[i].value, 4);
        CHECK(!check_damaged(host, ROWS_DATA, bytes, size, "rows in this session are damaged"));
    }
    const size_t whole = rows_chunk(bytes, 2, true);
    const size_t sizes[] = {1, 4, rows_head - 1, rows_head, whole - 1, whole + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
        CHECK(!check_damaged(host, ROWS_DATA, bytes, sizes[i], "rows in this session are damaged"));
    }
    uint8_t points[points_head + 2 * point_size + 1];
    for (size_t i = 0; i < sizeof points_damages / sizeof *points_damages; ++i) {
        const size_t size = points_chunk(points);
        memcpy(points + points_damages[i].at, points_damages[i].value, 4);
        CHECK(
            !check_damaged(host, POINTS_DATA, points, size, "points in this session are damaged"));
    }
    const size_t all = points_chunk(points);
    const size_t cuts[] = {1, points_head - 1, all - 1, all + 1};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; ++i) {
        CHECK(!check_damaged(host, POINTS_DATA, points, cuts[i],
                             "points in this session are damaged"));
    }
    return 0;
}

static void send_midi(Instance* instance, uint8_t status, uint8_t one, uint8_t two) {
    const uint8_t message[] = {status, one, two};
    instance_send_atom(instance, LV2_MIDI__MidiEvent, message, sizeof message);
}

/// Stored points come back, and are named by messages.
static int test_points(Host* host) {
    uint8_t bytes[points_head + 2 * point_size];
    const size_t size = points_chunk(bytes);
    Stored state = {0};
    stored_put_bytes(&state, host, POINTS_DATA, LV2_ATOM__Chunk, bytes, size);
    Instance* instance = new_instance(host, MIDI_URI);
    CHECK(instance_load(instance, codec));
    CHECK(state_retrieve(instance, &state, MAP_NONE));
    CHECK(instance_await(instance, POINTS_URI, "1=soft\n3=b\303\266se\n"));
    CHECK(saves_bytes(instance, POINTS_DATA, bytes, size));
    instance_send_string(instance, POINTS_URI, "3=loud\n2=nobody\n1=\n");
    CHECK(instance_await(instance, POINTS_URI, "1=\n3=loud\n"));
    instance_forget(instance, POINTS_URI);
    instance_send_string(instance, POINTS_URI, "one=two");
    CHECK(instance_await(instance, POINTS_URI, "1=\n3=loud\n"));
    instance_free(instance);
    stored_clear(&state);
    return 0;
}

/// Points are played by notes in the plugin that takes MIDI.
static int test_play(Host* host) {
    uint8_t bytes[points_head + 2 * point_size];
    Stored state = {0};
    stored_put_bytes(&state, host, POINTS_DATA, LV2_ATOM__Chunk, bytes, points_chunk(bytes));
    Instance* instance = new_instance(host, MIDI_URI);
    CHECK(instance_load(instance, codec));
    CHECK(state_retrieve(instance, &state, MAP_NONE));
    instance_set(instance, "source", 3);
    instance_set(instance, "glide", 0);
    CHECK(!hears_height(instance));
    send_midi(instance, 0x90, 60, 127);
    CHECK(hears_height(instance));
    send_midi(instance, 0x80, 60, 0);
    CHECK(!hears_height(instance));
    instance_free(instance);
    stored_clear(&state);
    return 0;
}

/// Saves without end, beside the audio thread.
typedef struct {
    Instance* instance;
    atomic_bool end;
    uint32_t saved;
    uint32_t failed;
} Saver;

static void* keep_saving(void* data) {
    Saver* saver = data;
    const struct timespec pause = {.tv_nsec = 3000000};
    Stored stored = {0};
    while (!atomic_load(&saver->end)) {
        const bool good =
            state_store(saver->instance, &stored, saver->saved % 2 ? MAP_MAKE : MAP_NONE);
        saver->failed += good ? 0 : 1;
        ++saver->saved;
        (void)nanosleep(&pause, NULL);
    }
    stored_clear(&stored);
    return NULL;
}

static void press(Instance* instance, const char* symbol, uint32_t run, uint32_t period) {
    instance_set(instance, symbol, run % period == period - 1 ? 1.0f : 0.0f);
}

/// Whatever is pressed, sent and saved, run() does nothing that may wait.
static int test_busy(Host* host) {
    const struct timespec pause = {.tv_nsec = 1000000};
    char path[96];
    (void)snprintf(path, sizeof path, "%s/busy.npy", folder);
    CHECK(write_rows(path, 100));
    Instance* instance = new_instance(host, MIDI_URI);
    CHECK(instance_load(instance, codec));
    Saver saver = {.instance = instance};
    pthread_t thread;
    CHECK(!pthread_create(&thread, NULL, keep_saving, &saver));
    for (uint32_t run = 0; run < 2500; ++run) {
        sound_noise(instance_in(instance, 0), block, 0.5f, run);
        instance_set(instance, "source", (float)(run / 50 % 4));
        instance_set(instance, "blend", (float)(run % 101));
        press(instance, "keep", run, 300);
        press(instance, "add", run, 170);
        press(instance, "store", run, 23);
        send_midi(instance, run % 7 ? 0x80 : 0x90, (uint8_t)(60 + run % 7), 100);
        if (run % 97 == 0) {
            instance_send_path(instance, ROWS_URI, run % 2 ? path : "");
            instance_send_string(instance, POINTS_URI, "1=one\n2=two\n");
        }
        instance_run(instance, block);
        CHECK(sound_finite(instance_out(instance, 0), block));
        (void)nanosleep(&pause, NULL);
    }
    atomic_store(&saver.end, true);
    CHECK(!pthread_join(thread, NULL));
    (void)fprintf(stderr, "%u saves, %u failed, %llu forbidden calls\n", saver.saved, saver.failed,
                  (unsigned long long)rtguard_violations());
    CHECK(saver.saved > 10 && saver.failed == 0 && rtguard_violations() == 0);
    instance_free(instance);
    return 0;
}

/// What was played is kept by the switch, told of, and comes back with the session.
static int test_keep(Host* host) {
    Instance* instance = new_instance(host, MONO_URI);
    CHECK(instance_load(instance, codec));
    instance_set(instance, "keep_bars", 0);
    for (uint32_t i = 0; i < 2 * 48000 / block; ++i) {
        sound_sine(instance_in(instance, 0), (uint64_t)i * block, block, 220, 48000, 0.5);
        instance_freewheel(instance, true);
        instance_run(instance, block);
    }
    instance_freewheel(instance, false);
    instance_set(instance, "keep", 1);
    CHECK(in_info(instance, "captured: "));
    Stored state = {0};
    size_t size = 0;
    CHECK(state_store(instance, &state, MAP_NONE));
    const uint8_t* bytes = stored_bytes(&state, ROWS_DATA, &size);
    CHECK(bytes && size > rows_head + 50 * 4 * latents);
    Instance* other = new_instance(host, MONO_URI);
    CHECK(state_retrieve(other, &state, MAP_NONE));
    CHECK(saves_bytes(other, ROWS_DATA, bytes, size));
    instance_free(other);
    instance_free(instance);
    stored_clear(&state);
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc == 3 && mkdtemp(folder));
    char* codec_path = strdup(fixture_path(argv[2], "codec"));
    codec = codec_path;
    state_keep_links(folder);
    Host* host = host_open(argv[1]);
    CHECK(!test_captured(host));
    CHECK(!test_folder(host));
    CHECK(!test_damaged(host));
    CHECK(!test_points(host));
    CHECK(!test_busy(host));
    CHECK(!test_play(host));
    CHECK(!test_keep(host));
    CHECK(!test_file(host));
    CHECK(!test_lost(host));
    CHECK(rtguard_violations() == 0);
    host_close(host);
    free(codec_path);
    char command[64];
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    CHECK(!system(command));
    return 0;
}
