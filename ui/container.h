// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_CONTAINER_H
#define TIMBREL_UI_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>

/// The X window inside the host's, into which the program timbrel-ui puts its own. The host gets
/// it at once and keeps it, whatever becomes of the program. It has a connection of its own to the
/// display: by XCB, which neither ends the process when the display goes away nor knows handlers
/// of errors that are the host's too.
typedef struct TimbrelContainer TimbrelContainer;

/// A window of the given size, and least size, in `parent`, shown. NULL if there is no display.
TimbrelContainer* timbrel_container_new(uint32_t parent, uint16_t width, uint16_t height,
                                        uint16_t least_width, uint16_t least_height);
void timbrel_container_free(TimbrelContainer* container);

uint32_t timbrel_container_window(const TimbrelContainer* container);

/// Deal with what has happened: take in the program's window, and keep it as large as this one.
/// `clicked` tells whether the empty window was clicked. False if the display is gone.
bool timbrel_container_idle(TimbrelContainer* container, bool* clicked);

/// Whether the host's window is smaller than this one.
bool timbrel_container_cramped(TimbrelContainer* container);

void timbrel_container_resize(TimbrelContainer* container, uint16_t width, uint16_t height);

/// Send a key to the host's window, as if it had been pressed or released there.
void timbrel_container_key(TimbrelContainer* container, uint8_t keycode, uint16_t state,
                           bool pressed);

/// What to show while there is no window of the program's: one or two short lines, NULL for none.
/// The texts must stay.
void timbrel_container_say(TimbrelContainer* container, const char* first, const char* second);

#endif
