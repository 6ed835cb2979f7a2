// SPDX-License-Identifier: ISC
#include "canvas.h"
#include "plot.h"

#include <math.h>
#include <stdlib.h>

enum {
    MARGIN = 24,
    CELL_WIDTH = 170,
    CELL_HEIGHT = 130,
    BINS = 40,
    MAP = 460,          // Side of the map
    MOST_POINTS = 20000 // More are thinned out
};

// Columns of the histograms: about as wide as high.
static uint32_t choose_columns(uint32_t count) {
    const uint32_t columns = (uint32_t)ceil(sqrt((double)count));
    return columns < 2 ? 2 : columns;
}

static double normal_density(double x, const TimbrelLatentStatistics* latent) {
    const double z = (x - latent->mean) / latent->deviation;
    return exp(-0.5 * z * z) / (latent->deviation * sqrt(2 * acos(-1)));
}

// A range a little beyond the outermost percentiles, so that one far value does not squeeze the
// rest.
static void find_range(const TimbrelLatentStatistics* latent, double* from, double* to) {
    *from = fmax(latent->minimum, latent->mean - 4.5 * latent->deviation);
    *to = fmin(latent->maximum, latent->mean + 4.5 * latent->deviation);
    if (*to - *from < 1e-9) {
        *from -= 0.5;
        *to += 0.5;
    }
}

static void fill_bins(const TimbrelLatents* parts, size_t part_count, uint32_t latent, double from,
                      double to, double bins[BINS]) {
    for (size_t p = 0; p < part_count; ++p) {
        for (size_t r = 0; r < parts[p].rows; ++r) {
            const double value = parts[p].values[r * parts[p].count + latent];
            const int bin = (int)floor((value - from) / (to - from) * BINS);
            if (bin >= 0 && bin <= BINS) {
                bins[bin < BINS ? bin : BINS - 1] += 1;
            }
        }
    }
}

static void draw_histogram(cairo_t* cairo, const TimbrelBox* box, const TimbrelLatents* parts,
                           size_t part_count, const TimbrelStatistics* statistics, uint32_t index) {
    const TimbrelLatentStatistics* latent = &statistics->latents[index];
    double bins[BINS] = {0};
    double from = 0;
    double to = 0;
    find_range(latent, &from, &to);
    fill_bins(parts, part_count, index, from, to, bins);
    const double bin_width = (to - from) / BINS;
    const double to_density = 1 / ((double)statistics->rows * bin_width);
    double most = latent->deviation > 0 ? normal_density(latent->mean, latent) : 0;
    for (int i = 0; i < BINS; ++i) {
        most = fmax(most, bins[i] * to_density);
    }

    cairo_set_source_rgb(cairo, 0.45, 0.62, 0.75);
    for (int i = 0; i < BINS; ++i) {
        const double height = box->height * bins[i] * to_density / most;
        cairo_rectangle(cairo, box->x + box->width * i / BINS, box->y + box->height - height,
                        box->width / BINS, height);
    }
    cairo_fill(cairo);
    if (latent->deviation > 0) {
        for (int x = 0; x <= (int)box->width; ++x) {
            const double value = from + (to - from) * x / box->width;
            cairo_line_to(cairo, box->x + x,
                          box->y + box->height * (1 - normal_density(value, latent) / most));
        }
        cairo_set_line_width(cairo, 1.5);
        cairo_set_source_rgb(cairo, 0.8, 0.3, 0.1);
        cairo_stroke(cairo);
    }
    timbrel_canvas_frame(cairo, box);
    timbrel_canvas_text(cairo, box->x, box->y - 5, 11, TIMBREL_LEFT, "latent %u", index + 1);
    timbrel_canvas_text(cairo, box->x + box->width, box->y - 5, 9, TIMBREL_RIGHT, "%.2g ± %.2g",
                        latent->mean, latent->deviation);
    timbrel_canvas_text(cairo, box->x, box->y + box->height + 12, 9, TIMBREL_LEFT, "%.3g", from);
    timbrel_canvas_text(cairo, box->x + box->width, box->y + box->height + 12, 9, TIMBREL_RIGHT,
                        "%.3g", to);
}

// Where each row lies on the first two axes.
typedef struct {
    double x, y;
    double time; // Rows into its file
} Point;

typedef struct {
    Point* points;
    size_t count;
    double reach; // The farthest from the middle, along either axis
    double longest;
    double shares[2]; // Shares of the variance
} Map;

static double along(const double* row, const TimbrelStatistics* statistics, const double* axis) {
    double sum = 0;
    for (uint32_t i = 0; i < statistics->count; ++i) {
        sum += (row[i] - statistics->latents[i].mean) * axis[i];
    }
    return sum;
}

static TimbrelStatus make_map(Map* map, const TimbrelLatents* parts, size_t part_count,
                              const TimbrelStatistics* statistics, TimbrelError* error) {
    const uint32_t count = statistics->count;
    double variances[TIMBREL_MAX_LATENTS];
    double* axes = calloc((size_t)count * count, sizeof *axes);
    *map = (Map){.points = calloc(MOST_POINTS + 1, sizeof(Point)), .reach = 1e-9};
    if (!axes || !map->points) {
        free(axes);
        return timbrel_error_no_memory(error);
    }
    const TimbrelStatus status = timbrel_statistics_axes(statistics, variances, axes, error);
    double total = 1e-300;
    for (uint32_t k = 0; !status && k < count; ++k) {
        total += variances[k];
    }
    for (uint32_t k = 0; !status && k < 2 && k < count; ++k) {
        map->shares[k] = variances[k] / total;
    }
    const uint64_t every = statistics->rows / MOST_POINTS + 1;
    uint64_t index = 0;
    for (size_t p = 0; !status && p < part_count; ++p) {
        map->longest = fmax(map->longest, (double)parts[p].rows);
        for (size_t r = 0; r < parts[p].rows; ++r) {
            if (index++ % every > 0) {
                continue;
            }
            const double* row = parts[p].values + r * count;
            Point* point = &map->points[map->count++];
            point->x = along(row, statistics, axes);
            point->y = count > 1 ? along(row, statistics, axes + count) : 0;
            point->time = (double)r;
            map->reach = fmax(map->reach, fmax(fabs(point->x), fabs(point->y)));
        }
    }
    free(axes);
    return status;
}

static void draw_map(cairo_t* cairo, const TimbrelBox* box, const Map* map, double row_rate) {
    const double scale = 0.48 * box->width / map->reach;
    const double radius = map->count > 3000 ? 1.2 : 2.0;
    for (size_t i = 0; i < map->count; ++i) {
        const Point* point = &map->points[i];
        timbrel_canvas_colour(cairo, point->time / fmax(map->longest - 1, 1));
        cairo_arc(cairo, box->x + box->width / 2 + scale * point->x,
                  box->y + box->height / 2 - scale * point->y, radius, 0, 2 * acos(-1));
        cairo_fill(cairo);
    }
    timbrel_canvas_frame(cairo, box);
    timbrel_canvas_text(cairo, box->x, box->y - 5, 11, TIMBREL_LEFT,
                        "principal axes: %.0f %% across, %.0f %% up", 100 * map->shares[0],
                        100 * map->shares[1]);
    const double y = box->y + box->height + 8;
    for (int x = 0; x < 120; ++x) {
        timbrel_canvas_colour(cairo, x / 119.0);
        cairo_rectangle(cairo, box->x + box->width - 160 + x, y, 1.5, 8);
        cairo_fill(cairo);
    }
    timbrel_canvas_text(cairo, box->x + box->width - 165, y + 8, 9, TIMBREL_RIGHT,
                        "time in the file  0");
    if (row_rate > 0) {
        timbrel_canvas_text(cairo, box->x + box->width, y + 8, 9, TIMBREL_RIGHT, "%.3g s",
                            map->longest / row_rate);
    } else {
        timbrel_canvas_text(cairo, box->x + box->width, y + 8, 9, TIMBREL_RIGHT, "%.0f",
                            map->longest);
    }
}

TimbrelStatus timbrel_plot_statistics(const TimbrelLatents* parts, size_t part_count,
                                      const TimbrelStatistics* statistics, const char* path,
                                      TimbrelError* error) {
    const uint32_t columns = choose_columns(statistics->count);
    const uint32_t lines = (statistics->count + columns - 1) / columns;
    const int grid_height = (int)lines * CELL_HEIGHT;
    const int height = (grid_height > MAP + 48 ? grid_height : MAP + 48) + MARGIN;
    const double map_x = MARGIN + (double)columns * CELL_WIDTH + 10;
    Map map;
    TimbrelStatus status = make_map(&map, parts, part_count, statistics, error);
    TimbrelCanvas* canvas =
        status ? NULL : timbrel_canvas_open(path, (int)map_x + MAP + MARGIN, height, error);
    if (!canvas) {
        free(map.points);
        return status ? status : TIMBREL_IO_ERROR;
    }
    cairo_t* cairo = timbrel_canvas_cairo(canvas);
    for (uint32_t i = 0; i < statistics->count; ++i) {
        const uint32_t line = i / columns;
        const TimbrelBox box = {MARGIN + (double)(i % columns) * CELL_WIDTH,
                                MARGIN + 6 + (double)line * CELL_HEIGHT, CELL_WIDTH - 22,
                                CELL_HEIGHT - 44};
        draw_histogram(cairo, &box, parts, part_count, statistics, i);
    }
    const TimbrelBox box = {map_x, MARGIN + 6, MAP, MAP};
    draw_map(cairo, &box, &map, timbrel_origin_row_rate(&statistics->origin));
    free(map.points);
    return timbrel_canvas_finish(canvas, error);
}
