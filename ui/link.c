// SPDX-License-Identifier: ISC
#include "link.h"

#include <glib-unix.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    most_messages = 512, // At a time: the window is to be drawn, too
    retry_milliseconds = 50
};

struct TimbrelLink {
    int socket;
    guint source;
    guint retry;    ///< Source that sends what was not taken; 0: nothing is left
    GQueue* unsent; ///< Port and touch messages, the oldest first
    TimbrelLinkCallbacks callbacks;
};

static gboolean readable(gint fd, GIOCondition condition, gpointer data) {
    TimbrelLink* link = data;
    TimbrelWire message;
    (void)condition;
    for (int i = 0; i < most_messages; ++i) {
        const ssize_t size = recv(fd, &message, sizeof message, MSG_DONTWAIT);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return G_SOURCE_CONTINUE;
        }
        if (size <= 0) {
            link->source = 0;
            link->callbacks.closed(link->callbacks.handle);
            return G_SOURCE_REMOVE;
        }
        if (timbrel_wire_valid(&message, (size_t)size)) {
            link->callbacks.receive(link->callbacks.handle, &message);
        } else if (timbrel_wire_foreign(&message, (size_t)size)) {
            link->callbacks.foreign(link->callbacks.handle);
        }
    }
    return G_SOURCE_CONTINUE;
}

TimbrelLink* timbrel_link_new(int socket, const TimbrelLinkCallbacks* callbacks) {
    TimbrelLink* link = g_new0(TimbrelLink, 1);
    link->socket = socket;
    link->callbacks = *callbacks;
    link->unsent = g_queue_new();
    (void)fcntl(socket, F_SETFD, FD_CLOEXEC); // models are looked at by children of ours
    link->source = g_unix_fd_add(socket, G_IO_IN | G_IO_HUP, readable, link);
    return link;
}

static bool try_send(TimbrelLink* link, const TimbrelWireHead* message) {
    return send(link->socket, message, message->size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static gboolean send_unsent(gpointer data) {
    TimbrelLink* link = data;
    TimbrelWirePort* port = NULL;
    while ((port = g_queue_peek_head(link->unsent)) && try_send(link, &port->head)) {
        g_free(g_queue_pop_head(link->unsent));
    }
    if (port) {
        return G_SOURCE_CONTINUE;
    }
    link->retry = 0;
    return G_SOURCE_REMOVE;
}

/// Keep a port's message, in place of an older one of the same kind: there are never more than two
/// a port.
static void keep(TimbrelLink* link, const TimbrelWirePort* message) {
    for (GList* item = link->unsent->head; item; item = item->next) {
        const TimbrelWirePort* older = item->data;
        if (older->index == message->index && older->head.type == message->head.type) {
            g_free(item->data);
            g_queue_delete_link(link->unsent, item);
            break;
        }
    }
    g_queue_push_tail(link->unsent, g_memdup2(message, sizeof *message));
    if (!link->retry) {
        link->retry = g_timeout_add(retry_milliseconds, send_unsent, link);
    }
}

void timbrel_link_send(TimbrelLink* link, const TimbrelWireHead* message) {
    const bool is_port = message->type == TIMBREL_WIRE_PORT || message->type == TIMBREL_WIRE_TOUCH;
    const bool in_turn = !is_port || g_queue_is_empty(link->unsent);
    if ((!in_turn || !try_send(link, message)) && is_port) {
        keep(link, (const TimbrelWirePort*)message);
    }
}
