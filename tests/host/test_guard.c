// SPDX-License-Identifier: ISC
/// The guard finds out plugins that misbehave in run(), and lets one pass that does not.
/// Usage: test_guard BUNDLE_OF_BAD_PLUGINS

#include "host.h"
#include "rtguard.h"
#include "tests/check.h"

static uint64_t violations_of(Host* host, const char* name, bool freewheel) {
    char uri[128];
    (void)snprintf(uri, sizeof uri, "urn:timbrel:test:%s", name);
    const InstanceConfig config = {.rate = 48000, .max_block = 64};
    Instance* instance = instance_new(host, uri, &config);
    instance_freewheel(instance, freewheel);
    const uint64_t before = rtguard_violations();
    instance_run(instance, 64);
    const uint64_t found = rtguard_violations() - before;
    instance_free(instance);
    return found;
}

int main(int argc, char** argv) {
    CHECK(argc == 2);
    Host* host = host_open(argv[1]);
    static const char* const bad[] = {"mallocs", "copies", "frees", "locks", "writes",
                                      "opens",   "prints", "maps",  "calls"};
    static const char* const waiting[] = {"waits", "sleeps"};
    CHECK(violations_of(host, "good", false) == 0);
    CHECK(violations_of(host, "good", true) == 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
        (void)fprintf(stderr, "%s\n", bad[i]);
        CHECK(violations_of(host, bad[i], false) > 0);
        CHECK(violations_of(host, bad[i], true) > 0);
    }
    for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; ++i) {
        (void)fprintf(stderr, "%s\n", waiting[i]);
        CHECK(violations_of(host, waiting[i], false) > 0);
        CHECK(violations_of(host, waiting[i], true) == 0);
    }
    CHECK(violations_of(host, "good", false) == 0);
    host_close(host);
    return 0;
}
