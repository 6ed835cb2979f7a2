// SPDX-License-Identifier: ISC
/// Makes presets of a list of them: presets LIST PRESETS_TTL MANIFEST_TEMPLATE MANIFEST_TTL
/// The list is explained at its top; errors name its line.

#include "engine/base/controls.h"
#include "plugin/plugins.h"
#include "plugin/properties.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char id[64];
    char name[128];
    char model[64];
    float values[TIMBREL_CONTROL_COUNT];
} Preset;

/// Settings of one control, or the model, from a line.
static bool read_setting(Preset* preset, const char* line) {
    char symbol[64];
    char value[64];
    char rest[2];
    if (sscanf(line, "%63s %63s %1s", symbol, value, rest) != 2) {
        return false;
    }
    if (strcmp(symbol, "model") == 0) {
        (void)snprintf(preset->model, sizeof preset->model, "%s", value);
        return true;
    }
    char* end = NULL;
    const int id = timbrel_control_find(symbol);
    const float number = strtof(value, &end);
    if (id < 0 || *end != '\0' || timbrel_control_limit(id, number) != number) {
        return false;
    }
    preset->values[id] = number;
    return true;
}

/// All that is in every preset is in one place: a preset sets all controls, the usual values too.
static void write_preset(FILE* out, const Preset* preset, const TimbrelPlugin* plugin) {
    (void)fprintf(out, "\n<%s:preset:%s>\n\ta pset:Preset ;\n\tlv2:appliesTo <%s> ;\n", plugin->uri,
                  preset->id, plugin->uri);
    // Attributes and method too, as in every state: else a host may keep those of the one before.
    (void)fprintf(out,
                  "\trdfs:label \"%s\" ;\n\tstate:state [\n"
                  "\t\t<" TIMBREL_PROPERTY_PREFIX "choice> \"%s%s\" ;\n"
                  "\t\t<" TIMBREL_PROPERTY_PREFIX "attributes> \"\" ;\n"
                  "\t\t<" TIMBREL_PROPERTY_PREFIX "method> \"\"\n"
                  "\t] ;\n\tlv2:port",
                  preset->name, preset->model[0] ? "name:" : "none", preset->model);
    const char* comma = " ";
    for (int i = 0; i < TIMBREL_CONTROL_COUNT; ++i) {
        uint32_t index = 0;
        if (i == TIMBREL_CONTROL_ENABLED || (timbrel_controls[i].flags & TIMBREL_TRIGGER) ||
            !timbrel_plugin_index(plugin, (TimbrelPort){TIMBREL_PORT_VALUE, (uint32_t)i}, &index)) {
            continue;
        }
        // With a point always: Ardour 7 passes over whole numbers, which Turtle takes for integers.
        (void)fprintf(out, "%s[\n\t\tlv2:symbol \"%s\" ;\n\t\tpset:value %.4f\n\t]", comma,
                      timbrel_controls[i].symbol, (double)preset->values[i]);
        comma = " , ";
    }
    (void)fprintf(out, " .\n");
}

static void announce(FILE* manifest, const Preset* preset, const TimbrelPlugin* plugin) {
    (void)fprintf(manifest,
                  "\n<%s:preset:%s>\n\ta pset:Preset ;\n\tlv2:appliesTo <%s> ;\n"
                  "\trdfs:label \"%s\" ;\n\trdfs:seeAlso <presets.ttl> .\n",
                  plugin->uri, preset->id, plugin->uri, preset->name);
}

static void finish(FILE* out, FILE* manifest, const Preset* preset) {
    for (int i = 0; preset->id[0] && i < TIMBREL_PLUGIN_COUNT; ++i) {
        write_preset(out, preset, &timbrel_plugins[i]);
        announce(manifest, preset, &timbrel_plugins[i]);
    }
}

/// False, with the line's number told, at the first line that makes no sense.
static bool convert(FILE* list, FILE* out, FILE* manifest) {
    Preset preset = {.id = ""};
    char line[256];
    for (int number = 1; fgets(line, sizeof line, list); ++number) {
        if (line[0] == '#' || line[0] == '\n') {
            continue;
        }
        bool good = true;
        if (line[0] == '[') {
            finish(out, manifest, &preset);
            preset = (Preset){.id = ""};
            timbrel_controls_default(preset.values);
            good = sscanf(line, "[%63[a-z0-9-]] %127[^\n\"]", preset.id, preset.name) == 2;
        } else {
            good = preset.id[0] && read_setting(&preset, line);
        }
        if (!good) {
            (void)fprintf(stderr, "presets, line %d: %s", number, line);
            return false;
        }
    }
    finish(out, manifest, &preset);
    return !ferror(list);
}

static void copy(FILE* from, FILE* to) {
    int byte = 0;
    while ((byte = fgetc(from)) != EOF) {
        (void)fputc(byte, to);
    }
}

int main(int argc, char** argv) {
    FILE* list = argc == 5 ? fopen(argv[1], "r") : NULL;
    FILE* out = list ? fopen(argv[2], "w") : NULL;
    FILE* template = out ? fopen(argv[3], "r") : NULL;
    FILE* manifest = template ? fopen(argv[4], "w") : NULL;
    if (!manifest) {
        (void)fprintf(stderr, "usage: presets LIST PRESETS_TTL MANIFEST_TEMPLATE MANIFEST_TTL\n");
        return 1;
    }
    (void)fprintf(out, "@prefix lv2: <http://lv2plug.in/ns/lv2core#> .\n"
                       "@prefix pset: <http://lv2plug.in/ns/ext/presets#> .\n"
                       "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
                       "@prefix state: <http://lv2plug.in/ns/ext/state#> .\n");
    copy(template, manifest);
    const bool good = convert(list, out, manifest);
    (void)fclose(list);
    (void)fclose(template);
    return good && fclose(out) == 0 && fclose(manifest) == 0 ? 0 : 1;
}
