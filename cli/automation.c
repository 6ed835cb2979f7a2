// SPDX-License-Identifier: ISC
#include "automation.h"

#include "control_value.h"
#include "message.h"
#include "number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static char* trim(char* text) {
    static const char space[] = " \t\r\n";
    text += strspn(text, space);
    size_t length = strlen(text);
    while (length > 0 && strchr(space, text[length - 1])) {
        --length;
    }
    text[length] = '\0';
    return text;
}

static bool append(Automation* automation, AutomationPoint point) {
    if ((automation->count & (automation->count - 1)) == 0) { // 0 or a power of two: full
        const size_t capacity = automation->count ? 2 * automation->count : 1;
        AutomationPoint* points = realloc(automation->points, capacity * sizeof *points);
        if (!points) {
            message_no_memory();
            return false;
        }
        automation->points = points;
    }
    automation->points[automation->count++] = point;
    return true;
}

// `where` names file and line, for messages.
static bool read_line(Automation* automation, char* line, const char* where, bool* header_allowed) {
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    if (strncmp(line, byte_order_mark, sizeof byte_order_mark - 1) == 0) {
        line += sizeof byte_order_mark - 1;
    }
    char* text = trim(line);
    if (!*text || *text == '#') {
        return true;
    }
    char* comma = strchr(text, ',');
    if (comma) {
        *comma = '\0';
    }
    AutomationPoint point = {0};
    const bool is_time = number_parse(trim(text), 0, 1e9, &point.seconds);
    if (*header_allowed && !is_time && strchr("+-.0123456789", *text) == NULL) {
        *header_allowed = false;
        return true;
    }
    *header_allowed = false;
    if (!comma || !is_time) {
        message("%sa line must be \"seconds,value\" with seconds of 0 or more.", where);
        return false;
    }
    if (automation->count > 0 &&
        point.seconds < automation->points[automation->count - 1].seconds) {
        message("%s%g s is before the line above; sort the lines by time.", where, point.seconds);
        return false;
    }
    return control_value_parse(automation->control, trim(comma + 1), where, &point.value) &&
           append(automation, point);
}

bool automation_read(Automation* automation, int control, const char* path) {
    *automation = (Automation){.control = control};
    FILE* file = fopen(path, "re");
    if (!file) {
        message("The automation file \"%s\" cannot be read (%s); check its path.", path,
                strerror(errno));
        return false;
    }
    char* line = NULL;
    size_t size = 0;
    size_t number = 0;
    bool good = true;
    bool header_allowed = true;
    while (good && getline(&line, &size, file) >= 0) {
        char where[512];
        (void)snprintf(where, sizeof where, "%s, line %zu: ", path, ++number);
        good = read_line(automation, line, where, &header_allowed);
    }
    if (good && ferror(file)) {
        message("The automation file \"%s\" cannot be read (%s); check it.", path, strerror(errno));
        good = false;
    } else if (good && automation->count == 0) {
        message("The automation file \"%s\" holds no line \"seconds,value\"; write at least one.",
                path);
        good = false;
    }
    free(line);
    (void)fclose(file);
    if (!good) {
        automation_free(automation);
    }
    return good;
}

void automation_free(Automation* automation) {
    free(automation->points);
    *automation = (Automation){0};
}

float automation_value(Automation* automation, double seconds) {
    const AutomationPoint* points = automation->points;
    while (automation->next < automation->count && points[automation->next].seconds <= seconds) {
        ++automation->next;
    }
    const size_t next = automation->next;
    if (next == 0) {
        return points[0].value;
    }
    const AutomationPoint* from = &points[next - 1];
    const unsigned flags = timbrel_controls[automation->control].flags;
    if (next == automation->count || flags & (TIMBREL_TOGGLED | TIMBREL_INTEGER)) {
        return from->value;
    }
    const double place = (seconds - from->seconds) / (points[next].seconds - from->seconds);
    return from->value + (float)place * (points[next].value - from->value);
}
