// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_FILES_LATENT_FILE_H
#define TIMBREL_ENGINE_FILES_LATENT_FILE_H

#include "latents.h"

/// Files of latents, of two formats:
///
/// - an array, NAME.npy, shape (rows, latents), float32 or float64, with NAME.json beside it;
/// - a latent audio file: a WAV with one channel a latent, 64-bit float samples, and the row rate,
///   rounded down to whole Hz, as its sample rate; what it says of itself is in the chunk "tmbl".
///
/// A path "-" is standard input or output.

typedef enum {
    TIMBREL_LATENT_WAV,
    TIMBREL_LATENT_NPY,
    TIMBREL_LATENT_NPY_NARROW, ///< float32
} TimbrelLatentFormat;

/// The format by the path's ending: .npy or .wav; "-" is WAV, which says of itself what it is.
/// False if it is neither.
bool timbrel_latent_format(const char* path, TimbrelLatentFormat* format);

/// Read a whole file of either format, told by its content. It has at least one row and finite
/// values only; edges are there if the file has them. On failure there is nothing to be freed.
TimbrelStatus timbrel_latent_read(const char* path, TimbrelLatents* latents, TimbrelError* error);

/// Whether `path` is a whole file of this format that was made from the same model with the same
/// stamp. Does not read its values.
bool timbrel_latent_is_made(const char* path, TimbrelLatentFormat format,
                            const TimbrelOrigin* origin);

/// Rows on their way to a file. They are kept in a nameless temporary file, so that memory does not
/// grow with them.
typedef struct TimbrelLatentWriter TimbrelLatentWriter;

/// `count`: latents. NULL with `error` filled on failure.
TimbrelLatentWriter* timbrel_latent_writer_new(uint32_t count, TimbrelError* error);
void timbrel_latent_writer_free(TimbrelLatentWriter* writer);

TimbrelStatus timbrel_latent_writer_append(TimbrelLatentWriter* writer, const double* values,
                                           size_t rows, TimbrelError* error);
uint64_t timbrel_latent_writer_rows(const TimbrelLatentWriter* writer);

/// Forget all rows.
void timbrel_latent_writer_clear(TimbrelLatentWriter* writer);

/// Write all rows to `path`, which appears when it is whole. `edges` may be NULL. The array goes
/// before its JSON, so a JSON file is never without its array.
TimbrelStatus timbrel_latent_writer_save(TimbrelLatentWriter* writer, const char* path,
                                         TimbrelLatentFormat format, const TimbrelOrigin* origin,
                                         const TimbrelEdges* edges, TimbrelError* error);

/// All of `latents` in one call, without edges.
TimbrelStatus timbrel_latent_write(const TimbrelLatents* latents, const char* path,
                                   TimbrelLatentFormat format, TimbrelError* error);

/// The path of the JSON file beside an array; the caller frees it. NULL when memory runs out.
char* timbrel_latent_sidecar(const char* path);

#endif
