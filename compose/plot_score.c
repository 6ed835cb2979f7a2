// SPDX-License-Identifier: ISC
#include "canvas.h"
#include "plot.h"

#include <math.h>
#include <stdlib.h>

enum {
    MARGIN = 20,
    WIDTH = 900,       // Pixels of the widest line
    LARGEST_CELL = 20, // Pixels a row
    TITLE = 18,        // Above each score
    MOST_INPUTS = 4,
    NAME = 90, // Pixels that a name takes
    GAP = 30,
    AXIS = 22 // Below each
};

// What all scores of a picture share.
typedef struct {
    double low[TIMBREL_MAX_LATENTS];
    double high[TIMBREL_MAX_LATENTS];
    double row_width;
    double line_height; // Height of one latent
} Scale;

static void widen(Scale* scale, const TimbrelLatents* latents) {
    for (size_t v = 0; v < latents->rows * latents->count; ++v) {
        const uint32_t i = (uint32_t)(v % latents->count);
        scale->low[i] = fmin(scale->low[i], latents->values[v]);
        scale->high[i] = fmax(scale->high[i], latents->values[v]);
    }
}

static double score_width(const Scale* scale, const TimbrelLatents* latents) {
    return ceil(scale->row_width * (double)latents->rows);
}

static void draw_axis(cairo_t* cairo, const TimbrelBox* box, const Scale* scale, size_t rows) {
    // A number at least every 50 pixels, at 1, 2 or 5 times a power of ten.
    double step = 1;
    for (int i = 0; step * scale->row_width < 50; ++i) {
        step *= i % 3 == 1 ? 2.5 : 2;
    }
    for (double row = 0; row <= (double)rows; row += step) {
        const double x = box->x + row * scale->row_width;
        cairo_rectangle(cairo, floor(x), box->y + box->height, 1, 4);
        cairo_set_source_rgb(cairo, 0.6, 0.6, 0.6);
        cairo_fill(cairo);
        timbrel_canvas_text(cairo, x, box->y + box->height + 14, 9, TIMBREL_CENTRE, "%.0f", row);
    }
}

static void draw_score(cairo_t* cairo, const TimbrelBox* box, const Scale* scale,
                       const TimbrelLatents* latents, const char* name) {
    // Columns of whole pixels; where rows are narrower, one of them stands for its neighbours.
    const size_t columns = scale->row_width >= 1 ? latents->rows : (size_t)box->width;
    cairo_set_antialias(cairo, CAIRO_ANTIALIAS_NONE);
    for (size_t c = 0; c < columns; ++c) {
        const size_t row = c * latents->rows / columns;
        const double left = box->x + box->width * (double)c / (double)columns;
        const double right = box->x + box->width * (double)(c + 1) / (double)columns;
        for (uint32_t i = 0; i < latents->count; ++i) {
            const double range = fmax(scale->high[i] - scale->low[i], 1e-12);
            const double value = latents->values[row * latents->count + i];
            timbrel_canvas_colour(cairo, (value - scale->low[i]) / range);
            cairo_rectangle(cairo, left, box->y + i * scale->line_height, right - left,
                            scale->line_height);
            cairo_fill(cairo);
        }
    }
    cairo_set_antialias(cairo, CAIRO_ANTIALIAS_DEFAULT);
    timbrel_canvas_frame(cairo, box);
    timbrel_canvas_text(cairo, box->x, box->y - 6, 12, TIMBREL_LEFT, "%s: %zu rows", name,
                        latents->rows);
    draw_axis(cairo, box, scale, latents->rows);
}

// Pixels a row, so that both lines fit; narrow inputs still have room for their names.
static double fit_rows(const TimbrelLatents* inputs, size_t input_count, size_t input_rows,
                       size_t result_rows) {
    double width = fmin(WIDTH / (double)result_rows, LARGEST_CELL);
    double reserved = 0;
    for (size_t n = 0; n < input_count; ++n) {
        reserved += GAP + fmax(NAME - width * (double)inputs[n].rows, 0);
    }
    if (input_rows > 0) {
        width = fmin(width, (WIDTH + GAP - reserved) / (double)input_rows);
    }
    return width;
}

TimbrelStatus timbrel_plot_score(const TimbrelLatents* inputs, const char* const* names,
                                 size_t input_count, const TimbrelLatents* result,
                                 const char* result_name, const char* path, TimbrelError* error) {
    input_count = input_count < MOST_INPUTS ? input_count : MOST_INPUTS;
    Scale scale;
    for (uint32_t i = 0; i < TIMBREL_MAX_LATENTS; ++i) {
        scale.low[i] = HUGE_VAL;
        scale.high[i] = -HUGE_VAL;
    }
    size_t rows = 0;
    for (size_t n = 0; n < input_count; ++n) {
        rows += inputs[n].rows;
        widen(&scale, &inputs[n]);
    }
    widen(&scale, result);
    scale.row_width = fit_rows(inputs, input_count, rows, result->rows);
    scale.line_height = result->count > 16 ? 6 : 14;
    const double height = scale.line_height * result->count;
    const double line = TITLE + height + AXIS;
    double width = score_width(&scale, result);
    double input_width = -GAP;
    for (size_t n = 0; n < input_count; ++n) {
        input_width += fmax(score_width(&scale, &inputs[n]), NAME) + GAP;
    }
    width = fmax(fmax(width, input_width), NAME);
    TimbrelCanvas* canvas =
        timbrel_canvas_open(path, (int)width + 2 * MARGIN, (int)(2 * line) + 2 * MARGIN, error);
    if (!canvas) {
        return TIMBREL_IO_ERROR;
    }
    cairo_t* cairo = timbrel_canvas_cairo(canvas);
    TimbrelBox box = {MARGIN, MARGIN + TITLE, 0, height};
    for (size_t n = 0; n < input_count; ++n) {
        box.width = score_width(&scale, &inputs[n]);
        draw_score(cairo, &box, &scale, &inputs[n], names[n]);
        box.x += fmax(box.width, NAME) + GAP;
    }
    box = (TimbrelBox){MARGIN, MARGIN + TITLE + line, score_width(&scale, result), height};
    draw_score(cairo, &box, &scale, result, result_name);
    return timbrel_canvas_finish(canvas, error);
}
