// SPDX-License-Identifier: ISC
#include "sources.h"

#include "blend.h"
#include "capture.h"
#include "engine/base/ring.h"
#include "engine/model/backend.h"
#include "source_kinds.h"
#include "source_points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    most_wishes = 64,
    most_old = 16,
    settling = 2, // Frames that encode is given when it runs again
};

static const double fade_seconds = 0.1;
static const double same_place = 1.0 / 16.0; // Beats: as far apart as a host's blocks put a press

typedef struct {
    TimbrelSource source;
    TimbrelModelInfo info;
    TimbrelSourcesConfig config;
    double frame_rate;
    uint32_t fade_frames;
    TimbrelSource* inside[TIMBREL_FROM_COUNT]; ///< NULL for the sound

    // From one frame to the next.
    TimbrelBeat beat;
    TimbrelCapture capture;
    TimbrelSourceId played;  ///< Also while its share falls, as the sound was chosen
    TimbrelSourceId leaving; ///< What the fade comes from; the sound: from `from`, which stands
    uint32_t serial;         ///< Of the rows
    bool other_material;     ///< Since the last frame: axes or points may be others
    float share;             ///< Of the source, on its way to the control
    uint32_t fade;           ///< Frames of the fade between two sources still to go
    uint32_t deaf;           ///< Frames until what is heard counts again
    float from[2][TIMBREL_MAX_LATENTS]; ///< Where the fade comes from, per lane
    float own[2][TIMBREL_MAX_LATENTS];  ///< What the source gave last, out of the fade
    float last[2][TIMBREL_MAX_LATENTS]; ///< What was given last
    bool started;
    bool asked; ///< What the hop needs was asked for: the material is taken
    bool alone; ///< Encode rests in this hop

    double kept_at; ///< Beat at which keep was pressed last while the transport rolled, or NAN; a
                    ///< reset leaves it

    TimbrelMaterial* material; ///< What plays; the inference thread's
    TimbrelHistory history;
    TimbrelRing wishes;             ///< TimbrelWish, to whoever grants them
    _Atomic(TimbrelMaterial*) next; ///< To be played, or NULL
    TimbrelRing old;                ///< TimbrelMaterial*, to be freed
} Sources;

/// One frame of a block on its way.
typedef struct {
    uint32_t lanes;
    const TimbrelSourceControls* from;
    TimbrelMoment moment;
    float heard[2 * TIMBREL_MAX_LATENTS]; ///< [lane][latent]
    float values[2 * TIMBREL_MAX_LATENTS];
    float leaving[2 * TIMBREL_MAX_LATENTS]; ///< Of the source that is left
} Frame;

/// Rows play only where there are some.
static bool can_play(const Sources* s, TimbrelSourceId id) {
    return id != TIMBREL_FROM_ROWS || (s->material && s->material->table);
}

static TimbrelSourceId chosen(const Sources* s, const TimbrelSourceControls* from) {
    return can_play(s, from->source) ? from->source : TIMBREL_FROM_SOUND;
}

static void take_material(Sources* s) {
    if (timbrel_ring_room(&s->old) == 0) {
        return; // Later: the old one must find its way home
    }
    TimbrelMaterial* next = atomic_exchange(&s->next, NULL);
    if (next) {
        if (s->material) {
            (void)timbrel_ring_put(&s->old, &s->material, 1);
        }
        s->material = next;
        s->other_material = true;
    }
}

static TimbrelNeed need(TimbrelSource* source, const TimbrelLatentControls* controls,
                        uint32_t frames) {
    Sources* s = (Sources*)source;
    take_material(s); // Not later: what the hop needs must hold while it is filled
    s->asked = true;
    bool sound_only = s->played == TIMBREL_FROM_SOUND;
    bool alone = s->started && s->share >= 1.0f && s->fade == 0;
    for (uint32_t g = 0; g < frames; ++g) {
        const TimbrelSourceId id = chosen(s, &controls[g].from);
        TimbrelSource* inside = s->inside[id];
        sound_only = sound_only && !inside;
        alone = alone && inside && controls[g].from.blend >= 1.0f &&
                inside->need(inside, &controls[g], 1) == TIMBREL_NEED_NOTHING;
    }
    s->alone = alone;
    return sound_only ? TIMBREL_NEED_SOUND : alone ? TIMBREL_NEED_NOTHING : TIMBREL_NEED_ENCODER;
}

static void reset(TimbrelSource* source) {
    Sources* s = (Sources*)source;
    for (int i = 0; i < TIMBREL_FROM_COUNT; ++i) {
        if (s->inside[i]) {
            s->inside[i]->reset(s->inside[i]);
        }
    }
    timbrel_beat_reset(&s->beat, s->frame_rate);
    timbrel_history_reset(&s->history);
    s->capture = (TimbrelCapture){0};
    s->played = TIMBREL_FROM_SOUND;
    s->leaving = TIMBREL_FROM_SOUND;
    s->share = 0.0f;
    s->fade = 0;
    s->deaf = 0;
    s->started = false;
    s->alone = false;
    memset(s->own, 0, sizeof s->own);
    memset(s->last, 0, sizeof s->last);
}

static void wish(Sources* s, const TimbrelWish* wanted) {
    // A full ring means that nobody grants wishes: the user presses again.
    if (timbrel_ring_put(&s->wishes, wanted, 1) && s->config.wished) {
        s->config.wished(s->config.handle);
    }
}

static void wish_kind(Sources* s, TimbrelWishKind kind) {
    const TimbrelWish wanted = {.kind = kind};
    wish(s, &wanted);
}

/// From now on, fade from what `leaving` goes on to give; or, for the sound, or in the middle of a
/// fade, from what was given last.
static void begin_fade(Sources* s, TimbrelSourceId leaving) {
    memcpy(s->from, s->own, sizeof s->from);
    s->leaving = s->fade > 0 ? TIMBREL_FROM_SOUND : leaving;
    s->fade = s->fade_frames;
}

/// Another source is chosen. From the sound its share rises; from another one it fades.
static void play_other(Sources* s, TimbrelSourceId id) {
    if (s->played != TIMBREL_FROM_SOUND) {
        begin_fade(s, s->played);
    }
    if (id == TIMBREL_FROM_MAP && !can_play(s, TIMBREL_FROM_ROWS)) {
        wish_kind(s, TIMBREL_WISH_AXES);
    }
    s->played = id;
}

/// What is chosen, or what it plays, may have changed.
static void follow_choice(Sources* s, TimbrelSourceId id) {
    const uint32_t serial = s->material ? s->material->serial : 0;
    if (id == TIMBREL_FROM_SOUND && !(s->share > 0.0f)) {
        s->played = id;
        s->fade = 0;
    } else if (id != TIMBREL_FROM_SOUND && id != s->played) {
        play_other(s, id);
    } else if ((s->played == TIMBREL_FROM_ROWS && serial != s->serial) ||
               (s->played == TIMBREL_FROM_MAP && s->other_material)) {
        begin_fade(s, TIMBREL_FROM_SOUND);
    }
    s->other_material = false;
    s->serial = serial;
}

/// The share of the source: a jump of the control becomes a slope.
static void follow_blend(Sources* s, TimbrelSourceId id, float blend) {
    const float wanted = id == TIMBREL_FROM_SOUND ? 0.0f : blend;
    const float step = 1.0f / (float)s->fade_frames;
    if (s->deaf == 0) { // Else what is heard does not count yet
        s->share = s->started ? fminf(fmaxf(wanted, s->share - step), s->share + step) : wanted;
    }
}

/// Encode that has rested first gives frames of a sound long past.
static bool hears(Sources* s, const TimbrelLatentBlock* b) {
    if (!b->heard) {
        s->deaf = s->alone ? settling + 1 : s->deaf;
        return false;
    }
    s->deaf -= s->deaf > 0 ? 1 : 0;
    return s->deaf == 0;
}

/// Let every source go on by this frame; the one that plays fills its values.
static void fill_inside(Sources* s, const TimbrelLatentBlock* b, uint32_t g, bool hears,
                        Frame* frame) {
    TimbrelLatentBlock one = *b;
    one.first = b->first + g;
    one.frames = 1;
    one.heard = hears ? frame->heard : NULL;
    one.controls = b->controls + g;
    one.moments = &frame->moment;
    one.material = s->material;
    one.last_point = -1;
    // The points come first: the map reads the last one.
    for (int id = TIMBREL_FROM_POINTS; id > TIMBREL_FROM_SOUND; --id) {
        const bool plays = can_play(s, (TimbrelSourceId)id);
        one.values = !plays                                 ? NULL
                     : s->played == (TimbrelSourceId)id     ? frame->values
                     : s->fade > 0 && (int)s->leaving == id ? frame->leaving
                                                            : NULL;
        if (one.values || id == TIMBREL_FROM_POINTS) {
            s->inside[id]->fill(s->inside[id], &one);
        }
        one.last_point = timbrel_source_points_last(s->inside[TIMBREL_FROM_POINTS]);
    }
}

/// What the source gives, out of the fade from the one before.
static void find_own(Sources* s, uint32_t lane, Frame* frame) {
    const uint32_t latents = s->info.latents;
    const size_t bytes = latents * sizeof(float);
    float* own = frame->values + (size_t)lane * latents;
    if (!can_play(s, s->played)) { // Its rows are gone: it stands until its share is 0
        memcpy(own, s->own[lane], bytes);
    }
    if (s->fade > 0) {
        if (s->leaving != TIMBREL_FROM_SOUND && can_play(s, s->leaving)) {
            memcpy(s->from[lane], frame->leaving + (size_t)lane * latents, bytes);
        }
        const float share = 1.0f - (float)s->fade / (float)(s->fade_frames + 1);
        timbrel_blend(&s->info, s->from[lane], own, share, 1, own);
    }
    memcpy(s->own[lane], own, bytes);
}

/// What is heard towards what the source gives.
static void mix(Sources* s, uint32_t lane, bool hears, Frame* frame) {
    const uint32_t latents = s->info.latents;
    const float* heard = frame->heard + (size_t)lane * latents;
    float* value = frame->values + (size_t)lane * latents;
    if (s->played != TIMBREL_FROM_SOUND) {
        find_own(s, lane, frame);
    }
    if (hears) {
        timbrel_blend(&s->info, heard, value, s->share, 1, value);
    } else if (s->played == TIMBREL_FROM_SOUND) {
        memcpy(value, s->last[lane], latents * sizeof(float));
    }
    timbrel_latents_mend(value, latents); // Also before they are remembered and kept
    memcpy(s->last[lane], value, latents * sizeof(float));
}

/// Pressed at the place in the song at which it kept: its automation is played once more.
static bool keeps_once_more(const Sources* s, const TimbrelMoment* moment) {
    return moment->rolls && fabs(moment->beat - s->kept_at) < same_place;
}

static void keep(Sources* s, uint32_t bars, const TimbrelMoment* moment) {
    const bool kept = s->material && s->material->kept;
    const bool once_more = keeps_once_more(s, moment);
    if (s->capture.keeping) {
        s->capture.keeping = false;
        return;
    }
    if (kept) {
        wish_kind(s, TIMBREL_WISH_UNDO);
    }
    if (!kept || once_more) {
        s->kept_at = moment->transport && moment->rolls ? moment->beat : (double)NAN;
        timbrel_capture_keep(&s->capture, bars, moment);
    }
}

static void answer(Sources* s, const TimbrelLatentMessage* message, const Frame* frame) {
    TimbrelWish store = {.kind = TIMBREL_WISH_STORE};
    switch (message->id) {
    case TIMBREL_MESSAGE_KEEP:
        keep(s, (uint32_t)message->value, &frame->moment);
        break;
    case TIMBREL_MESSAGE_ADD:
        if (s->material && s->material->table) {
            timbrel_capture_add(&s->capture, s->material->table, frame->from->rows.beat_lock,
                                &frame->moment);
        } else {
            wish_kind(s, TIMBREL_WISH_ADD); // To be told that there is nothing to add to
        }
        break;
    case TIMBREL_MESSAGE_STORE:
        store.point = message->value >= 1.0f ? (uint32_t)message->value - 1 : TIMBREL_POINTS;
        memcpy(store.frame, s->last[0], sizeof store.frame);
        wish(s, &store);
        break;
    }
}

/// Remember the frame, and do what was pressed at it.
static void remember(Sources* s, const Frame* frame, const TimbrelLatentEvent* events,
                     uint32_t event_count) {
    timbrel_history_put(&s->history, frame->values, 1, &frame->moment);
    for (uint32_t e = 0; e < event_count; ++e) {
        if (events[e].event.kind == TIMBREL_EVENT_MESSAGE) {
            answer(s, &events[e].event.is.message, frame);
        }
    }
    TimbrelWish wanted = {0};
    while (timbrel_capture_step(&s->capture, &s->history, &frame->moment, s->frame_rate, &wanted)) {
        wish(s, &wanted);
    }
}

/// Between a frame's own place and a block's: [lane][latent] and [lane][latent][frame].
static void read_heard(const TimbrelLatentBlock* b, uint32_t g, Frame* frame) {
    for (size_t i = 0; b->heard && i < (size_t)b->lanes * b->latents; ++i) {
        frame->heard[i] = b->heard[i * b->frames + g];
    }
}

static void write_values(const TimbrelLatentBlock* b, uint32_t g, const Frame* frame) {
    for (size_t i = 0; i < (size_t)b->lanes * b->latents; ++i) {
        b->values[i * b->frames + g] = frame->values[i];
    }
}

/// Where the frame lies in the song at the tempo of now; `seconds`, where no transport rolls.
static double place_in_song(const Sources* s, const TimbrelMoment* moment, double seconds) {
    const bool known = moment->transport && moment->rolls && moment->beats > 0.0;
    return known ? moment->beat / (moment->beats * s->frame_rate) : seconds;
}

static void play_frame(Sources* s, const TimbrelLatentBlock* b, uint32_t g,
                       const TimbrelLatentEvent* events, uint32_t event_count) {
    Frame frame = {.lanes = b->lanes, .from = &b->controls[g].from};
    TimbrelLatentBlock own = *b;
    own.events = events;
    own.event_count = event_count;
    timbrel_beat_moments(&s->beat, b->first + g, 1, events, event_count, &frame.from->tempo,
                         &frame.moment);
    if (b->seconds) {
        b->seconds[g] = place_in_song(s, &frame.moment, b->seconds[g]);
    }
    read_heard(b, g, &frame);
    const bool heard = hears(s, b);
    const TimbrelSourceId id = chosen(s, frame.from);
    follow_choice(s, id);
    follow_blend(s, id, frame.from->blend);
    fill_inside(s, &own, g, heard, &frame);
    for (uint32_t lane = 0; lane < b->lanes; ++lane) {
        mix(s, lane, heard, &frame);
    }
    if (b->lanes == 1) {
        memcpy(s->last[1], s->last[0], sizeof s->last[1]);
        memcpy(s->own[1], s->own[0], sizeof s->own[1]);
    }
    s->fade -= s->fade > 0 ? 1 : 0;
    s->started = true;
    write_values(b, g, &frame);
    remember(s, &frame, events, event_count);
}

static void fill(TimbrelSource* source, const TimbrelLatentBlock* b) {
    Sources* s = (Sources*)source;
    if (!s->asked) { // A hop that nobody hears
        take_material(s);
    }
    s->asked = false;
    uint32_t done = 0;
    for (uint32_t g = 0; g < b->frames; ++g) {
        uint32_t end = done;
        while (end < b->event_count && b->events[end].frame <= b->first + g) {
            ++end;
        }
        play_frame(s, b, g, end > done ? b->events + done : NULL, end - done);
        done = end;
    }
}

static void free_old(Sources* s) {
    while (s->old.items && timbrel_ring_count(&s->old) > 0) {
        TimbrelMaterial* material = NULL;
        (void)timbrel_ring_take(&s->old, &material, 1);
        timbrel_material_free(material);
    }
}

static void release(TimbrelSource* source) {
    Sources* s = (Sources*)source;
    free_old(s);
    timbrel_material_free(atomic_load(&s->next));
    timbrel_material_free(s->material);
    for (int i = 0; i < TIMBREL_FROM_COUNT; ++i) {
        if (s->inside[i]) {
            s->inside[i]->free(s->inside[i]);
        }
    }
    timbrel_history_free(&s->history);
    timbrel_ring_free(&s->wishes);
    timbrel_ring_free(&s->old);
    free(s);
}

TimbrelSource* timbrel_sources_new(const TimbrelModelInfo* info, double frame_rate,
                                   const TimbrelSourcesConfig* config) {
    Sources* s = calloc(1, sizeof *s);
    if (!s) {
        return NULL;
    }
    s->source = (TimbrelSource){"sources", need, reset, fill, release};
    s->info = *info;
    s->config = *config;
    s->frame_rate = frame_rate;
    s->kept_at = (double)NAN;
    s->fade_frames = (uint32_t)ceil(fade_seconds * frame_rate);
#define SOURCE(ID, NAME, LABEL)                                                                    \
    s->inside[TIMBREL_FROM_##ID] = timbrel_source_##NAME(info, frame_rate);
#include "engine/base/sources.def"
#undef SOURCE
    bool there = timbrel_history_init(&s->history, info->latents, frame_rate) &&
                 timbrel_ring_init(&s->wishes, sizeof(TimbrelWish), most_wishes) &&
                 timbrel_ring_init(&s->old, sizeof(TimbrelMaterial*), most_old);
    for (int i = TIMBREL_FROM_SOUND + 1; i < TIMBREL_FROM_COUNT; ++i) {
        there = there && s->inside[i];
    }
    if (!there) {
        release(&s->source);
        return NULL;
    }
    reset(&s->source);
    return &s->source;
}

void timbrel_sources_give(TimbrelSource* sources, TimbrelMaterial* material) {
    Sources* s = (Sources*)sources;
    free_old(s);
    timbrel_material_free(atomic_exchange(&s->next, material));
}

bool timbrel_sources_wish(TimbrelSource* sources, TimbrelWish* wanted) {
    Sources* s = (Sources*)sources;
    return timbrel_ring_count(&s->wishes) > 0 && timbrel_ring_take(&s->wishes, wanted, 1);
}

const TimbrelHistory* timbrel_sources_history(TimbrelSource* sources) {
    return &((Sources*)sources)->history;
}
