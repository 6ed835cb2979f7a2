// SPDX-License-Identifier: ISC
#include "container.h"

#include <stdlib.h>
#include <string.h>
#include <xcb/xcb.h>

enum { most_fits = 8 };

static const uint32_t background = 0x26292c;
static const uint32_t foreground = 0xd0d4d8;

struct TimbrelContainer {
    xcb_connection_t* connection;
    xcb_window_t root;
    xcb_window_t parent;
    xcb_window_t window;
    xcb_window_t child; ///< The program's, 0: none
    xcb_gcontext_t context;
    xcb_font_t font;
    uint16_t width;
    uint16_t height;
    int fits; ///< How often the child was resized since the last change of size
    const char* lines[2];
};

/// ICCCM 4.1.2.3, WM_NORMAL_HINTS: hosts that wrap the window look there for its sizes.
static void set_hints(const TimbrelContainer* c, uint32_t least_width, uint32_t least_height) {
    enum { has_minimum = 1 << 4, has_base = 1 << 8 };
    const uint32_t hints[18] = {
        [0] = has_minimum | has_base,
        [5] = least_width,
        [6] = least_height,
        [15] = c->width,
        [16] = c->height,
    };
    xcb_change_property(c->connection, XCB_PROP_MODE_REPLACE, c->window, XCB_ATOM_WM_NORMAL_HINTS,
                        XCB_ATOM_WM_SIZE_HINTS, 32, 18, hints);
}

TimbrelContainer* timbrel_container_new(uint32_t parent, uint16_t width, uint16_t height,
                                        uint16_t least_width, uint16_t least_height) {
    int number = 0;
    xcb_connection_t* connection = xcb_connect(NULL, &number);
    TimbrelContainer* c = xcb_connection_has_error(connection) ? NULL : calloc(1, sizeof *c);
    if (!c) {
        xcb_disconnect(connection);
        return NULL;
    }
    xcb_screen_iterator_t screens = xcb_setup_roots_iterator(xcb_get_setup(connection));
    while (number-- > 0 && screens.rem > 1) {
        xcb_screen_next(&screens);
    }
    c->connection = connection;
    c->root = screens.data->root;
    c->parent = parent;
    c->width = width;
    c->height = height;
    c->window = xcb_generate_id(connection);
    const uint32_t values[] = {background, XCB_EVENT_MASK_EXPOSURE | XCB_EVENT_MASK_BUTTON_PRESS |
                                               XCB_EVENT_MASK_STRUCTURE_NOTIFY |
                                               XCB_EVENT_MASK_SUBSTRUCTURE_NOTIFY};
    xcb_create_window(connection, XCB_COPY_FROM_PARENT, c->window, parent, 0, 0, width, height, 0,
                      XCB_WINDOW_CLASS_INPUT_OUTPUT, XCB_COPY_FROM_PARENT,
                      XCB_CW_BACK_PIXEL | XCB_CW_EVENT_MASK, values);
    c->font = xcb_generate_id(connection);
    xcb_open_font(connection, c->font, 5, "fixed"); // the one font that every X server has
    c->context = xcb_generate_id(connection);
    const uint32_t drawing[] = {foreground, background, c->font};
    xcb_create_gc(connection, c->context, c->window,
                  XCB_GC_FOREGROUND | XCB_GC_BACKGROUND | XCB_GC_FONT, drawing);
    set_hints(c, least_width, least_height);
    xcb_map_window(connection, c->window);
    // Known to the server before another client, the program, is told of it.
    free(xcb_get_input_focus_reply(connection, xcb_get_input_focus(connection), NULL));
    return c;
}

void timbrel_container_free(TimbrelContainer* c) {
    if (c) {
        xcb_destroy_window(c->connection, c->window);
        xcb_flush(c->connection);
        xcb_disconnect(c->connection);
        free(c);
    }
}

uint32_t timbrel_container_window(const TimbrelContainer* c) {
    return c->window;
}

static void draw(TimbrelContainer* c) {
    xcb_clear_area(c->connection, 0, c->window, 0, 0, 0, 0);
    for (int i = 0; i < 2 && !c->child; ++i) {
        const size_t length = c->lines[i] ? strlen(c->lines[i]) : 0;
        if (length > 0 && length < 256) {
            xcb_image_text_8(c->connection, (uint8_t)length, c->window, c->context, 20,
                             (int16_t)(32 + 20 * i), c->lines[i]);
        }
    }
    xcb_flush(c->connection);
}

void timbrel_container_say(TimbrelContainer* c, const char* first, const char* second) {
    c->lines[0] = first;
    c->lines[1] = second;
    draw(c);
}

/// A plug may first take the size that it would like; one that insists has its way in the end.
static void fit_child(TimbrelContainer* c) {
    if (c->fits++ > most_fits) {
        return;
    }
    const uint32_t values[] = {0, 0, c->width, c->height};
    xcb_configure_window(c->connection, c->child,
                         XCB_CONFIG_WINDOW_X | XCB_CONFIG_WINDOW_Y | XCB_CONFIG_WINDOW_WIDTH |
                             XCB_CONFIG_WINDOW_HEIGHT,
                         values);
}

/// The program's window has arrived.
static void adopt(TimbrelContainer* c, xcb_window_t child) {
    c->child = child;
    c->fits = 0;
    fit_child(c);
    xcb_map_window(c->connection, child);
}

static void handle(TimbrelContainer* c, const xcb_generic_event_t* event, bool* clicked) {
    switch (event->response_type & 0x7f) {
    case XCB_REPARENT_NOTIFY: {
        const xcb_reparent_notify_event_t* moved = (const void*)event;
        if (moved->parent == c->window && moved->window != c->child) {
            adopt(c, moved->window);
        }
        break;
    }
    case XCB_DESTROY_NOTIFY: {
        const xcb_destroy_notify_event_t* gone = (const void*)event;
        if (gone->window == c->child) {
            c->child = 0;
            draw(c);
        }
        break;
    }
    case XCB_CONFIGURE_NOTIFY: {
        const xcb_configure_notify_event_t* changed = (const void*)event;
        if (changed->window == c->window &&
            (changed->width != c->width || changed->height != c->height)) {
            c->width = changed->width;
            c->height = changed->height;
            c->fits = 0;
            if (c->child) {
                fit_child(c);
            }
        } else if (changed->window == c->child &&
                   (changed->width != c->width || changed->height != c->height)) {
            fit_child(c);
        }
        break;
    }
    case XCB_EXPOSE:
        if (!c->child && ((const xcb_expose_event_t*)event)->count == 0) {
            draw(c);
        }
        break;
    case XCB_BUTTON_PRESS:
        *clicked = *clicked || !c->child;
        break;
    default: // errors too: a window that is gone already is no harm
        break;
    }
}

bool timbrel_container_idle(TimbrelContainer* c, bool* clicked) {
    *clicked = false;
    xcb_generic_event_t* event = NULL;
    while ((event = xcb_poll_for_event(c->connection))) {
        handle(c, event, clicked);
        free(event);
    }
    xcb_flush(c->connection);
    return !xcb_connection_has_error(c->connection);
}

bool timbrel_container_cramped(TimbrelContainer* c) {
    xcb_get_geometry_reply_t* parent =
        xcb_get_geometry_reply(c->connection, xcb_get_geometry(c->connection, c->parent), NULL);
    const bool cramped = parent && (parent->width < c->width || parent->height < c->height);
    free(parent);
    return cramped;
}

void timbrel_container_resize(TimbrelContainer* c, uint16_t width, uint16_t height) {
    const uint32_t values[] = {width, height};
    xcb_configure_window(c->connection, c->window,
                         XCB_CONFIG_WINDOW_WIDTH | XCB_CONFIG_WINDOW_HEIGHT, values);
    xcb_flush(c->connection);
}

void timbrel_container_key(TimbrelContainer* c, uint8_t keycode, uint16_t state, bool pressed) {
    // A key press is passed on to the window's ancestors until one has asked for such events.
    const xcb_key_press_event_t event = {
        .response_type = pressed ? XCB_KEY_PRESS : XCB_KEY_RELEASE,
        .detail = keycode,
        .time = XCB_CURRENT_TIME,
        .root = c->root,
        .event = c->parent,
        .state = state,
        .same_screen = 1,
    };
    xcb_send_event(c->connection, 1, c->parent,
                   pressed ? XCB_EVENT_MASK_KEY_PRESS : XCB_EVENT_MASK_KEY_RELEASE,
                   (const char*)&event);
    xcb_flush(c->connection);
}
