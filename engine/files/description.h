// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_FILES_DESCRIPTION_H
#define TIMBREL_ENGINE_FILES_DESCRIPTION_H

#include "latents.h"

#include <jansson.h>

/// What a file of latents says of itself, as JSON: in the file X.json beside the array X.npy, and
/// in the chunk "tmbl" of a latent audio file.
typedef struct {
    TimbrelOrigin origin;
    TimbrelEdges edges;
    uint64_t rows;
    uint32_t count; ///< Latents
} TimbrelDescription;

void timbrel_description_free(TimbrelDescription* description);

/// NULL when memory runs out.
json_t* timbrel_description_to_json(const TimbrelDescription* description);

/// On failure there is nothing to be freed. `name` is for the message.
TimbrelStatus timbrel_description_from_json(const json_t* json, const char* name,
                                            TimbrelDescription* description, TimbrelError* error);

/// The members of `json` that tell an origin, alone: statistics have them too.
void timbrel_origin_to_json(const TimbrelOrigin* origin, json_t* json);
bool timbrel_origin_from_json(const json_t* json, TimbrelOrigin* origin);

/// Text that is not UTF-8 is shown with '?', since JSON has no other.
json_t* timbrel_json_text(const char* text);

#endif
