// SPDX-License-Identifier: ISC
/// The latency that a host is told follows the blocks that it says it uses, up and down, and is
/// there from the first run where a state has named the model.
/// Usage: test_latency BUNDLE FIXTURES

#include "rtguard.h"
#include "sound.h"
#include "state.h"
#include "tests/check.h"

#include <lv2/buf-size/buf-size.h>
#include <lv2/options/options.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { small = 512, large = 4096, frames = 32768 };

static Instance* new_instance(Host* host) {
    const InstanceConfig config = {.rate = 48000, .max_block = large, .block = small};
    return instance_new(host, MONO_URI, &config);
}

/// The latency told after a while of blocks of `block`, by which the dry sound is late; else 0.
static uint32_t latency_at(Instance* instance, uint32_t block) {
    float* in = sound_new(frames);
    float* out = sound_new(frames);
    const float* const ins[1] = {in};
    instance_set(instance, "mix", 0);
    in[frames / 2] = 1.0f;
    sound_run(instance, ins, &out, frames, (Cut){.frames = block}, NULL, NULL);
    const uint32_t latency = (uint32_t)instance_get(instance, "latency");
    uint32_t at = 0;
    while (at < frames && out[at] < 0.5f) {
        ++at;
    }
    (void)fprintf(stderr, "blocks of %u: latency %u, heard %u later\n", block, latency,
                  at - frames / 2);
    free(in);
    free(out);
    return at == frames / 2 + latency ? latency : 0;
}

static int test_blocks(Host* host, const char* model) {
    Instance* instance = new_instance(host);
    CHECK(instance_load(instance, model));
    const uint32_t first = latency_at(instance, small);
    CHECK(first > 0);
    // The host says nothing: a larger block is learnt, and kept while it plays.
    const uint32_t learnt = latency_at(instance, large);
    CHECK(learnt > first);
    CHECK(latency_at(instance, small) == learnt);
    // Either forgets it.
    CHECK(instance_set_block(instance, small));
    CHECK(latency_at(instance, small) == first);
    CHECK(latency_at(instance, large) == learnt);
    instance_reset(instance);
    CHECK(latency_at(instance, small) == first);
    // The host says each: small, large, small.
    CHECK(instance_set_block(instance, large));
    CHECK(latency_at(instance, small) == learnt);
    CHECK(instance_set_block(instance, small));
    CHECK(latency_at(instance, small) == first);
    instance_free(instance);
    return 0;
}

/// A host that tells its largest block alone has not said that this is usual, unless all are alike.
static int test_no_usual(Host* host, const char* model) {
    static const struct {
        InstanceConfig told, same;
        uint32_t block;
    } cases[] = {{{.max_block = large, .smallest = 1}, {.max_block = large, .block = small}, small},
                 {{.max_block = large, .smallest = large}, {.max_block = large}, small},
                 {{.max_block = 64, .smallest = 1}, {.max_block = 64}, 64}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        uint32_t latencies[2];
        for (int k = 0; k < 2; ++k) {
            InstanceConfig config = k ? cases[i].same : cases[i].told;
            config.rate = 48000;
            Instance* instance = instance_new(host, MONO_URI, &config);
            CHECK(instance_load(instance, model));
            latencies[k] = latency_at(instance, cases[i].block);
            instance_free(instance);
        }
        CHECK(latencies[0] > 0 && latencies[0] == latencies[1]);
    }
    return 0;
}

/// What is no block length is refused, and changes nothing.
static int test_bad_options(Host* host, const char* model) {
    Instance* instance = new_instance(host);
    CHECK(instance_load(instance, model));
    const uint32_t latency = latency_at(instance, small);
    const LV2_Options_Interface* interface =
        lilv_instance_get_extension_data(instance_lilv(instance), LV2_OPTIONS__interface);
    CHECK(interface);
    void* handle = lilv_instance_get_handle(instance_lilv(instance));
    const LV2_URID usual = host_map(host, LV2_BUF_SIZE__nominalBlockLength);
    const LV2_URID integer = host_map(host, LV2_ATOM__Int);
    const int32_t values[2] = {0, -512};
    const LV2_Options_Option bad[][2] = {
        {{LV2_OPTIONS_INSTANCE, 0, usual, sizeof values[0], integer, &values[0]}, {0}},
        {{LV2_OPTIONS_INSTANCE, 0, usual, sizeof values[1], integer, &values[1]}, {0}},
        {{LV2_OPTIONS_INSTANCE, 0, usual, 1, integer, &values[0]}, {0}},
        {{LV2_OPTIONS_INSTANCE, 0, usual, sizeof values[0], usual, &values[0]}, {0}},
        {{LV2_OPTIONS_INSTANCE, 0, integer, sizeof values[0], integer, &values[0]}, {0}},
        {{LV2_OPTIONS_PORT, 0, usual, sizeof values[0], integer, &values[0]}, {0}}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
        CHECK(interface->set(handle, bad[i]) != LV2_OPTIONS_SUCCESS);
    }
    CHECK(latency_at(instance, small) == latency);
    instance_free(instance);
    return 0;
}

/// Hosts that ask for the latency once, before they play, are told it.
static int test_first_run(Host* host, const char* model) {
    Instance* instance = new_instance(host);
    CHECK(instance_load(instance, model));
    const uint32_t latency = latency_at(instance, small);
    Stored state = {0};
    CHECK(state_store(instance, &state, MAP_NONE));
    for (int i = 0; i < 4; ++i) {
        Instance* other = new_instance(host);
        if (i & 1) { // Carla looks at the latency before it restores
            instance_run(other, small);
        }
        if (i & 1) {
            instance_reset(other);
        }
        CHECK(instance_get(other, "latency") == 0.0f);
        CHECK(state_retrieve(other, &state, MAP_NONE));
        if (i & 2) {
            instance_reset(other);
        }
        instance_run(other, 0);
        CHECK((uint32_t)instance_get(other, "latency") == latency);
        instance_free(other);
    }
    stored_clear(&state);
    instance_free(instance);
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    Host* host = host_open(argv[1]);
    CHECK(!test_blocks(host, fixture_path(argv[2], "codec")));
    CHECK(!test_no_usual(host, fixture_path(argv[2], "codec")));
    CHECK(!test_bad_options(host, fixture_path(argv[2], "codec")));
    CHECK(!test_first_run(host, fixture_path(argv[2], "codec")));
    CHECK(rtguard_violations() == 0);
    host_close(host);
    return 0;
}
