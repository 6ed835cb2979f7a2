// SPDX-License-Identifier: ISC
#include "presses.h"

#include "control_value.h"
#include "message.h"
#include "number.h"

#include <stdlib.h>
#include <string.h>

bool presses_allow(int control) {
    return control == TIMBREL_CONTROL_KEEP || control == TIMBREL_CONTROL_ADD ||
           control == TIMBREL_CONTROL_STORE;
}

bool presses_hold(const Presses* presses, int control) {
    for (size_t i = 0; i < presses->count; ++i) {
        if (presses->list[i].control == control) {
            return true;
        }
    }
    return false;
}

bool presses_add(Presses* presses, const char* argument) {
    const char* equals = strchr(argument, '=');
    if (!equals) {
        message("\"%s\" is not of the form symbol=seconds, as in store=1.5.", argument);
        return false;
    }
    Press press = {.control = control_value_find(argument, (size_t)(equals - argument))};
    if (press.control < 0) {
        return false;
    }
    if (!presses_allow(press.control)) {
        message("%s cannot be pressed here; keep, add and store can.",
                timbrel_controls[press.control].symbol);
        return false;
    }
    if (!number_parse(equals + 1, 0, 1e9, &press.seconds)) {
        message(
            "\"%s\" is not a time at which %s can be pressed: a number of seconds of 0 or more.",
            equals + 1, timbrel_controls[press.control].symbol);
        return false;
    }
    Press* list = realloc(presses->list, (presses->count + 1) * sizeof *list);
    if (!list) {
        message_no_memory();
        return false;
    }
    presses->list = list;
    list[presses->count++] = press;
    return true;
}

void presses_free(Presses* presses) {
    free(presses->list);
    *presses = (Presses){0};
}

static bool is_apart(const Press* a, const Press* b) {
    const uint64_t steps = a->step > b->step ? a->step - b->step : b->step - a->step;
    return a->control != b->control || steps > 1;
}

bool presses_place(Presses* presses, double step_seconds) {
    for (size_t i = 0; i < presses->count; ++i) {
        Press* press = &presses->list[i];
        press->step = (uint64_t)(press->seconds / step_seconds + 0.5);
        for (size_t k = 0; k < i; ++k) {
            if (!is_apart(&presses->list[k], press)) {
                message("%s is pressed at %g and at %g seconds, which is one press; leave some "
                        "hundredths of a second between them.",
                        timbrel_controls[press->control].symbol, presses->list[k].seconds,
                        press->seconds);
                return false;
            }
        }
    }
    return true;
}

void presses_apply(Presses* presses, uint64_t step, float controls[TIMBREL_CONTROL_COUNT]) {
    for (size_t i = 0; i < presses->count; ++i) {
        controls[presses->list[i].control] = 0.0f;
    }
    for (size_t i = 0; i < presses->count; ++i) {
        Press* press = &presses->list[i];
        if (press->step == step) {
            controls[press->control] = 1.0f;
            press->done = true;
        }
    }
}

void presses_tell_left(const Presses* presses) {
    for (size_t i = 0; i < presses->count; ++i) {
        const Press* press = &presses->list[i];
        if (!press->done) {
            message("%s was not pressed at %g seconds: the sound ends before; --tail goes on "
                    "after it.",
                    timbrel_controls[press->control].symbol, press->seconds);
        }
    }
}
