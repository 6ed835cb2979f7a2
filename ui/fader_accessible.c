// SPDX-License-Identifier: ISC
#include "fader_accessible.h"

#include "fader.h"
#include "value.h"

struct _TimbrelFaderAccessible {
    GtkWidgetAccessible parent;
};

static void value_interface(AtkValueIface* interface);

G_DEFINE_FINAL_TYPE_WITH_CODE(TimbrelFaderAccessible, timbrel_fader_accessible,
                              GTK_TYPE_WIDGET_ACCESSIBLE,
                              G_IMPLEMENT_INTERFACE(ATK_TYPE_VALUE, value_interface))

/// The fader; NULL when the widget is gone, or holds no control.
static TimbrelFader* fader_of(AtkValue* value) {
    GtkWidget* widget = gtk_accessible_get_widget(GTK_ACCESSIBLE(value));
    return widget && timbrel_fader_control(TIMBREL_FADER(widget)) >= 0 ? TIMBREL_FADER(widget)
                                                                       : NULL;
}

static void get_value_and_text(AtkValue* accessible, gdouble* value, gchar** text) {
    TimbrelFader* fader = fader_of(accessible);
    const float now = fader ? timbrel_fader_value(fader) : 0.0f;
    *value = (gdouble)now;
    if (text) {
        char buffer[TIMBREL_TEXT_SIZE] = "";
        if (fader) {
            timbrel_value_text(timbrel_fader_control(fader), now, buffer);
        }
        *text = g_strdup(buffer);
    }
}

static AtkRange* get_range(AtkValue* accessible) {
    TimbrelFader* fader = fader_of(accessible);
    const TimbrelControl* control =
        fader ? &timbrel_controls[timbrel_fader_control(fader)] : &timbrel_controls[0];
    return atk_range_new((gdouble)control->minimum, (gdouble)control->maximum, control->name);
}

static gdouble get_increment(AtkValue* accessible) {
    TimbrelFader* fader = fader_of(accessible);
    if (!fader) {
        return 0;
    }
    const int control = timbrel_fader_control(fader);
    const float normal = timbrel_controls[control].normal;
    return (gdouble)(timbrel_value_step(control, normal, 1) -
                     timbrel_value_step(control, normal, 0));
}

static void set_value(AtkValue* accessible, const gdouble value) {
    TimbrelFader* fader = fader_of(accessible);
    if (fader) {
        timbrel_mirror_set(timbrel_view_mirror(TIMBREL_VIEW(fader)), timbrel_fader_control(fader),
                           (float)value);
    }
}

static void value_interface(AtkValueIface* interface) {
    interface->get_value_and_text = get_value_and_text;
    interface->get_range = get_range;
    interface->get_increment = get_increment;
    interface->set_value = set_value;
}

static void initialize(AtkObject* accessible, gpointer data) {
    ATK_OBJECT_CLASS(timbrel_fader_accessible_parent_class)->initialize(accessible, data);
    atk_object_set_role(accessible, ATK_ROLE_SLIDER);
}

static void timbrel_fader_accessible_class_init(TimbrelFaderAccessibleClass* class) {
    ATK_OBJECT_CLASS(class)->initialize = initialize;
}

static void timbrel_fader_accessible_init(TimbrelFaderAccessible* accessible) {
    (void)accessible;
}

void timbrel_fader_accessible_notify(AtkObject* accessible) {
    g_object_notify(G_OBJECT(accessible), "accessible-value");
}
