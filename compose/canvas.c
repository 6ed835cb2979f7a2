// SPDX-License-Identifier: ISC
#include "canvas.h"

#include "engine/files/output.h"

#include <cairo-svg.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct TimbrelCanvas {
    TimbrelOutput* output;
    cairo_surface_t* surface;
    cairo_t* cairo;
    bool svg;
};

static bool has_ending(const char* path, const char* ending) {
    const char* dot = strrchr(path, '.');
    return dot && strcasecmp(dot, ending) == 0;
}

TimbrelStatus timbrel_canvas_check(const char* path, TimbrelError* error) {
    if (has_ending(path, ".png") || has_ending(path, ".svg")) {
        return TIMBREL_OK;
    }
    return timbrel_error_set(error, TIMBREL_BAD_ARGUMENT,
                             "The name of the picture \"%s\" does not end in .png or .svg.", path);
}

static cairo_status_t write_bytes(void* handle, const unsigned char* bytes, unsigned size) {
    const int descriptor = timbrel_output_descriptor(handle);
    while (size > 0) {
        const ssize_t put = write(descriptor, bytes, size);
        if (put < 0 && errno != EINTR) {
            return CAIRO_STATUS_WRITE_ERROR;
        }
        if (put > 0) {
            bytes += put;
            size -= (unsigned)put;
        }
    }
    return CAIRO_STATUS_SUCCESS;
}

TimbrelCanvas* timbrel_canvas_open(const char* path, int width, int height, TimbrelError* error) {
    if (timbrel_canvas_check(path, error)) {
        return NULL;
    }
    TimbrelCanvas* canvas = calloc(1, sizeof *canvas);
    if (!canvas) {
        (void)timbrel_error_no_memory(error);
        return NULL;
    }
    canvas->svg = has_ending(path, ".svg");
    canvas->output = timbrel_output_open(path, error);
    if (!canvas->output) {
        free(canvas);
        return NULL;
    }
    canvas->surface = canvas->svg ? cairo_svg_surface_create_for_stream(write_bytes, canvas->output,
                                                                        width, height)
                                  : cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    canvas->cairo = cairo_create(canvas->surface); // Keeps a failure until the end
    cairo_set_source_rgb(canvas->cairo, 1, 1, 1);
    cairo_paint(canvas->cairo);
    cairo_select_font_face(canvas->cairo, "sans", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_NORMAL);
    return canvas;
}

cairo_t* timbrel_canvas_cairo(TimbrelCanvas* canvas) {
    return canvas->cairo;
}

TimbrelStatus timbrel_canvas_finish(TimbrelCanvas* canvas, TimbrelError* error) {
    cairo_status_t status = cairo_status(canvas->cairo);
    cairo_destroy(canvas->cairo);
    if (status == CAIRO_STATUS_SUCCESS && !canvas->svg) {
        status = cairo_surface_write_to_png_stream(canvas->surface, write_bytes, canvas->output);
    }
    cairo_surface_finish(canvas->surface); // An SVG is written here
    if (status == CAIRO_STATUS_SUCCESS) {
        status = cairo_surface_status(canvas->surface);
    }
    cairo_surface_destroy(canvas->surface);
    TimbrelOutput* output = canvas->output;
    free(canvas);
    if (status == CAIRO_STATUS_SUCCESS) {
        return timbrel_output_finish(output, error);
    }
    timbrel_output_discard(output);
    return timbrel_error_set(error, TIMBREL_IO_ERROR, "The picture could not be written (%s).",
                             cairo_status_to_string(status));
}

void timbrel_canvas_text(cairo_t* cairo, double x, double y, double size, TimbrelAlign align,
                         const char* format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    cairo_text_extents_t extents;
    cairo_set_font_size(cairo, size);
    cairo_text_extents(cairo, text, &extents);
    cairo_set_source_rgb(cairo, 0.2, 0.2, 0.2);
    cairo_move_to(cairo, x - 0.5 * (double)align * extents.x_advance, y);
    cairo_show_text(cairo, text);
}

void timbrel_canvas_frame(cairo_t* cairo, const TimbrelBox* box) {
    cairo_rectangle(cairo, floor(box->x) - 0.5, floor(box->y) - 0.5, ceil(box->width) + 1,
                    ceil(box->height) + 1);
    cairo_set_line_width(cairo, 1);
    cairo_set_source_rgb(cairo, 0.6, 0.6, 0.6);
    cairo_stroke(cairo);
}

void timbrel_canvas_colour(cairo_t* cairo, double share) {
    static const double stops[][3] = {{0.27, 0.00, 0.33},
                                      {0.23, 0.32, 0.55},
                                      {0.13, 0.57, 0.55},
                                      {0.37, 0.79, 0.38},
                                      {0.99, 0.91, 0.14}};
    enum { LAST = sizeof stops / sizeof *stops - 1 };
    const double place = fmin(fmax(share, 0.0), 1.0) * LAST;
    const int from = place < LAST ? (int)place : LAST - 1;
    const double part = place - from;
    double mix[3];
    for (int c = 0; c < 3; ++c) {
        mix[c] = stops[from][c] + part * (stops[from + 1][c] - stops[from][c]);
    }
    cairo_set_source_rgb(cairo, mix[0], mix[1], mix[2]);
}
