// SPDX-License-Identifier: ISC
#ifndef TIMBREL_COMPOSE_CANVAS_H
#define TIMBREL_COMPOSE_CANVAS_H

#include "engine/base/status.h"

#include <cairo.h>
#include <stdbool.h>

/// A picture in the making: PNG or SVG by the ending of its path. It appears when it is whole.
typedef struct TimbrelCanvas TimbrelCanvas;

/// White, `width` x `height` pixels. NULL with `error` filled on failure.
TimbrelCanvas* timbrel_canvas_open(const char* path, int width, int height, TimbrelError* error);
cairo_t* timbrel_canvas_cairo(TimbrelCanvas* canvas);

/// Write the file. The canvas is gone after it, on failure without a trace.
TimbrelStatus timbrel_canvas_finish(TimbrelCanvas* canvas, TimbrelError* error);

/// Whether a picture can have such a path; if not, the sentence.
TimbrelStatus timbrel_canvas_check(const char* path, TimbrelError* error);

typedef struct {
    double x, y, width, height;
} TimbrelBox;

typedef enum { TIMBREL_LEFT, TIMBREL_CENTRE, TIMBREL_RIGHT } TimbrelAlign;

/// Grey text (UTF-8) whose baseline is at y.
void timbrel_canvas_text(cairo_t* cairo, double x, double y, double size, TimbrelAlign align,
                         const char* format, ...) __attribute__((format(printf, 6, 7)));

/// A thin grey frame, on pixel borders.
void timbrel_canvas_frame(cairo_t* cairo, const TimbrelBox* box);

/// Dark blue over green to yellow for 0..1: even steps in lightness, readable without red or green
/// (close to viridis by Smith and van der Walt 2015).
void timbrel_canvas_colour(cairo_t* cairo, double share);

#endif
