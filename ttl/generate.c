// SPDX-License-Identifier: ISC
/// Fills a Turtle template from the tables of plugins, controls and properties:
/// generate PLUGIN TEMPLATE OUTPUT, where PLUGIN is a symbol, or - for what all plugins share.

#include "engine/base/controls.h"
#include "plugin/plugins.h"
#include "plugin/properties.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_uri(FILE* out, const TimbrelPlugin* plugin) {
    fprintf(out, "%s", plugin->uri);
}

static void write_name(FILE* out, const TimbrelPlugin* plugin) {
    fprintf(out, "%s", plugin->name);
}

static void write_label(FILE* out, const TimbrelPlugin* plugin) {
    fprintf(out, "%s", plugin->label ? plugin->label : plugin->name);
}

static void write_type(FILE* out, const TimbrelPlugin* plugin) {
    fprintf(out, "%s", plugin->type);
}

static void write_comment(FILE* out, const TimbrelPlugin* plugin) {
    fprintf(out, "%s", plugin->comment);
}

static void write_parameters(FILE* out, const TimbrelPlugin* plugin) {
    (void)plugin;
    for (int i = 0; i < TIMBREL_PROPERTY_COUNT; ++i) {
        const TimbrelProperty* p = &timbrel_properties[i];
        fprintf(out,
                "\n<%s>\n\ta lv2:Parameter ;\n\trdfs:label \"%s\" ;\n\trdfs:comment \"%s\" ;\n"
                "\trdfs:range atom:%s",
                p->uri, p->label, p->comment, p->range);
        if (i == TIMBREL_PROPERTY_MODEL) {
            fprintf(out, " ;\n\tmod:fileTypes \"ts,plan,ravemodel\"");
        } else if (i == TIMBREL_PROPERTY_ROWS) {
            fprintf(out, " ;\n\tmod:fileTypes \"npy,wav\"");
        }
        fprintf(out, " .\n");
    }
}

static void write_writable(FILE* out, const TimbrelPlugin* plugin) {
    (void)plugin;
    static const TimbrelPropertyId writable[] = {TIMBREL_PROPERTY_MODEL, TIMBREL_PROPERTY_METHOD,
                                                 TIMBREL_PROPERTY_LEVEL, TIMBREL_PROPERTY_ROWS,
                                                 TIMBREL_PROPERTY_POINTS};
    for (size_t i = 0; i < sizeof writable / sizeof *writable; ++i) {
        fprintf(out, "%s<%s>", i > 0 ? " ,\n\t\t" : " ", timbrel_properties[writable[i]].uri);
    }
}

/// Not the latent frames: hosts offer what is readable to their users, and know no vectors.
static void write_readable(FILE* out, const TimbrelPlugin* plugin) {
    (void)plugin;
    for (int i = TIMBREL_PROPERTY_MODEL + 1; i < TIMBREL_PROPERTY_DESCRIPTIVE_COUNT; ++i) {
        fprintf(out, "%s\n\t\t<%s>", i > TIMBREL_PROPERTY_MODEL + 1 ? " ," : "",
                timbrel_properties[i].uri);
    }
}

/// The build's: a copy of the source does not know where its authors are at home.
static void write_homepage(FILE* out, const TimbrelPlugin* plugin) {
    (void)plugin;
    if (TIMBREL_HOMEPAGE[0]) {
        fprintf(out, " ;\n\t\tfoaf:homepage <%s>", TIMBREL_HOMEPAGE);
    }
}

static void write_groups(FILE* out, const TimbrelPlugin* plugin) {
    (void)plugin;
    for (int i = 0; i < TIMBREL_GROUP_COUNT; ++i) {
        fprintf(
            out,
            "\n<urn:timbrel:group:%s>\n\ta pg:%s ;\n\tlv2:symbol \"%s\" ;\n\tlv2:name \"%s\" .\n",
            timbrel_groups[i].symbol, i == TIMBREL_GROUP_METERS ? "OutputGroup" : "InputGroup",
            timbrel_groups[i].symbol, timbrel_groups[i].name);
    }
}

/// The plugin's audio in one direction.
typedef struct {
    TimbrelPortKind kind;
    const char* symbol; ///< Of a single port, and of the group
    const char* class;  ///< "Input" or "Output"
    const char* name;
    const char* comment;
    const char* main; ///< Which of the plugin's groups it is
} Side;

static const Side sides[] = {
    {TIMBREL_PORT_AUDIO_IN, "in", "Input", "In", "The sound to play through the model.",
     "mainInput"},
    {TIMBREL_PORT_AUDIO_OUT, "out", "Output", "Out", "The sound as the model plays it.",
     "mainOutput"},
};

static void write_audio_groups(FILE* out, const TimbrelPlugin* plugin) {
    for (const Side* side = sides; side < sides + sizeof sides / sizeof *sides; ++side) {
        const uint32_t channels = timbrel_plugin_count(plugin, side->kind);
        if (channels > 0) {
            fprintf(out,
                    "\n<%s:%s>\n\ta pg:%sGroup , pg:%sGroup ;\n\tlv2:symbol \"audio_%s\" ;\n"
                    "\tlv2:name \"Audio %s\" .\n",
                    plugin->uri, side->symbol, channels > 1 ? "Stereo" : "Mono", side->class,
                    side->symbol, side->symbol);
        }
    }
}

static void write_main_groups(FILE* out, const TimbrelPlugin* plugin) {
    for (const Side* side = sides; side < sides + sizeof sides / sizeof *sides; ++side) {
        if (timbrel_plugin_count(plugin, side->kind) > 0) {
            fprintf(out, "\n\tpg:%s <%s:%s> ;", side->main, plugin->uri, side->symbol);
        }
    }
}

static void write_audio(FILE* out, const TimbrelPlugin* plugin, TimbrelPort port) {
    static const char* const places[] = {[TIMBREL_LEFT] = "left", [TIMBREL_RIGHT] = "right"};
    const Side* side = &sides[port.kind == TIMBREL_PORT_AUDIO_OUT];
    const bool single = timbrel_plugin_count(plugin, port.kind) == 1;
    const char* place = single ? "" : places[port.item];
    fprintf(out, "\t\ta lv2:%sPort , lv2:AudioPort ;\n", side->class);
    fprintf(out, "\t\tlv2:symbol \"%s%s%s\" ;\n", side->symbol, single ? "" : "_", place);
    fprintf(out, "\t\tlv2:name \"%s%s%s\" ;\n", side->name, single ? "" : " ", place);
    fprintf(out, "\t\trdfs:comment \"%s\" ;\n", side->comment);
    fprintf(out, "\t\tpg:group <%s:%s> ;\n", plugin->uri, side->symbol);
    fprintf(out, "\t\tlv2:designation pg:%s\n", single ? "center" : place);
}

static void write_fixed(FILE* out, const TimbrelPlugin* plugin, TimbrelPortKind kind) {
    if (kind == TIMBREL_PORT_CONTROL) {
        fprintf(out,
                "\t\ta lv2:InputPort , atom:AtomPort ;\n"
                "\t\tatom:bufferType atom:Sequence ;\n"
                "\t\tatom:supports patch:Message , time:Position%s ;\n"
                "\t\tlv2:designation lv2:control ;\n"
                "\t\tlv2:symbol \"control\" ;\n"
                "\t\tlv2:name \"Control\" ;\n"
                "\t\trdfs:comment \"Messages to the plugin, such as which model to play.\" ;\n"
                "\t\tlv2:portProperty lv2:connectionOptional\n",
                plugin->midi ? " , midi:MidiEvent" : "");
    } else if (kind == TIMBREL_PORT_NOTIFY) {
        fprintf(
            out,
            "\t\ta lv2:OutputPort , atom:AtomPort ;\n"
            "\t\tatom:bufferType atom:Sequence ;\n"
            "\t\tatom:supports patch:Message ;\n"
            "\t\tlv2:designation lv2:control ;\n"
            "\t\tlv2:symbol \"notify\" ;\n"
            "\t\tlv2:name \"Notify\" ;\n"
            "\t\trdfs:comment \"Messages from the plugin, such as what became of the model.\" ;\n"
            "\t\trsz:minimumSize %d ;\n"
            "\t\tlv2:portProperty lv2:connectionOptional\n",
            TIMBREL_NOTIFY_SIZE);
    } else {
        fprintf(out,
                "\t\ta lv2:InputPort , lv2:ControlPort ;\n"
                "\t\tlv2:designation lv2:freeWheeling ;\n"
                "\t\tlv2:symbol \"freewheel\" ;\n"
                "\t\tlv2:name \"Free-wheeling\" ;\n"
                "\t\trdfs:comment \"The host sets it when it renders: the model is waited "
                "for.\" ;\n"
                "\t\tlv2:default 0 ;\n\t\tlv2:minimum 0 ;\n\t\tlv2:maximum 1 ;\n"
                "\t\tpg:group <urn:timbrel:group:%s> ;\n"
                "\t\tlv2:portProperty lv2:toggled , pprops:notOnGUI\n",
                timbrel_groups[TIMBREL_GROUP_TIMING].symbol);
    }
}

static void write_flags(FILE* out, unsigned flags) {
    static const struct {
        unsigned flag;
        const char* properties;
    } names[] = {
        {TIMBREL_TOGGLED, "lv2:toggled"},
        {TIMBREL_INTEGER, "lv2:integer"},
        {TIMBREL_ENUMERATION, "lv2:enumeration"},
        {TIMBREL_LOGARITHMIC, "pprops:logarithmic"},
        {TIMBREL_TRIGGER, "pprops:trigger"},
        {TIMBREL_EXPENSIVE, "pprops:expensive , pprops:causesArtifacts , pprops:notAutomatic"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
        if (flags & names[i].flag) {
            fprintf(out, "\t\tlv2:portProperty %s ;\n", names[i].properties);
        }
    }
}

static void write_value(FILE* out, const TimbrelControl* c, bool input, const char* designation) {
    static const char* const units[] = {
        [TIMBREL_UNIT_DECIBEL] = "db",     [TIMBREL_UNIT_HERTZ] = "hz",
        [TIMBREL_UNIT_MILLISECOND] = "ms", [TIMBREL_UNIT_PERCENT] = "pc",
        [TIMBREL_UNIT_FRAMES] = "frame",   [TIMBREL_UNIT_BEATS] = "beat",
        [TIMBREL_UNIT_BPM] = "bpm",
    };
    fprintf(out, "\t\ta lv2:%sPort , lv2:ControlPort ;\n", input ? "Input" : "Output");
    if (designation) {
        fprintf(out, "\t\tlv2:designation lv2:%s ;\n", designation);
    }
    fprintf(out, "\t\tlv2:symbol \"%s\" ;\n\t\tlv2:name \"%s\" ;\n\t\trdfs:comment \"%s\" ;\n",
            c->symbol, c->name, c->comment);
    fprintf(out, "\t\tlv2:default %.9g ;\n\t\tlv2:minimum %.9g ;\n\t\tlv2:maximum %.9g ;\n",
            (double)c->normal, (double)c->minimum, (double)c->maximum);
    write_flags(out, c->flags);
    // Some hosts make a list of any port that has points, with a line for every hertz (guitarix).
    const bool whole = c->flags & (TIMBREL_ENUMERATION | TIMBREL_INTEGER);
    for (int i = 0; whole && i < TIMBREL_SCALE_POINTS && c->points[i].label; ++i) {
        fprintf(out, "\t\tlv2:scalePoint [ rdfs:label \"%s\" ; rdf:value %.9g ] ;\n",
                c->points[i].label, (double)c->points[i].value);
    }
    if (units[c->unit]) {
        fprintf(out, "\t\tunits:unit units:%s ;\n", units[c->unit]);
    }
    fprintf(out, "\t\tpg:group <urn:timbrel:group:%s>\n", timbrel_groups[c->group].symbol);
}

static void write_port(FILE* out, const TimbrelPlugin* plugin, uint32_t index) {
    const TimbrelPort port = timbrel_plugin_port(plugin, index);
    fprintf(out, "\t\tlv2:index %u ;\n", (unsigned)index);
    if (index >= plugin->required) {
        fprintf(out, "\t\tlv2:portProperty lv2:connectionOptional ;\n");
    }
    switch (port.kind) {
    case TIMBREL_PORT_AUDIO_IN:
    case TIMBREL_PORT_AUDIO_OUT:
        write_audio(out, plugin, port);
        break;
    case TIMBREL_PORT_REPORT:
        if (port.item == TIMBREL_REPORT_LATENCY) { // what hosts older than the designation know
            fprintf(out, "\t\tlv2:portProperty lv2:reportsLatency ;\n");
        }
        write_value(out, &timbrel_reports[port.item], false,
                    port.item == TIMBREL_REPORT_LATENCY ? "latency" : NULL);
        break;
    case TIMBREL_PORT_VALUE:
        write_value(out, &timbrel_controls[port.item], true,
                    port.item == TIMBREL_CONTROL_ENABLED ? "enabled" : NULL);
        break;
    default:
        write_fixed(out, plugin, port.kind);
    }
}

static void write_ports(FILE* out, const TimbrelPlugin* plugin) {
    for (uint32_t i = 0; timbrel_plugin_port(plugin, i).kind != TIMBREL_PORT_NONE; ++i) {
        fprintf(out, "%s [\n", i ? " ," : "");
        write_port(out, plugin, i);
        fprintf(out, "\t]");
    }
}

/// Every plugin in the manifest.
static void write_plugins(FILE* out, const TimbrelPlugin* plugin) {
    (void)plugin;
    for (int i = 0; i < TIMBREL_PLUGIN_COUNT; ++i) {
        const TimbrelPlugin* p = &timbrel_plugins[i];
        fprintf(out,
                "\n<%s>\n\ta lv2:Plugin ;\n\tlv2:minorVersion %u ;\n\tlv2:microVersion 0 ;\n"
                "\tlv2:binary <timbrel.so> ;\n\tui:ui <" TIMBREL_EMBEDDED_UI_URI
                "> , <" TIMBREL_OWN_UI_URI "> ;\n"
                "\trdfs:seeAlso <%s.ttl> , <vocabulary.ttl> .\n",
                p->uri, (unsigned)p->version, p->symbol);
    }
}

/// What each plugin tells the window.
static void write_notifications(FILE* out, const TimbrelPlugin* plugin) {
    (void)plugin;
    for (int i = 0; i < TIMBREL_PLUGIN_COUNT; ++i) {
        fprintf(out,
                "%s [\n\t\tui:plugin <%s> ;\n\t\tlv2:symbol \"notify\" ;\n"
                "\t\tui:notifyType atom:Sequence\n\t]",
                i ? " ," : "", timbrel_plugins[i].uri);
    }
}

static const struct {
    const char* token;
    void (*write)(FILE* out, const TimbrelPlugin* plugin);
} tokens[] = {
    {"@uri@", write_uri},
    {"@name@", write_name},
    {"@label@", write_label},
    {"@type@", write_type},
    {"@comment@", write_comment},
    {"@plugins@", write_plugins},
    {"@notifications@", write_notifications},
    {"@parameters@", write_parameters},
    {"@writable@", write_writable},
    {"@readable@", write_readable},
    {"@homepage@", write_homepage},
    {"@groups@", write_groups},
    {"@audiogroups@", write_audio_groups},
    {"@maingroups@", write_main_groups},
    {"@ports@", write_ports},
};

static void fill(FILE* out, const TimbrelPlugin* plugin, const char* line) {
    while (*line) {
        size_t skip = 0;
        for (size_t i = 0; i < sizeof tokens / sizeof tokens[0] && !skip; ++i) {
            const size_t length = strlen(tokens[i].token);
            if (!strncmp(line, tokens[i].token, length)) {
                tokens[i].write(out, plugin);
                skip = length;
            }
        }
        if (!skip) {
            fputc(*line, out);
            skip = 1;
        }
        line += skip;
    }
}

int main(int argc, char** argv) {
    if (argc != 4) {
        fprintf(stderr, "Usage: generate PLUGIN TEMPLATE OUTPUT\n");
        return 2;
    }
    const TimbrelPlugin* plugin = NULL;
    for (int i = 0; i < TIMBREL_PLUGIN_COUNT; ++i) {
        plugin = strcmp(timbrel_plugins[i].symbol, argv[1]) ? plugin : &timbrel_plugins[i];
    }
    if (!plugin && strcmp(argv[1], "-") != 0) {
        fprintf(stderr, "There is no plugin %s.\n", argv[1]);
        return 2;
    }
    FILE* in = fopen(argv[2], "r");
    FILE* out = in ? fopen(argv[3], "w") : NULL;
    if (!out) {
        perror(in ? argv[3] : argv[2]);
        return 1;
    }
    char line[1024];
    while (fgets(line, sizeof line, in)) {
        fill(out, plugin, line);
    }
    const bool bad = ferror(in) || ferror(out);
    fclose(in);
    if (fclose(out) || bad) {
        fprintf(stderr, "%s could not be written.\n", argv[3]);
        return 1;
    }
    return 0;
}
