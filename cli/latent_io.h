// SPDX-License-Identifier: ISC
#ifndef TIMBREL_CLI_LATENT_IO_H
#define TIMBREL_CLI_LATENT_IO_H

#include "collection.h"
#include "engine/files/latent_file.h"

/// Latents in and out, the same for every command.

/// "npy", "npy32" or "wav"; false for another name.
bool latent_io_format(const char* name, TimbrelLatentFormat* format);

/// Read all files, which must be of one model. The caller frees with latent_io_free(). NULL after
/// saying why.
TimbrelLatents* latent_io_read(const Collection* files);
void latent_io_free(TimbrelLatents* latents, size_t count);

/// Where latents go to.
typedef struct {
    const char* path; ///< "-": standard output
    TimbrelLatentFormat format;
    bool format_given; ///< Else by the path's ending
} LatentOutput;

/// The format that fits the path; false after saying that there is none, or that it contradicts the
/// one asked for.
bool latent_io_choose(LatentOutput* output);

/// False after saying why.
bool latent_io_write(const LatentOutput* output, const TimbrelLatents* latents);

#endif
