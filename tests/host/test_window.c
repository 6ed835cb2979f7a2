// SPDX-License-Identifier: ISC
/// What the effect tells a window: nothing while there is none; all of it, whole, while there is;
/// and nothing that arrives from one does harm. The guard watches the audio thread meanwhile.
/// Usage: test_window BUNDLE FIXTURES

#include "plugin/wire.h"
#include "rtguard.h"
#include "sound.h"
#include "tests/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { rate = 48000, block = 256, second = rate / block };

/// What was heard.
typedef struct {
    LV2_URID type;
    unsigned bad;
    unsigned meters;
    unsigned samples;    ///< Of the scope
    unsigned latents;    ///< Since the last status
    unsigned attributes; ///< Since the last status
    bool whole;          ///< News were told to their end
    TimbrelWireStatus status;
    TimbrelWireMeters last;
    TimbrelAttribute gain;
    TimbrelWireLatent first;
    char texts[TIMBREL_TEXT_COUNT][TIMBREL_WIRE_TEXT_SIZE];
} Heard;

static void hear(void* handle, const LV2_Atom* atom) {
    Heard* heard = handle;
    static TimbrelWire message; // aligned
    if (atom->type != heard->type) {
        return;
    }
    if (atom->size > sizeof message) {
        ++heard->bad;
        return;
    }
    memcpy(&message, atom + 1, atom->size);
    if (!timbrel_wire_valid(&message, atom->size)) {
        ++heard->bad;
        return;
    }
    switch (message.head.type) {
    case TIMBREL_WIRE_METERS:
        ++heard->meters;
        memcpy(&heard->last, &message.meters, atom->size);
        break;
    case TIMBREL_WIRE_SCOPE:
        heard->samples += message.scope.frames;
        break;
    case TIMBREL_WIRE_STATUS:
        heard->status = message.status;
        heard->attributes = heard->latents = 0;
        heard->whole = false;
        break;
    case TIMBREL_WIRE_TEXT:
        memcpy(heard->texts[message.text.kind], message.text.text, strlen(message.text.text) + 1);
        break;
    case TIMBREL_WIRE_LATENT:
        if (heard->latents++ == 0) {
            heard->first = message.latent;
        }
        break;
    case TIMBREL_WIRE_ATTRIBUTE:
        ++heard->attributes;
        if (!strcmp(message.attribute.attribute.name, "gain")) {
            heard->gain = message.attribute.attribute;
        }
        break;
    case TIMBREL_WIRE_TOLD:
        heard->whole = message.told.serial == heard->status.serial &&
                       message.told.attributes == heard->attributes;
        break;
    default:
        ++heard->bad;
    }
}

static void send(Instance* instance, const TimbrelWireHead* message) {
    instance_send_atom(instance, TIMBREL_WIRE_URI, message, message->size);
}

static void hello(Instance* instance, uint32_t serial) {
    TimbrelWireHello message = {.serial = serial};
    timbrel_wire_head(&message, TIMBREL_WIRE_HELLO, sizeof message);
    send(instance, &message.head);
}

static void play(Instance* instance, unsigned blocks) {
    for (unsigned i = 0; i < blocks; ++i) {
        for (uint32_t c = 0; c < instance_channels(instance); ++c) {
            sound_noise(instance_in(instance, c), block, 0.5f, i + c);
        }
        instance_run(instance, block);
    }
}

static int load(Instance* instance, const char* path) {
    TimbrelWireText message;
    timbrel_wire_text(&message, TIMBREL_WIRE_LOAD, 0, path);
    send(instance, &message.head);
    CHECK(instance_await(instance, STATUS_URI, "ready"));
    return 0;
}

static int test_nothing_without_a_window(Instance* instance, Heard* heard) {
    play(instance, second);
    CHECK(heard->meters == 0 && heard->samples == 0 && !heard->status.serial);
    hello(instance, 0);
    play(instance, 1);
    CHECK(heard->whole && heard->status.state == 0 && heard->status.rate > rate - 1);
    return 0;
}

static int test_meters(Instance* instance, Heard* heard) {
    hello(instance, heard->status.serial);
    heard->meters = heard->samples = 0;
    play(instance, second);
    CHECK(heard->meters >= 45 && heard->meters <= 62);
    CHECK(heard->samples >= rate - 1024 && heard->samples <= rate + 1024);
    CHECK(heard->last.channels == instance_channels(instance));
    CHECK(heard->last.input[0] > 0.4f && heard->last.input[0] <= 0.5f);
    CHECK(heard->last.output[0] > 0.4f && heard->last.output[0] <= 0.5f); // dry
    return 0;
}

static int test_model(Instance* instance, Heard* heard, const char* fixtures) {
    hello(instance, 0);
    CHECK(!load(instance, fixture_path(fixtures, "attributes")));
    hello(instance, 0);
    play(instance, second / 2); // the model fades in
    CHECK(heard->whole && heard->status.playing && heard->status.latents == 8);
    CHECK(heard->attributes > 0 && heard->latents == 8);
    CHECK(!strcmp(heard->texts[TIMBREL_TEXT_NAME], "attributes"));
    CHECK(heard->last.latents == 8 && heard->last.latency.total > 0);
    // Known news are not told again, others are.
    heard->whole = false;
    hello(instance, heard->status.serial);
    play(instance, 4);
    CHECK(!heard->whole);
    hello(instance, heard->status.serial - 1);
    play(instance, 4);
    CHECK(heard->whole);

    TimbrelWireAttribute set = {0};
    timbrel_wire_head(&set, TIMBREL_WIRE_SET_ATTRIBUTE, sizeof set);
    memcpy(set.attribute.name, "gain", sizeof "gain");
    memcpy(set.attribute.value, "0.25", sizeof "0.25");
    send(instance, &set.head);
    const struct timespec pause = {.tv_nsec = 5000000};
    for (int i = 0; i < 4000 && strncmp(heard->gain.value, "0.25", 4) != 0; ++i) {
        hello(instance, heard->status.serial);
        play(instance, 1);
        (void)nanosleep(&pause, NULL); // the inference thread sets it between two hops
    }
    CHECK(!strncmp(heard->gain.value, "0.25", 4));
    return 0;
}

/// Ask for a file that cannot be opened, and for all news of it.
static int ask_for_broken(Instance* instance, const char* fixtures) {
    TimbrelWireText message;
    timbrel_wire_text(&message, TIMBREL_WIRE_LOAD, 0, fixture_path(fixtures, "truncated_4"));
    send(instance, &message.head);
    CHECK(instance_await(instance, STATUS_URI, "failed"));
    hello(instance, 0);
    play(instance, 4);
    return 0;
}

static int test_failure_keeps_what_plays(Instance* instance, Heard* heard, const char* fixtures) {
    CHECK(!ask_for_broken(instance, fixtures));
    CHECK(heard->whole && heard->status.state == 3 && heard->status.playing);
    CHECK(!strcmp(heard->texts[TIMBREL_TEXT_NAME], "attributes") && heard->latents == 8);
    CHECK(strstr(heard->texts[TIMBREL_TEXT_MESSAGE], "truncated_4"));
    return 0;
}

/// What can be chosen is told, and chosen; what is wrong can be chosen away again.
static int test_methods(Instance* instance, Heard* heard, const char* fixtures) {
    static const char all[] = "invert\nsaturate\nmidside\nswap\nblur\nrms";
    static const char* const methods[] = {"saturate", "nope", "rms"};
    CHECK(!load(instance, fixture_path(fixtures, "codec")));
    CHECK(instance_await(instance, "urn:timbrel:modelName", "codec"));
    hello(instance, 0);
    play(instance, 4);
    CHECK(!strncmp(heard->texts[TIMBREL_TEXT_METHODS], "\nencode", strlen("\nencode")));
    CHECK(!load(instance, fixture_path(fixtures, "effects")));
    CHECK(instance_await(instance, "urn:timbrel:modelName", "effects"));
    hello(instance, 0);
    play(instance, 4);
    CHECK(!strcmp(heard->texts[TIMBREL_TEXT_METHOD], ""));
    CHECK(!strcmp(heard->texts[TIMBREL_TEXT_METHODS], all));
    for (size_t i = 0; i < sizeof methods / sizeof *methods; ++i) {
        TimbrelWireText message;
        timbrel_wire_text(&message, TIMBREL_WIRE_SET_METHOD, 0, methods[i]);
        send(instance, &message.head);
        CHECK(instance_await(instance, "urn:timbrel:method", methods[i]));
        CHECK(instance_await(instance, STATUS_URI, i == 1 ? "failed" : "ready"));
        hello(instance, 0);
        play(instance, 4);
        CHECK(heard->whole && !strcmp(heard->texts[TIMBREL_TEXT_METHOD], methods[i]));
        CHECK(!strcmp(heard->texts[TIMBREL_TEXT_METHODS], all));
    }
    CHECK(heard->status.latents == 1 && heard->status.play_mode == TIMBREL_PLAY_VALUES); // rms
    instance_set(instance, "bias_1", 4.0f); // which does nothing to what is measured
    play(instance, 40);
    CHECK(instance_get(instance, "latent_1") >= 0.0f && instance_get(instance, "latent_1") < 1.0f);
    instance_set(instance, "bias_1", 0.0f);
    CHECK(!ask_for_broken(instance, fixtures));
    CHECK(!strcmp(heard->texts[TIMBREL_TEXT_METHODS], "")); // of what is not asked for any more
    return 0;
}

/// What a model's latents stand for is told.
static int test_meanings(Instance* instance, Heard* heard) {
    CHECK(!load(instance, "choir"));
    CHECK(instance_await(instance, "urn:timbrel:modelName", "choir"));
    hello(instance, 0);
    play(instance, 4);
    CHECK(heard->whole && heard->status.play_mode == TIMBREL_PLAY_ENCODE_DECODE);
    CHECK(heard->first.index == 0 && !strcmp(heard->first.label, "pitch"));
    CHECK(heard->first.meaning.kind == TIMBREL_LATENT_PITCH);
    CHECK(!strcmp(heard->first.meaning.unit, "note") && heard->first.meaning.scale > 1.0f);
    return 0;
}

static int test_garbage(Instance* instance, Heard* heard) {
    unsigned char bytes[600];
    srand(7);
    for (int i = 0; i < 2000; ++i) {
        const uint32_t size = (uint32_t)rand() % sizeof bytes;
        for (uint32_t k = 0; k < size; ++k) {
            bytes[k] = (unsigned char)rand();
        }
        // Of all types but those which would load.
        const bool loads = i % 70 == TIMBREL_WIRE_LOAD || i % 70 == TIMBREL_WIRE_SET_METHOD;
        if (size >= sizeof(TimbrelWireHead) && i % 2) {
            timbrel_wire_head(bytes, loads ? 0 : (TimbrelWireType)(i % 70), size);
        }
        instance_send_atom(instance, TIMBREL_WIRE_URI, bytes, size);
        play(instance, 1);
    }
    CHECK(heard->bad == 0);
    return 0;
}

/// Output ports change no faster than anyone can look, however often a hop comes.
static int test_reports(Instance* instance, const char* fixtures) {
    enum { seconds = 4 };
    static const char* const symbols[] = {"load", "latent_1"};
    unsigned changes[] = {0, 0};
    float last[] = {-1, -1};
    CHECK(!load(instance, fixture_path(fixtures, "codec")));
    instance_freewheel(instance, true); // No hop is left out
    for (unsigned i = 0; i < seconds * second; ++i) {
        sound_noise(instance_in(instance, 0), block, 0.5f, i);
        instance_run(instance, block);
        for (int j = 0; j < 2; ++j) {
            const float value = instance_get(instance, symbols[j]);
            changes[j] += fabsf(value - last[j]) > 0;
            last[j] = value;
        }
        CHECK(fabsf(last[0] - roundf(last[0])) <= 0);
    }
    instance_freewheel(instance, false);
    (void)fprintf(stderr, "load changed %u times, latent_1 %u times in %d s\n", changes[0],
                  changes[1], seconds);
    CHECK(changes[0] >= 1 && changes[0] <= 10 * seconds + 1);
    CHECK(changes[1] >= 20 * seconds && changes[1] <= 30 * seconds + 1);
    return 0;
}

static int test_silence(Instance* instance, Heard* heard) {
    hello(instance, heard->status.serial);
    play(instance, 4 * second);
    heard->meters = heard->samples = 0;
    play(instance, second);
    CHECK(heard->meters == 0 && heard->samples == 0);
    return 0;
}

static int test(Host* host, const char* uri, const char* fixtures) {
    static Heard heard;
    const InstanceConfig config = {.rate = rate, .max_block = block};
    Instance* instance = instance_new(host, uri, &config);
    heard = (Heard){.type = host_map(host, TIMBREL_WIRE_URI)};
    instance_listen(instance, hear, &heard);
    CHECK(!test_nothing_without_a_window(instance, &heard));
    CHECK(!test_meters(instance, &heard));
    CHECK(!test_model(instance, &heard, fixtures));
    CHECK(!test_failure_keeps_what_plays(instance, &heard, fixtures));
    CHECK(!test_methods(instance, &heard, fixtures));
    CHECK(!test_meanings(instance, &heard));
    CHECK(!test_garbage(instance, &heard));
    CHECK(!test_silence(instance, &heard));
    CHECK(!test_reports(instance, fixtures));
    CHECK(rtguard_violations() == 0);
    instance_free(instance);
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    Host* host = host_open(argv[1]);
    CHECK(!test(host, MONO_URI, argv[2]));
    CHECK(!test(host, STEREO_URI, argv[2]));
    host_close(host);
    return 0;
}
