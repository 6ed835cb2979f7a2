// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_SIZE_H
#define TIMBREL_UI_SIZE_H

/// The window's size to begin with, and the one below which things are cut off: for the window and
/// for the shim, which makes room for it in a host's. Pixels at a scale of 1.
enum {
    TIMBREL_WINDOW_WIDTH = 940,
    TIMBREL_WINDOW_HEIGHT = 620,
    TIMBREL_WINDOW_LEAST_WIDTH = 640,
    TIMBREL_WINDOW_LEAST_HEIGHT = 420
};

#endif
