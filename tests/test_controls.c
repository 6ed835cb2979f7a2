// SPDX-License-Identifier: ISC
/// The table of controls is complete and sound: each row filled, symbols valid and unique over all
/// ports, ranges in order, scale points within them.

#include "check.h"
#include "engine/base/controls.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define ALL (TIMBREL_CONTROL_COUNT + TIMBREL_REPORT_COUNT)

static const TimbrelControl* row(int i) {
    return i < TIMBREL_CONTROL_COUNT ? &timbrel_controls[i]
                                     : &timbrel_reports[i - TIMBREL_CONTROL_COUNT];
}

/// LV2's rule: [_a-zA-Z][_a-zA-Z0-9]*.
static bool is_symbol(const char* text) {
    if (!text || isdigit((unsigned char)text[0]) || !text[0]) {
        return false;
    }
    for (; *text; ++text) {
        if (*text != '_' && !isalnum((unsigned char)*text)) {
            return false;
        }
    }
    return true;
}

static int test_row(const TimbrelControl* c) {
    CHECK(is_symbol(c->symbol));
    CHECK(c->name && c->name[0]);
    CHECK(c->comment && c->comment[strlen(c->comment) - 1] == '.');
    CHECK(!strpbrk(c->name, "\"\\") && !strpbrk(c->comment, "\"\\"));
    CHECK(c->minimum < c->maximum);
    CHECK(c->minimum <= c->normal && c->normal <= c->maximum);
    CHECK(c->unit <= TIMBREL_UNIT_BPM);
    CHECK(c->group < TIMBREL_GROUP_COUNT);
    CHECK(!(c->flags & TIMBREL_LOGARITHMIC) || c->minimum > 0);
    CHECK(!(c->flags & TIMBREL_ENUMERATION) || c->points[1].label);
    CHECK(!(c->flags & TIMBREL_TOGGLED) || (c->minimum <= 0 && c->maximum >= 1));
    for (int p = 0; p < TIMBREL_SCALE_POINTS && c->points[p].label; ++p) {
        CHECK(c->minimum <= c->points[p].value && c->points[p].value <= c->maximum);
    }
    return 0;
}

static int test_table(void) {
    for (int i = 0; i < ALL; ++i) {
        if (test_row(row(i))) {
            (void)fprintf(stderr, "in row %d, %s\n", i, row(i)->symbol ? row(i)->symbol : "?");
            return 1;
        }
        for (int j = 0; j < i; ++j) {
            CHECK(strcmp(row(i)->symbol, row(j)->symbol) != 0);
        }
    }
    for (int i = 0; i < TIMBREL_GROUP_COUNT; ++i) {
        CHECK(is_symbol(timbrel_groups[i].symbol) && timbrel_groups[i].name[0]);
    }
    return 0;
}

/// Families sit where the enum says.
static int test_families(void) {
    for (int i = 0; i < TIMBREL_CONTROLLED_LATENTS; ++i) {
        char bias[16];
        char scale[16];
        char latent[16];
        (void)snprintf(bias, sizeof bias, "bias_%d", i + 1);
        (void)snprintf(scale, sizeof scale, "scale_%d", i + 1);
        (void)snprintf(latent, sizeof latent, "latent_%d", i + 1);
        CHECK(timbrel_control_find(bias) == TIMBREL_CONTROL_BIAS_FIRST + i);
        CHECK(timbrel_control_find(scale) == TIMBREL_CONTROL_SCALE_FIRST + i);
        CHECK(!strcmp(timbrel_reports[TIMBREL_REPORT_LATENT_FIRST + i].symbol, latent));
    }
    CHECK(timbrel_control_find("eq_31") == TIMBREL_CONTROL_EQ_FIRST);
    CHECK(timbrel_control_find("eq_16k") == TIMBREL_CONTROL_MIX - 1);
    CHECK(timbrel_control_find("enabled") == TIMBREL_CONTROL_ENABLED);
    CHECK(timbrel_control_find("low_cut") == TIMBREL_CONTROL_LOW_CUT);
    CHECK(timbrel_control_find("high_cut") == TIMBREL_CONTROL_HIGH_CUT);
    CHECK(timbrel_control_find("stereo") == TIMBREL_CONTROL_STEREO);
    CHECK(timbrel_control_find("timing") == TIMBREL_CONTROL_TIMING);
    CHECK(timbrel_control_find("late") == TIMBREL_CONTROL_LATE);
    CHECK(timbrel_control_find("noise") == TIMBREL_CONTROL_NOISE);
    CHECK(timbrel_control_find("latency") == -1);
    CHECK(timbrel_control_find("") == -1);
    CHECK(!strcmp(timbrel_reports[TIMBREL_REPORT_LATENCY].symbol, "latency"));
    CHECK(!strcmp(timbrel_reports[TIMBREL_REPORT_LOAD].symbol, "load"));
    CHECK(!strcmp(timbrel_reports[TIMBREL_REPORT_DROPOUTS].symbol, "dropouts"));
    for (int i = 1; i < TIMBREL_EQ_BANDS; ++i) {
        const float ratio = timbrel_eq_centres[i] / timbrel_eq_centres[i - 1];
        CHECK(ratio > 1.9f && ratio < 2.1f);
    }
    return 0;
}

static int test_values(void) {
    float values[TIMBREL_CONTROL_COUNT];
    timbrel_controls_default(values);
    for (int i = 0; i < TIMBREL_CONTROL_COUNT; ++i) {
        const TimbrelControl* c = &timbrel_controls[i];
        CHECK(values[i] == c->normal);
        CHECK(timbrel_control_limit(i, c->normal) == c->normal);
        CHECK(timbrel_control_limit(i, c->minimum - 1) == c->minimum);
        CHECK(timbrel_control_limit(i, c->maximum + 1) == c->maximum);
        CHECK(timbrel_control_limit(i, NAN) == c->normal);
        CHECK(timbrel_control_limit(i, INFINITY) == c->normal);
    }
    CHECK(timbrel_control_limit(TIMBREL_CONTROL_TIMING, 1.9999f) == TIMBREL_TIMING_FULL);
    CHECK(timbrel_control_limit(TIMBREL_CONTROL_MIX, 33.25f) == 33.25f);
    return 0;
}

int main(void) {
    return test_table() || test_families() || test_values();
}
