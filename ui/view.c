// SPDX-License-Identifier: ISC
#include "view.h"

typedef struct {
    TimbrelMirror* mirror;
    TimbrelPalette palette;
    cairo_surface_t* layers[TIMBREL_VIEW_LAYERS]; ///< NULL: to be painted
    unsigned messages;                            ///< Meter messages so far
} State;

G_DEFINE_INTERFACE(TimbrelView, timbrel_view, GTK_TYPE_WIDGET)

static void timbrel_view_default_init(TimbrelViewInterface* interface) {
    (void)interface;
}

static GQuark state_quark(void) {
    return g_quark_from_static_string("timbrel-view");
}

static State* state_of(TimbrelView* view) {
    return g_object_get_qdata(G_OBJECT(view), state_quark());
}

static void drop_layers(State* state) {
    for (int i = 0; i < TIMBREL_VIEW_LAYERS; ++i) {
        g_clear_pointer(&state->layers[i], cairo_surface_destroy);
    }
}

static void destroy(TimbrelView* view) {
    State* state = state_of(view);
    drop_layers(state);
    if (state->mirror) {
        g_signal_handlers_disconnect_by_data(state->mirror, view);
        g_clear_object(&state->mirror);
    }
}

static gboolean draw(TimbrelView* view, cairo_t* cr) {
    GtkWidget* widget = GTK_WIDGET(view);
    TIMBREL_VIEW_GET_IFACE(view)->paint(view, cr, gtk_widget_get_allocated_width(widget),
                                        gtk_widget_get_allocated_height(widget));
    return GDK_EVENT_PROPAGATE;
}

static void forget(TimbrelView* view) {
    drop_layers(state_of(view));
    if (TIMBREL_VIEW_GET_IFACE(view)->forget) {
        TIMBREL_VIEW_GET_IFACE(view)->forget(view);
    }
    gtk_widget_queue_draw(GTK_WIDGET(view));
}

static void style_updated(TimbrelView* view) {
    timbrel_palette_read(&state_of(view)->palette, GTK_WIDGET(view));
    forget(view);
}

static void meters(TimbrelView* view, const TimbrelWireMeters* message) {
    const TimbrelViewInterface* interface = TIMBREL_VIEW_GET_IFACE(view);
    State* state = state_of(view);
    const bool turn = state->messages++ % MAX(interface->share, 1) == 0;
    interface->meters(view, message, turn && gtk_widget_get_mapped(GTK_WIDGET(view)));
}

static void connect_painting(TimbrelView* view) {
    timbrel_palette_read(&state_of(view)->palette, GTK_WIDGET(view));
    (void)g_signal_connect(view, "draw", G_CALLBACK(draw), NULL);
    (void)g_signal_connect(view, "style-updated", G_CALLBACK(style_updated), NULL);
    (void)g_signal_connect(view, "size-allocate", G_CALLBACK(forget), NULL);
}

/// Swapped: a method's view comes before what the signal says.
static void connect_mirror(TimbrelView* view, const char* signal, GCallback method) {
    if (method) {
        (void)g_signal_connect_swapped(state_of(view)->mirror, signal, method, view);
    }
}

void timbrel_view_bind(TimbrelView* view, TimbrelMirror* mirror) {
    const TimbrelViewInterface* interface = TIMBREL_VIEW_GET_IFACE(view);
    State* state = g_new0(State, 1);
    state->mirror = g_object_ref(mirror);
    g_object_set_qdata_full(G_OBJECT(view), state_quark(), state, g_free);
    if (interface->paint) {
        connect_painting(view);
    }
    connect_mirror(view, "news", G_CALLBACK(interface->news));
    connect_mirror(view, "alive", G_CALLBACK(interface->alive));
    connect_mirror(view, "scope", G_CALLBACK(interface->scope));
    connect_mirror(view, "meters", interface->meters ? G_CALLBACK(meters) : NULL);
    (void)g_signal_connect(view, "destroy", G_CALLBACK(destroy), NULL);
}

void timbrel_view_follow(TimbrelView* view, int control) {
    char* signal = g_strconcat("control::", timbrel_controls[control].symbol, NULL);
    connect_mirror(view, signal, G_CALLBACK(TIMBREL_VIEW_GET_IFACE(view)->control));
    g_free(signal);
}

TimbrelMirror* timbrel_view_mirror(TimbrelView* view) {
    return state_of(view)->mirror;
}

const TimbrelPalette* timbrel_view_palette(TimbrelView* view) {
    return &state_of(view)->palette;
}

cairo_surface_t* timbrel_view_layer(TimbrelView* view, unsigned layer, TimbrelViewPaint paint,
                                    int width, int height) {
    State* state = state_of(view);
    if (!state->layers[layer]) {
        state->layers[layer] = gdk_window_create_similar_surface(
            gtk_widget_get_window(GTK_WIDGET(view)), CAIRO_CONTENT_COLOR_ALPHA, width, height);
        cairo_t* cr = cairo_create(state->layers[layer]);
        paint(view, cr, width, height);
        cairo_destroy(cr);
    }
    return state->layers[layer];
}

void timbrel_view_put(TimbrelView* view, cairo_t* cr, unsigned layer, TimbrelViewPaint paint,
                      double x, double y, int width, int height) {
    cairo_set_source_surface(cr, timbrel_view_layer(view, layer, paint, width, height), x, y);
    cairo_paint(cr);
}

void timbrel_view_drop(TimbrelView* view, unsigned layer) {
    g_clear_pointer(&state_of(view)->layers[layer], cairo_surface_destroy);
}
