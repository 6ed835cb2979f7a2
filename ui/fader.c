// SPDX-License-Identifier: ISC
#include "fader.h"

#include "fader_accessible.h"
#include "number_entry.h"
#include "value.h"

#include <math.h>
#include <string.h>

enum { gesture_milliseconds = 500 }; // After the last notch or key

typedef struct {
    int control;
    int second;   ///< Control that a drag with Ctrl moves, -1: none
    int dragged;  ///< Control under the hand, -1: none
    double place; ///< Place of what is dragged, unlimited: the hand may leave the way and come back
    double x;     ///< Pointer at the last motion
    double y;
    double notches; ///< What a smooth wheel has turned, not yet a whole step
    guint steps;    ///< Source that ends a gesture of steps; 0: none
    bool inside;
} TimbrelFaderPrivate;

static void view_init(TimbrelViewInterface* view);
G_DEFINE_TYPE_WITH_CODE(TimbrelFader, timbrel_fader, GTK_TYPE_DRAWING_AREA,
                        G_ADD_PRIVATE(TimbrelFader)
                            G_IMPLEMENT_INTERFACE(TIMBREL_TYPE_VIEW, view_init))

static TimbrelFaderPrivate* private_of(TimbrelFader* fader) {
    return timbrel_fader_get_instance_private(fader);
}

static TimbrelMirror* mirror_of(TimbrelFader* fader) {
    return timbrel_view_mirror(TIMBREL_VIEW(fader));
}

static void end_steps(TimbrelFader* fader) {
    TimbrelFaderPrivate* p = private_of(fader);
    if (p->steps) {
        (void)g_source_remove(p->steps);
        p->steps = 0;
        timbrel_mirror_end(mirror_of(fader), p->control);
    }
}

static void end_drag(TimbrelFader* fader) {
    TimbrelFaderPrivate* p = private_of(fader);
    if (p->dragged >= 0) {
        timbrel_mirror_end(mirror_of(fader), p->dragged);
        p->dragged = -1;
        gtk_widget_queue_draw(GTK_WIDGET(fader));
    }
}

static gboolean steps_over(gpointer data) {
    TimbrelFader* fader = data;
    private_of(fader)->steps = 0;
    timbrel_mirror_end(mirror_of(fader), private_of(fader)->control);
    return G_SOURCE_REMOVE;
}

/// Steps that follow each other soon are one gesture.
static void step_to(TimbrelFader* fader, float value) {
    TimbrelFaderPrivate* p = private_of(fader);
    if (p->steps) {
        (void)g_source_remove(p->steps);
    } else {
        timbrel_mirror_begin(mirror_of(fader), p->control);
    }
    p->steps = g_timeout_add(gesture_milliseconds, steps_over, fader);
    timbrel_mirror_set(mirror_of(fader), p->control, value);
}

static void step_by(TimbrelFader* fader, double steps) {
    step_to(fader,
            timbrel_value_step(private_of(fader)->control, timbrel_fader_value(fader), steps));
}

static void reset(TimbrelFader* fader, int control) {
    end_steps(fader);
    timbrel_mirror_set(mirror_of(fader), control, timbrel_controls[control].normal);
}

static gboolean button_press(GtkWidget* widget, GdkEventButton* event) {
    TimbrelFader* fader = TIMBREL_FADER(widget);
    TimbrelFaderPrivate* p = private_of(fader);
    if (p->control < 0) {
        return GDK_EVENT_PROPAGATE;
    }
    gtk_widget_grab_focus(widget);
    if (event->button == GDK_BUTTON_SECONDARY && event->type == GDK_BUTTON_PRESS) {
        timbrel_fader_type(fader, NULL);
        return GDK_EVENT_STOP;
    }
    if (event->button != GDK_BUTTON_PRIMARY) {
        return GDK_EVENT_PROPAGATE;
    }
    const int control =
        p->second >= 0 && (event->state & GDK_CONTROL_MASK) ? p->second : p->control;
    if (event->type == GDK_2BUTTON_PRESS) {
        end_drag(fader);
        reset(fader, control);
    } else if (event->type == GDK_BUTTON_PRESS) {
        end_steps(fader);
        end_drag(fader);
        p->dragged = control;
        p->place = timbrel_value_place(control, timbrel_mirror_value(mirror_of(fader), control));
        p->x = event->x;
        p->y = event->y;
        timbrel_mirror_begin(mirror_of(fader), control);
        gtk_widget_queue_draw(widget);
    }
    return GDK_EVENT_STOP;
}

static gboolean button_release(GtkWidget* widget, GdkEventButton* event) {
    if (event->button == GDK_BUTTON_PRIMARY) {
        end_drag(TIMBREL_FADER(widget));
    }
    return GDK_EVENT_STOP;
}

static gboolean motion(GtkWidget* widget, GdkEventMotion* event) {
    TimbrelFader* fader = TIMBREL_FADER(widget);
    TimbrelFaderPrivate* p = private_of(fader);
    if (p->dragged < 0) {
        return GDK_EVENT_PROPAGATE;
    }
    const double travel = TIMBREL_FADER_GET_CLASS(fader)->travel(fader);
    const double way = travel < 0 ? p->y - event->y : event->x - p->x;
    const double fine = event->state & GDK_SHIFT_MASK ? 0.1 : 1.0;
    p->place += fine * way / fmax(fabs(travel), 1.0);
    p->x = event->x;
    p->y = event->y;
    float value = timbrel_value_at(p->dragged, p->place);
    // Whoever comes near the middle means it, unless fine work is asked for.
    const float normal = timbrel_controls[p->dragged].normal;
    if (fine > 0.5 && fabs(timbrel_value_place(p->dragged, normal) - p->place) < 0.012) {
        value = normal;
    }
    timbrel_mirror_set(mirror_of(fader), p->dragged, value);
    return GDK_EVENT_STOP;
}

static gboolean scroll(GtkWidget* widget, GdkEventScroll* event) {
    TimbrelFader* fader = TIMBREL_FADER(widget);
    TimbrelFaderPrivate* p = private_of(fader);
    double steps = 0;
    double x = 0;
    double y = 0;
    if (p->control < 0) {
        return GDK_EVENT_PROPAGATE;
    }
    if (event->direction == GDK_SCROLL_UP) {
        steps = 1;
    } else if (event->direction == GDK_SCROLL_DOWN) {
        steps = -1;
    } else if (event->direction == GDK_SCROLL_SMOOTH &&
               gdk_event_get_scroll_deltas((GdkEvent*)event, &x, &y) && fabs(y) >= fabs(x)) {
        p->notches -= y;
        steps = trunc(p->notches);
        p->notches -= steps;
    } else {
        return GDK_EVENT_PROPAGATE; // sideways: whatever scrolls around us
    }
    if (steps < 0 || steps > 0) {
        step_by(fader, event->state & GDK_SHIFT_MASK ? 0.2 * steps : steps);
    }
    return GDK_EVENT_STOP;
}

/// Steps of a key; 0 if it is none.
static double key_steps(guint key) {
    switch (key) {
    case GDK_KEY_Up:
    case GDK_KEY_Right:
    case GDK_KEY_KP_Up:
    case GDK_KEY_KP_Right:
    case GDK_KEY_plus:
    case GDK_KEY_KP_Add:
        return 1;
    case GDK_KEY_Down:
    case GDK_KEY_Left:
    case GDK_KEY_KP_Down:
    case GDK_KEY_KP_Left:
    case GDK_KEY_KP_Subtract:
        return -1;
    case GDK_KEY_Page_Up:
    case GDK_KEY_KP_Page_Up:
        return 10;
    case GDK_KEY_Page_Down:
    case GDK_KEY_KP_Page_Down:
        return -10;
    default:
        return 0;
    }
}

static gboolean key_press(GtkWidget* widget, GdkEventKey* event) {
    TimbrelFader* fader = TIMBREL_FADER(widget);
    TimbrelFaderPrivate* p = private_of(fader);
    const double steps = key_steps(event->keyval);
    const gunichar letter = gdk_keyval_to_unicode(event->keyval);
    if (event->state & (GDK_CONTROL_MASK | GDK_MOD1_MASK | GDK_SUPER_MASK)) {
        return GDK_EVENT_PROPAGATE;
    }
    if (steps < 0 || steps > 0) {
        step_by(fader, event->state & GDK_SHIFT_MASK ? 0.2 * steps : steps);
    } else if (event->keyval == GDK_KEY_Home) {
        step_to(fader, timbrel_controls[p->control].minimum);
    } else if (event->keyval == GDK_KEY_End) {
        step_to(fader, timbrel_controls[p->control].maximum);
    } else if (event->keyval == GDK_KEY_Delete || event->keyval == GDK_KEY_BackSpace) {
        reset(fader, p->control);
    } else if (event->keyval == GDK_KEY_Return || event->keyval == GDK_KEY_KP_Enter) {
        timbrel_fader_type(fader, NULL);
    } else if (letter && letter < 128 && strchr("-.,0123456789", (int)letter)) {
        const char start[2] = {(char)letter, '\0'};
        timbrel_fader_type(fader, start);
    } else {
        return GTK_WIDGET_CLASS(timbrel_fader_parent_class)->key_press_event(widget, event);
    }
    return GDK_EVENT_STOP;
}

static gboolean crossing(GtkWidget* widget, GdkEventCrossing* event) {
    TimbrelFaderPrivate* p = private_of(TIMBREL_FADER(widget));
    p->inside = event->type == GDK_ENTER_NOTIFY;
    gtk_widget_queue_draw(widget);
    return GDK_EVENT_PROPAGATE;
}

static void paint(TimbrelView* view, cairo_t* cr, int width, int height) {
    TIMBREL_FADER_GET_CLASS(view)->paint(TIMBREL_FADER(view), cr, width, height);
    if (gtk_widget_has_visible_focus(GTK_WIDGET(view))) {
        timbrel_rounded(cr, 0.5, 0.5, width - 1, height - 1, 5);
        gdk_cairo_set_source_rgba(cr, &timbrel_view_palette(view)->accent);
        cairo_set_line_width(cr, 1);
        cairo_stroke(cr);
    }
}

static void forget(TimbrelView* view) {
    if (TIMBREL_FADER_GET_CLASS(view)->forget) {
        TIMBREL_FADER_GET_CLASS(view)->forget(TIMBREL_FADER(view));
    }
}

static void moved(TimbrelFader* fader) {
    gtk_widget_queue_draw(GTK_WIDGET(fader));
}

static void control_changed(TimbrelView* view, int control) {
    (void)control;
    TIMBREL_FADER_GET_CLASS(view)->moved(TIMBREL_FADER(view));
    timbrel_fader_accessible_notify(gtk_widget_get_accessible(GTK_WIDGET(view)));
}

static gboolean query_tooltip(GtkWidget* widget, gint x, gint y, gboolean keyboard,
                              GtkTooltip* tooltip) {
    (void)x;
    (void)y;
    (void)keyboard;
    TimbrelFaderPrivate* p = private_of(TIMBREL_FADER(widget));
    if (p->control < 0 || p->dragged >= 0) {
        return FALSE;
    }
    char value[TIMBREL_TEXT_SIZE];
    timbrel_value_text(p->control, timbrel_fader_value(TIMBREL_FADER(widget)), value);
    char* text = g_markup_printf_escaped("<b>%s</b>  %s\n%s", timbrel_controls[p->control].name,
                                         value, timbrel_controls[p->control].comment);
    gtk_tooltip_set_markup(tooltip, text);
    g_free(text);
    return TRUE;
}

static void dispose(GObject* object) {
    end_steps(TIMBREL_FADER(object));
    end_drag(TIMBREL_FADER(object));
    G_OBJECT_CLASS(timbrel_fader_parent_class)->dispose(object);
}

static void view_init(TimbrelViewInterface* view) {
    view->paint = paint;
    view->forget = forget;
    view->control = control_changed;
}

static void timbrel_fader_class_init(TimbrelFaderClass* class) {
    GtkWidgetClass* widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    class->moved = moved;
    widget->button_press_event = button_press;
    widget->button_release_event = button_release;
    widget->motion_notify_event = motion;
    widget->scroll_event = scroll;
    widget->key_press_event = key_press;
    widget->enter_notify_event = crossing;
    widget->leave_notify_event = crossing;
    widget->query_tooltip = query_tooltip;
    gtk_widget_class_set_css_name(widget, "timbrel-fader");
    gtk_widget_class_set_accessible_type(widget, TIMBREL_TYPE_FADER_ACCESSIBLE);
}

static void timbrel_fader_init(TimbrelFader* fader) {
    TimbrelFaderPrivate* p = private_of(fader);
    p->control = -1;
    p->second = -1;
    p->dragged = -1;
    gtk_widget_set_can_focus(GTK_WIDGET(fader), TRUE);
    gtk_widget_set_has_tooltip(GTK_WIDGET(fader), TRUE);
    gtk_widget_add_events(GTK_WIDGET(fader), GDK_BUTTON_PRESS_MASK | GDK_BUTTON_RELEASE_MASK |
                                                 GDK_BUTTON1_MOTION_MASK | GDK_SCROLL_MASK |
                                                 GDK_SMOOTH_SCROLL_MASK | GDK_KEY_PRESS_MASK |
                                                 GDK_ENTER_NOTIFY_MASK | GDK_LEAVE_NOTIFY_MASK);
}

void timbrel_fader_bind(TimbrelFader* fader, TimbrelMirror* mirror, int control) {
    private_of(fader)->control = control;
    timbrel_view_bind(TIMBREL_VIEW(fader), mirror);
    if (control < 0) {
        gtk_widget_set_can_focus(GTK_WIDGET(fader), FALSE);
        return;
    }
    timbrel_view_follow(TIMBREL_VIEW(fader), control);
    AtkObject* accessible = gtk_widget_get_accessible(GTK_WIDGET(fader));
    atk_object_set_name(accessible, timbrel_controls[control].name);
    atk_object_set_description(accessible, timbrel_controls[control].comment);
}

void timbrel_fader_bind_second(TimbrelFader* fader, int control) {
    private_of(fader)->second = control;
    timbrel_view_follow(TIMBREL_VIEW(fader), control);
}

int timbrel_fader_control(TimbrelFader* fader) {
    return private_of(fader)->control;
}

float timbrel_fader_value(TimbrelFader* fader) {
    return timbrel_mirror_value(mirror_of(fader), private_of(fader)->control);
}

double timbrel_fader_place(TimbrelFader* fader) {
    return timbrel_value_place(private_of(fader)->control, timbrel_fader_value(fader));
}

bool timbrel_fader_lit(TimbrelFader* fader) {
    const TimbrelFaderPrivate* p = private_of(fader);
    return p->inside || p->dragged >= 0;
}

void timbrel_fader_type(TimbrelFader* fader, const char* start) {
    const TimbrelFaderPrivate* p = private_of(fader);
    end_steps(fader);
    timbrel_number_entry_open(GTK_WIDGET(fader), mirror_of(fader), p->control, p->second, start);
}
