// SPDX-License-Identifier: ISC
#include "points.h"

#include <stdio.h>
#include <string.h>

void timbrel_point_set_name(TimbrelPoint* point, const char* name) {
    size_t length = strnlen(name, sizeof point->name);
    if (length == sizeof point->name) { // No character is cut in two
        --length;
        while (length > 0 && ((unsigned char)name[length] & 0xC0) == 0x80) {
            --length;
        }
    }
    memset(point->name, 0, sizeof point->name);
    for (size_t i = 0; i < length; ++i) {
        point->name[i] = name[i];
        if (name[i] >= 0 && name[i] < ' ') { // A control character
            point->name[i] = ' ';
        }
    }
}

void timbrel_points_print(const TimbrelPoints* points, char text[TIMBREL_POINT_NAMES_SIZE]) {
    char* end = text;
    *end = '\0';
    for (unsigned i = 0; i < TIMBREL_POINTS; ++i) {
        if (points->points[i].there) {
            const size_t room = TIMBREL_POINT_NAMES_SIZE - (size_t)(end - text);
            end += snprintf(end, room, "%u=%s\n", i + 1, points->points[i].name);
        }
    }
}
