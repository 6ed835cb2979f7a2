// SPDX-License-Identifier: ISC
#include "command.h"
#include "control_value.h"
#include "json.h"

#include <argp.h>

static json_t* describe(const TimbrelControl* control) {
    json_t* points = json_array();
    for (const TimbrelScalePoint* point = control->points;
         point < control->points + sizeof control->points / sizeof *point && point->label;
         ++point) {
        json_array_append_new(
            points, json_pack("{s:s, s:f}", "label", point->label, "value", (double)point->value));
    }
    return json_pack(
        "{s:s, s:s, s:s, s:f, s:f, s:f, s:s, s:b, s:b, s:b, s:o}", "symbol", control->symbol,
        "name", control->name, "comment", control->comment, "minimum", (double)control->minimum,
        "maximum", (double)control->maximum, "default", (double)control->normal, "unit",
        control_value_unit(control) + (control->unit != 0), "toggled",
        (control->flags & TIMBREL_TOGGLED) != 0, "pressed", (control->flags & TIMBREL_TRIGGER) != 0,
        "automatable", !(control->flags & (TIMBREL_EXPENSIVE | TIMBREL_TRIGGER)), "points", points);
}

static error_t parse(int key, char* argument, struct argp_state* state) {
    (void)argument;
    bool* as_json = state->input;
    if (key == 'j') {
        *as_json = true;
    } else if (key == ARGP_KEY_ARG) {
        argp_error(state, "this command takes no argument");
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int controls_run(int argc, char** argv) {
    static const struct argp_option options[] = {
        {.name = "json", .key = 'j', .doc = "Print JSON"},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc =
            "List the effect's controls: their symbols, ranges and defaults, the same in `timbrel "
            "render' as in the plugin.",
    };
    bool as_json = false;
    if (argp_parse(&argp, argc, argv, 0, NULL, &as_json) != 0) {
        return EXIT_USAGE;
    }
    if (as_json) {
        json_t* list = json_array();
        for (size_t i = 0; i < TIMBREL_CONTROL_COUNT; ++i) {
            json_array_append_new(list, describe(&timbrel_controls[i]));
        }
        return json_print(list);
    }
    for (size_t i = 0; i < TIMBREL_CONTROL_COUNT; ++i) {
        const TimbrelControl* control = &timbrel_controls[i];
        char range[64];
        (void)snprintf(range, sizeof range, "%.7g to %.7g%s", (double)control->minimum,
                       (double)control->maximum, control_value_unit(control));
        (void)printf("%-14s %-20s default %-7g %s\n", control->symbol, range,
                     (double)control->normal, control->comment);
    }
    return fflush(stdout) == 0 ? 0 : EXIT_FAILED;
}
