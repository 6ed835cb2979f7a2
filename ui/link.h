// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_LINK_H
#define TIMBREL_UI_LINK_H

#include "plugin/wire.h"

/// The program's end of the socket to the shim. All on the main loop.
typedef struct TimbrelLink TimbrelLink;

typedef struct {
    void (*receive)(void* handle, const TimbrelWire* message); ///< A valid one
    void (*foreign)(void* handle); ///< One of another version: the plugin is older or newer
    void (*closed)(void* handle);  ///< The shim, or its host, is gone
    void* handle;
} TimbrelLinkCallbacks;

/// Takes over the socket. It lives as long as the program.
TimbrelLink* timbrel_link_new(int socket, const TimbrelLinkCallbacks* callbacks);

/// Send without waiting; what the host does not read is lost, but for the last value of a port,
/// which is sent again later.
void timbrel_link_send(TimbrelLink* link, const TimbrelWireHead* message);

#endif
