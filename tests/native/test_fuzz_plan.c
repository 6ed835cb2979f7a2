// SPDX-License-Identifier: ISC
// The fuzzer's target with the samples and some thousand mutations of them. With a folder as its
// argument: writes the samples there, to fuzz from.
#include "plans.h"
#include "tests/check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed);

enum { mutations = 1000, depth = 4 };

/// In libFuzzer's stead.
size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size) {
    (void)max_size;
    if (size > 0) {
        data[size * 7 / 11] ^= 0x55;
    }
    return size - size / 16;
}

static int write_sample(const char* folder, uint32_t which, const void* bytes, size_t size) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%u.timbrel", folder, which);
    FILE* file = fopen(path, "wb");
    CHECK(file);
    const bool written = fwrite(bytes, 1, size, file) == size;
    CHECK(fclose(file) == 0 && written);
    return 0;
}

int main(int argc, char** argv) {
    for (uint32_t which = 0; which < PLANS_SAMPLES; ++which) {
        size_t size = 0;
        void* bytes = plans_sample(which, &size);
        CHECK(bytes);
        TimbrelPlanFile plan;
        const char* problem = timbrel_plan_check(&plan, bytes, size);
        if (problem) {
            (void)fprintf(stderr, "sample %u: its %s\n", which, problem);
        }
        CHECK(!problem);
        if (argc > 1) {
            CHECK(!write_sample(argv[1], which, bytes, size));
        } else {
            CHECK(LLVMFuzzerTestOneInput(bytes, size) == 0);
            uint8_t* mutant = malloc(size);
            CHECK(mutant);
            for (unsigned seed = 0; seed < mutations; ++seed) {
                memcpy(mutant, bytes, size);
                size_t left = size;
                for (unsigned i = 0; i < 1 + seed % depth; ++i) {
                    left = LLVMFuzzerCustomMutator(mutant, left, size, seed * depth + i);
                }
                CHECK(LLVMFuzzerTestOneInput(mutant, left) == 0);
            }
            free(mutant);
        }
        free(bytes);
    }
    return 0;
}
