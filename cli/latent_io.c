// SPDX-License-Identifier: ISC
#include "latent_io.h"

#include "message.h"

#include <stdlib.h>
#include <string.h>

bool latent_io_format(const char* name, TimbrelLatentFormat* format) {
    static const char* const names[] = {
        [TIMBREL_LATENT_WAV] = "wav",
        [TIMBREL_LATENT_NPY] = "npy",
        [TIMBREL_LATENT_NPY_NARROW] = "npy32",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        if (strcmp(name, names[i]) == 0) {
            *format = (TimbrelLatentFormat)i;
            return true;
        }
    }
    return false;
}

TimbrelLatents* latent_io_read(const Collection* files) {
    TimbrelLatents* latents = calloc(files->count, sizeof *latents);
    TimbrelError error = {0};
    size_t pipes = 0;
    if (!latents) {
        (void)timbrel_error_no_memory(&error);
    }
    for (size_t i = 0; i < files->count; ++i) {
        pipes += strcmp(files->files[i].path, "-") == 0;
    }
    if (pipes > 1) {
        (void)timbrel_error_set(&error, TIMBREL_BAD_ARGUMENT,
                                "Standard input can be read only once; name a file.");
    }
    for (size_t i = 0; !error.status && i < files->count; ++i) {
        const char* path = files->files[i].path;
        if (timbrel_latent_read(path, &latents[i], &error) == TIMBREL_OK && i > 0) {
            (void)timbrel_latents_match(&latents[0], files->files[0].path, &latents[i], path,
                                        &error);
        }
    }
    if (!error.status) {
        return latents;
    }
    message("%s", error.message);
    latent_io_free(latents, files->count);
    return NULL;
}

void latent_io_free(TimbrelLatents* latents, size_t count) {
    for (size_t i = 0; latents && i < count; ++i) {
        timbrel_latents_free(&latents[i]);
    }
    free(latents);
}

bool latent_io_choose(LatentOutput* output) {
    TimbrelLatentFormat format;
    if (!timbrel_latent_format(output->path, &format)) {
        message("The name of \"%s\" does not tell its format; end it with .npy or .wav.",
                output->path);
        return false;
    }
    const bool wav = output->format == TIMBREL_LATENT_WAV;
    if (!output->format_given) {
        output->format = format;
    } else if (strcmp(output->path, "-") != 0 && wav != (format == TIMBREL_LATENT_WAV)) {
        message("The ending of \"%s\" does not match the format asked for.", output->path);
        return false;
    }
    return true;
}

bool latent_io_write(const LatentOutput* output, const TimbrelLatents* latents) {
    TimbrelError error = {0};
    if (timbrel_latent_write(latents, output->path, output->format, &error)) {
        message("%s", error.message);
    }
    return error.status == TIMBREL_OK;
}
