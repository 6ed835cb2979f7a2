// SPDX-License-Identifier: ISC
#include "bench_encode.h"

#include "command.h"
#include "encode_files.h"
#include "json.h"
#include "message.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int print_result(const EncodeResult* result, bool as_json) {
    const double outside = 1 - result->model_seconds / result->busy_seconds;
    const double files_per_second = (double)result->encoded / result->seconds;
    const double factor = result->sound_seconds / result->seconds;
    if (as_json) {
        return json_print(json_pack(
            "{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "files", json_count(result->encoded), "models",
            json_count(result->jobs), "seconds", json_number(result->seconds), "sound_seconds",
            json_number(result->sound_seconds), "files_per_second", json_number(files_per_second),
            "real_time_factor", json_number(factor), "share_outside_model", json_number(outside)));
    }
    (void)printf("Encoding %" PRIu64 " files (%.1f s of sound), %u models side by side\n",
                 result->encoded, result->sound_seconds, result->jobs);
    (void)printf("  Time              %9.2f s\n", result->seconds);
    (void)printf("  Speed             %9.2f files a second, %.1f times real time\n",
                 files_per_second, factor);
    (void)printf("  Outside the model %9.2f %% of the time\n", 100 * outside);
    return fflush(stdout) == 0 ? 0 : EXIT_FAILED;
}

// DIR/0.npy, DIR/1.npy, ...
static bool name_outputs(const char* folder, char** outs, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (asprintf(&outs[i], "%s/%zu.npy", folder, i) < 0) {
            outs[i] = NULL;
            message_no_memory();
            return false;
        }
    }
    return true;
}

static void remove_outputs(const char* folder, char** outs, size_t count) {
    for (size_t i = 0; i < count && outs[i]; ++i) {
        char* sidecar = timbrel_latent_sidecar(outs[i]);
        (void)unlink(outs[i]);
        if (sidecar) {
            (void)unlink(sidecar);
        }
        free(sidecar);
        free(outs[i]);
    }
    (void)rmdir(folder);
}

int bench_encode(const char* model, const ModelOptions* model_options, const Collection* sounds,
                 bool as_json) {
    const EncodeConfig config = {
        .model = model, .model_options = *model_options, .format = TIMBREL_LATENT_NPY};
    for (size_t i = 0; i < sounds->count; ++i) {
        struct stat status;
        if (stat(sounds->files[i].path, &status) == 0 && S_ISREG(status.st_mode)) {
            continue;
        }
        message("\"%s\" is not a file; only files can be measured.", sounds->files[i].path);
        return EXIT_FAILED;
    }
    const char* parent = getenv("TMPDIR");
    char folder[4096];
    (void)snprintf(folder, sizeof folder, "%s/timbrel-bench-XXXXXX", parent ? parent : "/tmp");
    char** outs = calloc(sounds->count + 1, sizeof *outs);
    if (!outs || !mkdtemp(folder)) {
        message("The folder \"%s\" cannot be made (%s); check $TMPDIR.", folder, strerror(errno));
        free(outs);
        return EXIT_FAILED;
    }
    EncodeResult result;
    int status = EXIT_FAILED;
    if (name_outputs(folder, outs, sounds->count) && encode_files(sounds, outs, &config, &result) &&
        result.failed == 0) {
        status = print_result(&result, as_json);
    }
    remove_outputs(folder, outs, sounds->count);
    free(outs);
    return status;
}
