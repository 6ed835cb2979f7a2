// SPDX-License-Identifier: ISC
#ifndef TIMBREL_UI_MIRROR_H
#define TIMBREL_UI_MIRROR_H

#include "engine/effect/effect.h"
#include "plugin/plugins.h"
#include "plugin/wire.h"

#include <glib-object.h>

/// The effect as the window knows it. Widgets read from it, are told by its signals what has
/// changed, and change things through it; where its messages go, to a host's effect or to a
/// scripted one, it does not know.
///
/// Signals: "control::SYMBOL" (int control): a control has another value. "news": of a model.
/// "meters", "scope" (pointer): a message has come, as the pointer says. "alive": whether the
/// effect is run has changed.

#define TIMBREL_TYPE_MIRROR (timbrel_mirror_get_type())
G_DECLARE_FINAL_TYPE(TimbrelMirror, timbrel_mirror, TIMBREL, MIRROR, GObject)

/// News of a model, complete.
typedef struct {
    TimbrelWireStatus status;
    char texts[TIMBREL_TEXT_COUNT][TIMBREL_WIRE_TEXT_SIZE];
    char labels[TIMBREL_MAX_LATENTS][TIMBREL_NAME_SIZE];
    TimbrelLatentMeaning meanings[TIMBREL_MAX_LATENTS];
    TimbrelAttribute attributes[TIMBREL_MAX_ATTRIBUTES];
    uint32_t attribute_count;
} TimbrelNews;

typedef void (*TimbrelMirrorSend)(void* handle, const TimbrelWireHead* message);

/// Says hello from now on.
TimbrelMirror* timbrel_mirror_new(const TimbrelPlugin* plugin, TimbrelMirrorSend send,
                                  void* handle);

/// Take in what the effect or the host says.
void timbrel_mirror_receive(TimbrelMirror* mirror, const TimbrelWire* message);

uint32_t timbrel_mirror_channels(const TimbrelMirror* mirror);
const TimbrelNews* timbrel_mirror_news(const TimbrelMirror* mirror);

/// Whether the host runs the effect at the moment.
bool timbrel_mirror_alive(const TimbrelMirror* mirror);

/// Whether the plugin has this control.
bool timbrel_mirror_has(const TimbrelMirror* mirror, int control);

float timbrel_mirror_value(const TimbrelMirror* mirror, int control);

/// The controls of latent `latent`, counted from 0; -1: it has none.
int timbrel_mirror_bias(const TimbrelMirror* mirror, uint32_t latent);
int timbrel_mirror_scale(const TimbrelMirror* mirror, uint32_t latent);

/// A user's gesture on a control: begins, moves, ends. What the host says in between waits for the
/// end, so that no hand is pulled back by its own echo. A set outside of a gesture is one of its
/// own.
void timbrel_mirror_begin(TimbrelMirror* mirror, int control);
void timbrel_mirror_set(TimbrelMirror* mirror, int control, float value);
void timbrel_mirror_end(TimbrelMirror* mirror, int control);

/// Play a model: a path or a name, "" for none.
void timbrel_mirror_load(TimbrelMirror* mirror, const char* wanted);

/// Play this method of it, "" for the default.
void timbrel_mirror_set_method(TimbrelMirror* mirror, const char* method);

void timbrel_mirror_set_attribute(TimbrelMirror* mirror, const char* name, const char* value);
void timbrel_mirror_clear_late(TimbrelMirror* mirror);

/// Have the model measured anew on this machine.
void timbrel_mirror_measure(TimbrelMirror* mirror);

/// Send what concerns only the embedding: keys.
void timbrel_mirror_send(TimbrelMirror* mirror, const TimbrelWireHead* message);

#endif
