// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_FADER_ACCESSIBLE_H
#define TIMBREL_UI_FADER_ACCESSIBLE_H

#include <gtk/gtk-a11y.h>

/// A fader for assistive technologies: a slider with a value, a range and a step.

#define TIMBREL_TYPE_FADER_ACCESSIBLE (timbrel_fader_accessible_get_type())
G_DECLARE_FINAL_TYPE(TimbrelFaderAccessible, timbrel_fader_accessible, TIMBREL, FADER_ACCESSIBLE,
                     GtkWidgetAccessible)

/// Tell that the value has changed.
void timbrel_fader_accessible_notify(AtkObject* accessible);

#endif
