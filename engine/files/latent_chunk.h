// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_FILES_LATENT_CHUNK_H
#define TIMBREL_ENGINE_FILES_LATENT_CHUNK_H

/// The chunk of a latent audio file that holds its description, which reader and writer share.
#define TIMBREL_LATENT_CHUNK "tmbl"

#endif
