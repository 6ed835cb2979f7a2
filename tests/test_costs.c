// SPDX-License-Identifier: ISC
#include "engine/model/costs.h"

#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

/// Figures are rounded up coarsely, kept by model, processor and engine, and nobody needs a cache.

static int test_steps(void) {
    CHECK(fabs(timbrel_cost_round(0.00064) - 0.00064) < 1e-9);
    CHECK(fabs(timbrel_cost_round(0.00065) - 0.00064 * sqrt(2.0)) < 1e-9);
    CHECK(fabs(timbrel_cost_round(0.00127) - 0.00128) < 1e-9);
    CHECK(fabs(timbrel_cost_round(0.0) - 0.00016) < 1e-9); // small ones are alike
    CHECK(fabs(timbrel_cost_round(0.00015) - 0.00016) < 1e-9);
    for (double seconds = 1.2e-4; seconds < 10.0; seconds *= 1.07) {
        const double step = timbrel_cost_round(seconds);
        CHECK(step > 0.998 * seconds && step < 1.42 * seconds);
        CHECK(fabs(timbrel_cost_round(step) - step) < 1e-6 * step);
    }
    return 0;
}

static int test_kept(void) {
    static TimbrelCosts costs;
    timbrel_costs_read(&costs, "0123", "native, 1");
    CHECK(costs.count == 0);
    timbrel_costs_note(&costs, 1, 4, 0.0003);
    timbrel_costs_note(&costs, 2, 4, 0.007);
    timbrel_costs_write(&costs);
    timbrel_costs_read(&costs, "0123", "native, 1");
    CHECK(costs.count == 2);
    CHECK(fabs(timbrel_costs_find(&costs, 1, 4) - timbrel_cost_round(0.0003)) < 1e-9);
    CHECK(fabs(timbrel_costs_find(&costs, 2, 4) - timbrel_cost_round(0.007)) < 1e-9);
    CHECK(timbrel_costs_find(&costs, 1, 8) <= 0.0);
    timbrel_costs_read(&costs, "0123", "torch");
    CHECK(costs.count == 0);
    timbrel_costs_read(&costs, "4567", "native, 1");
    CHECK(costs.count == 0);
    for (uint32_t i = 0; i < 2 * TIMBREL_COSTS_MOST; ++i) {
        timbrel_costs_note(&costs, 1, 1 + i, 0.001);
    }
    CHECK(costs.count == TIMBREL_COSTS_MOST);
    return 0;
}

int main(void) {
    char folder[] = "/tmp/timbrel-costs-XXXXXX";
    CHECK(mkdtemp(folder));
    CHECK(!setenv("XDG_CACHE_HOME", folder, 1));
    CHECK(!test_steps());
    CHECK(!test_kept());
    CHECK(!setenv("XDG_CACHE_HOME", "/proc/none", 1));
    static TimbrelCosts costs;
    timbrel_costs_read(&costs, "0123", "native, 1");
    timbrel_costs_note(&costs, 1, 4, 0.0003);
    timbrel_costs_write(&costs);
    CHECK(timbrel_costs_find(&costs, 1, 4) > 0.0);
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    CHECK(!system(command)); // NOLINT(cert-env33-c)
    return 0;
}
