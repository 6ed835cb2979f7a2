// SPDX-License-Identifier: ISC
#include "arrange.h"
#include "message.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// "row,share" with nothing after it.
static bool parse_line(const char* line, TimbrelMorphPoint* point) {
    char rest = 0;
    return sscanf(line, " %lf , %lf %c", &point->row, &point->share, &rest) == 2 &&
           isfinite(point->row) && isfinite(point->share) && point->row >= 0;
}

static TimbrelMorphPoint* read_points(FILE* file, const char* path, size_t* count) {
    TimbrelMorphPoint* points = NULL;
    size_t room = 0;
    char* line = NULL;
    size_t size = 0;
    bool good = true;
    for (size_t number = 1; good && getline(&line, &size, file) >= 0; ++number) {
        const char* start = line + strspn(line, " \t\r\n");
        if (*start == '\0' || *start == '#') {
            continue;
        }
        if (*count == room) {
            room = room ? 2 * room : 16;
            TimbrelMorphPoint* more = realloc(points, room * sizeof *points);
            if (!more) {
                message_no_memory();
                good = false;
                break;
            }
            points = more;
        }
        TimbrelMorphPoint* point = &points[*count];
        good = parse_line(start, point) && (*count == 0 || point->row > points[*count - 1].row);
        if (!good) {
            message("%s, line %zu: a line must be \"row,share\", with a row after the one before.",
                    path, number);
        }
        ++*count;
    }
    free(line);
    if (good && *count == 0) {
        message("%s has no line \"row,share\"; write at least one.", path);
        good = false;
    }
    if (good) {
        return points;
    }
    free(points);
    return NULL;
}

TimbrelMorphPoint* arrange_curve(const char* path, size_t* count) {
    *count = 0;
    FILE* file = fopen(path, "re");
    if (!file) {
        message("The curve \"%s\" cannot be opened (%s); check the path.", path, strerror(errno));
        return NULL;
    }
    TimbrelMorphPoint* points = read_points(file, path, count);
    (void)fclose(file);
    return points;
}
