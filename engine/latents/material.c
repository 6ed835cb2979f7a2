// SPDX-License-Identifier: ISC
#include "material.h"

#include <stdlib.h>

TimbrelMaterial* timbrel_material_new(uint32_t latents) {
    TimbrelMaterial* material = calloc(1, sizeof *material);
    if (material) {
        timbrel_axes_plain(&material->axes, latents);
    }
    return material;
}

void timbrel_material_free(TimbrelMaterial* material) {
    if (material) {
        timbrel_table_let_go(material->table);
        free(material);
    }
}
